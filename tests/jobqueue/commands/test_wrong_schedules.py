"""save_schedule: every wrong value is answered by what is wrong and what would be right, and nothing is stored."""

import pytest

from jobqueue.models import AuditEntry, Schedule
from tests.jobqueue.factories import make_schedule

from .conftest import Shell

NEW = ("nightly", "--type", "add_one")
DAILY = (*NEW, "--cron", "@daily")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((*NEW, "--cron", "0 0 30 2 *"), "is not a cron expression: there is no day 30 in month 2, expected a date"),
        ((*NEW, "--cron", "61 * * * *"), "the minute '61' is not possible, expected 0 to 59"),
        ((*NEW, "--cron", "*/0 * * * *"), "the minute '*/0' is not possible, expected a step of 1 to 59"),
        ((*NEW, "--cron", "@reboot"), "expected five fields, or one of @hourly (0 * * * *), @daily (0 0 * * *)"),
        ((*NEW, "--cron", ""), "A cron expression is missing: expected five fields"),
        ((*NEW, "--cron", "0 " * 5_000), "A text of 10000 characters is not a cron expression: expected 255 at most."),
        ((*NEW, "--cron", "0 0 * * \0"), "'\\x00' means nothing there"),
        ((*NEW, "--every", "10s"), "--every: 10 s is not possible: expected 1 min to 366 d."),
        ((*NEW, "--every", "999999999d"), "expected 1 min to 366 d."),
        ((*NEW, "--every", "often"), "'often' is not a duration"),
        ((*NEW, "--every", "1h", "--cron", "@daily"), "--cron: not allowed with argument --every"),
        ((*DAILY, "--timezone", "Mars/Olympus"), "--timezone: 'Mars/Olympus' is not a time zone: expected"),
        ((*DAILY, "--timezone", "berlin"), "Perhaps Europe/Berlin?"),
        ((*DAILY, "--timezone", "a\0b"), "is not a time zone"),
        ((*NEW, "--every", "1h", "--timezone", "Mars"), "--timezone: 'Mars' is not a time zone"),
        ((*DAILY, "--timezone", "Mars", "--starts-at", "2099-01-01"), "--timezone: 'Mars' is not a time zone"),
        (("nightly", "--type", "add_two", "--cron", "@daily"), "--type: Unknown task type 'add_two'"),
        (("nightly", "--type", "t" * 10_000, "--cron", "@daily"), "10,000 characters is no name: expected 100 at most"),
        (("nightly", "--type", "a\0b", "--cron", "@daily"), "is no name: expected letters, digits and signs"),
        ((*DAILY, "--payload", "{number: 3}"), "this is not JSON"),
        ((*DAILY, "--payload", "[3]"), "expected a JSON object"),
        ((*DAILY, "--payload", '{"nunber": 3}'), "--payload: Invalid payload for 'add_one'"),
        ((*DAILY, "--payload", '{"number": "three"}'), "Expected `int`, got `str` - at `$.number`"),
        ((*DAILY, "--scope", "planet=3"), "--scope: 'planet' is no scope: expected organization or coach."),
        ((*DAILY, "--scope", "coach=3"), "cannot be limited to one coach."),
        (("x", "--type", "game_platform_sync", "--cron", "@daily", "--scope", "coach=3"), "There is no coach 3."),
        ((*DAILY, "--scope", "coach"), "expected a name and an id, such as coach=12"),
        ((*DAILY, "--scope", f"coach={'9' * 50}"), "expected a name and an id, such as coach=12"),
        ((*DAILY, "--starts-at", "2099-02-01", "--ends-at", "2099-01-01"), "--ends-at: It ends before it starts"),
        ((*DAILY, "--ends-at", "2020-01-01T00:00Z"), "It ends before its next run"),
        ((*DAILY, "--ends-at", "2099-01-01", "--for", "1d"), "--for: not allowed with argument --ends-at"),
        ((*DAILY, "--for", "999999999d"), "999,999,999 days are too long"),
        ((*DAILY, "--starts-at", "soon"), "'soon' is not a time: expected ISO 8601"),
        ((*DAILY, "--starts-at", "0001-01-01T00:00+10:00"), "is no time that can be stored"),
        ((*DAILY, "--starts-at", "9999-12-31"), "--starts-at: It never runs after its start"),
        ((*DAILY, "--missed", "never"), "choose from"),
        ((*DAILY, "--missed-cap", "5000"), "--missed-cap: Ensure this value is less than or equal to 1000."),
        ((*DAILY, "--max-attempts", "99999"), "--max-attempts: Ensure this value is less than or equal to 32767."),
        ((*DAILY, "--jitter", "5000d"), "--jitter: 5000 days"),
        ((*DAILY, "--queue", "q" * 70), "--queue: Ensure this value has at most 64 characters"),
        ((*DAILY, "--notes", "a\0b"), "a NUL cannot be stored"),
        ((*DAILY, "--on", "--off"), "--off: not allowed with argument --on"),
        (("a\0b", *DAILY[1:]), "is no name: expected letters, digits and signs in one line"),
        ((" ", *DAILY[1:]), "expected a name"),
        (("n" * 101, *DAILY[1:]), "101 characters is no name: expected 100 at most"),
        (("nightly",), "No schedule is called 'nightly'. A new one needs --type, and --cron or --every"),
        (NEW, "A new one needs --type, and --cron or --every"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_answered_and_nothing_is_stored(
    arguments: tuple[str, ...], sentence: str, shell: Shell
) -> None:
    said = shell("save_schedule", *arguments)

    assert said.status == 2
    assert sentence in said.err
    assert len(said.err) < 3_000
    assert "reschedule()" not in said.err
    assert said.out == ""
    assert not Schedule.objects.exists()
    assert not AuditEntry.objects.exists()


def test_each_wrong_value_has_its_line(shell: Shell) -> None:
    said = shell("save_schedule", *NEW, "--cron", "61 * * * *", "--payload", '{"x": 1}', "--missed-cap", "5000")

    assert [line.split(":")[0] for line in said.err.removeprefix("CommandError: ").splitlines()] == [
        "--missed-cap",
        "--cron",
        "--payload",
    ]


def test_a_wrong_value_leaves_the_schedule_that_there_is_alone(shell: Shell) -> None:
    make_schedule("nightly")
    before = list(Schedule.objects.values())

    assert shell("save_schedule", "nightly", "--cron", "0 0 31 11 *", "--notes", "new").status == 2

    assert list(Schedule.objects.values()) == before
