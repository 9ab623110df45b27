"""Makes one collector's call for one account, in a thread of its own: no database here, and no error leaves it."""

from dataclasses import dataclass

from gameplatform.collection.collectors import BY_ACCOUNT, Found, Limits
from gameplatform.exceptions import Forbidden, NotFound
from gameplatform.models import Account, Snapshot
from gameplatform.providers.interface import Provider
from gameplatform.providers.records import AccountRef
from gameplatform.sync.outcome import Outcome

_WITHOUT_SCORES = frozenset({Account.Status.USER_CREATED, Account.Status.PENDING_APPROVAL, Account.Status.DENIED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What is to be asked."""

    account: Account
    collector: Snapshot.Collector
    limits: Limits

    def is_explained(self, error: Exception) -> bool:
        """Whether the mirror knows already why the platform refuses: not approved, or not on it."""
        if isinstance(error, Forbidden):
            return self.account.status in _WITHOUT_SCORES
        return isinstance(error, NotFound) and self.account.link_state == Account.LinkState.MISSING


@dataclass(slots=True, kw_only=True)
class Answered(Outcome):
    """What came in, unless there was an error."""

    found: Found | None = None


def make(provider: Provider, call: Call) -> Answered:
    """Ask the platform."""
    try:
        return Answered(found=BY_ACCOUNT[call.collector](provider, reference(call.account), call.limits))
    except Exception as error:  # noqa: BLE001  whatever one account's data causes must not stop the others
        return Answered(error=error)


def reference(account: Account) -> AccountRef:
    """By what the platform may find the account."""
    return AccountRef(id=account.pk, remote_id=account.remote_id, email=account.email_used)
