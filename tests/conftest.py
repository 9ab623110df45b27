"""Fixtures for every test: a real PostgreSQL, the embedded one unless DATABASE_URL names another."""

import signal

import pytest
from pytest_django import DjangoDbBlocker

from coachdash import postgres

# Whatever starts the tests in the background may have had them ignore Ctrl-C, and what ignores a signal starts only
# processes that do, too. Tests send it to the processes that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def _database_server() -> None:
    if postgres.wanted():
        postgres.ensure_running(fast=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Lets transactional tests flush the audit log with all other tables, which the database otherwise refuses.

    Such a flush takes the schedules that migrations make, too; without them from the beginning, no test depends on
    which ran before it.
    """
    from jobqueue.api import Schedule
    from jobqueue.testing import allow_audit_flush

    with django_db_blocker.unblock():
        allow_audit_flush()
        Schedule.objects.all().delete()
