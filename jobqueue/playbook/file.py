"""Reading the playbook: at the first look, and again whenever the file has changed."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from jobqueue.conf import conf

if TYPE_CHECKING:
    from jobqueue.playbook.document import Playbook

LARGEST = 1_048_576


class UnreadablePlaybookError(Exception):
    """The file that the setting names cannot be shown; says why."""


def has_playbook() -> bool:
    """Whether the project names one."""
    return bool(conf().PLAYBOOK)


def playbook() -> "Playbook | None":
    """The project's playbook; None if it has none.

    Raises:
        UnreadablePlaybookError: the file is missing, no text, or too large.
    """
    named = conf().PLAYBOOK
    if not named:
        return None
    path = Path(named)
    try:
        state = path.stat()
        if state.st_size > LARGEST:
            raise UnreadablePlaybookError(_problem(path, f"it has {state.st_size:,} bytes, more than {LARGEST:,}"))
        return _rendered(path, state.st_mtime_ns, state.st_size)
    except OSError as error:
        raise UnreadablePlaybookError(_problem(path, error.strerror or str(error))) from error
    except UnicodeDecodeError as error:
        raise UnreadablePlaybookError(_problem(path, "it is no UTF-8 text")) from error


@lru_cache(maxsize=4)
def _rendered(path: Path, changed_at: int, size: int) -> "Playbook":
    # Workers import every admin, but never render: the parser would take 6 MiB of each host's memory.
    from jobqueue.playbook.document import render

    return render(path.read_text(encoding="utf-8"))


def _problem(path: Path, why: str) -> str:
    return f'JOB_QUEUE["PLAYBOOK"] is {path}, which cannot be shown: {why}.'
