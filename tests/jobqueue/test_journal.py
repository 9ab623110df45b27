"""What a running job tells of itself while it runs."""

import pytest

from jobqueue.journal import write_checkpoints, write_lines, write_progress
from jobqueue.models import Job, LogLine
from jobqueue.states import Status
from tests.jobqueue.lifecycle import Held, hold, take

pytestmark = pytest.mark.django_db


def _superseded() -> tuple[Held, Held]:
    """One job as seen by the worker that lost it, and by the one that has it now."""
    old = hold()
    old.release()
    return old, take(old.id)


def test_progress_is_stored() -> None:
    first, second = hold(), hold()

    write_progress(
        {
            first.claimed.id: [first.claimed.claim, 1, 2, "half"],
            second.claimed.id: [second.claimed.claim, 2**40, 2**41, "ü 🎲"],
        }
    )

    job, big = first.row(), second.row()
    assert (job.progress_done, job.progress_total, job.progress_message) == (1, 2, "half")
    assert (big.progress_done, big.progress_total, big.progress_message) == (2**40, 2**41, "ü 🎲")


def test_a_checkpoint_is_stored_and_given_to_the_next_attempt() -> None:
    held = hold()

    write_checkpoints({held.claimed.id: [held.claimed.claim, '{"next": [1, "ü"]}']})
    held.finish(Status.RETRYING, delay=0.0)

    assert held.row().checkpoint == {"next": [1, "ü"]}
    assert take(held.id).claimed.checkpoint == '{"next": [1, "ü"]}'


def test_lines_are_stored_in_their_order() -> None:
    held = hold()

    write_lines([(held.claimed.id, held.claimed.claim, n, 1.5 + n, "INFO", f"line {n}") for n in (3, 1, 2)])

    assert [(line.number, line.text, line.time.timestamp()) for line in LogLine.objects.all()] == [
        (1, "line 1", 2.5),
        (2, "line 2", 3.5),
        (3, "line 3", 4.5),
    ]


def test_lines_that_a_repeated_write_brings_again_are_kept_once() -> None:
    held = hold()
    line = (held.claimed.id, held.claimed.claim, 1, 1.0, "INFO", "line")

    write_lines([line])
    write_lines([line, line])

    assert LogLine.objects.count() == 1


def test_lines_written_after_the_end_of_their_attempt_are_kept() -> None:
    held = hold()
    held.finish(Status.SUCCEEDED)

    write_lines([(held.claimed.id, held.claimed.claim, 1, 1.0, "INFO", "line")])

    assert LogLine.objects.count() == 1


def test_a_worker_that_lost_its_job_tells_nothing() -> None:
    old, _ = _superseded()
    before = Job.objects.values().get()

    write_progress({old.claimed.id: [old.claimed.claim, 1, 2, "x"]})
    write_checkpoints({old.claimed.id: [old.claimed.claim, "{}"]})
    write_lines([(old.claimed.id, old.claimed.claim, 1, 1.0, "INFO", "line")])

    assert Job.objects.values().get() == before
    assert not LogLine.objects.exists()


def test_a_finished_job_makes_no_progress_any_more() -> None:
    held = hold()
    held.finish(Status.SUCCEEDED)

    write_progress({held.claimed.id: [held.claimed.claim, 1, 2, "x"]})
    write_checkpoints({held.claimed.id: [held.claimed.claim, "{}"]})

    assert (held.row().progress_done, held.row().checkpoint) == (None, None)


def test_the_lines_of_a_deleted_job_are_not_kept() -> None:
    held = hold()
    Job.objects.all().delete()

    write_lines([(held.claimed.id, held.claimed.claim, 1, 1.0, "INFO", "line")])

    assert not LogLine.objects.exists()
