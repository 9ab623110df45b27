"""Every address of the site."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from coachdash.api import api
from coachdash.views.dashboard import dashboard
from coachdash.views.log_in import AdminLogin, SiteLogin
from coachdash.views.sync import sync

JOBS = RedirectView.as_view(pattern_name="admin:jobqueue_job_changelist", query_string=True)
AUDIT = RedirectView.as_view(pattern_name="admin:jobqueue_auditentry_changelist", query_string=True)
SCHEDULES = RedirectView.as_view(pattern_name="admin:jobqueue_schedule_changelist", query_string=True)

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="dashboard")),
    path("login/", SiteLogin.as_view(), name="login"),
    path("logout/", LogoutView.as_view(), name="logout"),
    path("dashboard/", dashboard, name="dashboard"),
    path("dashboard/sync/", sync, name="sync"),
    path("dashboard/admin-tools/jobs", JOBS),
    path("dashboard/admin-tools/cron-jobs", SCHEDULES),
    path("admin/jobs", JOBS),
    path("admin/scheduled-jobs", SCHEDULES),
    path("admin/audit-logs", AUDIT),
    path("health/", include("jobqueue.probes.urls")),
    path("metrics", include("jobqueue.metrics.urls")),
    path("admin/login/", AdminLogin.as_view()),
    path("admin/", admin.site.urls),
    path("api/", api.urls),
]

handler403 = "coachdash.views.errors.permission_denied"
handler404 = "coachdash.views.errors.page_not_found"
