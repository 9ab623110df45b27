"""Recording: what an entry keeps, what never gets into it, and what the database refuses."""

import getpass
import socket
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import IntegrityError, connection, transaction
from django.test import RequestFactory
from django.utils import timezone

from jobqueue.audit import Actor, actor, record
from jobqueue.audit.recording import LONGEST_STATE
from jobqueue.models import AuditEntry
from jobqueue.models.audit_entry import Channel
from tests.jobqueue.audited import ALICE, entries, note, the_entry

pytestmark = pytest.mark.django_db


def _is_refused(sql: str, what: str) -> bool:
    with pytest.raises(IntegrityError, match=f"append-only: {what} on"), transaction.atomic():
        connection.cursor().execute(sql)
    return True


class TestAnEntry:
    def test_says_who_when_what_and_why(self) -> None:
        before = timezone.now()

        record(
            ALICE,
            "JOB_RETRY",
            object_type="job",
            object_id="7",
            object_label="noop 7",
            before={"status": "dead"},
            after={"status": "pending"},
            reason="the platform is back",
        )

        entry = the_entry()
        assert (entry.actor, entry.channel, entry.address, entry.actor_id) == ("alice", "api", "192.0.2.7", None)
        assert (entry.action, entry.object_type, entry.object_id) == ("JOB_RETRY", "job", "7")
        assert (entry.before, entry.after) == ({"status": "dead"}, {"status": "pending"})
        assert (entry.reason, entry.is_refused) == ("the platform is back", False)
        assert abs(entry.at - before) < timedelta(hours=1)

    def test_numbers_have_no_gaps_and_each_holds_the_hash_before(self) -> None:
        for _ in range(3):
            note()

        first, second, third = entries()
        assert [first.number, second.number, third.number] == [1, 2, 3]
        assert first.previous_hash == "0" * 64
        assert (second.previous_hash, third.previous_hash) == (first.hash, second.hash)
        assert first.at < second.at < third.at

    def test_a_rolled_back_action_leaves_none_and_no_gap(self) -> None:
        note("kept")
        with transaction.atomic():
            note("rolled back")
            transaction.set_rollback(True)
        note("kept too")

        assert [(entry.number, entry.object_id) for entry in entries()] == [(1, "kept"), (2, "kept too")]

    def test_number_time_and_hash_are_the_databases_whatever_the_writer_says(self) -> None:
        note()
        AuditEntry.objects.create(
            number=99, at=timezone.now() - timedelta(days=9), previous_hash="x", hash="y", actor="mallory", action="A",
            channel="sql", object_type="job",
        )  # fmt: skip

        first, second = entries()
        assert (second.number, second.previous_hash) == (2, first.hash)
        assert second.at > first.at

    def test_many_rows_of_one_statement_are_a_chain_too(self) -> None:
        connection.cursor().execute(
            """INSERT INTO jobqueue_auditentry (actor, channel, address, action, object_type, object_id, object_label,
                                                reason, is_refused)
               SELECT 'mallory', 'sql', '', 'A', 'job', n::text, '', '', false FROM generate_series(0, 2) AS n"""
        )

        assert [(entry.number, entry.object_id) for entry in entries()] == [(1, "0"), (2, "1"), (3, "2")]

    def test_outlives_its_user_unchanged(self) -> None:
        user = User.objects.create_user("alice")
        record(Actor(name="alice", channel=Channel.ADMIN, user_id=user.pk), "A", object_type="job")
        before = AuditEntry.objects.values().get()

        user.delete()

        assert AuditEntry.objects.values().get() == before


class TestTheDatabaseRefuses:
    def test_changing_an_entry(self) -> None:
        note()

        assert _is_refused("UPDATE jobqueue_auditentry SET actor = 'bob'", "UPDATE")
        assert _is_refused("UPDATE jobqueue_auditentry SET actor = actor WHERE false", "UPDATE")

    def test_deleting_an_entry(self) -> None:
        note()

        assert _is_refused("DELETE FROM jobqueue_auditentry", "DELETE")
        with pytest.raises(IntegrityError), transaction.atomic():
            the_entry().delete()

    def test_writing_over_an_entry(self) -> None:
        note()
        over = """INSERT INTO jobqueue_auditentry SELECT * FROM jobqueue_auditentry
                  ON CONFLICT (number) DO UPDATE SET actor = 'bob'"""

        assert _is_refused(over, "UPDATE")

    def test_truncating_a_log_that_is_not_empty(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE jobqueue_auditentry ENABLE TRIGGER audit_not_truncated")
            cursor.execute("TRUNCATE jobqueue_auditentry")
        note()

        assert _is_refused("TRUNCATE jobqueue_auditentry", "TRUNCATE")


class TestWhatNeverGetsIn:
    def test_secrets_under_telling_keys_and_in_text(self) -> None:
        note(before={"payload": {"apiToken": "hunter2hunter2", "number": 4}}, reason="set password=hunter2hunter2")

        entry = the_entry()
        assert "hunter2" not in str(AuditEntry.objects.values().get())
        assert entry.before["payload"]["number"] == 4

    def test_what_postgresql_cannot_hold(self) -> None:
        odd = "a\0b\ud800c"
        record(
            Actor(name=odd, channel=Channel.CLI, address=odd), odd, object_type=odd, object_id=odd, object_label=odd,
            before={odd: [odd]}, after=float("inf"), reason=odd,
        )  # fmt: skip

        entry = the_entry()
        plain = "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
        assert {entry.actor, entry.address, entry.action, entry.object_type, entry.object_id, entry.object_label,
                entry.reason} == {plain}  # fmt: skip
        assert (entry.before, entry.after) == ({plain: [plain]}, "Infinity")

    def test_states_beyond_the_limit_only_their_size_and_hash(self) -> None:
        note(before={"text": "x" * LONGEST_STATE}, after={"text": "x" * (LONGEST_STATE - 100)})

        entry = the_entry()
        assert set(entry.before) == {"too_large", "sha256"}
        assert entry.before["too_large"] == "Not kept: 65,548 bytes, more than the 65,536 of an entry."
        assert len(entry.after["text"]) == LONGEST_STATE - 100

    def test_texts_longer_than_their_columns(self) -> None:
        long = "x" * 10_000
        record(Actor(name=long, channel=Channel.CLI, address=long), long, object_type=long, object_id=long,
               object_label=long, reason=long)  # fmt: skip

        entry = the_entry()
        lengths = [len(text) for text in (entry.actor, entry.address, entry.action, entry.object_id, entry.reason)]
        assert lengths == [255, 64, 64, 100, 4000]
        assert entry.reason.endswith("x…")


class TestActors:
    def test_of_a_request_is_its_user_and_address(self) -> None:
        request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.9", headers={"X-Forwarded-For": "10.0.0.1"})
        request.user = User.objects.create_user("bob")

        assert Actor.of_request(request) == Actor(
            name="bob", channel=Channel.ADMIN, user_id=request.user.pk, address="192.0.2.9"
        )

    def test_of_a_request_without_a_user_is_anonymous(self) -> None:
        request = RequestFactory().post("/")
        request.user = AnonymousUser()

        assert Actor.of_request(request, Channel.API).name == "anonymous"
        assert Actor.of_request(request, Channel.API).channel == Channel.API

    def test_of_a_shell_is_the_account_and_the_host(self) -> None:
        shell = Actor.of_shell()

        assert (shell.name, shell.channel) == (f"{getpass.getuser()}@{socket.gethostname()}", Channel.CLI)

    def test_of_a_shell_without_names_is_the_number_of_the_account(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def nameless() -> str:
            raise OSError("no such account")

        monkeypatch.setattr(actor, "getpass", SimpleNamespace(getuser=nameless))
        monkeypatch.setattr(actor, "socket", SimpleNamespace(gethostname=nameless))

        name = Actor.of_shell().name
        assert name.startswith("uid ")
        assert name.endswith("@unknown host")
