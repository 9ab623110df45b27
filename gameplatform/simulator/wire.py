"""HTTP/1.1 as bytes: takes one request off a buffer, and turns an answer into a head."""

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from gameplatform.simulator.exceptions import RefusedError

MAX_HEAD, MAX_BODY = 16_384, 1_048_576
_METHODS = {"GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "OPTIONS"}
_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request; `headers` have lower-case names."""

    method: str
    path: str
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    keep_alive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer and its delivery: after `delay` seconds, dropped, or in drips (bytes a second, 0: whole).

    `counted`: it answers a call of the platform's API, not one of the simulator's own.
    """

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    counted: bool = False
    delay: float = 0.0
    dropped: bool = False
    drip: int = 0


def take_request(buffer: bytearray) -> Request | None:
    """Remove one whole request from the front of the buffer; None while it is incomplete.

    Raises:
        RefusedError: no HTTP, too large, or a form not spoken here. The connection is useless then.
    """
    end = buffer.find(b"\r\n\r\n")
    if end < 0 or end > MAX_HEAD:
        if len(buffer) > MAX_HEAD:
            raise RefusedError(431, "Request header fields too large")
        return None
    first, *lines = buffer[:end].decode("latin-1").split("\r\n")
    headers = _headers(lines)
    length = _length(headers)
    total = end + 4 + length
    if len(buffer) < total:
        return None
    body = bytes(buffer[end + 4 : total])
    request = _request(first, headers, body)
    del buffer[:total]
    return request


def head(answer: Answer, *, keep_alive: bool) -> bytes:
    """Status line and headers of an answer, up to its body."""
    lines = [
        f"HTTP/1.1 {answer.status} {_REASONS.get(answer.status, '')}",
        f"Content-Type: {answer.content_type}",
        f"Content-Length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.headers),
    ]
    if not keep_alive:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _request(first: str, headers: dict[str, str], body: bytes) -> Request:
    words = first.split(" ")
    if len(words) != 3 or words[0] not in _METHODS or not words[2].startswith("HTTP/1."):
        raise RefusedError(400, "Bad request line")
    path, _, query = words[1].partition("?")
    wish = headers.get("connection", "").lower()
    return Request(
        method=words[0],
        path=unquote(path),
        query=dict(parse_qsl(query, keep_blank_values=True)) if query else {},
        headers=headers,
        body=body,
        keep_alive=wish != "close" if words[2] == "HTTP/1.1" else wish == "keep-alive",
    )


def _headers(lines: list[str]) -> dict[str, str]:
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name or name != name.strip():
            raise RefusedError(400, "Bad header line")
        headers[name.lower()] = value.strip()
    return headers


def _length(headers: dict[str, str]) -> int:
    if "transfer-encoding" in headers:
        raise RefusedError(411, "Send a Content-Length; chunked bodies are not accepted")
    text = headers.get("content-length", "0")
    if not (text.isascii() and text.isdigit()):
        raise RefusedError(400, "Bad Content-Length")
    if int(text[:12]) > MAX_BODY:
        raise RefusedError(413, f"Body larger than {MAX_BODY} bytes")
    return int(text)
