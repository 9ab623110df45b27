"""The ledger of effects."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.utils import timezone

from jobqueue import effects
from jobqueue.models import Effect, Job
from tests.jobqueue.factories import make_job
from tests.jobqueue.threads import beside, in_threads, until_one_waits_for_a_lock

JOB = UUID(int=7)


def apply(key: str = "invoice:1", *, task_type: str = "bill", error: Exception | None = None) -> bool:
    """Apply an effect that leaves a job behind; returns whether it did."""
    with effects.applied_once(task_type, key, job=JOB, claim=3) as is_first:
        if is_first:
            make_job(task_type="effect")
        if error is not None:
            raise error
    return is_first


def applied() -> int:
    """How many effects were really applied."""
    return Job.objects.filter(task_type="effect").count()


@pytest.mark.django_db
class TestOneAfterTheOther:
    def test_an_effect_is_applied_once(self) -> None:
        assert [apply() for _ in range(3)] == [True, False, False]
        assert applied() == 1

    def test_each_task_type_and_key_is_an_effect_of_its_own(self) -> None:
        assert apply("a")
        assert apply("b")
        assert apply("a", task_type="ship")

    def test_what_was_applied_by_whom_is_kept(self) -> None:
        before = timezone.now()
        apply()

        effect = Effect.objects.get()
        assert (effect.task_type, effect.key, effect.job_id, effect.claim) == ("bill", "invoice:1", JOB, 3)
        assert (effect.suppressed, effect.suppressed_at) == (0, None)
        assert effect.applied_at >= before

    def test_every_suppression_is_counted(self) -> None:
        for _ in range(4):
            apply()

        effect = Effect.objects.get()
        assert effect.suppressed == 3
        assert effect.suppressed_at is not None
        assert effect.suppressed_at >= effect.applied_at

    def test_an_error_takes_the_effect_and_the_entry_back(self) -> None:
        with pytest.raises(ValueError, match="no paper"):
            apply(error=ValueError("no paper"))

        assert (applied(), Effect.objects.count()) == (0, 0)
        assert apply()

    def test_it_shares_the_fate_of_an_outer_transaction(self) -> None:
        with transaction.atomic():
            assert apply()
            transaction.set_rollback(True)

        assert (applied(), Effect.objects.count()) == (0, 0)
        assert apply()

    def test_an_error_inside_leaves_the_outer_transaction_usable(self) -> None:
        with transaction.atomic():
            with pytest.raises(ValueError, match="no paper"):
                apply("a", error=ValueError("no paper"))
            assert apply("b")

        assert [effect.key for effect in Effect.objects.all()] == ["b"]

    def test_within_one_transaction_it_is_applied_once_too(self) -> None:
        with transaction.atomic():
            assert [apply(), apply()] == [True, False]

    def test_one_effect_may_lie_in_another(self) -> None:
        with effects.applied_once("bill", "outer", job=JOB, claim=1) as is_first:
            assert is_first
            assert apply("inner")
        assert Effect.objects.count() == 2

    @pytest.mark.parametrize("key", ["x", "x" * 255, "invoice 'é' 100%; --", "%s"])
    def test_a_key_is_any_text_of_a_sensible_length(self, key: str) -> None:
        assert [apply(key), apply(key)] == [True, False]

    @pytest.mark.parametrize("key", ["", "x" * 256, "a\0b", "\ud800", None, 5])
    def test_an_impossible_key_is_refused_and_nothing_is_done(self, key: str) -> None:
        with pytest.raises(ValueError, match="expected 1 to 255 characters"):
            apply(key)
        assert applied() == 0


@pytest.mark.django_db(transaction=True)
class TestAtTheSameTime:
    def test_of_many_at_once_one_is_the_first(self) -> None:
        results = in_threads(6, lambda _: apply())

        assert sorted(results) == [False] * 5 + [True]
        assert (applied(), Effect.objects.get().suppressed) == (1, 5)

    @pytest.mark.parametrize("is_committed", [True, False])
    def test_a_second_one_waits_for_the_outcome_of_the_first(self, *, is_committed: bool) -> None:
        inside, go_on = Event(), Event()

        def first() -> None:
            with effects.applied_once("bill", "invoice:1", job=JOB, claim=3) as is_first:
                assert is_first
                inside.set()
                assert go_on.wait(30)
                if not is_committed:
                    raise ValueError("no paper")

        with ThreadPoolExecutor(2) as pool:
            one = beside(pool, first)
            assert inside.wait(30)
            other = beside(pool, apply)
            until_one_waits_for_a_lock()
            go_on.set()
            assert (one.exception() is None) is is_committed
            assert other.result() is not is_committed

        assert Effect.objects.get().suppressed == int(is_committed)

    def test_one_that_is_forgotten_meanwhile_is_applied_by_exactly_one(self) -> None:
        for _ in range(20):
            apply()
            results = in_threads(4, lambda at: apply() if at else effects.forget("bill", "invoice:1"))
            assert sum(results[1:]) in (0, 1)
            effects.forget("bill", "invoice:1")


@pytest.mark.django_db
class TestForOperators:
    def test_what_was_suppressed_is_reported_the_latest_first(self) -> None:
        for key, times in (("once", 1), ("twice", 2), ("thrice", 3)):
            for _ in range(times):
                apply(key)
        now = timezone.now()
        Effect.objects.filter(key="thrice").update(suppressed_at=now - timedelta(minutes=5))

        assert [effect.key for effect in effects.suppressed(now - timedelta(hours=1))] == ["twice", "thrice"]
        assert [effect.key for effect in effects.suppressed(now - timedelta(minutes=1))] == ["twice"]

    def test_what_is_forgotten_is_applied_again(self) -> None:
        apply()

        assert effects.forget("bill", "invoice:1")
        assert not effects.forget("bill", "invoice:1")
        assert apply()

    def test_old_ones_are_forgotten_in_batches(self) -> None:
        for number in range(7):
            apply(f"invoice:{number}")
        Effect.objects.exclude(key="invoice:6").update(applied_at=timezone.now() - timedelta(days=91))

        assert [effects.clean_up(timedelta(days=90), batch=4) for _ in range(3)] == [4, 2, 0]
        assert [effect.key for effect in Effect.objects.all()] == ["invoice:6"]

    def test_both_find_their_rows_by_index(self) -> None:
        Effect.objects.bulk_create(
            Effect(task_type="bill", key=str(number), job_id=JOB, claim=1, applied_at=timezone.now())
            for number in range(3_000)
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE jobqueue_effect")
            cursor.execute(f"EXPLAIN {effects._DELETE_BATCH}", {"cut": str(timezone.now()), "limit": 100})
            plan = str(cursor.fetchall())

        assert "effect_by_time" in plan
        assert "Seq Scan" not in plan
        assert "effect_suppressed" in effects.suppressed(timezone.now()).explain()
