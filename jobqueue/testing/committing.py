"""A handler's writes in a test's transaction, which no commit ends: as near to a worker's as that can be."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from psycopg.pq import TransactionStatus

log = logging.getLogger("jobqueue.testing")


@contextmanager
def as_if_committed() -> Iterator[None]:
    """Let a handler run as if there were no transaction around it.

    Outside of one, nothing is done. Inside, what it registers with `transaction.on_commit` is called at its end, and
    an error of the database that would have spoiled the test's transaction undoes the handler's writes instead.
    """
    if not connection.in_atomic_block:
        yield
        return
    # No `atomic`: one that is `durable` may follow.
    savepoint, hooks = transaction.savepoint_create(), len(connection.run_on_commit)
    try:
        yield
    finally:
        if is_spoiled():
            transaction.set_rollback(False)
            transaction.savepoint_rollback(savepoint)
            del connection.run_on_commit[hooks:]
        else:
            transaction.savepoint_commit(savepoint)
        while len(connection.run_on_commit) > hooks:
            _call(*connection.run_on_commit.pop(hooks)[1:])


def is_spoiled() -> bool:
    """Whether an error has made the current transaction useless."""
    driver: Any = connection.connection
    is_failed = driver is not None and driver.info.transaction_status == TransactionStatus.INERROR
    return connection.needs_rollback or is_failed


def _call(hook: Callable[[], object], is_robust: bool = False) -> None:
    try:
        hook()
    except Exception:
        if not is_robust:
            raise
        log.exception("The hook %r failed after the commit that it waited for.", hook)
