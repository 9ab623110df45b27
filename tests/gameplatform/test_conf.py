"""Settings over defaults, and the choice of the platform."""

import pytest
from pytest_django.fixtures import Settings

from gameplatform.conf import conf
from gameplatform.exceptions import IntegrationDisabled, NotConfigured
from gameplatform.providers import provider


def test_what_is_not_set_has_a_default(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"API_TOKEN": "t", "BATCH_SIZE": 50}

    assert (conf().BATCH_SIZE, conf().CONCURRENCY, conf().API_TOKEN) == (50, 16, "t")


def test_a_misspelled_setting_is_named(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"BATCHSIZE": 50}

    with pytest.raises(NotConfigured, match=r"BATCHSIZE: expected some of .*BATCH_SIZE"):
        conf()


def test_a_missing_token_is_named(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"API_TOKEN": ""}

    with pytest.raises(NotConfigured, match="GAME_PLATFORM_API_TOKEN"):
        provider()


def test_an_unknown_platform_is_named(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"API_TOKEN": "t", "PROVIDER": "picoctf"}

    with pytest.raises(NotConfigured, match="'picoctf': expected one of metactf"):
        provider()


def test_a_disabled_integration_makes_no_call(settings: Settings) -> None:
    settings.GAME_PLATFORM = {"API_TOKEN": "t", "ENABLED": False}

    with pytest.raises(IntegrationDisabled, match="GAME_PLATFORM_INTEGRATION_ENABLED"):
        provider()
