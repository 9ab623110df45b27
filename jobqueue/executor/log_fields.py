"""Which job is a line of the log about? Fields that every handler of a child adds to what is logged while one runs."""

import logging
from collections.abc import Callable, Iterator

from jobqueue.claim import ClaimedJob

type Current = Callable[[], ClaimedJob | None]


class JobFields(logging.Filter):
    """Lets everything pass, and adds `job_id`, `job_type` and `attempt` unless whoever logs gave them."""

    def __init__(self, current: Current) -> None:
        """`current` gives the job that runs now."""
        super().__init__()
        self._current = current

    def filter(self, record: logging.LogRecord) -> bool:
        """Called once per handler; a filter rather than a factory, so that `extra` may hold the same names."""
        job = self._current()
        if job is not None:
            fields = record.__dict__
            fields.setdefault("job_id", job.id)
            fields.setdefault("job_type", job.task_type)
            fields.setdefault("attempt", job.number)
        return True


def add_to_every_handler(current: Current) -> None:
    """Have all handlers that are configured by now say which job runs."""
    fields = JobFields(current)
    for handler in _handlers():
        handler.addFilter(fields)


def _handlers() -> Iterator[logging.Handler]:
    known = [logging.root, *logging.root.manager.loggerDict.values()]
    seen: set[int] = set()
    for logger in known:
        for handler in getattr(logger, "handlers", ()):
            if id(handler) not in seen:
                seen.add(id(handler))
                yield handler
