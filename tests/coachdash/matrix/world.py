"""One of everything, so that each address has something behind it; the jobs are Alice's."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.db.models import Model
from django.utils import timezone

from coachdash.models import CoachProfile, Competitor, Organization, Team
from gameplatform.models import FlashEvent, SyncRun
from jobqueue.api import Job, Schedule
from jobqueue.audit import Actor, record
from jobqueue.models import ApiToken, AuditEntry, BulkOperation, Occurrence, Pause, TemplateApplication, WorkerCycle
from jobqueue.models.audit_entry import Channel
from jobqueue.models.bulk_operation import BulkState, BulkVerb
from jobqueue.models.occurrence import Trigger
from jobqueue.models.pause import PauseScope
from jobqueue.models.worker_cycle import CycleSource
from jobqueue.pauses import pause
from jobqueue.states import Status
from tests.coachdash import factories
from tests.jobqueue.factories import make_attempt, make_job, make_schedule, make_worker

from .routes import Door

UNKNOWN = "01900000-0000-7000-8000-000000000000"


def build(alice: User) -> None:
    """Make what is there to be found."""
    job = make_job(Status.FAILED, payload={}, created_by=alice)
    make_attempt(job)
    WorkerCycle.objects.create(source=CycleSource.MANUAL, worker=make_worker())
    pause(scope=PauseScope.QUEUE, name="mail", reason="upgrade")
    schedule = make_schedule()
    now = timezone.now()
    Occurrence.objects.create(
        schedule=schedule, scheduled_at=now, fired_at=now, trigger=Trigger.SCHEDULE, job_id=job.pk
    )
    TemplateApplication.objects.create(template="Light", applied_at=now, changes=[])
    BulkOperation.objects.create(
        verb=BulkVerb.RETRY,
        selection={"ids": [str(job.pk)]},
        state=BulkState.DONE,
        channel=Channel.API,
        created_at=now,
        created_by=alice,
        matched=0,
        until=UNKNOWN,
    )
    record(Actor.of_shell(), "JOB_RETRY", object_type="job", object_id=str(job.pk))
    student = factories.student(alice)
    factories.solve(factories.account(student), 100)
    SyncRun.objects.create(kind=SyncRun.Kind.SYNC)
    FlashEvent.objects.create(name="Flash", starts_at=now)
    Team.objects.create(coach=alice, name="Owls", division="high_school")


def values(door: Door) -> dict[str, str]:
    """What stands in the address, as text.

    Raises:
        AssertionError: nobody has said what; the message names the route.
    """
    found = {name: _value(door, name) for name in door.parameters}
    missing = [name for name, value in found.items() if value is None]
    assert not missing, f"Say in tests/coachdash/matrix/world.py what stands for {missing} in {door.route}"
    return {name: str(value) for name, value in found.items()}


def _value(door: Door, name: str) -> Any:
    for (begins, parameter), find in _VALUES.items():
        if parameter == name and door.route.startswith(begins):
            return find()
    if name == "object_id":
        return _model_of(door.route).objects.order_by("pk").values_list("pk", flat=True).first()  # type: ignore[attr-defined]
    return None


def _model_of(route: str) -> type[Model]:
    _, app, model = route.split("/")[:3]
    (found,) = [one for one in admin.site._registry if (one._meta.app_label, one._meta.model_name) == (app, model)]
    return found


def _of_alice() -> Any:
    return User.objects.get(username="alice").pk


_VALUES: dict[tuple[str, str], Callable[[], Any]] = {
    ("admin/jobqueue/job/<uuid:job_id>/do/", "name"): lambda: "retry",
    ("admin/jobqueue/job/<uuid:job_id>/text/", "name"): lambda: "payload",
    ("admin/jobqueue/job/<uuid:job_id>/", "job_id"): lambda: Job.objects.get().pk,
    ("admin/jobqueue/job/<uuid:job_id>/attempt/", "claim"): lambda: 1,
    ("admin/jobqueue/job/quick/", "pk"): lambda: UNKNOWN,
    ("admin/jobqueue/job/bulk/", "verb"): lambda: "retry",
    ("admin/jobqueue/bulkoperation/", "pk"): lambda: BulkOperation.objects.get().pk,
    ("admin/jobqueue/apitoken/", "pk"): lambda: ApiToken.objects.order_by("pk")[0].pk,
    ("admin/jobqueue/pause/", "pk"): lambda: Pause.objects.get().pk,
    ("admin/jobqueue/schedule/templates/undo/", "pk"): lambda: TemplateApplication.objects.get().pk,
    ("admin/jobqueue/schedule/templates/", "slug"): lambda: "light",
    ("admin/jobqueue/schedule/", "pk"): lambda: Schedule.objects.get().pk,
    ("admin/jobqueue/schedule/history/", "occurrence"): lambda: Occurrence.objects.get().pk,
    ("admin/jobqueue/auditentry/", "object_id"): lambda: AuditEntry.objects.get().pk,
    ("admin/gameplatform/account/", "account_id"): lambda: Competitor.objects.get().pk,
    ("admin/auth/user/", "object_id"): _of_alice,
    ("admin/auth/user/", "id"): _of_alice,
    ("admin/auth/group/", "object_id"): lambda: Group.objects.order_by("pk")[0].pk,
    ("admin/coachdash/coachprofile/", "object_id"): lambda: CoachProfile.objects.order_by("pk")[0].pk,
    ("admin/coachdash/organization/", "object_id"): lambda: Organization.objects.order_by("pk")[0].pk,
    ("admin/r/", "content_type_id"): lambda: 1,
    ("admin/r/", "object_id"): lambda: 1,
    ("admin/<app_label>/", "app_label"): lambda: "jobqueue",
    ("admin/<url>", "url"): lambda: "nothing-here/",
    ("api/", "operation_id"): lambda: BulkOperation.objects.get().pk,
    ("api/", "job_id"): lambda: Job.objects.get().pk,
    ("api/", "schedule_id"): lambda: Schedule.objects.get().pk,
}
"""By the beginning of the route and the name of the parameter; the first that fits counts."""
