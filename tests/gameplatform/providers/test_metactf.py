"""MetaCTF's answers in our own words."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from gameplatform.client.auth import TokenAuth
from gameplatform.client.pace import LearnedPace
from gameplatform.client.transport import Transport
from gameplatform.conf import Conf
from gameplatform.exceptions import BadResponse, Forbidden, NotFound
from gameplatform.providers import provider
from gameplatform.providers.interface import Provider
from gameplatform.providers.metactf import MetaCtf
from gameplatform.providers.records import AccountRef
from tests.gameplatform.client.scripted import answer, serving
from tests.gameplatform.platform import Platform


@pytest.fixture
def metactf(platform: Platform) -> Iterator[Provider]:
    built = provider()
    yield built
    built.close()


def ref(account_id: Any = None) -> AccountRef:
    return AccountRef(id=account_id or uuid4(), remote_id=None, email="")


def test_a_profile_is_read(platform: Platform, metactf: Provider) -> None:
    person = platform.people()[0]

    profile = metactf.profile(ref(person.syned_user_id))

    truth = platform.truth()[str(person.syned_user_id)]
    assert (profile.remote_id, profile.status) == (truth["metactf_user_id"], "approved")


def test_totals_come_only_with_the_whole_history(platform: Platform, metactf: Provider) -> None:
    busiest = max(platform.people(), key=lambda one: platform.truth()[str(one.syned_user_id)]["odl_solves"])
    account = ref(busiest.syned_user_id)

    everything = metactf.practice(account, None)
    times = sorted(solve.solved_at for solve in everything.solves)
    later = metactf.practice(account, times[-3])

    assert everything.totals is not None
    assert everything.totals.challenges == len(everything.solves)
    assert later.totals is None
    assert sorted(solve.solved_at for solve in later.solves) == times[-2:]


def test_events_are_read_with_their_solves(platform: Platform, metactf: Provider) -> None:
    truth = platform.truth()
    fan = max(platform.people(), key=lambda one: truth[str(one.syned_user_id)]["flash_events"])

    events = metactf.events(ref(fan.syned_user_id))

    user = truth[str(fan.syned_user_id)]
    assert len(events) == user["flash_events"]
    assert sum(len(event.solves) for event in events) == user["flash_solves"]
    assert sum(event.points for event in events) == user["flash_points"]


def test_everybodys_team_is_read_in_one_call(platform: Platform, metactf: Provider) -> None:
    teams = metactf.team_assignments()

    truth = {key: user for key, user in platform.truth().items() if user["role"] == "user"}
    assert teams == {key: user["syned_team_id"] for key, user in truth.items()}
    assert platform.requests()["total"] == 1


def test_unknown_and_unapproved_accounts_are_told_apart(platform: Platform, metactf: Provider) -> None:
    with pytest.raises(NotFound):
        metactf.profile(ref())
    with pytest.raises(Forbidden):
        metactf.practice(ref(platform.people("denied")[0].syned_user_id), None)
    metactf.check_health()


SOLVE = {
    "challenge_solve_id": 1,
    "challenge_id": 1,
    "challenge_title": "One",
    "challenge_points": 100,
    "challenge_category": "web",
    "timestamp_unix": 1_700_000_000,
    "challenge_retired": False,
    "nist_nice_work_roles": [],
}
FLASH = {
    "flash_ctf_name": "May",
    "flash_ctf_time_start_unix": 1_700_000_000,
    "challenges_solved": 1,
    "challenge_solves": [SOLVE],
    "points_earned": 100,
    "max_points_possible": 900,
    "rank": None,
}


def answering(body: dict[str, Any]) -> Any:
    return serving(answer(200, msgspec.json.encode({"syned_user_id": None, **body})))


def connected(url: str) -> MetaCtf:
    conf = Conf(API_TOKEN="t")
    return MetaCtf(
        Transport(base_url=url, auth=TokenAuth("Bearer", "t"), conf=conf, pace=LearnedPace(1)), parse_tries=1
    )


def scores(*solves: dict[str, Any]) -> dict[str, Any]:
    return {
        "total_challenges_solved": 1,
        "total_points": 100,
        "last_accessed_unix_timestamp": 0,
        "challenge_solves": solves,
    }


def test_the_same_solve_twice_is_one_solve() -> None:
    with answering(scores(SOLVE, SOLVE)) as script:
        practice = connected(script.url).practice(ref(), None)

    assert len(practice.solves) == 1
    assert practice.last_seen is None
    assert practice.solves[0].solved_at == datetime.fromtimestamp(1_700_000_000, UTC)


def test_two_different_solves_with_one_id_are_refused() -> None:
    with (
        answering(scores(SOLVE, SOLVE | {"challenge_points": 200})) as script,
        pytest.raises(BadResponse, match="id 1"),
    ):
        connected(script.url).practice(ref(), None)


def test_two_different_results_in_one_event_are_refused() -> None:
    body = {"flash_ctfs": [FLASH, FLASH | {"points_earned": 1}]}
    with answering(body) as script, pytest.raises(BadResponse, match="two different results"):
        connected(script.url).events(ref())


def test_one_name_at_two_times_is_two_events() -> None:
    body = {"flash_ctfs": [FLASH, FLASH, FLASH | {"flash_ctf_time_start_unix": 1_800_000_000}]}
    with answering(body) as script:
        assert len(connected(script.url).events(ref())) == 2


def assigned(*pairs: tuple[str, str | None]) -> dict[str, Any]:
    return {"assignments": [{"syned_user_id": user, "syned_team_id": team} for user, team in pairs]}


def test_ids_are_compared_in_lower_case_and_strangers_may_have_any() -> None:
    body = assigned(("ABC-1", "TEAM"), ("abc-1", "team"), ("nobody of ours", None))
    body["assignments"].append({"syned_user_id": "teamless"})
    with answering(body) as script:
        teams = connected(script.url).team_assignments()

    assert teams == {"abc-1": "team", "nobody of ours": None, "teamless": None}


def test_an_account_in_two_teams_is_refused() -> None:
    with (
        answering(assigned(("one", "red"), ("one", "blue"))) as script,
        pytest.raises(BadResponse, match="account one is in two teams"),
    ):
        connected(script.url).team_assignments()


def test_an_assignment_without_an_account_is_named() -> None:
    with (
        answering({"assignments": [{"syned_team_id": "red"}]}) as script,
        pytest.raises(BadResponse, match=r"syned_user_id.*\$\.assignments\[0\]"),
    ):
        connected(script.url).team_assignments()


def test_a_wrong_field_deep_inside_is_named() -> None:
    body = {"flash_ctfs": [FLASH, FLASH | {"challenge_solves": [SOLVE | {"challenge_points": "many"}]}]}
    with (
        answering(body) as script,
        pytest.raises(BadResponse, match=r"flash_ctfs\[1\]\.challenge_solves\[0\]\.challenge_points"),
    ):
        connected(script.url).events(ref())
