"""The queue's own lines, for projects that configure no logs."""

import logging

from jobqueue.logs import JobFormatter, masked, masked_json
from jobqueue.redaction import MASK


def line(message: str, **extra: object) -> str:
    """What is written of a record."""
    record = logging.getLogger("a.b").makeRecord("a.b", logging.INFO, __file__, 1, message, (), None, extra=extra)
    return JobFormatter().format(record)


def test_a_line_says_which_job_it_is_about() -> None:
    assert line("Hello", job_id="7", job_type="greet", attempt=1).endswith(
        "INFO a.b: Hello [job_id=7 job_type=greet attempt=1]"
    )


def test_a_line_about_no_job_is_plain() -> None:
    assert line("Hello").endswith("INFO a.b: Hello")


def test_secrets_are_masked() -> None:
    assert line("password=hunter2").endswith(f"password={MASK}")
    assert masked("Bearer abcdef0123") == f"Bearer {MASK}"
    assert masked_json({"token": "abc", "n": [1]}) == {"token": MASK, "n": [1]}
