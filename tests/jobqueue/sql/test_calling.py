"""How the functions are called: named and positional, with defaults, and with what is wrong."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from jobqueue import known_types
from jobqueue.models import AuditEntry, Job, Worker
from jobqueue.registry import job_handler, registry
from jobqueue.rescue import rescue
from jobqueue.states import Status
from tests.jobqueue.lifecycle import hold, put, status_of

from .doors import Sql, call

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "arguments",
    [
        "'add_one'",
        "'add_one', '{}', now(), 5",
        "p_task_type => 'add_one'",
        "p_max_attempts => 5, p_task_type => 'add_one', p_payload => '{}', p_run_at => now()",
        "'add_one', p_max_attempts => NULL, p_payload => NULL, p_run_at => NULL",
    ],
)
def test_enqueue_takes_named_and_positional_arguments_and_has_defaults(sql: Sql, arguments: str) -> None:
    id_ = call(f"job_queue_enqueue({arguments})")

    job = Job.objects.get()
    assert (job.pk, job.payload, job.max_attempts, job.status) == (id_, {}, 5, Status.PENDING)


@pytest.mark.parametrize(
    "function",
    [
        "job_queue_mark_succeeded({id}, 1)",
        "job_queue_mark_succeeded(p_claim => 1, p_id => {id}, p_output => '[1]')",
        "job_queue_mark_failed({id}, 1, 'no')",
        "job_queue_mark_failed(p_id => {id}, p_error => NULL, p_retry_in => '5 minutes', p_claim => 1)",
        "job_queue_retry(p_id => {id})",
        "job_queue_cancel({id})",
        "job_queue_cancel(p_reason => NULL, p_id => {id})",
        "job_queue_cleanup()",
        "job_queue_cleanup(p_max_age => '3 days')",
        "job_queue_health()",
        "job_queue_claim()",
        "job_queue_claim(p_worker => 'night', p_limit => 3)",
    ],
)
def test_every_other_one_does_too(sql: Sql, function: str) -> None:
    id_ = put()
    sql.claim()

    assert call(f"count(*) FROM {function.format(id=f"'{id_}'")}") <= 1


@pytest.mark.parametrize(
    ("function", "message", "hint"),
    [
        ("job_queue_enqueue(NULL)", "Unknown task type NULL", "Known task types: add_one"),
        ("job_queue_enqueue('')", "Unknown task type ''", "Known task types: add_one"),
        ("job_queue_enqueue(repeat('x', 200))", "Unknown task type 'x{100}'", "Known task types: add_one"),
        ("job_queue_enqueue('noop', '[]')", "p_payload is a JSON array: expected an object", "Such as"),
        ("job_queue_enqueue('noop', 'null')", "p_payload is a JSON null: expected an object", "Such as"),
        ("job_queue_enqueue('noop', p_run_at => 'infinity')", "p_run_at is infinity: expected", "Leave it out"),
        ("job_queue_enqueue('noop', p_run_at => '0044-03-15 BC')", "p_run_at is 0044.* BC: expected", "Leave it out"),
        ("job_queue_enqueue('noop', '{\"n\": 1e400}')", "holds a number that is too large", "Expected numbers from"),
        (
            "job_queue_enqueue('noop', (repeat('{\"a\":', 300) || '1' || repeat('}', 300))::jsonb)",
            "p_payload is nested too deep",
            "at most 99 levels",
        ),
        ("job_queue_claim(-1)", "p_limit is -1: expected 0 to 1000", "claims nothing"),
        ("job_queue_claim(NULL)", "p_limit is NULL: expected 0 to 1000", "claims nothing"),
        ("job_queue_claim(1, '')", "p_worker is ''", "A name"),
        ("job_queue_claim(1, 'w', ARRAY[NULL])", "p_queues is or holds NULL", "Leave it out"),
        ("job_queue_mark_succeeded(NULL, 1)", "p_id is NULL", "It returns the columns id and claim"),
        ("job_queue_mark_failed(gen_random_uuid(), NULL, '')", "p_claim is NULL", "It returns the columns"),
        ("job_queue_mark_failed(gen_random_uuid(), 1, '', '-1 s')", "p_retry_in is -00:00:01", "Leave it out"),
        ("job_queue_cleanup('-1 day')", "p_max_age is -1 days", "Leave it out"),
        ("job_queue_cleanup('200 years')", "p_max_age is 200 years", "Leave it out"),
    ],
)
def test_what_is_wrong_is_said_with_a_hint_and_stores_nothing(sql: Sql, function: str, message: str, hint: str) -> None:
    with pytest.raises(DatabaseError, match=rf"(?s){message}.*HINT:.*{hint}"):
        call(function)
    assert not Job.objects.exists()
    assert not AuditEntry.objects.exists()


def test_an_output_larger_than_a_result_may_be_is_refused_and_the_job_stays_claimed(sql: Sql) -> None:
    put()
    (held,) = sql.claim()

    with pytest.raises(DatabaseError, match="p_output has 1048578 bytes: expected at most 1048576"):
        sql.succeed(held, "x" * 1_048_576)
    assert status_of(held.id) == Status.RUNNING


def test_a_type_with_a_rule_that_only_python_can_apply_is_refused(sql: Sql) -> None:
    with pytest.raises(
        DatabaseError, match=r"(?s)'only_once' have a rule.*duplicates.*manage.py enqueue_job only_once"
    ):
        call("job_queue_enqueue('only_once')")


def test_the_session_is_the_worker_unless_it_says_otherwise(sql: Sql) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        (user,) = cursor.fetchone() or ("",)
    call("count(*) FROM job_queue_claim()")
    call("count(*) FROM job_queue_claim(1, 'night')")
    call("count(*) FROM job_queue_claim(1, 'night')")

    assert sorted(Worker.objects.values_list("host", "machine", "pid")) == sorted(
        [(user, "sql", 0), ("night", "sql", 0)]
    )


@pytest.mark.parametrize("function", ["count(*) FROM job_queue_claim(0, 'w')", "job_queue_mark_succeeded(%s, 9)"])
def test_every_call_of_a_worker_is_a_beat(sql: Sql, function: str) -> None:
    put()
    (held,) = sql.claim()
    Worker.objects.update(beat_at="2020-01-01T00:00:00Z")

    call(function, *([held.id] if "%s" in function else []))

    assert Worker.objects.get().beat_at.year > 2020
    assert status_of(held.id) == Status.RUNNING


def test_a_lost_worker_is_rescued_and_its_name_begins_anew(sql: Sql) -> None:
    id_ = put(task_type="nap")
    (held,) = sql.claim()
    lost = Worker.objects.get()

    assert rescue(lost.pk) == 1

    assert (status_of(id_), sql.succeed(held)) == ("retrying", False)
    sql.claim()
    assert Worker.objects.exclude(pk=lost.pk).get().host == lost.host


def test_only_what_sql_claimed_is_finished_by_sql(sql: Sql) -> None:
    held = hold()

    assert call("job_queue_mark_succeeded(%s, %s)", held.id, held.claimed.claim) is False
    assert call("job_queue_mark_failed(%s, %s, 'no')", held.id, held.claimed.claim) == (
        "skipped: running under another claim"
    )
    assert held.finish(Status.SUCCEEDED) == 1


def test_a_job_past_its_deadline_is_not_claimed_but_cancelled(sql: Sql) -> None:
    id_ = put()
    Job.objects.update(deadline="2020-01-01T00:00:00Z")

    assert sql.claim() == []
    assert (status_of(id_), Job.objects.get().error_code) == ("cancelled", "EXPIRED")


@pytest.mark.django_db(transaction=True)
def test_a_claim_under_a_stricter_isolation_is_refused(sql: Sql) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(DatabaseError, match=r"REPEATABLE READ.*may exceed concurrency limits"):
            call("count(*) FROM job_queue_claim()")


def test_a_type_that_keeps_no_successes_is_deleted_when_it_succeeded(sql: Sql) -> None:
    try:
        job_handler("drop_me", retention=timedelta(0))(lambda job: None)
        known_types.sync()
        put(task_type="drop_me")
        (held,) = sql.claim()
        assert sql.succeed(held)
        assert not Job.objects.exists()
    finally:
        registry.remove("drop_me")


def test_an_id_is_returned_that_everybody_understands(sql: Sql) -> None:
    id_ = sql.enqueue("noop")

    assert isinstance(id_, UUID)
    assert sql.cancel(uuid4()) == "skipped: unknown job"
