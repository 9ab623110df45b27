"""A playbook in Markdown: rendered without raw HTML, with a table of contents and the sections that explain codes."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.urls import NoReverseMatch, reverse
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt
from markdown_it.token import Token

ANY_OTHER = "any-other-code"
"""The anchor of the section "Any other code", which every code leads to that has none of its own."""

_CODE = re.compile(r"[A-Z][A-Z0-9_]*")
_OUTSIDE = ("https://", "http://", "mailto:", "#")
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_markdown.add_render_rule("table_open", lambda *_: '<div class="jq-playbook-table" tabindex="0"><table>')
_markdown.add_render_rule("table_close", lambda *_: "</table></div>")


@dataclass(frozen=True, kw_only=True)
class Heading:
    """A section's title."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True, kw_only=True)
class Playbook:
    """A rendered playbook."""

    title: str
    html: SafeString
    contents: Sequence[Heading]
    """Of the second and third level."""
    sections: Mapping[str, str]
    """By error code, the anchor of the section that explains it."""

    def section_of(self, code: str) -> str:
        """The anchor of the section about an error code; empty if there is none."""
        has_fallback = any(heading.anchor == ANY_OTHER for heading in self.contents)
        return self.sections.get(code, ANY_OTHER if has_fallback else "")


def render(text: str) -> Playbook:
    """Render Markdown.

    A link to `admin:NAME`, perhaps with a query behind it, leads to that page of the admin. A section explains the
    codes that it names as "`CODE` - what it means". Headings have the anchors that code hosts give them.
    """
    tokens = _markdown.parse(text)
    headings = _anchored(tokens)
    for token in tokens:
        _lead(token.children or [])
    return Playbook(
        title=next((heading.text for heading in headings.values() if heading.level == 1), "Playbook"),
        # Markdown without raw HTML: what renders it escapes every text.
        html=SafeString(_markdown.renderer.render(_without_title(tokens), _markdown.options, {})),
        contents=[heading for heading in headings.values() if heading.level in (2, 3)],
        sections=_sections(tokens, headings),
    )


def _anchored(tokens: Sequence[Token]) -> dict[int, Heading]:
    """The headings by the place of their token, each of which gets its anchor."""
    found: dict[int, Heading] = {}
    taken: dict[str, int] = {}
    for place, (opening, inline) in enumerate(pairwise(tokens)):
        if opening.type != "heading_open":
            continue
        text = _plain(inline.children or [])
        slug = _slug(text)
        taken[slug] = taken.get(slug, -1) + 1
        anchor = f"{slug}-{taken[slug]}" if taken[slug] else slug
        opening.attrSet("id", anchor)
        found[place] = Heading(level=int(opening.tag[1:]), text=text, anchor=anchor)
    return found


def _slug(text: str) -> str:
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", text.lower()))


def _plain(children: Iterable[Token]) -> str:
    return "".join(" " if child.type == "softbreak" else child.content for child in children)


def _without_title(tokens: Sequence[Token]) -> Sequence[Token]:
    """The page has a title of its own."""
    if [token.tag for token in tokens[:1]] == ["h1"]:
        return tokens[3:]
    return tokens


def _lead(children: list[Token]) -> None:
    """Have links lead where they may; one that leads nowhere is text alone."""
    is_dead = False
    for child in children:
        if child.type == "link_open":
            address = _address(_href(child))
            child.attrSet("href", address)
            is_dead = not address
        if is_dead and child.type in ("link_open", "link_close"):
            is_dead = child.type == "link_open"
            child.type, child.tag, child.nesting = "text", "", 0


def _address(href: str) -> str:
    if not href.startswith("admin:"):
        return href if href.startswith(_OUTSIDE) else ""
    name, mark, query = href.partition("?")
    try:
        return f"{reverse(name)}{mark}{query}"
    except NoReverseMatch:
        return ""


def _sections(tokens: Sequence[Token], headings: Mapping[int, Heading]) -> dict[str, str]:
    found: dict[str, str] = {}
    anchor = ""
    for place, token in enumerate(tokens):
        anchor = headings[place].anchor if place in headings else anchor
        for code in _explained(token.children or []):
            found.setdefault(code, anchor)
    return found


def _explained(children: Sequence[Token]) -> list[str]:
    """The codes that are followed by a dash: "`CODE` - ", "`ONE`, `OTHER` - "."""
    found: list[str] = []
    named: list[str] = []
    for child in children:
        if child.type == "code_inline" and _CODE.fullmatch(child.content):
            named.append(child.content)
        elif child.content.startswith((" \N{EN DASH} ", " - ")):
            found += named
            named = []
        elif child.content.strip() not in ("", ","):
            named = []
    return found


def link_problems(text: str) -> list[str]:
    """The links that lead nowhere, for who writes a playbook."""
    tokens = _markdown.parse(text)
    anchors = {f"#{heading.anchor}" for heading in _anchored(tokens).values()}
    hrefs = [_href(child) for token in tokens for child in token.children or [] if child.type == "link_open"]
    return [href for href in hrefs if not _address(href) or (href.startswith("#") and href not in anchors)]


def _href(token: Token) -> str:
    return str(token.attrGet("href") or "")
