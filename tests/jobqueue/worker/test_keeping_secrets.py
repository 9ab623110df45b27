"""What a handler tells of its own payload is kept without the secrets in it."""

from jobqueue.models import LogLine
from jobqueue.redaction import MASK
from jobqueue.states import Status

from .outcomes import attempts, run
from .processes import WorkerProcess

_SECRET = "k3y of the kingdom"


def test_the_secrets_of_a_payload_are_in_no_log_progress_error_or_traceback(worker: WorkerProcess) -> None:
    job = run("tell_secrets", {"name": "alice", "apiToken": _SECRET})

    (attempt,) = attempts(job)
    lines = list(LogLine.objects.filter(job_id=job.pk).values_list("text", flat=True))
    assert lines == [f"alice logs in with {MASK}", f"GET /v1?token={MASK}&page=2"]
    assert job.progress_message == f"alice uses {MASK}"
    assert job.error_message.startswith("alice was refused with ")
    for told in (job.error_message, attempt.error_message, attempt.traceback):
        assert "alice" in told
        assert _SECRET not in told
    assert (job.status, job.error_code) == (Status.DEAD, "TOLD")


def test_a_job_does_not_hide_what_was_secret_in_the_one_before(worker: WorkerProcess) -> None:
    for name in ("alice", "k3y of the kingdom"):
        job = run("tell_secrets", {"name": name, "apiToken": _SECRET if name == "alice" else "another one"})

    assert job.progress_message == f"k3y of the kingdom uses {MASK}"
