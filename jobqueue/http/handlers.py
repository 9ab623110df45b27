"""Every exception that may leave a route, as a problem. What is unexpected is left to Django, which records it."""

from collections.abc import Callable, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from jobqueue.conf import conf
from jobqueue.exceptions import (
    InvalidOptionError,
    InvalidPayloadError,
    InvalidScheduleError,
    InvalidSelectionError,
    JobQueueError,
    UnknownTaskTypeError,
)
from jobqueue.http.parsing import too_large
from jobqueue.http.problems import ApiProblem, answer, invalid

_SOURCES = {"body", "query", "path", "header", "cookie"}
_TOO_DEEP = 12
_MOST_FIELDS = 20
_WRONG_INPUT = (InvalidOptionError, InvalidSelectionError, InvalidScheduleError, UnknownTaskTypeError)


def handle_problems(api: NinjaAPI) -> None:
    """Teach an API to answer with problems."""
    for kind, to_problem in _KINDS.items():
        api.add_exception_handler(kind, _handler(to_problem))
    api.add_exception_handler(Exception, _leave)


def _handler(to_problem: Callable[[Any], ApiProblem]) -> Callable[[HttpRequest, Any], HttpResponse]:
    return lambda request, error: answer(to_problem(error))


def _leave(request: HttpRequest, error: Any) -> HttpResponse:
    raise error


def _of_http_error(error: HttpError) -> ApiProblem:
    # ninja hides what its parser raised behind one of its own.
    if isinstance(error.__cause__, ApiProblem):
        return error.__cause__
    return ApiProblem(error.status_code, error.message)


def _of_validation(error: ValidationError) -> ApiProblem:
    fields: dict[str, str] = {}
    for one in error.errors[:_MOST_FIELDS]:
        fields.setdefault(_place(one["loc"]), _said(one))
    return invalid(fields)


def _place(loc: Sequence[Any]) -> str:
    # ("body", "body", "payload", 3) is what the caller knows as "payload.3".
    parts = [str(part) for part in loc]
    if parts and parts[0] in _SOURCES:
        parts = parts[2:] if parts[0] in ("body", "query") and len(parts) > 2 else parts[1:]
    return ".".join(parts[:_TOO_DEEP]).replace("\0", "")[:200] or "body"


def _said(error: dict[str, Any]) -> str:
    if error["type"] == "missing":
        return "it is missing"
    if error["type"] == "extra_forbidden":
        return "there is no such field"
    said: str = error["msg"]
    return (
        said.removeprefix("Value error, ").removeprefix("Input should be ").join(("expected ", ""))
        if (said.startswith("Input should be "))
        else said.removeprefix("Value error, ")
    )


def of_queue(error: JobQueueError) -> ApiProblem:
    """What the queue refuses, by field where it says which."""
    match error:
        case InvalidPayloadError():
            return ApiProblem(422, str(error), fields={"payload": error.problem})
        case UnknownTaskTypeError():
            return ApiProblem(422, str(error), fields={"taskType": str(error)})
        case InvalidScheduleError():
            return invalid(error.problems)
    return ApiProblem(422 if isinstance(error, _WRONG_INPUT) else 409, str(error))


_KINDS: dict[type[Exception], Callable[[Any], ApiProblem]] = {
    ApiProblem: lambda problem: problem,
    AuthenticationError: lambda _: ApiProblem(
        401,
        "Who are you? Expected `Authorization: Bearer` with an API token, or the cookie of a log-in.",
        headers={"WWW-Authenticate": 'Bearer realm="api"'},
    ),
    HttpError: _of_http_error,
    ValidationError: _of_validation,
    JobQueueError: of_queue,
    Http404: lambda error: ApiProblem(404, "There is nothing of that kind, or it is not yours to see."),
    PermissionDenied: lambda error: ApiProblem(403, "This is not allowed."),
    RequestDataTooBig: lambda error: too_large(conf().API_MAX_BODY_BYTES),
    UnreadablePostError: lambda error: ApiProblem(400, "The request ended before its body did."),
    DataError: lambda error: ApiProblem(422, "The database refuses a value: expected smaller numbers, or other text."),
    IntegrityError: lambda error: ApiProblem(409, "Somebody else changed the same at this moment: try again."),
    OperationalError: lambda error: _unavailable(),
    InterfaceError: lambda error: _unavailable(),
}


def _unavailable() -> ApiProblem:
    return ApiProblem(503, "The database does not answer: try again in a few seconds.", headers={"Retry-After": "5"})
