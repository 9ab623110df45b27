"""JSON to look at: folded, bounded, harmless."""

import html
import json
import re
from typing import Any

import pytest

from jobqueue.display.stored import Stored
from jobqueue.display.tree import MOST_CHARACTERS, MOST_NODES, Tree, tree


def shown(value: Any) -> Tree:
    """The tree of a value that was stored whole."""
    text = json.dumps(value, ensure_ascii=False)
    return tree(Stored(text=text, length=len(text)))


def words(found: Tree) -> str:
    """What one reads."""
    return html.unescape(re.sub(r"<[^>]+>", "", found.html))


def test_keys_values_and_sizes_are_told() -> None:
    found = shown({"coachId": 17, "students": [{"name": "Ada", "notes": ["a" * 80]}], "none": {}})

    assert '"coachId": 17' in words(found)
    assert '"students": [ 1 item' in words(found)
    assert '"none": {}' in words(found)
    assert not found.is_cut


def test_markup_is_text() -> None:
    found = shown({"<b>": "<script>alert(1)</script>"})

    assert "<script" not in found.html
    assert "<b>" not in found.html
    assert "<script>alert(1)</script>" in words(found)


@pytest.mark.parametrize(
    "value",
    [
        {"rows": [{"id": n, "name": "n" * 50} for n in range(20_000)]},
        {"blob": "x" * 1_000_000},
        {f"key {n}": "v" * 100 for n in range(20_000)},
        ["x" * 10_000] * 100,
        {"x" * 500_000: 1},
        {"n": 10**4_000},
    ],
)
def test_a_value_of_a_megabyte_is_cut_and_says_so(value: Any) -> None:
    found = shown(value)

    assert found.is_cut
    assert "more" in words(found)
    assert len(words(found)) < MOST_CHARACTERS + 3_000
    assert found.html.count("<li>") <= MOST_NODES + 20


def test_what_lies_too_deep_is_counted_and_not_followed() -> None:
    deep: Any = {"end": 1}
    for _ in range(1_000):
        deep = {"next": deep}

    found = shown(deep)

    assert found.is_cut
    assert found.html.count("<details") < 20
    assert "too deep" in words(found)


def test_what_python_cannot_follow_is_shown_as_text() -> None:
    text = "[" * 100_000 + "]" * 100_000

    found = tree(Stored(text=text, length=len(text)))

    assert found.is_cut
    assert words(found).startswith("[[[[")
    assert len(found.html) < 10_000


def test_each_value_stands_in_its_own_direction_of_writing() -> None:
    found = shown({"שם": "עדה 🎉", "turned": "a\u202eb"})

    assert '<bdi dir="ltr" class="jq-json-text">&quot;עדה 🎉&quot;</bdi>' in found.html
    assert "\u202e" not in found.html
    assert "\\u202e" in found.html
