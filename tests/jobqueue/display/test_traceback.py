"""Tracebacks in which one's own code stands out."""

import html
import re
import sysconfig

from jobqueue.display.traceback import traceback_html
from jobqueue.redaction import MASK

_TRACEBACK = f"""\
Traceback (most recent call last):
  File "/srv/venv/lib/python3.13/site-packages/requests/sessions.py", line 700, in send
    r = adapter.send(request, **kwargs)
        ~~~~~~~~~~~~^^^^^^^^^^^^^^^^^^^
  File "/srv/app/client.py", line 44, in get
    return self._answer(path)
  File "{sysconfig.get_path("stdlib")}/json/decoder.py", line 1, in decode
ValueError: <b>no</b>

The above exception was the direct cause of the following exception:

  + Exception Group Traceback (most recent call last):
  |   File "/srv/app/job.py", line 3, in run
  |     raise ExceptionGroup("two", [])
"""


def frames(kind: str, text: str = _TRACEBACK) -> list[str]:
    """The frames of a kind."""
    found = re.findall(rf'<span class="jq-frame-{kind}">(.*?)</span>', traceback_html(text), re.DOTALL)
    return [html.unescape(one) for one in found]


def test_own_frames_and_those_of_libraries_are_told_apart() -> None:
    assert [re.findall(r"[a-z]+\.py", one) for one in frames("own")] == [["client.py"], ["job.py"]]
    assert [re.findall(r"[a-z]+\.py", one) for one in frames("library")] == [["sessions.py"], ["decoder.py"]]
    assert "self._answer(path)" in frames("own")[0]
    assert "~~~^^^" in frames("library")[0]


def test_the_text_stays_as_it_is() -> None:
    text = html.unescape(re.sub(r"</?span[^>]*>", "", traceback_html(_TRACEBACK)))

    assert text == _TRACEBACK
    assert "<b>" not in traceback_html(_TRACEBACK)


def test_secrets_and_turned_text_do_not_get_through() -> None:
    shown = traceback_html("ValueError: token=abcdef123456 \u202e")

    assert MASK in shown
    assert "abcdef123456" not in shown
    assert "\u202e" not in shown
