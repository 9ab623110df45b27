"""What a handler can learn of its job, and what it can say."""

import logging
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine

from jobqueue.executor.channel import FromChild
from jobqueue.models import Effect, Job
from jobqueue.redaction import MASK
from jobqueue.states import OnFailure, Priority
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

    def test_secrets_are_masked_in_its_message_at_once_and_later(self) -> None:
        said = Said()
        job = context_of(claimed(payload='{"apiToken": "of this job"}'), said)
        for done in (1, 2):
            job.progress(done, 10, "with of this job and token=abc")
        job.say_rest()

        assert [message[5] for message in said.messages] == [f"with {MASK} and token={MASK}"] * 2

    def test_no_cut_of_its_message_leaves_half_a_secret(self) -> None:
        said = Said()
        context_of(claimed(payload='{"apiToken": "s3cr3ts3cr3t"}'), said).progress(1, 2, "x" * 250 + "s3cr3ts3cr3t")

        assert said.messages[0][5] == "x" * 250 + MASK[:5]

    def test_a_message_that_is_no_text_is_one_all_the_same(self) -> None:
        said = Said()
        job = context_of(claimed(), said)
        for done in (1, 2):
            job.progress(done, 10, ValueError("odd"))  # type: ignore[arg-type]
        job.say_rest()

        assert [message[5] for message in said.messages] == ["odd"] * 2


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
class TestEffect:
    def test_it_is_applied_once_over_attempts_and_jobs_of_a_task_type(self) -> None:
        contexts = [context_of(claimed("bill")), context_of(claimed("bill", number=2)), context_of(claimed("ship"))]
        firsts = []
        for job in contexts:
            with job.effect("invoice:1") as is_first:
                firsts.append(is_first)

        assert firsts == [True, False, True]
        effect = Effect.objects.get(task_type="bill")
        assert (effect.key, effect.job_id, effect.claim, effect.suppressed) == ("invoice:1", ID, 4, 1)

    def test_an_error_inside_reaches_the_handler_and_leaves_nothing(self) -> None:
        job = context_of(claimed("bill"))

        with pytest.raises(ValueError, match="no paper"), job.effect("invoice:1"):
            raise ValueError("no paper")
        assert not Effect.objects.exists()


@pytest.mark.django_db
class TestChildren:
    def test_a_child_job_knows_its_parent(self) -> None:
        id_ = context_of(claimed()).enqueue("add_one", {"number": 3}, delay=timedelta(hours=1))

        job = Job.objects.get()
        assert (job.pk, job.parent_id, job.payload) == (id_, ID, {"number": 3})
        assert job.created_by_id is None

    def test_it_takes_the_options_of_any_job(self) -> None:
        moment = datetime(2040, 1, 1, tzinfo=UTC)
        parent = context_of(claimed())
        first = parent.enqueue("noop")
        id_ = parent.enqueue(
            "noop",
            run_at=moment,
            priority=Priority.HIGH,
            queue="mail",
            depends_on=[first],
            on_failure=OnFailure.RUN,
            unique_key="u",
            concurrency_key="c",
            concurrency_limit=3,
            max_attempts=7,
            timeout=timedelta(seconds=9),
            deadline=moment + timedelta(days=1),
            tags=["a", "b"],
        )

        job = Job.objects.get(pk=id_)
        assert (job.run_at, job.priority, job.queue, job.blockers) == (moment, Priority.HIGH, "mail", 1)
        assert (job.unique_key, job.concurrency_key, job.concurrency_limit) == ("u", "c", 3)
        assert (job.max_attempts, job.timeout, job.deadline) == (7, timedelta(seconds=9), moment + timedelta(days=1))
        assert (job.tags, job.parent_id) == (["a", "b"], ID)

    def test_a_duplicate_is_told_by_its_id(self) -> None:
        parent = context_of(claimed())
        ids: list[UUID] = [parent.enqueue("noop", unique_key="u") for _ in range(2)]

        assert ids[0] == ids[1] == Job.objects.get().pk
