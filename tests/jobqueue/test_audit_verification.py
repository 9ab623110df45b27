"""Verifying the log: every kind of tampering is found, and named at the entry where it begins."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from jobqueue.audit import Head, verification, verify
from jobqueue.models import AuditEntry
from tests.jobqueue.audited import as_the_owner_who_switched_the_triggers_off, entries, note

pytestmark = pytest.mark.django_db

_HASH = "UPDATE jobqueue_auditentry AS e SET hash = jobqueue_audit_hash(e)"
_COPY = """
INSERT INTO jobqueue_auditentry
SELECT {number}, at, actor_id, 'forged', channel, address, action, object_type, object_id, object_label, before, after,
       reason, is_refused, previous_hash, hash
FROM jobqueue_auditentry WHERE number = {of}
"""
_MAKE_ROOM = "UPDATE jobqueue_auditentry SET number = number + 100 WHERE number >= 3"
_CLOSE_UP = "UPDATE jobqueue_auditentry SET number = number - 99 WHERE number > 100"


@pytest.fixture(autouse=True, params=[10_000, 2], ids=["at once", "in batches"])
def five_entries(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "_BATCH", request.param)
    for n in range(1, 6):
        note(str(n), before={"b": n, "a": None}, after=None if n % 2 else {"status": "pending"}, reason=f"why {n}")


def tamper(*statements: str) -> None:
    with as_the_owner_who_switched_the_triggers_off() as cursor:
        for statement in statements:
            cursor.execute(statement)


def problem() -> tuple[int, str] | None:
    return verify().first_problem


def head() -> Head:
    last = entries()[-1]
    return Head(last.number, last.hash)


def test_an_untouched_log_is_intact() -> None:
    verdict = verify()

    assert verdict.is_intact
    assert (verdict.entries, verdict.head_number, verdict.head_hash) == (5, 5, head().hash)


def test_an_empty_log_is_intact() -> None:
    tamper("DELETE FROM jobqueue_auditentry")

    verdict = verify()
    assert (verdict.is_intact, verdict.entries, verdict.head) == (True, 0, Head(0, "0" * 64))


@pytest.mark.parametrize("setting", ["TIME ZONE 'Asia/Tokyo'", "datestyle = 'German, DMY'", "extra_float_digits = 0"])
def test_the_settings_of_who_verifies_do_not_matter(setting: str) -> None:
    connection.cursor().execute(f"SET LOCAL {setting}")
    note("written under other settings, too")

    assert verify().is_intact


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'", "actor_id = 7", "actor = 'bob'", "channel = 'sql'",
        "address = '192.0.2.8'", "action = 'OTHER'", "object_type = 'x'", "object_id = 'x'", "object_label = 'x'",
        "before = '{\"a\": null}'", "before = NULL", "after = '{}'", "after = 'null'", "reason = ''",
        "is_refused = true", "previous_hash = hash", "hash = previous_hash",
    ],
)  # fmt: skip
def test_a_change_of_any_column_is_found(change: str) -> None:
    tamper(f"UPDATE jobqueue_auditentry SET {change} WHERE number = 3")  # noqa: S608  from above

    assert problem() == (3, "Entry 3 was changed after it was written.")
    assert verify().entries == 2


def test_a_change_whose_hash_was_made_to_fit_is_found_at_the_next_entry() -> None:
    tamper("UPDATE jobqueue_auditentry SET actor = 'bob' WHERE number = 3", f"{_HASH} WHERE number = 3")

    assert problem() == (4, "Entry 4 does not follow entry 3: one of the two was replaced.")


def test_a_change_is_found_even_if_the_function_that_hashes_was_replaced() -> None:
    tamper(
        "UPDATE jobqueue_auditentry SET actor = 'bob' WHERE number = 3",
        """CREATE OR REPLACE FUNCTION jobqueue_audit_hash(entry jobqueue_auditentry) RETURNS text
           LANGUAGE sql AS 'SELECT entry.hash::text'""",
    )

    assert problem() == (3, "Entry 3 was changed after it was written.")


@pytest.mark.parametrize(
    ("which", "first", "sentence"),
    [
        ("number = 3", 3, "Entry 3 is missing: 4 follows 2."),
        ("number IN (2, 3)", 2, "Entries 2 to 3 are missing: 4 follows 1."),
        ("number = 1", 1, "Entry 1 is missing: the log begins with 2."),
        ("number < 4", 1, "Entries 1 to 3 are missing: the log begins with 4."),
    ],
)
def test_a_deleted_entry_is_found(which: str, first: int, sentence: str) -> None:
    tamper(f"DELETE FROM jobqueue_auditentry WHERE {which}")  # noqa: S608  from above

    assert problem() == (first, sentence)


def test_a_deletion_with_the_numbers_closed_up_is_found() -> None:
    tamper("DELETE FROM jobqueue_auditentry WHERE number = 3",
           "UPDATE jobqueue_auditentry SET number = number - 1 WHERE number > 3", _HASH)  # fmt: skip

    assert problem() == (3, "Entry 3 does not follow entry 2: one of the two was replaced.")


def test_two_entries_in_other_order_are_found() -> None:
    tamper("UPDATE jobqueue_auditentry SET number = 99 WHERE number = 3",
           "UPDATE jobqueue_auditentry SET number = 3 WHERE number = 4",
           "UPDATE jobqueue_auditentry SET number = 4 WHERE number = 99")  # fmt: skip

    assert problem() == (3, "Entry 3 was changed after it was written.")


def test_a_forged_entry_in_the_middle_is_found() -> None:
    tamper(_MAKE_ROOM, _COPY.format(number=3, of=2), _CLOSE_UP, f"{_HASH} WHERE number = 3")

    assert problem() == (3, "Entry 3 does not follow entry 2: one of the two was replaced.")


@pytest.mark.parametrize("number", [0, -4])
def test_a_forged_entry_before_the_first_is_found(number: int) -> None:
    tamper(_COPY.format(number=number, of=1))

    assert problem() == (number, f"Entry {number} was inserted: the log begins with entry 1.")


class TestAgainstARememberedHead:
    def test_a_log_that_grew_is_intact(self) -> None:
        remembered = head()
        for n in range(3):
            note(str(n))

        verdict = verify(expected=remembered)
        assert verdict.is_intact
        assert verdict.entries == 8

    def test_a_cut_off_end_is_found(self) -> None:
        remembered = head()
        tamper("DELETE FROM jobqueue_auditentry WHERE number > 3")

        assert problem() is None
        found = verify(expected=remembered).first_problem
        assert found == (4, "The log ends with entry 3: everything up to entry 5, which is remembered, was cut off.")

    def test_an_end_that_was_replaced_is_found(self) -> None:
        remembered = head()
        tamper("DELETE FROM jobqueue_auditentry WHERE number > 3")
        for n in range(4):
            note(str(n))

        assert problem() is None
        found = verify(expected=remembered).first_problem
        assert found == (5, f"Entry 5 has another hash than the remembered {remembered.hash}.")

    def test_everything_deleted_is_found(self) -> None:
        remembered = head()
        tamper("DELETE FROM jobqueue_auditentry")

        found = verify(expected=remembered).first_problem
        assert found is not None
        assert found.number == 1

    @pytest.mark.parametrize("text", ["", "5", "5:abc", "x:" + "0" * 64, "-1:" + "0" * 64, "5:" + "G" * 64])
    def test_what_is_no_head_is_refused_in_words(self, text: str) -> None:
        with pytest.raises(ValueError, match="expected NUMBER:HASH"):
            Head.parse(text)

    def test_a_head_is_read_as_it_was_written(self) -> None:
        assert Head.parse(f" {head()}\n") == head()


def test_a_look_at_the_first_few_says_how_many() -> None:
    tamper("DELETE FROM jobqueue_auditentry WHERE number = 5", _COPY.format(number=5, of=4))

    assert verify(most=3).entries == 3
    assert verify(most=3).is_intact
    assert not verify(most=5).is_intact


def test_the_last_entry_is_found_by_the_index() -> None:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT number, hash FROM jobqueue_auditentry ORDER BY number DESC LIMIT 1")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Backward using jobqueue_auditentry_pkey" in plan


def _run(*args: str) -> tuple[int, str, str]:
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("verify_audit_log", *args, stdout=out, stderr=err)
    except SystemExit as exit_:
        status = int(exit_.code or 0)
    return status, out.getvalue(), err.getvalue()


class TestTheCommand:
    def test_prints_the_head_of_an_intact_log(self) -> None:
        status, out, _ = _run()

        assert (status, out) == (0, f"Intact: 5 entries. Head to remember:\n{head()}\n")
        assert _run("--expect", str(head()))[0] == 0

    def test_names_what_is_wrong_and_exits_with_1(self) -> None:
        tamper("UPDATE jobqueue_auditentry SET actor = 'bob' WHERE number = 3")

        status, out, err = _run()
        assert (status, out) == (1, "")
        assert "Entry 3 was changed" in err

    def test_is_read_by_scripts(self) -> None:
        intact = json.loads(_run("--json")[1])
        assert intact == {"intact": True, "entries": 5, "head": str(head()), "problem": None}

        remembered = str(head())
        tamper("DELETE FROM jobqueue_auditentry WHERE number = 5")
        status, out, _ = _run("--json", "--expect", remembered)
        assert status == 1
        assert json.loads(out)["problem"]["number"] == 5

    def test_refuses_a_head_that_is_none(self) -> None:
        with pytest.raises(CommandError, match="expected NUMBER:HASH"):
            call_command("verify_audit_log", "--expect", "5")


def test_verifying_writes_nothing() -> None:
    before = AuditEntry.objects.count()
    verify(expected=head())
    assert AuditEntry.objects.count() == before
