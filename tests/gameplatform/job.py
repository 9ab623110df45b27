"""A job context without a queue, which remembers what it was told."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import msgspec


@dataclass(kw_only=True)
class FakeJob:
    """Fulfils `gameplatform.context.Job`; `before_batch` runs at every check for a cancel request."""

    id: UUID = field(default_factory=uuid4)
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("tests.gameplatform.job"))
    before_batch: Callable[[], None] = lambda: None
    reports: list[tuple[int, int, str]] = field(default_factory=list)
    children: list[tuple[str, Any]] = field(default_factory=list)
    checkpointed: Any = None

    def progress(self, done: int, total: int, message: str = "") -> None:
        """Remember it."""
        self.reports.append((done, total, message))

    def checkpoint(self, data: Any) -> None:
        """Keep it as the next attempt would see it."""
        self.checkpointed = msgspec.json.decode(msgspec.json.encode(data))

    def check_cancelled(self) -> None:
        """Where a test may interfere."""
        self.before_batch()

    def enqueue(self, task_type: str, payload: Any = None) -> UUID:
        """Remember the child."""
        self.children.append((task_type, payload))
        return uuid4()
