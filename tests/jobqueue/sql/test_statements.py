"""The statements in the functions are Python's: whoever changes one of them adds a migration for the other."""

import pytest
from django.db import connection

from jobqueue import claim, places
from jobqueue.transitions import by_people, by_rules, by_workers

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("function", "statement", "names"),
    [
        ("jobqueue_sql_take", claim._CLAIM_ALL, {"limit": "p_limit", "worker": "p_worker"}),
        (
            "jobqueue_sql_take",
            claim._CLAIM_SOME,
            {"limit": "p_limit", "worker": "p_worker", "levels": "v_levels", "queues": "v_queues"},
        ),
        ("jobqueue_sql_take", places._LOCK.partition("SELECT")[2], {"keys": "v_keys"}),
        ("jobqueue_sql_take", places._PARK, {"ids": "v_keyed", "keys": "v_keys"}),
        ("jobqueue_sql_expire", by_rules._EXPIRE, {"limit": "1000"}),
        (
            "jobqueue_sql_finish",
            by_workers._FINISH,
            {
                "reports": "p_report",
                "ids": "ARRAY[p_id]",
                "worker": "p_worker",
                "slot": "65536 + (pg_backend_pid() & 65535)",
            },
        ),
        ("job_queue_retry", by_people._RETRY, {"ids": "ARRAY[p_id]", "delay": "'0'"}),
        ("job_queue_cancel", by_people._CANCEL, {"ids": "ARRAY[p_id]", "by": "NULL", "reason": "p_reason"}),
    ],
)
def test_a_function_holds_the_same_statement(function: str, statement: str, names: dict[str, str]) -> None:
    for name, value in names.items():
        statement = statement.replace(f"%({name})s", value)
    with connection.cursor() as cursor:
        cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = %s", [function])
        (source,) = cursor.fetchone() or ("",)

    assert _words(statement) in _words(source)


def _words(sql: str) -> str:
    return " ".join(sql.split())
