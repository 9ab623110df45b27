"""A transport with short waits, for one scripted server."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from gameplatform.client.auth import TokenAuth
from gameplatform.client.pace import LearnedPace
from gameplatform.client.transport import Transport
from gameplatform.conf import Conf

type Connect = Callable[..., Transport]


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Makes a transport to an address, with settings; closed after the test."""
    opened: list[Transport] = []

    def to(url: str, **wishes: Any) -> Transport:
        conf = Conf(**{"BACKOFF_SECONDS": 0.001, "API_TOKEN": "s3cret-t0ken", **wishes})
        auth = TokenAuth("Bearer", conf.API_TOKEN)
        transport = Transport(base_url=url, auth=auth, conf=conf, pace=LearnedPace(conf.RETRY_AFTER_CAP_SECONDS))
        opened.append(transport)
        return transport

    yield to
    for transport in opened:
        transport.close()
