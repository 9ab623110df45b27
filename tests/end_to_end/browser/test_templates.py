"""Workflow: set up a coordinated schedule from a template, and undo it."""

from playwright.sync_api import expect

from jobqueue.api import Schedule
from tests.end_to_end.browser.person import Person

_SYNC, _TOTALS = "game_platform_sync_incremental", "game_platform_totals_sweep_hourly"


def _times() -> dict[str, str]:
    return dict(Schedule.objects.filter(name__in=(_SYNC, _TOTALS)).values_list("name", "expression"))


def test_a_coordinated_schedule_is_shown_applied_and_undone(ada: Person) -> None:
    before = _times()
    ada.follow("Cron Jobs")
    ada.page.get_by_role("link", name="Schedule templates").click()
    ada.page.get_by_role("link", name="Show the change to Coordinated Hourly").click()
    dialog = ada.page.locator("#modal-content")
    expect(dialog).to_contain_text(_SYNC)
    assert _times() == before, "Looking changes nothing."

    dialog.get_by_role("button", name="Apply").click()

    coordinated = ada.page.locator("#template-coordinated-hourly")
    expect(coordinated).to_contain_text("in force")
    assert _times() == {_SYNC: "0 * * * *", _TOTALS: "10 * * * *"}
    ada.follow("Cron Jobs")
    expect(ada.page.get_by_role("row").filter(has_text=_TOTALS).first).to_contain_text("10 * * * *")

    ada.page.get_by_role("link", name="Schedule templates").click()
    ada.page.get_by_role("link", name="Undo…").click()
    ada.page.locator("#modal-content").get_by_role("button", name="Undo").click()

    expect(coordinated).not_to_contain_text("in force")
    assert _times() == before
    ada.check_quiet()
