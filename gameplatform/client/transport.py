"""Sends requests over one connection pool, paced, timed and repeated; knows HTTP and nothing of any platform."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event, Lock
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase

from gameplatform.client.pace import Pace
from gameplatform.client.retry_after import seconds_asked
from gameplatform.conf import Conf
from gameplatform.exceptions import BadResponse, TimedOut, Unavailable

_IDEMPOTENT = frozenset({"GET", "HEAD", "PUT", "DELETE"})
_TOO_MANY_REQUESTS = 429
_PASSING = frozenset({408, 425, 500, 502, 503, 504})
_PIECE = 65_536


@dataclass(frozen=True, kw_only=True)
class RawAnswer:
    """What came back, read to its end, and what it answers."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """One `requests.Session` for many threads.

    Args:
        base_url: the API's address, without a slash at its end.
        auth: puts the token onto each request.
        conf: timeouts, sizes and retry limits.
        pace: how fast requests may follow each other.
    """

    def __init__(self, *, base_url: str, auth: AuthBase, conf: Conf, pace: Pace) -> None:
        self._base_url = base_url
        self._conf = conf
        self._pace = pace
        self._closed = Event()
        self._sent = 0
        self._count_lock = Lock()
        self._session = requests.Session()
        self._session.auth = auth
        self._session.headers.update({"Accept": "application/json", "User-Agent": "coachdash"})
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=conf.CONCURRENCY, pool_block=True)
        self._session.mount("http://", adapter)
        self._session.mount("https://", adapter)

    @property
    def requests_sent(self) -> int:
        """How many requests went out so far, repeated ones included."""
        return self._sent

    def close(self) -> None:
        """Let go of the connections; calls that wait in other threads end as Unavailable."""
        self._closed.set()
        self._session.close()

    def send(self, method: str, path: str, *, params: Mapping[str, Any] | None = None, json: Any = None) -> RawAnswer:
        """The platform's answer, whatever its status.

        Idempotent calls are repeated after network errors and 5xx, all calls after 429, within the limits.

        Raises:
            Unavailable, TimedOut: no whole answer came.
            BadResponse: the answer is larger than allowed.
        """
        tries = self._conf.CALL_TRIES if method in _IDEMPOTENT else 1
        number = 1
        while True:
            try:
                answer = self._exchange(method, path, params, json)
            except Unavailable:
                if number >= tries:
                    raise
                self._sleep(self._backoff(number), method, path)
            else:
                wait = self._wait_after(answer, number, tries)
                if wait is None:
                    return answer
                self._sleep(wait, method, path)
            number += 1

    def _wait_after(self, answer: RawAnswer, number: int, tries: int) -> float | None:
        """Seconds until the call is worth repeating; None if this answer stands."""
        limited = answer.status == _TOO_MANY_REQUESTS
        asked = seconds_asked(answer.headers.get("Retry-After"))
        if limited:
            self._pace.limited(asked)
        else:
            self._pace.answered()
        if not limited and answer.status not in _PASSING:
            return None
        if number >= (self._conf.CALL_TRIES if limited else tries):
            return None
        if asked is not None:
            return asked if asked <= self._conf.RETRY_AFTER_CAP_SECONDS else None
        return self._backoff(number)

    def _backoff(self, number: int) -> float:
        longest = min(self._conf.BACKOFF_SECONDS * 2 ** (number - 1), self._conf.BACKOFF_CAP_SECONDS)
        return random.uniform(longest / 2, longest)  # noqa: S311  not a secret

    def _sleep(self, seconds: float, method: str, path: str) -> None:
        if self._closed.wait(seconds):
            raise Unavailable("the client was closed", method=method, path=path)

    def _exchange(self, method: str, path: str, params: Mapping[str, Any] | None, json: Any) -> RawAnswer:
        self._sleep(self._pace.delay(), method, path)
        with self._count_lock:
            self._sent += 1
        timeout = (self._conf.CONNECT_TIMEOUT_SECONDS, self._conf.READ_TIMEOUT_SECONDS)
        deadline = time.monotonic() + self._conf.ANSWER_TIMEOUT_SECONDS
        try:
            with self._session.request(
                method,
                self._base_url + path,
                params=params,
                json=json,
                timeout=timeout,
                stream=True,
                allow_redirects=False,
            ) as response:
                body = self._read(response, deadline, method, path)
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise TimedOut("no answer in time", method=method, path=path) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise Unavailable(_root_cause(error), method=method, path=path) from None
        return RawAnswer(method=method, path=path, status=response.status_code, headers=response.headers, body=body)

    def _read(self, response: requests.Response, deadline: float, method: str, path: str) -> bytes:
        # Piece by piece, because the read timeout only limits the silence between two pieces.
        pieces = []
        room = self._conf.ANSWER_MAX_BYTES
        while piece := response.raw.read1(_PIECE, decode_content=True):
            pieces.append(piece)
            room -= len(piece)
            if room < 0:
                raise BadResponse(
                    f"more than {self._conf.ANSWER_MAX_BYTES} bytes",
                    method=method,
                    path=path,
                    status=response.status_code,
                )
            if time.monotonic() > deadline:
                raise TimedOut("the answer never ended", method=method, path=path)
        return b"".join(pieces)


def _root_cause(error: BaseException) -> str:
    while deeper := error.__cause__ or error.__context__:
        error = deeper
    return str(error) or type(error).__name__
