"""Which errors look alike."""

import importlib.util
import json
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobqueue.exceptions import PermanentError
from jobqueue.executor.fingerprints import fingerprint_of

_SOURCE = """
def fetch(number):
    raise ValueError(f"account {number} at {object()}")

def store(number):
    raise ValueError(f"account {number} at {object()}")

def sync(step, number):
    try:
        step(number)
    except ValueError as error:
        raise RuntimeError(f"sync {number}") from error

def walk(depth):
    return climb(depth - 1) if depth else fetch(depth)

def climb(depth):
    return walk(depth - 1) if depth else fetch(depth)

def forever(depth):
    return and_ever(depth)

def and_ever(depth):
    return forever(depth)
"""


def _module(folder: Path, source: str, name: str = "shop.py") -> ModuleType:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source)
    spec = importlib.util.spec_from_file_location("shop", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An application's module, imported from a folder of its own."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return _module(tmp_path, _SOURCE)


def _caught(work: Callable[..., Any], *arguments: Any) -> BaseException:
    try:
        work(*arguments)
    except BaseException as error:  # noqa: BLE001
        return error
    raise AssertionError("It raises nothing.")


def _of(work: Callable[..., Any], *arguments: Any) -> str:
    return fingerprint_of("sync", _caught(work, *arguments))


def test_it_is_sixteen_hexadecimal_digits(shop: ModuleType) -> None:
    assert len(_of(shop.fetch, 1)) == 16
    int(_of(shop.fetch, 1), 16)


def test_the_same_failure_with_another_message_looks_alike(shop: ModuleType) -> None:
    assert _of(shop.sync, shop.fetch, 1) == _of(shop.sync, shop.fetch, 2_000_000)


def test_a_deploy_that_moves_lines_to_another_folder_changes_nothing(
    shop: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = _of(shop.sync, shop.fetch, 1)
    release = tmp_path / "releases" / "20261124"
    monkeypatch.syspath_prepend(str(release))
    moved = _module(release, f"import os\n\n\nLIMIT = 3\n\n\ndef another():\n    pass\n{_SOURCE}")

    assert _of(moved.sync, moved.fetch, 1) == before


def test_another_failing_function_looks_different(shop: ModuleType) -> None:
    assert _of(shop.fetch, 1) != _of(shop.store, 1)
    assert _of(shop.sync, shop.fetch, 1) != _of(shop.sync, shop.store, 1)


def test_the_same_failure_on_another_way_looks_different(shop: ModuleType) -> None:
    def directly() -> None:
        shop.fetch(1)

    def by_another_way() -> None:
        shop.fetch(1)

    assert _of(directly) != _of(by_another_way)


def test_the_same_function_in_another_module_looks_different(shop: ModuleType, tmp_path: Path) -> None:
    assert _of(shop.fetch, 1) != _of(_module(tmp_path, _SOURCE, "store.py").fetch, 1)


def test_another_class_or_code_from_the_same_place_looks_different() -> None:
    def fail(error: BaseException) -> None:
        raise error

    class CodedError(ValueError):
        def __init__(self, code: str) -> None:
            self.error_code = code

    coded = [CodedError("A"), CodedError("B"), PermanentError("A", ""), PermanentError("B", "")]
    errors = [ValueError(), KeyError(), *coded]
    fingerprints = [_of(fail, error) for error in errors]

    assert len(set(fingerprints)) == len(errors)


def test_another_task_type_makes_another_group(shop: ModuleType) -> None:
    error = _caught(shop.fetch, 1)

    assert fingerprint_of("sync", error) != fingerprint_of("report", error)


def test_another_cause_looks_different() -> None:
    def fail(cause: BaseException | None, *, is_hidden: bool = False) -> None:
        try:
            if cause is not None:
                raise cause
        except BaseException as error:
            if is_hidden:
                raise RuntimeError from None
            raise RuntimeError from error
        raise RuntimeError

    assert len({_of(fail, None), _of(fail, ValueError()), _of(fail, KeyError())}) == 3
    hide = partial(fail, is_hidden=True)
    assert _of(hide, ValueError()) == _of(hide, KeyError())


@pytest.mark.parametrize("depth", [10, 100, 500])
def test_how_deep_a_recursion_went_does_not_matter(shop: ModuleType, depth: int) -> None:
    assert _of(shop.walk, depth) == _of(shop.walk, 20)


@pytest.mark.parametrize("limit", [400, 401, 733])
def test_where_an_endless_recursion_was_stopped_does_not_matter(shop: ModuleType, limit: int) -> None:
    usual, expected = sys.getrecursionlimit(), _of(shop.forever, 1)
    sys.setrecursionlimit(limit)
    try:
        error = _caught(shop.forever, 1)
    finally:
        sys.setrecursionlimit(usual)

    assert fingerprint_of("sync", error) == expected


def test_what_a_library_does_inside_does_not_matter_but_where_it_was_called_does() -> None:
    def load(text: str) -> Any:
        return json.loads(text)

    def read(text: str) -> Any:
        return json.loads(text)

    # Each fails in another function of the library.
    assert _of(load, "{") == _of(load, "nonsense") == _of(load, '"\x01"')
    assert _of(load, "{") != _of(read, "{")


def test_an_error_inside_a_library_alone_is_known_by_its_functions() -> None:
    def bare(text: str) -> BaseException:
        error = _caught(json.loads, text)
        assert error.__traceback__ is not None
        return error.with_traceback(error.__traceback__.tb_next)

    assert fingerprint_of("x", bare("nonsense")) == fingerprint_of("x", bare("worse"))
    assert fingerprint_of("x", bare("nonsense")) != fingerprint_of("x", bare("1 2"))


def test_in_a_group_of_errors_neither_number_nor_order_matters() -> None:
    def fail(*errors: Exception) -> None:
        raise ExceptionGroup("tasks", errors)

    both = _of(fail, ValueError("a"), KeyError("b"))
    assert both == _of(fail, KeyError("c"), ValueError("d"), KeyError("e"))
    assert both != _of(fail, ValueError("a"))


class MuteError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no words")

    __repr__ = __str__

    @property
    def error_code(self) -> str:
        raise RuntimeError("no code")


class EvilType(type):
    def __getattribute__(cls, name: str) -> Any:
        raise RuntimeError("no attributes")


class EvilError(Exception, metaclass=EvilType):
    pass


def _circle() -> BaseException:
    one, other = ValueError(), KeyError()
    one.__cause__, other.__cause__ = other, one
    return one


def _chain(length: int) -> BaseException:
    error = ValueError()
    for _ in range(length):
        error, error.__cause__ = ValueError(), error
    return error


@pytest.mark.parametrize(
    "error",
    [
        ValueError("never raised"), MuteError(), EvilError(), _circle(), _chain(10_000), KeyboardInterrupt(),
        type("E" * 10_000, (Exception,), {})(), type("É", (Exception,), {})(),
        ExceptionGroup("many", [ValueError()] * 5_000),
    ],
)  # fmt: skip
def test_whatever_was_raised_has_a_fingerprint(error: BaseException) -> None:
    assert fingerprint_of("sync", error) == fingerprint_of("sync", error)


@given(st.text(), st.text(), st.integers(), st.binary())
def test_nothing_but_names_makes_a_fingerprint(text: str, other: str, number: int, data: bytes) -> None:
    def fail(*arguments: Any) -> None:
        raise ValueError(*arguments)

    assert _of(fail, text, number) == _of(fail, other, data)
