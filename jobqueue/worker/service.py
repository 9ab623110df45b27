"""A thread of the supervisor with its own database connection, which outlives the database's absences."""

import logging
import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable

from django.db import Error, InterfaceError, OperationalError, connection

from jobqueue.conf import conf

log = logging.getLogger("jobqueue.worker")

# A fail-over may lead us to a server that is a standby still; and what we set ourselves, below.
_READ_ONLY, _IDLE_IN_TRANSACTION = "25006", "25P03"
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0


class Service(threading.Thread, ABC):
    """Calls `step` until stopped. If the database fails, waits, reconnects and goes on."""

    def __init__(self, name: str, on_crash: Callable[[], None]) -> None:
        """`on_crash` is called if `step` fails otherwise: a defect, after which the worker must not go on."""
        super().__init__(name=f"jobqueue-{name}", daemon=True)
        self.stopping = threading.Event()
        self._on_crash = on_crash

    @abstractmethod
    def step(self) -> None:
        """Do one piece of work, or wait for one; called again and again."""

    def reconnected(self) -> None:
        """Called before the next step after the database was away."""

    def stop(self) -> None:
        """Ask the thread to end after its step."""
        self.stopping.set()

    def run(self) -> None:
        """The thread's body."""
        wait, is_away = _FIRST_WAIT, False
        try:
            while not self.stopping.is_set():
                try:
                    if connection.connection is None:
                        _connect()
                    if is_away:
                        self.reconnected()
                        log.info("%s: the database is back.", self.name)
                        wait, is_away = _FIRST_WAIT, False
                    self.step()
                    connection.queries_log.clear()  # with DEBUG on, Django keeps thousands of them
                except Error as error:
                    if not _is_away(error):
                        raise
                    if not is_away:
                        log.warning("%s: the database failed: %s", self.name, str(error).strip())
                    is_away = True
                    connection.close()
                    self.stopping.wait(wait * random.uniform(0.8, 1.2))  # noqa: S311  not a secret
                    wait = min(wait * 2, _LONGEST_WAIT)
        except Exception:
            log.exception("%s ended by a defect; the worker stops.", self.name)
            self._on_crash()
        finally:
            connection.close()


def _connect() -> None:
    # A process that stands still in the middle of a transaction, or whose machine is gone, must not hold its locks
    # for longer than it takes until others rescue its jobs.
    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = %s", [int(conf().LOST_AFTER_SECONDS * 500)])


def _is_away(error: Error) -> bool:
    if isinstance(error, OperationalError | InterfaceError):
        return True
    return getattr(error.__cause__, "sqlstate", None) in (_READ_ONLY, _IDLE_IN_TRANSACTION)
