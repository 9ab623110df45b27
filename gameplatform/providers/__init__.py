"""Game platforms behind one interface; `provider()` gives the configured one."""

from collections.abc import Callable

from gameplatform.conf import Conf, conf
from gameplatform.exceptions import IntegrationDisabled, NotConfigured
from gameplatform.providers import metactf
from gameplatform.providers.interface import Provider

_BUILDERS: dict[str, Callable[[Conf], Provider]] = {"metactf": metactf.build}


def provider() -> Provider:
    """The configured platform, ready to be called; close it when done.

    Raises:
        IntegrationDisabled: the integration is switched off.
        NotConfigured: a setting is missing or wrong.
    """
    settings = conf()
    if not settings.ENABLED:
        raise IntegrationDisabled("The game platform integration is switched off (GAME_PLATFORM_INTEGRATION_ENABLED).")
    try:
        build = _BUILDERS[settings.PROVIDER]
    except KeyError:
        raise NotConfigured(
            f"Unknown game platform {settings.PROVIDER!r}: expected one of {', '.join(sorted(_BUILDERS))}."
        ) from None
    return build(settings)
