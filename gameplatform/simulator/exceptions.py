"""What the simulator refuses, with the status and body that the caller gets."""

from typing import TypedDict


class Problem(TypedDict):
    """One entry of a validation answer."""

    loc: list[str | int]
    msg: str
    type: str


class RefusedError(Exception):
    """A call that is answered with `status` and `{"detail": detail}`."""

    def __init__(self, status: int, detail: str | list[Problem]) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail


def not_found(what: str) -> RefusedError:
    """The platform does not know it."""
    return RefusedError(404, f"{what} not found")


def rejected(why: str) -> RefusedError:
    """The call is well formed but against a rule."""
    return RefusedError(400, why)


def invalid(*problems: Problem) -> RefusedError:
    """The call is not well formed."""
    return RefusedError(422, list(problems))
