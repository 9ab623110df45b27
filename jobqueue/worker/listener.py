"""The listener: PostgreSQL's notifications become wake-ups. The claimer's slow poll covers for it."""

from collections.abc import Callable

from django.db import connection

from jobqueue.wakeup import CONTROL_CHANNEL, WORK_CHANNEL
from jobqueue.worker.service import Service

_LOOK_FOR_STOP = 0.5


class Listener(Service):
    """Listens on both channels."""

    def __init__(
        self, on_work: Callable[[], None], on_control: Callable[[], None], on_crash: Callable[[], None]
    ) -> None:
        super().__init__("listener", on_crash)
        self._on_work = on_work
        self._on_control = on_control
        self._is_listening = False

    def reconnected(self) -> None:
        """What was notified meanwhile is lost, so look."""
        self._is_listening = False

    def step(self) -> None:
        """Listen for a while."""
        if not self._is_listening:
            with connection.cursor() as cursor:
                cursor.execute(f"LISTEN {WORK_CHANNEL}; LISTEN {CONTROL_CHANNEL}")
            self._is_listening = True
            self._on_work()
            self._on_control()
        with connection.wrap_database_errors:
            for notification in connection.connection.notifies(timeout=_LOOK_FOR_STOP, stop_after=1):
                if notification.channel == WORK_CHANNEL:
                    self._on_work()
                else:
                    self._on_control()
