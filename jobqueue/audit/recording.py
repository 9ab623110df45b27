"""Recording an action: one INSERT in the caller's transaction, free of secrets and of what cannot be stored."""

import json
import re
from hashlib import sha256
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from jobqueue import redaction
from jobqueue.audit.actor import Actor

LONGEST_STATE = 65_536
_LONGEST_REASON = 4_000
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

# The trigger gives number, time and hashes. The conflict can only be with an entry that a transaction stricter than
# READ COMMITTED does not see; it turns the duplicate number into a serialization failure, for which callers retry.
_INSERT = """
INSERT INTO jobqueue_auditentry (actor_id, actor, channel, address, action, object_type, object_id, object_label,
                                 before, after, reason, is_refused)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s)
ON CONFLICT (number) DO NOTHING
"""


def record(
    actor: Actor,
    action: str,
    *,
    object_type: str,
    object_id: str = "",
    object_label: str = "",
    before: Any = None,
    after: Any = None,
    reason: str = "",
    is_refused: bool = False,
) -> None:
    """Append an entry in the caller's transaction; rolled back with it.

    Writers wait for each other's commit, so this comes last in a transaction: whoever locked a job after it might wait
    for somebody who waits for this.

    Args:
        action: a word of `Action`, or one's own such as `TOKEN_CREATE`.
        before: what the object was, as JSON; None if there was nothing to say.
        after: what it is now.
        reason: why; for a refused action why it was refused.
        is_refused: it was tried, and nothing was done.
    """
    values = [
        actor.user_id,
        _text(actor.name, 255),
        actor.channel.value,
        _text(actor.address, 64),
        _text(action, 64),
        _text(object_type, 32),
        _text(object_id, 100),
        _text(redaction.redact_text(object_label), 255),
        _state(before),
        _state(after),
        _text(redaction.redact_text(reason), _LONGEST_REASON),
        is_refused,
    ]
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, values)


def _text(text: str, longest: int) -> str:
    text = _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _state(value: Any) -> str | None:
    if value is None:
        return None
    # Whatever it is becomes plain JSON first; infinities, which JSON lacks, become text.
    plain = json.loads(json.dumps(value, cls=DjangoJSONEncoder), parse_constant=str)
    text = json.dumps(_storable(redaction.redact(plain)), ensure_ascii=False)
    size = len(text.encode())
    if size <= LONGEST_STATE:
        return text
    too_large = f"Not kept: {size:,} bytes, more than the {LONGEST_STATE:,} of an entry."
    return json.dumps({"too_large": too_large, "sha256": sha256(text.encode()).hexdigest()})


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
    if isinstance(value, list):
        return [_storable(item) for item in value]
    if isinstance(value, dict):
        return {_storable(key): _storable(item) for key, item in value.items()}
    return value
