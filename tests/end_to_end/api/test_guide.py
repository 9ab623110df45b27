"""Every call of docs/api.md works with curl, as it stands there, and answers as it says."""

import shutil

import pytest
from django.contrib.auth.models import User

from coachdash.api import api
from jobqueue.models import Job
from jobqueue.states import Status
from tests.end_to_end.api.guide import GUIDE, calls, differences
from tests.end_to_end.api.site import CRON_SECRET, RUNNER_SECRET, Site
from tests.jobqueue.factories import make_job, make_schedule


@pytest.mark.fault
@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.django_db(transaction=True)
def test_every_call_of_the_guide_answers_as_it_says(site: Site) -> None:
    variables = {
        "BASE": site.address,
        "TOKEN": site.token,
        "JOB_QUEUE_RUNNER_SECRET": RUNNER_SECRET,
        "CRON_SECRET": CRON_SECRET,
        "COACH": str(User.objects.get(username="carol").pk),
        "SCHEDULE": str(make_schedule("nightly", expression="0 2 * * *").pk),
        "FAILED_JOB": str(Job.objects.get(status=Status.FAILED).pk),
        "RUNNING_JOB": str(Job.objects.get(status=Status.RUNNING).pk),
        "WAITING_JOB": str(make_job().pk),
    }
    for call in calls():
        status, answer = call.run(variables)
        where = f"{GUIDE.name}, line {call.line}: {answer}"
        assert status == call.status, where
        assert differences(call.answer, answer) == [], where


def test_the_guide_has_a_call_of_nearly_every_address() -> None:
    text = GUIDE.read_text()
    variables = {"{job_id}": "_JOB", "{schedule_id}": "SCHEDULE", "{operation_id}": "{operationId}"}
    missing = []
    for path in api.get_openapi_schema(path_prefix="/api/")["paths"]:
        name, _, rest = path.partition("{")
        if name not in text or (rest and not any(word in text for word in variables.values())):
            missing.append(path)
    assert missing == ["/api/admin/jobs/create"]


@pytest.mark.parametrize(
    ("promised", "given"),
    [
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        ({"a": {"b": 1}}, {"a": {"b": "1"}}),
        ({"a": [{"b": 1}]}, {"a": [{"b": 1}, {"c": 1}]}),
        ({"success": True}, {"success": False}),
        ({"a": True}, {"a": 1}),
    ],
)
def test_the_comparison_sees_what_differs(promised: object, given: object) -> None:
    assert differences(promised, given)
    assert not differences(promised, promised)
