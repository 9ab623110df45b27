"""list_effects and forget_effect."""

from uuid import uuid4

import pytest

from jobqueue.effects import applied_once
from jobqueue.models import AuditEntry, Effect

from .conftest import Shell

pytestmark = pytest.mark.django_db(transaction=True)


def _apply(key: str) -> bool:
    with applied_once("send_digest", key, job=uuid4(), claim=1) as is_first:
        return is_first


def test_it_tells_what_would_have_been_done_twice(shell: Shell) -> None:
    assert [_apply("mail:1") for _ in range(3)] == [True, False, False]
    _apply("mail:2")

    (only,) = shell("list_effects", "--json").json["effects"]
    assert (only["taskType"], only["key"], only["suppressed"]) == ("send_digest", "mail:1", 2)
    assert "mail:1" in shell("list_effects", "--type", "send_digest").out
    assert "No effect was suppressed." in shell("list_effects", "--type", "other").out


def test_what_is_forgotten_is_applied_again_and_that_is_recorded(shell: Shell) -> None:
    _apply("mail:1")

    said = shell("forget_effect", "send_digest", "mail:1", "--reason", "undone by hand")

    assert "Forgotten: send_digest mail:1" in said.out
    assert not Effect.objects.exists()
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_label, entry.reason) == (
        "EFFECT_FORGET",
        "send_digest mail:1",
        "undone by hand",
    )
    assert _apply("mail:1")


def test_an_unknown_effect_is_said_to_be_unknown(shell: Shell) -> None:
    said = shell("forget_effect", "send_digest", "mail:1")

    assert said.status == 1
    assert "There is no effect send_digest mail:1." in said.err
