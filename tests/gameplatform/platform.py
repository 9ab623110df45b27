"""What tests do with the simulated platform: read its truth, change it, let it fail, and mirror it."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import requests

from gameplatform.models import Account, Solve
from gameplatform.simulator.background import Running
from gameplatform.simulator.people import Competitor
from gameplatform.simulator.simulation import Simulation

TIMEOUT = 10  # seconds


@dataclass(frozen=True, kw_only=True)
class Platform:
    """A running simulator."""

    running: Running
    simulation: Simulation
    session: requests.Session = field(default_factory=requests.Session)

    def people(self, status: str | None = "approved") -> list[Competitor]:
        """The competitors whom the platform knows with this status; None: those it never heard of."""
        return [person for person in self.simulation.platform.world.competitors if person.status == status]

    def link(self, people: list[Competitor], coach_id: int | None = None) -> list[Account]:
        """Accounts for these people, as onboarding would leave them, in the order of their ids."""
        accounts = [Account(id=person.syned_user_id, coach_id=coach_id) for person in people]
        return sorted(Account.objects.bulk_create(accounts), key=lambda account: account.pk)

    def truth(self) -> dict[str, Any]:
        """Every account's figures, by its id."""
        users: dict[str, Any] = self._admin("GET", "/state")["users"]
        return users

    def add_solve(self, account_id: UUID, **details: Any) -> Any:
        """Let an account solve one more challenge."""
        return self._admin("POST", "/solves", {"syned_user_id": str(account_id), **details})

    def faults(self, **wishes: Any) -> None:
        """Switch faults on, or all off."""
        self._admin("DELETE", "/faults")
        self._admin("POST", "/faults", wishes)

    def requests(self) -> dict[str, Any]:
        """How often each call was made so far."""
        counted: dict[str, Any] = self._admin("GET", "/state?summary=1")["requests"]
        return counted

    def _admin(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.session.request(method, self.running.admin_url + path, json=body, timeout=TIMEOUT)
        answer.raise_for_status()
        return answer.json()


def mirrored(account_id: UUID) -> tuple[int, int, int, int]:
    """Practice solves and points, event solves and events, as the mirror has them."""
    account = Account.objects.get(pk=account_id)
    practice = account.solves.filter(source=Solve.Source.ODL)
    return (
        practice.count(),
        sum(practice.values_list("points", flat=True)),
        account.solves.filter(source=Solve.Source.FLASH_CTF).count(),
        account.event_results.count(),
    )


def true_figures(user: dict[str, Any]) -> tuple[int, int, int, int]:
    """The same figures as the platform has them."""
    return user["odl_solves"], user["odl_points"], user["flash_solves"], user["flash_events"]
