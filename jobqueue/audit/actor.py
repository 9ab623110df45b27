"""Who acts, and by which door."""

import getpass
import os
import socket
from dataclasses import dataclass
from typing import Self

from django.http import HttpRequest

from jobqueue.models.audit_entry import Channel


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The person behind an action."""

    name: str
    channel: Channel
    user_id: int | None = None
    address: str = ""
    """Where the request came from; nothing for a command."""

    @classmethod
    def of_request(cls, request: HttpRequest, channel: Channel = Channel.ADMIN) -> Self:
        """Whoever is logged in; a stranger is "anonymous". The address is the peer's, which no header can forge."""
        user = request.user
        return cls(
            name=user.get_username() or "anonymous",
            channel=channel,
            user_id=user.pk,
            address=request.META.get("REMOTE_ADDR", ""),
        )

    @classmethod
    def of_shell(cls) -> Self:
        """The system account that runs the command, such as "alice@host-1"; works for accounts without a name, too."""
        return cls(name=f"{_account()}@{_host()}", channel=Channel.CLI)


def _account() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return f"uid {os.getuid()}"


def _host() -> str:
    try:
        return socket.gethostname()
    except OSError:
        return "unknown host"
