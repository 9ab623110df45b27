"""The API's table of endpoints."""

from collections.abc import Callable

from gameplatform.simulator.answers import Result
from gameplatform.simulator.platform import Platform
from gameplatform.simulator.score_endpoints import get_flash_progress, get_odl_scores
from gameplatform.simulator.team_endpoints import (
    assign_team,
    create_team,
    delete_assignment,
    delete_team,
    get_assignments,
)
from gameplatform.simulator.user_endpoints import create_user, get_user, send_password_reset
from gameplatform.simulator.wire import Request

BASE_PATH = "/integrations/syned/v1"

type Endpoint = Callable[[Platform, Request, int], Result]


def health(_platform: Platform, _request: Request, _now: int) -> Result:
    """GET /."""
    return 200, {"status": "ok"}


ROUTES: dict[tuple[str, str], Endpoint] = {
    ("GET", "/"): health,
    ("GET", "/users"): get_user,
    ("POST", "/users"): create_user,
    ("POST", "/teams"): create_team,
    ("POST", "/teams/delete"): delete_team,
    ("POST", "/users/assign_team"): assign_team,
    ("POST", "/users/delete_assignment"): delete_assignment,
    ("GET", "/users/get_team_assignments"): get_assignments,
    ("GET", "/scores/get_odl_scores"): get_odl_scores,
    ("GET", "/scores/get_flash_ctf_progress"): get_flash_progress,
    ("POST", "/auth/send_password_reset_email"): send_password_reset,
}
