"""Stored JSON, read so that nothing is lost."""

import json

import pytest

from jobqueue.display.document import UnreadableError, beginning, document, pretty
from jobqueue.display.stored import Stored
from jobqueue.redaction import MASK


def stored(text: str) -> Stored:
    """All of it was read."""
    return Stored(text=text, length=len(text))


def test_the_written_text_is_the_same_json() -> None:
    value = {"a": [1, 2.5, {"b": None}], "empty": {}, "none": [], "text": 'שלום "🎉"\n', "yes": True}

    text = pretty(stored(json.dumps(value)))

    assert json.loads(text) == value
    assert '  "a": [\n    1,' in text


@pytest.mark.parametrize("number", ["1" + "0" * 5_000, "1e999", "0.10000000000000000001", "-0", "1.000"])
def test_numbers_stay_as_they_were_written(number: str) -> None:
    assert number in pretty(stored(f'{{"n": {number}}}'))


def test_secrets_are_masked_by_their_keys_however_deep() -> None:
    text = pretty(stored('{"credentials": {"user": "ada", "code": "s3cr3t-code"}, "pages": 3}'))

    assert "s3cr3t" not in text
    assert MASK in text
    assert '"pages": 3' in text


def test_a_thousand_levels_are_written_and_a_hundred_thousand_are_not_followed() -> None:
    assert MASK in pretty(stored("[" * 1_000 + "]" * 1_000))
    deep = stored("[" * 100_000 + "]" * 100_000)
    with pytest.raises(UnreadableError):
        document(deep)
    assert pretty(deep) == deep.text


def test_what_was_not_read_to_its_end_is_told_by_its_beginning() -> None:
    text = '{"apiToken": "' + "k3y" * 10_000
    cut = Stored(text=text, length=1_000_000)

    assert "k3y" not in pretty(cut)
    assert "of 1,000,000 characters" in pretty(cut)
    assert "k3y" not in beginning(cut, 50)


def test_no_character_turns_the_text_around() -> None:
    text = pretty(stored(json.dumps({"a\u202eb": "x\u2066y\u0001z\u009b"})))

    assert '"a\\u202eb": "x\\u2066y\\u0001z\\u009b"' in text
    assert json.loads(text) == {"a\u202eb": "x\u2066y\u0001z\u009b"}
