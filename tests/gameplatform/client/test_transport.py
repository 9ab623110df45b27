"""Requests over real sockets to a server that misbehaves."""

import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gameplatform.exceptions import BadResponse, TimedOut, Unavailable

from .conftest import Connect
from .scripted import Step, answer, dripping, dropped, serving, silent

HEALTHY = answer(200, b'{"fine": true}')


@pytest.mark.parametrize(
    "mishap",
    [answer(500), answer(502, b"<html>"), answer(503), answer(429), answer(408), dropped, answer(200, length=99)],
    ids=["500", "502", "503", "429", "408", "dropped", "cut off"],
)
def test_a_get_is_repeated_until_it_is_answered(connect: Connect, mishap: Step) -> None:
    with serving(mishap, mishap, HEALTHY) as script:
        transport = connect(script.url)
        raw = transport.send("GET", "/scores", params={"id": "7"})

    assert (raw.status, raw.body) == (200, b'{"fine": true}')
    assert [head.splitlines()[0] for head in script.heads] == ["GET /scores?id=7 HTTP/1.1"] * 3
    assert transport.requests_sent == 3


@pytest.mark.parametrize("mishap", [dropped, answer(503)], ids=["dropped", "503"])
def test_a_post_that_may_have_been_carried_out_is_not_repeated(connect: Connect, mishap: Step) -> None:
    with serving(mishap, HEALTHY) as script:
        try:
            assert connect(script.url).send("POST", "/users", json={"a": 1}).status == 503
        except Unavailable as error:
            assert error.error_code == "NETWORK_ERROR"  # noqa: PT017  one of both must hold

    assert len(script.heads) == 1


def test_a_post_that_was_turned_away_is_repeated(connect: Connect) -> None:
    with serving(answer(429), HEALTHY) as script:
        assert connect(script.url).send("POST", "/users", json={}).status == 200

    assert len(script.heads) == 2


def test_it_gives_up_after_the_allowed_tries(connect: Connect) -> None:
    with serving(dropped) as script, pytest.raises(Unavailable, match="GET /users: Remote end closed") as raised:
        connect(script.url, CALL_TRIES=3).send("GET", "/users")

    assert len(script.heads) == 3
    assert (raised.value.method, raised.value.path, raised.value.status) == ("GET", "/users", None)


def test_the_last_answer_of_a_broken_server_is_handed_over(connect: Connect) -> None:
    with serving(answer(503, b"later")) as script:
        raw = connect(script.url, CALL_TRIES=2).send("GET", "/")

    assert (raw.status, raw.body, len(script.heads)) == (503, b"later", 2)


def test_a_refusal_is_not_repeated(connect: Connect) -> None:
    with serving(answer(404)) as script:
        assert connect(script.url).send("GET", "/").status == 404

    assert len(script.heads) == 1


def test_retry_after_is_waited_for(connect: Connect) -> None:
    with serving(answer(429, Retry_After="1"), HEALTHY) as script:
        assert connect(script.url).send("GET", "/").status == 200

    assert script.times[1] - script.times[0] >= 1


def test_a_longer_wait_than_allowed_is_left_to_the_caller(connect: Connect) -> None:
    with serving(answer(429, Retry_After="3600")) as script:
        raw = connect(script.url).send("GET", "/")

    assert (raw.status, raw.headers["retry-after"], len(script.heads)) == (429, "3600", 1)


def test_a_silent_server_times_out(connect: Connect) -> None:
    with serving(silent) as script, pytest.raises(TimedOut) as raised:
        connect(script.url, CALL_TRIES=1, READ_TIMEOUT_SECONDS=0.05).send("GET", "/")

    assert raised.value.error_code == "TIMEOUT"


def test_a_body_that_drips_for_ever_times_out(connect: Connect) -> None:
    with serving(dripping) as script, pytest.raises(TimedOut, match="never ended"):
        connect(script.url, CALL_TRIES=1, ANSWER_TIMEOUT_SECONDS=0.1).send("GET", "/")


def test_an_endless_body_is_not_kept_in_memory(connect: Connect) -> None:
    with serving(answer(200, b"x" * 100_000)) as script, pytest.raises(BadResponse, match="more than 5000 bytes"):
        connect(script.url, ANSWER_MAX_BYTES=5_000).send("GET", "/")


def test_a_port_where_nobody_listens_is_named_as_such(connect: Connect) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

    with pytest.raises(Unavailable, match="Connection refused"):
        connect(f"http://127.0.0.1:{port}", CALL_TRIES=2).send("GET", "/")


def test_a_redirect_is_not_followed(connect: Connect) -> None:
    with serving(answer(302, Location="/login")) as script:
        assert connect(script.url).send("GET", "/").status == 302

    assert len(script.heads) == 1


def test_the_token_is_sent_and_never_shown(connect: Connect) -> None:
    with serving(dropped) as script:
        transport = connect(script.url, CALL_TRIES=1)
        with pytest.raises(Unavailable) as raised:
            transport.send("GET", "/users")

    assert "Authorization: Bearer s3cret-t0ken" in script.heads[0]
    shown = f"{raised.value} {raised.value!r} {transport!r} {vars(transport)!r}"
    assert "s3cret" not in shown


def test_closing_ends_the_waits_of_other_threads(connect: Connect) -> None:
    with serving(answer(429, Retry_After="20")) as script:
        transport = connect(script.url)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(transport.send, "GET", "/")
            while not script.heads:
                threading.Event().wait(0.01)
            transport.close()
            with pytest.raises(Unavailable, match="closed"):
                waiting.result()


def test_many_threads_share_one_transport(connect: Connect) -> None:
    with serving(HEALTHY) as script:
        transport = connect(script.url, CONCURRENCY=8)
        with ThreadPoolExecutor(16) as pool:
            statuses = list(pool.map(lambda _: transport.send("GET", "/").status, range(200)))

    assert statuses == [200] * 200
    assert transport.requests_sent == len(script.heads) == 200
