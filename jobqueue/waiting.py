"""Why a job waits: the first thing that keeps it from being claimed, said in one sentence with what to do about it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from jobqueue.conf import conf
from jobqueue.durations import say_duration
from jobqueue.models import Job, Pause, Worker
from jobqueue.models.pause import PauseScope
from jobqueue.states import FINISHED, MAINTENANCE, WAITING, Parked, Priority, Status

MOST_AHEAD = 1_000
"""So far jobs ahead are counted."""
_NAMED = 3
_MOST_PARENTS = 10_000
_MOST_WORKERS = 1_000


class Kind(StrEnum):
    """What keeps a job waiting, in the order in which it is asked for."""

    NOT_WAITING = "not_waiting"
    DISABLED = "disabled"
    PAUSED_EVERYTHING = "paused_everything"
    PAUSED_QUEUE = "paused_queue"
    PAUSED_TYPE = "paused_type"
    DEPENDENCY = "dependency"
    RUN_AT = "run_at"
    CONCURRENCY = "concurrency"
    NO_WORKER = "no_worker"
    NO_WORKER_ON_QUEUE = "no_worker_on_queue"
    BEHIND_OTHERS = "behind_others"
    DUE = "due"


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The answer: a sentence for people, and what it speaks of for programs."""

    kind: Kind
    sentence: str
    pause: Pause | None = None
    jobs: Sequence[Job] = ()
    """The first of the jobs that it waits for, or of those that have the places of its key; id, type, status only."""
    others: int = 0
    """How many more of them there are."""
    run_at: datetime | None = None
    concurrency_key: str = ""
    ahead: int = 0
    """How many jobs come before it, counted up to `MOST_AHEAD`."""


def why_waiting(job: Job) -> Waiting:
    """The first reason that keeps this job, as it was read, from being claimed; a handful of queries at most."""
    if job.status not in WAITING:
        return Waiting(kind=Kind.NOT_WAITING, sentence=_not_waiting(job))
    for look in _LOOKS:
        found = look(job)
        if found is not None:
            return found
    return _in_line(job)


def _not_waiting(job: Job) -> str:
    label = job.get_status_display().lower()
    if job.status not in FINISHED:
        return "It is not waiting: it runs" + (", and was asked to stop." if job.cancel_requested_at else ".")
    return f"It is not waiting: it ended {said_at(job.finished_at)}, {label}." if job.finished_at else ""


# -- what somebody switched off ---------------------------------------------------------------------------------


def _disabled(job: Job) -> Waiting | None:
    if not conf().DISABLED:
        return None
    return Waiting(
        kind=Kind.DISABLED,
        sentence="All workers are switched off by JOB_QUEUE_DISABLED: unset it and restart them.",
    )


_PAUSES = {
    PauseScope.EVERYTHING: (Kind.PAUSED_EVERYTHING, "Everything is paused"),
    PauseScope.QUEUE: (Kind.PAUSED_QUEUE, "Queue {name} is paused"),
    PauseScope.TASK_TYPE: (Kind.PAUSED_TYPE, "Task type {name} is paused"),
}


def _paused(job: Job) -> Waiting | None:
    # A pause that is over by the time the job is due holds nothing back.
    matters_until = max(job.run_at, timezone.now())
    mine = Q(scope=PauseScope.QUEUE, name=job.queue) | Q(scope=PauseScope.TASK_TYPE, name=job.task_type)
    if job.queue != MAINTENANCE:
        mine |= Q(scope=PauseScope.EVERYTHING)
    found = Pause.objects.filter(mine, Q(ends_at=None) | Q(ends_at__gt=matters_until)).select_related("created_by")
    order = list(_PAUSES)
    pause = min(found, key=lambda pause: order.index(PauseScope(pause.scope)), default=None)
    if pause is None:
        return None
    kind, lead = _PAUSES[PauseScope(pause.scope)]
    by = f" by {pause.created_by.get_username()}" if pause.created_by else ""
    end = f"until {said_at(pause.ends_at)}" if pause.ends_at else "until somebody resumes it"
    sentence = f"{lead.format(name=pause.name)} since {said_at(pause.since)}{by}: {_clause(pause.reason)}; {end}."
    return Waiting(kind=kind, sentence=sentence, pause=pause)


# -- what it waits for by its own options -----------------------------------------------------------------------

# The array keeps the planner, which cannot count it, at one look-up by key per parent. Those that ended need somebody.
_UNMET = """
SELECT job.id, job.task_type, job.status, count(*) OVER () AS number
FROM jobqueue_job AS job
WHERE job.id = ANY (ARRAY(
    SELECT edge.parent_id FROM jobqueue_dependency AS edge WHERE edge.job_id = %s AND NOT edge.is_met LIMIT %s))
ORDER BY job.status IN ('failed', 'dead', 'cancelled') DESC, job.status = 'running' DESC, job.id LIMIT %s
"""
_ENDED_BADLY = {
    Status.FAILED: "which failed",
    Status.DEAD: "which used up its attempts",
    Status.CANCELLED: "which was cancelled",
}
_BEFORE_ITS_END = {
    Status.PENDING: "which waits itself",
    Status.RETRYING: "which is to be retried",
    Status.RUNNING: "which runs now",
    Status.SUCCEEDED: "which has just succeeded",
}


def _dependent(job: Job) -> Waiting | None:
    if job.blockers <= (job.parked != ""):
        return None
    parents = list(Job.objects.raw(_UNMET, [job.pk, _MOST_PARENTS, _NAMED]))
    if not parents:
        return None  # they are gone, and the next sweep says so
    first = parents[0]
    status = Status(first.status)
    number: int = first.number  # type: ignore[attr-defined]  # selected above
    more = f" and for {number - 1:,} more" if number > 1 else ""
    if status in _ENDED_BADLY:
        named = f"job {first.short_id} ({first.task_type}), {_ENDED_BADLY[status]}"
        sentence = f"It waits for {named}{',' + more if more else ''}: retry that one, or cancel this one."
    else:
        named = f"job {first.short_id} ({first.task_type}), {_BEFORE_ITS_END[status]}"
        sentence = f"It waits for {named}{',' + more if more else ''}."
    return Waiting(kind=Kind.DEPENDENCY, sentence=sentence, jobs=parents, others=number - len(parents))


def _early(job: Job) -> Waiting | None:
    wait = job.run_at - timezone.now()
    if wait <= timedelta():
        return None
    when = f"{said_at(job.run_at)} (in {say_duration(wait)})"
    if job.status == Status.RETRYING and job.error_code:
        soon = f"in {say_duration(wait)}" if wait < timedelta(minutes=1) else f"at {when}"
        sentence = f"A retry after {job.error_code} is due {soon}."
    elif job.postponed:
        sentence = f"Its handler asked to be run again later: it is due at {when}."
    else:
        sentence = f"It is due at {when}."
    return Waiting(kind=Kind.RUN_AT, sentence=sentence, run_at=job.run_at)


def _limited(job: Job) -> Waiting | None:
    key, limit = job.concurrency_key, job.concurrency_limit
    if key is None or limit is None:
        return None
    running = Job.objects.running().filter(concurrency_key=key).order_by()
    holders = list(running.only("id", "task_type", "status")[: limit + _NAMED])
    if len(holders) < limit and job.parked != Parked.LIMITED:
        return None
    named = ", ".join(holder.short_id for holder in holders[:_NAMED]) + (" ..." if len(holders) > _NAMED else "")
    if len(holders) < limit:
        sentence = f"Concurrency key {key} has a free place: the first that waits for it gets it within seconds."
    elif limit == 1:
        sentence = f"The only place of concurrency key {key} is taken, by job {named}: it runs when that one ends."
    else:
        sentence = (
            f"All {limit:,} places of concurrency key {key} are taken, by jobs {named}: it runs when one of them ends."
        )
    return Waiting(
        kind=Kind.CONCURRENCY,
        sentence=sentence,
        jobs=holders[:_NAMED],
        others=max(0, len(holders) - _NAMED),
        concurrency_key=key,
    )


_LOOKS: tuple[Callable[[Job], Waiting | None], ...] = (_disabled, _paused, _dependent, _early, _limited)

# -- who would run it -------------------------------------------------------------------------------------------


def _in_line(job: Job) -> Waiting:
    since = timezone.now() - timedelta(seconds=conf().LOST_AFTER_SECONDS)
    alive = Worker.objects.filter(stopped_at=None, lost_at=None, beat_at__gt=since).order_by()
    workers = list(alive.values_list("queues", flat=True)[:_MOST_WORKERS])
    if not workers:
        return Waiting(kind=Kind.NO_WORKER, sentence="No worker is running: start one with manage.py run_worker.")
    mine = [queues for queues in workers if not queues or job.queue in (*queues, MAINTENANCE)]
    if not mine:
        taken = ", ".join(sorted({name for queues in workers for name in queues}))
        take = "worker takes" if len(workers) == 1 else "workers take"
        sentence = f"No running worker takes queue {job.queue}: {len(workers)} {take} {taken}."
        return Waiting(kind=Kind.NO_WORKER_ON_QUEUE, sentence=sentence)
    # A worker of all queues may take any job before this one.
    queues = None if any(not queues for queues in mine) else sorted({name for queues in mine for name in queues})
    ahead = _ahead(job, queues)
    if not ahead:
        return Waiting(kind=Kind.DUE, sentence="It is next: the first worker with a free process takes it.")
    number = f"more than {MOST_AHEAD:,}" if ahead > MOST_AHEAD else f"about {ahead:,}"
    comes = "job comes" if ahead == 1 else "jobs come"
    sentence = f"It is due, and {number} {comes} before it: a higher priority or more workers would start it sooner."
    return Waiting(kind=Kind.BEHIND_OTHERS, sentence=sentence, ahead=min(ahead, MOST_AHEAD))


# The claim's own order over the claim's own indexes, level by level, no further than somebody wants to know.
_LANE = """
(SELECT FROM jobqueue_job AS job
 WHERE job.status IN ('pending', 'retrying') AND job.blockers = 0 AND job.priority = {level} AND {which}
   AND {before} ORDER BY job.run_at, job.id LIMIT %(limit)s)
"""
_HIGHER = "job.run_at <= statement_timestamp()"
_SAME = "(job.run_at, job.id) < (%(run_at)s, %(id)s)"


def _ahead(job: Job, queues: Sequence[str] | None) -> int:
    given = {f"queue{n}": name for n, name in enumerate(queues or ())}
    which = [f"job.queue = %({name})s" for name in given] or ["TRUE"]
    lanes = [
        _LANE.format(level=level, which=one, before=_SAME if level == job.priority else _HIGHER)
        for level in Priority.values
        if level >= job.priority
        for one in which
    ]
    sql = f"SELECT count(*) FROM (SELECT FROM ({' UNION ALL '.join(lanes)}) AS lanes LIMIT %(limit)s) AS counted"  # noqa: S608  constants only
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")  # as for the claim: the index has the order
        cursor.execute(sql, {"run_at": job.run_at, "id": job.pk, "limit": MOST_AHEAD + 1, **given})
        (number,) = cursor.fetchone() or (0,)
        cursor.execute("SET LOCAL enable_sort TO DEFAULT")  # the caller's transaction may go on
    return int(number)


# -- words ------------------------------------------------------------------------------------------------------


def said_at(moment: datetime) -> str:
    """The time in the zone in force, with the day if that is not today, such as "10:12" or "2026-11-25 10:12"."""
    local = timezone.localtime(moment)
    return f"{local:%H:%M}" if local.date() == timezone.localdate() else f"{local:%Y-%m-%d %H:%M}"


def _clause(reason: str) -> str:
    return " ".join(reason.split()).rstrip(".") or "no reason given"
