"""Who calls, and what they may: a user with the cookie of a log-in, or with one of their API tokens."""

from dataclasses import dataclass
from typing import Any, cast

from django.http import HttpRequest

from jobqueue.audit import Actor
from jobqueue.models import ApiToken
from jobqueue.models.api_token import TokenScope
from jobqueue.models.audit_entry import Channel


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a route asks of its caller: of a token this scope, and of its owner or whoever is logged in, one of these
    permissions; with none, anybody known will do.
    """

    scope: TokenScope
    any_of: tuple[str, ...] = ()

    def __str__(self) -> str:
        if not self.any_of:
            return f"Any user; of a token the scope `{self.scope}`."
        return f"The permission {' or '.join(f'`{name}`' for name in self.any_of)}; of a token also `{self.scope}`."


READ = Needs(scope=TokenScope.READ, any_of=("jobqueue.view_job", "jobqueue.operate_job"))
OPERATE = Needs(scope=TokenScope.WRITE, any_of=("jobqueue.operate_job",))
DELETE = Needs(scope=TokenScope.DELETE, any_of=("jobqueue.delete_job",))
READ_SCHEDULES = Needs(scope=TokenScope.READ, any_of=("jobqueue.view_schedule",))
ADD_SCHEDULES = Needs(scope=TokenScope.WRITE, any_of=("jobqueue.add_schedule",))
CHANGE_SCHEDULES = Needs(scope=TokenScope.WRITE, any_of=("jobqueue.change_schedule",))
DELETE_SCHEDULES = Needs(scope=TokenScope.DELETE, any_of=("jobqueue.delete_schedule",))
READ_AUDIT_LOG = Needs(scope=TokenScope.READ, any_of=("jobqueue.view_auditentry", "jobqueue.operate_job"))
READ_OWN = Needs(scope=TokenScope.READ)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Somebody known."""

    user: Any
    token: ApiToken | None
    address: str

    @property
    def actor(self) -> Actor:
        """For the audit log: the user, and by which token."""
        name = self.user.get_username()
        if self.token is not None:
            name = f"{name} by token {self.token}"
        return Actor(name=name, channel=Channel.API, user_id=self.user.pk, address=self.address)

    @property
    def key(self) -> str:
        """Whose calls are counted together."""
        return f"token:{self.token.pk}" if self.token else f"user:{self.user.pk}"

    def lacks(self, needs: Needs) -> str:
        """Why this caller may not, in a sentence; empty if they may."""
        if self.token is not None and needs.scope.value not in self.token.scopes:
            return f"This token has {', '.join(self.token.scopes)}: expected {needs.scope}."
        if self.may(needs):
            return ""
        who = "This token's owner" if self.token else "This user"
        return f"{who} lacks the permission: expected {' or '.join(needs.any_of)}."

    def may(self, needs: Needs) -> bool:
        """Whether the user has what is needed, whatever a token's scopes."""
        return not needs.any_of or any(self.user.has_perm(name) for name in needs.any_of)


def caller_of(request: HttpRequest) -> Caller:
    """Who calls a route; its `auth` has found out."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]


def actor_of(request: HttpRequest) -> Actor:
    """The same for the audit log."""
    return caller_of(request).actor
