"""Workers, people and the clock at once, each at random; in the end every job has ended, and once per claim."""

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import OperationalError
from django.utils import timezone

from jobqueue import housekeeping, transitions
from jobqueue.api import JobChanges, edit, enqueue
from jobqueue.claim import claim
from jobqueue.exceptions import InvalidOptionError
from jobqueue.models import Attempt, Job, Pause
from jobqueue.models.pause import PauseScope
from jobqueue.pauses import pause, resume
from jobqueue.reports import after_error
from jobqueue.rescue import rescue
from jobqueue.states import FINISHED, AttemptOutcome, OnFailure, Status
from tests.jobqueue import invariants
from tests.jobqueue.factories import make_worker
from tests.jobqueue.lifecycle import Held
from tests.jobqueue.threads import in_threads

pytestmark = pytest.mark.django_db(transaction=True)
_STEPS = 60
_PLACES = 2


class Scene:
    """What the actors share: the ids of all jobs so far, and what was seen going wrong."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._ids: list[UUID] = []
        self.recorded: Counter[UUID] = Counter()

    def add(self, id_: UUID) -> None:
        with self._guard:
            self._ids.append(id_)

    def some(self, dice: random.Random, number: int) -> list[UUID]:
        with self._guard:
            return dice.sample(self._ids, min(number, len(self._ids)))

    def record(self, id_: UUID, number: int) -> None:
        with self._guard:
            self.recorded[id_] += number


type Actor = Callable[[Scene, random.Random], None]


def enqueuer(scene: Scene, dice: random.Random) -> None:
    parents = scene.some(dice, dice.choice([0, 0, 1, 2]))
    try:
        enqueued = enqueue(
            dice.choice(["noop", "fail_until"]),
            depends_on=parents,
            on_failure=dice.choice(list(OnFailure)),
            unique_key=dice.choice([None, None, "a", "b"]),
            concurrency_key=dice.choice([None, "p"]),
            concurrency_limit=_PLACES,
            max_attempts=dice.randint(1, 3),
            deadline=dice.choice([None, None, None, timezone.now() + timedelta(seconds=0.3)]),
        )
    except InvalidOptionError:
        return  # a parent was deleted just now
    if enqueued.created:
        scene.add(enqueued.id)


def worker(scene: Scene, dice: random.Random) -> None:
    me = make_worker().pk
    held = [Held(claimed=claimed, worker=me) for claimed in claim(me, dice.randint(1, 4))]
    running = Job.objects.running().filter(concurrency_key="p").count()
    assert running <= _PLACES, f"{running} jobs hold {_PLACES} places"
    for one in held:
        _end(scene, dice, one)
    if dice.random() < 0.2:
        rescue(me)


def _end(scene: Scene, dice: random.Random, held: Held) -> None:
    status, outcome = Status.SUCCEEDED, AttemptOutcome.SUCCEEDED
    match dice.choice(["succeed", "succeed", "fail", "fail for good", "postpone", "release", "vanish"]):
        case "fail":
            status, _ = after_error("fail_until", held.claimed.number, held.claimed.max_attempts, "ValueError")
            outcome = AttemptOutcome.ERROR
        case "fail for good":
            status, outcome = Status.FAILED, AttemptOutcome.ERROR
        case "postpone":
            status = Status.RETRYING if held.claimed.number > 1 else Status.PENDING
            outcome = AttemptOutcome.POSTPONED
        case "release":
            held.release()
            return
        case "vanish":
            return  # its worker is lost, and found so in the end
    delay = 0.0 if status not in FINISHED else None
    scene.record(held.id, held.finish(status, outcome=outcome.value, delay=delay))


def operator(scene: Scene, dice: random.Random) -> None:
    ids = scene.some(dice, 3)
    verb = dice.choice(["retry", "retry", "cancel", "run now", "delete", "edit"])
    match verb:
        case "retry":
            transitions.retry(ids)
        case "cancel":
            transitions.cancel(ids)
        case "run now":
            transitions.run_now(ids)
        case "delete":
            transitions.delete(ids)
        case "edit":
            for id_ in ids:
                edit(id_, JobChanges(tags=["edited"]))


def clock(scene: Scene, dice: random.Random) -> None:
    match dice.choice(["pause", "resume", "keep"]):
        case "pause":
            pause(reason="test", scope=PauseScope.TASK_TYPE, name="noop")
        case "resume":
            resume(scope=PauseScope.TASK_TYPE, name="noop")
        case "keep":
            housekeeping.keep()


ACTORS: list[Actor] = [enqueuer, enqueuer, worker, worker, worker, operator, clock]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_all_do_at_once_nothing_is_lost_and_nothing_is_stuck(seed: int) -> None:
    scene = Scene()

    def act(at: int) -> None:
        dice = random.Random(seed * 100 + at)
        for _ in range(_STEPS):
            try:
                ACTORS[at](scene, dice)
            except OperationalError as error:
                # PostgreSQL may break a deadlock between a person's bulk and a worker's: it is done again.
                if "deadlock" not in str(error):
                    raise

    in_threads(len(ACTORS), act)

    _rescue_all()
    housekeeping.keep()
    invariants.every_row_is_possible()
    invariants.dependencies_agree_with_their_jobs()
    _drain(scene)
    assert not Job.objects.unfinished().exists()
    there = set(Job.objects.values_list("pk", flat=True))
    attempts = Counter(id_ for id_, outcome in Attempt.objects.values_list("job_id", "outcome") if outcome != "lost")
    assert {id_: number for id_, number in attempts.items() if id_ in there} == {
        id_: number for id_, number in scene.recorded.items() if number and id_ in there
    }


def _rescue_all() -> None:
    for id_ in Job.objects.running().values_list("worker", flat=True).distinct():
        assert id_ is not None
        rescue(id_)


def _drain(scene: Scene) -> None:
    """Run everything that can run; what is held by a failed parent runs once that was retried."""
    Pause.objects.all().delete()
    me = make_worker().pk
    for _ in range(1_000):
        housekeeping.keep()
        claimed = claim(me, 100)
        for one in claimed:
            held = Held(claimed=one, worker=me)
            scene.record(held.id, held.finish(Status.SUCCEEDED))
        if not claimed:
            parents = Job.objects.filter(status__in=FINISHED, dependents__is_met=False).exclude(status="succeeded")
            ids = list(parents.values_list("pk", flat=True).distinct())
            waiting = Job.objects.unfinished()
            if not waiting.exists():
                return
            assert ids or waiting.filter(run_at__gt=timezone.now()).exists(), list(waiting.values())
            transitions.retry(ids)
            waiting.update(run_at=timezone.now())
    raise AssertionError("The queue does not become empty.")
