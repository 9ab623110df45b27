"""Who may call the functions: the owner and the role `job_queue_operator`, who need no right to any table."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID, uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from jobqueue.models import AuditEntry, Job

from .doors import Sql, call

pytestmark = pytest.mark.django_db
_CALLS = [
    "job_queue_enqueue('noop')",
    "count(*) FROM job_queue_claim()",
    "job_queue_mark_succeeded(gen_random_uuid(), 1)",
    "job_queue_mark_failed(gen_random_uuid(), 1, 'no')",
    "job_queue_retry(gen_random_uuid())",
    "job_queue_cancel(gen_random_uuid())",
    "job_queue_cleanup()",
    "job_queue_health()",
]
# Such a role lives in the test's transaction only.
_MALLORY = f"mallory_{uuid4().hex}"


@contextmanager
def acting_as(role: str) -> Iterator[None]:
    """Until the end of the block; an error in it is undone before."""
    with connection.cursor() as cursor:
        cursor.execute(f'SET LOCAL ROLE "{role}"')
        try:
            yield
        finally:
            cursor.execute("RESET ROLE")


@pytest.mark.parametrize("function", _CALLS)
def test_an_operator_calls_each_function(sql: Sql, function: str) -> None:
    with acting_as("job_queue_operator"):
        call(function)


@pytest.mark.parametrize("table", ["job", "worker", "auditentry", "knowntasktype", "attempt"])
def test_an_operator_reads_and_writes_no_table(sql: Sql, table: str) -> None:
    with acting_as("job_queue_operator"):
        for statement in (f"count(*) FROM jobqueue_{table}", f"1 FROM jobqueue_{table} FOR UPDATE"):
            with pytest.raises(DatabaseError, match="permission denied for table"):
                call(statement)


@pytest.mark.parametrize("function", _CALLS)
def test_another_role_calls_none(sql: Sql, function: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{_MALLORY}"')
    with acting_as(_MALLORY), pytest.raises(DatabaseError, match="permission denied for function job_queue_"):
        call(function)


def test_no_part_of_the_functions_can_be_called_by_an_operator(sql: Sql) -> None:
    with acting_as("job_queue_operator"), pytest.raises(DatabaseError, match="permission denied for function"):
        call("jobqueue_sql_audit('JOB_RETRY', 'job', '', '', NULL, NULL, '', false)")


def test_an_operator_cannot_slip_a_table_of_their_own_into_a_function(sql: Sql) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE jobqueue_knowntasktype (name text)")
        cursor.execute("SET LOCAL search_path = pg_temp, public")

    id_ = UUID(str(call("public.job_queue_enqueue('noop')")))

    assert Job.objects.get().pk == id_


def test_every_function_acts_as_its_owner_with_a_fixed_path(sql: Sql) -> None:
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT proname, prosecdef, proconfig FROM pg_proc WHERE proname LIKE 'job\_queue\_%'")
        rows = cursor.fetchall()

    assert len(rows) == len(_CALLS)
    assert all(is_definer and "search_path=public, pg_temp" in config for _, is_definer, config in rows)


def test_who_logged_in_is_recorded_whatever_role_they_took_on(sql: Sql) -> None:
    with acting_as("job_queue_operator"):
        call("job_queue_enqueue('noop')")
    with connection.cursor() as cursor:
        cursor.execute("SELECT session_user")
        (user,) = cursor.fetchone() or ("",)

    assert AuditEntry.objects.get().actor == user != "job_queue_operator"


def test_an_entry_is_rolled_back_with_its_deed(sql: Sql) -> None:
    with transaction.atomic():
        call("job_queue_enqueue('noop')")
        transaction.set_rollback(True)

    assert not AuditEntry.objects.exists()
