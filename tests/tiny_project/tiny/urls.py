"""The admin, and what docs/jobqueue.md tells for programs, as it tells it."""

from django.contrib import admin
from django.urls import include, path

from jobqueue.http.api import add_routes, new_api

api = new_api(title="Shop API", version="1", description="The shop's background work.")
add_routes(api)  # after routers of your own: api.add_router("", …)

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", api.urls),
    path("health/", include("jobqueue.probes.urls")),
    path("metrics", include("jobqueue.metrics.urls")),
]
