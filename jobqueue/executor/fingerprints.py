"""What errors of one kind have in common, so that ten thousand failures read as three groups.

A fingerprint is made of names only: the task type, the classes and codes of the error and its causes, and the
functions of the application it came through. It survives a deploy that moves lines, another id in the message and
another folder on the next host.
"""

import sys
import sysconfig
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from types import TracebackType

from jobqueue.executor.errors import class_of, own_code_of

_MOST_FRAMES = 5
_MOST_ERRORS = 16
_LONGEST_WALK = 20_000  # frames; a recursion limit may be set that high

_EXECUTOR = f"{Path(__file__).parent}/"
_LIBRARIES = ("/site-packages/", "/dist-packages/")
_STANDARD = tuple({f"{sysconfig.get_path(name)}/" for name in ("stdlib", "platstdlib")})


def fingerprint_of(task_type: str, error: BaseException) -> str:
    """The fingerprint of an error that a handler raised; `reports.fingerprint_of_code` is for ends without one.

    Args:
        task_type: the same error in two task types makes two groups.
        error: with its traceback and its causes; anything odd about them makes the group coarser, nothing raises.

    Returns:
        16 hexadecimal digits.
    """
    try:
        parts = [part for each in _with_causes(error) for part in _parts(each)]
    except Exception:  # noqa: BLE001  an error's attributes are the handler's code, too
        parts = [class_of(error)]
    return blake2b("\n".join((task_type, "error", *parts)).encode("utf-8", "replace"), digest_size=8).hexdigest()


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it wraps or groups, and so on; each once, for chains may be circular."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < _MOST_ERRORS:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        cause = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if cause is not None:
            waiting.append(cause)
        if isinstance(each, BaseExceptionGroup):
            waiting.extend(_kinds(each))


def _kinds(group: BaseExceptionGroup) -> list[BaseException]:
    # Three tasks that time out are the same trouble as five, in whichever order they did.
    by_class = {class_of(each): each for each in group.exceptions[:_MOST_ERRORS]}
    return [by_class[name] for name in sorted(by_class)]


def _parts(error: BaseException) -> list[str]:
    frames, last = _frames(error.__traceback__)
    if isinstance(error, RecursionError):
        last = ""  # which of the functions that call each other hit the limit is chance
    return [class_of(error), own_code_of(error), *frames, last]


def _frames(step: TracebackType | None) -> tuple[list[str], str]:
    """The innermost functions of the application, or of the libraries if it went through no others; and the last.

    Each counts once, where it was first entered: how deep a recursion went is chance.
    """
    application: dict[str, None] = {}
    library: dict[str, None] = {}
    last_application = last_library = ""
    for _ in range(_LONGEST_WALK):
        if step is None:
            break
        code = step.tb_frame.f_code
        place, is_library = _place(code.co_filename)
        step = step.tb_next
        if place and is_library:
            library[last_library := f"{place}:{code.co_qualname}"] = None
        elif place:
            application[last_application := f"{place}:{code.co_qualname}"] = None
    frames = list(application or library)[-_MOST_FRAMES:]
    return frames, last_application or last_library


@lru_cache(maxsize=4096)
def _place(filename: str) -> tuple[str, bool]:
    """A source file's path below the folder it is imported from, and whether it is a library's.

    The path is empty for the executor itself and for code made at run time, whose names may hold numbers.
    """
    if filename.startswith(("<", _EXECUTOR)):
        return "", True
    for folder in _LIBRARIES:
        _, found, below = filename.rpartition(folder)
        if found:
            return below, True
    below = min((filename.removeprefix(f"{root}/") for root in sys.path if root), key=len, default=filename)
    return below, filename.startswith(_STANDARD)
