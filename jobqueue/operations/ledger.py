"""The ledger of effects: forgotten by people, so that an effect is applied again."""

from django.db import transaction

from jobqueue import effects
from jobqueue.audit import Actor, record
from jobqueue.models.audit_entry import Action

EFFECT = "effect"


def forget_effect(task_type: str, key: str, actor: Actor, *, reason: str = "") -> bool:
    """As `effects.forget`; forgetting what is not known is recorded as refused."""
    with transaction.atomic():
        was_known = effects.forget(task_type, key)
        record(
            actor,
            Action.EFFECT_FORGET,
            object_type=EFFECT,
            object_id=key[:100],
            object_label=f"{task_type} {key}",
            reason=reason if was_known else "unknown effect",
            is_refused=not was_known,
        )
    return was_known
