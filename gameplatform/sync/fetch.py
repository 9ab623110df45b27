"""Makes one account's calls, in a thread of its own: no database here, and no error leaves it."""

from dataclasses import dataclass
from uuid import UUID

from gameplatform.models import Account
from gameplatform.providers.interface import Provider
from gameplatform.providers.records import EventEntry, Practice, Profile
from gameplatform.sync.outcome import Outcome
from gameplatform.sync.plan import Plan


@dataclass(slots=True, kw_only=True)
class Fetched(Outcome):
    """What came in for one account before `error`, if there was one; None is what was not asked for."""

    account_id: UUID
    profile: Profile | None = None
    practice: Practice | None = None
    events: tuple[EventEntry, ...] | None = None

    @property
    def awaits_approval(self) -> bool:
        """The platform says that this account is not (or no longer) approved and has no scores to show."""
        return self.profile is not None and self.profile.status not in ("", Account.Status.APPROVED)


def fetch(provider: Provider, plan: Plan) -> Fetched:
    """Follow the plan until it is done or something fails."""
    fetched = Fetched(account_id=plan.account.id)
    try:
        _follow(plan, provider, fetched)
    except Exception as error:  # noqa: BLE001  whatever one account's data causes must not stop the others
        fetched.error = error
    return fetched


def _follow(plan: Plan, provider: Provider, fetched: Fetched) -> None:
    if plan.profile:
        fetched.profile = provider.profile(plan.account)
        if fetched.awaits_approval:
            return
    fetched.practice = provider.practice(plan.account, plan.since)
    if plan.events:
        fetched.events = provider.events(plan.account)
