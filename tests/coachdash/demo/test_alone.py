"""One demo per folder."""

import os
from pathlib import Path

import pytest

from coachdash.demo.alone import alone
from coachdash.demo.exceptions import DemoError


def test_a_second_demo_is_refused_and_told_of_the_first(tmp_path: Path) -> None:
    lock = tmp_path / "var" / "demo.lock"
    with (
        alone(lock),
        pytest.raises(DemoError, match=f"in this folder already \\(process {os.getpid()}\\)"),
        alone(lock),
    ):
        pass


def test_after_the_first_has_ended_the_next_may_start(tmp_path: Path) -> None:
    lock = tmp_path / "demo.lock"
    for _ in range(2):
        with alone(lock):
            assert lock.read_text() == f"{os.getpid()}\n"
