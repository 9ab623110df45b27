"""The token on requests, and nowhere else."""

import pytest

from gameplatform.client.auth import TokenAuth
from gameplatform.conf import Conf
from gameplatform.exceptions import NotConfigured


@pytest.mark.parametrize("token", ["", "two words", "line\nbreak", "tökén"])
def test_a_token_that_no_header_can_carry_is_refused_without_showing_it(token: str) -> None:
    with pytest.raises(NotConfigured, match="GAME_PLATFORM_API_TOKEN") as raised:
        TokenAuth("Bearer", token)

    assert not token or token not in str(raised.value)
    assert raised.value.error_code == "NOT_CONFIGURED"


def test_neither_auth_nor_settings_show_the_token() -> None:
    assert "s3cret" not in repr(TokenAuth("Bearer", "s3cret")) + repr(Conf(API_TOKEN="s3cret"))
