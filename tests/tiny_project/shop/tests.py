"""The tiny project's own tests: `manage.py test`."""

from datetime import timedelta

from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from jobqueue.api import chain, enqueue
from jobqueue.audit import Actor
from jobqueue.models.audit_entry import Channel
from jobqueue.new_job import NewJob
from jobqueue.operations import cancel
from jobqueue.testing import JobQueueAssertions, run_handler

from .jobs import ship_order
from .tasks import add_up


class ShippingTests(JobQueueAssertions, TestCase):
    """In one transaction each."""

    def test_an_order_is_shipped_and_a_letter_written(self) -> None:
        enqueue("ship_order", {"number": 7, "parcels": 2})

        assert self.run_due_jobs(raise_errors=True).succeeded == 2
        (letter,) = self.assertEnqueued("write_letter", {"number": 7}, queue="letters")
        assert letter.result == "written"

    def test_a_handler_alone(self) -> None:
        assert run_handler(ship_order, {"number": 1, "parcels": 3}) == {"shipped": 3}

    def test_a_task(self) -> None:
        result = add_up.enqueue(1, 2)
        self.assertEnqueued(add_up)

        self.run_due_jobs()
        result.refresh()
        assert result.return_value == 3

    def test_nothing_else(self) -> None:
        self.assertNothingEnqueued()


class CommittedTests(JobQueueAssertions, TransactionTestCase):
    """With real transactions; each test empties all tables, the audit log too."""

    def test_a_chain(self) -> None:
        chain([NewJob(task_type="count_stock"), NewJob(task_type="count_stock")])

        assert self.run_due_jobs(until=timezone.now() + timedelta(hours=1)).succeeded == 2

    def test_an_operator(self) -> None:
        job = enqueue("count_stock")
        cancel([job.id], Actor(name="alice", channel=Channel.CLI))

        assert self.run_due_jobs().ran == 0
