"""Dependencies: a job waits until the jobs it depends on have succeeded. `jobqueue_settle` lets it go."""

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from django.db import connection

from jobqueue import new_job
from jobqueue.exceptions import InvalidOptionError
from jobqueue.new_job import NewJob
from jobqueue.settling import settle_parents_after_commit
from jobqueue.states import OnFailure, Status

_STATES = "SELECT id, status FROM jobqueue_job WHERE id = ANY (%s::uuid[])"
_COPY = "COPY jobqueue_dependency (job_id, parent_id, on_failure, is_met) FROM STDIN"
_ENDED = frozenset({Status.FAILED, Status.DEAD, Status.CANCELLED})


def look_up(ids: Collection[UUID]) -> dict[UUID, str]:
    """The states of these jobs.

    Raises:
        InvalidOptionError: one does not exist.
    """
    if not ids:
        return {}
    wrong = [id_ for id_ in ids if not isinstance(id_, UUID)]
    if wrong:
        raise InvalidOptionError(f"depends_on holds {wrong[0]!r}: expected ids of jobs.")
    with connection.cursor() as cursor:
        cursor.execute(_STATES, ["{" + ",".join(map(str, ids)) + "}"])
        states: dict[UUID, str] = dict(cursor.fetchall())
    missing = sorted(map(str, set(ids) - states.keys()))
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise InvalidOptionError(f"depends_on names {', '.join(missing[:3])}, which {are} no job (any more).")
    return states


def unmet(job: NewJob, states: Mapping[UUID, str]) -> int:
    """How many of the jobs that this one depends on it still has to wait for.

    Raises:
        InvalidOptionError: its `on_failure` is none.
    """
    policy = new_job.on_failure(job.on_failure)
    return sum(not _is_met(states[id_], policy) for id_ in set(job.depends_on))


def write(jobs: Iterable[tuple[UUID, NewJob]], states: Mapping[UUID, str]) -> None:
    """Store the dependencies of jobs that were just inserted, with their ids."""
    open_parents: set[UUID] = set()
    with connection.cursor() as cursor, cursor.copy(_COPY) as copy:
        for id_, job in jobs:
            for parent in set(job.depends_on):
                is_met = _is_met(states[parent], job.on_failure)
                copy.write_row((id_, parent, OnFailure(job.on_failure).value, is_met))
                if not is_met:
                    open_parents.add(parent)
    if open_parents:
        # A parent that ended while we were on our way saw nothing of us: no lock makes it wait for our commit.
        settle_parents_after_commit(open_parents)


def _is_met(status: str, on_failure: OnFailure) -> bool:
    return status == Status.SUCCEEDED or (on_failure == OnFailure.RUN and status in _ENDED)
