"""What the tests call a running simulator with."""

from dataclasses import dataclass, field
from typing import Any

import requests

from gameplatform.simulator.answers import ChallengeSolve
from gameplatform.simulator.background import Running
from gameplatform.simulator.people import Competitor, Status
from gameplatform.simulator.simulation import Simulation

OPENED_AT = 1_800_000_000
TIMEOUT = 10  # seconds


@dataclass(frozen=True, kw_only=True)
class Caller:
    """A client without any cleverness: what it returns is what came over the socket."""

    running: Running
    simulation: Simulation
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **query: str | int) -> requests.Response:
        """GET an endpoint of the API."""
        address = self.running.base_url + path
        return self.session.get(address, params=query, headers=self._headers(), timeout=TIMEOUT)

    def post(self, path: str, **body: object) -> requests.Response:
        """POST to an endpoint of the API."""
        address = self.running.base_url + path
        return self.session.post(address, json=body, headers=self._headers(), timeout=TIMEOUT)

    def admin(self, method: str, path: str, body: object = None) -> requests.Response:
        """Call one of the simulator's own endpoints."""
        return self.session.request(method, self.running.admin_url + path, json=body, timeout=TIMEOUT)

    def state(self) -> Any:
        """The truth."""
        return self.admin("GET", "/state").json()

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        assert self.admin("POST", "/clock", {"advance_seconds": seconds}).status_code == 200

    def faults(self, **wishes: object) -> None:
        """Switch faults on."""
        assert self.admin("POST", "/faults", wishes).status_code == 200

    def competitor(self, status: Status | None = "approved") -> Competitor:
        """The first competitor of the roster with this status."""
        return next(person for person in self.simulation.platform.world.competitors if person.status == status)

    def solver(self) -> tuple[str, list[ChallengeSolve]]:
        """The id of an account with a long history, and its practice solves."""
        platform = self.simulation.platform
        accounts = platform.accounts.values()
        histories = {one.syned_user_id: platform.activity(one, OPENED_AT).practice for one in accounts}
        return max(histories.items(), key=lambda pair: len(pair[1]))

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.running.token}"}
