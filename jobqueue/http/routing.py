"""How a route is declared: its method, who may call it, what it answers and which problems may come instead."""

import inspect
from collections.abc import Callable, Collection, Mapping
from functools import wraps
from typing import Any, get_args

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel

from jobqueue.http.access import BearerToken, Session
from jobqueue.http.caller import Needs
from jobqueue.http.problems import invalid
from jobqueue.http.shapes import Problem

_ALWAYS = {401, 403, 422, 429, 503}
_WITH_BODY = {400, 413, 415}

type View = Callable[..., Any]


def route(
    router: Router,
    method: str,
    path: str,
    *,
    needs: Needs,
    answers: type[BaseModel] | Mapping[int, Any],
    problems: Collection[int] = (),
    summary: str,
) -> Callable[[View], View]:
    """Register a view under a path; query parameters that it does not name are refused.

    The view's docstring is the route's description.

    Args:
        answers: what a success looks like, by status if it is not 200.
        problems: statuses beside those that every route may answer with.
    """

    def register(view: View) -> View:
        names = _query_names(view)

        @wraps(view)
        def checked(request: HttpRequest, **given: Any) -> Any:
            unknown = sorted(set(request.GET) - names)
            if unknown:
                expected = f"expected some of {', '.join(sorted(names))}" if names else "this address takes none"
                raise invalid({name[:100]: f"there is no such query parameter: {expected}" for name in unknown[:20]})
            return view(request, **given)

        wanted = dict(answers) if isinstance(answers, Mapping) else {200: answers}
        possible = _ALWAYS | set(problems) | (_WITH_BODY if _has_body(view) else set())
        router.api_operation(
            [method],
            path,
            auth=[BearerToken(needs), Session(needs)],
            response={**wanted, **dict.fromkeys(sorted(possible), Problem)},
            by_alias=True,
            summary=summary,
            description=f"{inspect.getdoc(view) or ''}\n\nNeeds: {needs}".strip(),
            operation_id=view.__name__,
        )(checked)
        return view

    return register


def _query_names(view: View) -> set[str]:
    parameter = inspect.signature(view).parameters.get("query")
    if parameter is None:
        return set()
    (model, *_) = get_args(parameter.annotation)
    return {field.alias or name for name, field in model.model_fields.items()}


def _has_body(view: View) -> bool:
    return "body" in inspect.signature(view).parameters
