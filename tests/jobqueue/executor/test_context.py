"""What a handler can learn of its job, and what it can say."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from jobqueue.executor.channel import FromChild
from jobqueue.models import Job
from tests.jobqueue.executor.claimed import ID, Said, claimed, context_of


def test_it_knows_its_job() -> None:
    job = context_of(
        claimed("add_one", number=2, max_attempts=5, timeout=90.0, occurrence=60.0, checkpoint='{"next": 3}')
    )

    assert (job.id, job.task_type, job.attempt, job.max_attempts) == (ID, "add_one", 2, 5)
    assert job.occurrence == datetime(1970, 1, 1, 0, 1, tzinfo=UTC)
    assert job.deadline == datetime.fromtimestamp(1_090, UTC)
    assert job.checkpointed == {"next": 3}


def test_what_it_does_not_have_is_none() -> None:
    job = context_of(claimed())

    assert (job.occurrence, job.deadline, job.checkpointed) == (None, None, None)


def test_its_logger_is_named_after_its_task_type(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        context_of(claimed("add_one")).log.info("hello")

    assert caplog.record_tuples == [("jobqueue.job.add_one", logging.INFO, "hello")]


class TestProgress:
    def test_the_first_is_said_at_once(self) -> None:
        said = Said()
        context_of(claimed(), said).progress(1, 10, "one")

        assert said.messages == [[FromChild.PROGRESS, str(ID), 4, 1, 10, "one"]]

    def test_of_a_flood_the_first_and_the_last_are_said(self) -> None:
        said = Said()
        job = context_of(claimed(), said)
        with time_machine.travel(datetime(2026, 1, 1, tzinfo=UTC), tick=False):
            for done in range(1, 1_000):
                job.progress(done, 10_000)
        job.say_rest()

        assert [message[3] for message in said.messages] == [1, 999]

    def test_the_end_is_said_at_once_and_nothing_after_it(self) -> None:
        said = Said()
        job = context_of(claimed(), said)
        for done in (1, 2, 10):
            job.progress(done, 10)
        job.say_rest()

        assert [message[3] for message in said.messages] == [1, 10]

    def test_its_message_is_made_storable(self) -> None:
        said = Said()
        context_of(claimed(), said).progress(1, 2, "a\0" + "x" * 1_000)

        assert said.messages[0][5] == "a␀" + "x" * 253


class TestCheckpoint:
    @pytest.mark.parametrize("data", [None, 1, {"next": 1, "seen": ["a"]}])
    def test_it_is_said_as_json(self, data: Any) -> None:
        said = Said()
        context_of(claimed(), said).checkpoint(data)

        (kind, id_, claim, text), *_ = said.messages
        assert (kind, id_, claim) == (FromChild.CHECKPOINT, str(ID), 4)
        assert context_of(claimed(checkpoint=text)).checkpointed == data

    @pytest.mark.parametrize("data", ["a\0b", object(), "\ud800"])
    def test_what_cannot_be_kept_is_an_error_where_it_was_made(self, data: Any) -> None:
        said = Said()

        with pytest.raises((ValueError, TypeError)):
            context_of(claimed(), said).checkpoint(data)
        assert said.messages == []


@pytest.mark.django_db
def test_a_child_job_knows_its_parent() -> None:
    id_ = context_of(claimed()).enqueue("add_one", {"number": 3}, delay=timedelta(hours=1))

    job = Job.objects.get()
    assert (job.pk, job.parent_id, job.payload) == (id_, ID, {"number": 3})
