"""JSON for whatever goes wrong under the API's address before or beside its routes: never HTML, never a traceback."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from jobqueue.http.problems import CODES, ApiProblem, answer

PREFIX = "/api/"
_SAID = {
    400: "The request cannot be understood: expected valid HTTP with a known host name.",
    403: "This is not allowed.",
    404: "There is no such address. GET /api/docs shows those that there are.",
    405: "This address does not know the method {method}: expected {allow}.",
    413: "The request is too large.",
    500: "Something went wrong here. It was recorded; trying again later may help.",
    503: "The service is not available: try again in a few seconds.",
}
_ABOUT_CONTENT = {"content-type", "content-length", "content-encoding", "vary"}


class JsonProblemsMiddleware:
    """First among the middleware, or after what only adds headers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with JSON where Django would with a page."""
        response = self.get_response(request)
        if response.status_code < 400 or not request.path_info.startswith(PREFIX) or _is_json(response):
            return response
        status = response.status_code if response.status_code in CODES else 400 if response.status_code < 500 else 500
        said = _SAID.get(status, "The request was refused.")
        message = said.format(method=request.method, allow=response.get("Allow", "another"))
        told = answer(ApiProblem(status, message))
        for name, value in response.items():
            if name.lower() not in _ABOUT_CONTENT:
                told[name] = value
        return told


def _is_json(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("application/json")
