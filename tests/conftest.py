"""Fixtures for every test: a real PostgreSQL, the embedded one unless DATABASE_URL names another."""

import signal
from collections.abc import Iterator

import pytest
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from coachdash import postgres

# Whatever starts the tests in the background may have had them ignore Ctrl-C, and what ignores a signal starts only
# processes that do, too. Tests send it to the processes that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tell pytest-xdist 3.8 the groups of tests by the ids of pytest 9.2: it does by those of before (its issue 1386).

    Without them, whatever is expensive and made once for a module is made by each worker.
    """
    if not config.getoption("loadgroup", False):
        return
    for item in items:
        group = item.get_closest_marker("xdist_group")
        if group and "@" not in item.nodeid.rpartition("]")[2]:
            item._id = type(item.id).parse(f"{item.nodeid}@{group.args[0]}")


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


@pytest.fixture(scope="session", autouse=True)
def _cheap_flush() -> Iterator[None]:
    from tests.flush import flush

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: flush())
        yield
