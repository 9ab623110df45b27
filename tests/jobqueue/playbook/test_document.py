"""Markdown as the playbook's page shows it: safe, with anchors, and with sections for error codes."""

import pytest

from jobqueue.playbook.document import ANY_OTHER, link_problems, render


def test_raw_html_is_shown_and_not_obeyed() -> None:
    html = render("<script>alert(1)</script>\n\nA <b onclick=x>b</b>.\n").html

    assert "<script" not in html
    assert "<b " not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("href", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "page.md"])
def test_a_link_that_may_not_be_followed_is_text_alone(href: str) -> None:
    html = render(f"See [this]({href}) and [that](#that).").html

    assert href not in html.replace(f"[this]({href})", "")
    assert "this" in html
    assert '<a href="#that">that</a>' in html


def test_images_are_not_fetched() -> None:
    assert "<img" not in render("![pixel](https://evil.example/pixel.png)").html


def test_a_link_to_a_page_of_the_admin_leads_there_with_its_query() -> None:
    html = render("[Failed](admin:jobqueue_job_changelist?status=failed)").html

    assert '<a href="/admin/jobqueue/job/?status=failed">Failed</a>' in html


def test_a_link_to_a_page_that_this_project_has_not_is_text_alone() -> None:
    assert render("[Nowhere](admin:no_such_page).").html == "<p>Nowhere.</p>\n"


def test_headings_have_the_anchors_that_code_hosts_give_them() -> None:
    found = render("# Title\n\n## 401: the token is *refused*\n\n## Twice\n\n### Twice\n\n#### Deep\n")

    assert found.title == "Title"
    assert [(heading.level, heading.text, heading.anchor) for heading in found.contents] == [
        (2, "401: the token is refused", "401-the-token-is-refused"),
        (2, "Twice", "twice"),
        (3, "Twice", "twice-1"),
    ]
    assert '<h2 id="401-the-token-is-refused">' in found.html
    assert "<h1" not in found.html


def test_a_section_explains_the_codes_that_it_names_before_a_dash() -> None:
    found = render(
        "## Off\n\n`ONE`, `OTHER` \N{EN DASH} off. `THIRD` \N{EN DASH} too.\n\nSet `SETTING` to mend it.\n\n"
        "## Late\n\n`LATE` - late.\n"
    )

    assert found.sections == {"ONE": "off", "OTHER": "off", "THIRD": "off", "LATE": "late"}
    assert found.section_of("THIRD") == "off"
    assert found.section_of("ValueError") == ""


def test_every_other_code_leads_to_the_section_that_says_so() -> None:
    assert render("## Any other code\n").section_of("ValueError") == ANY_OTHER


def test_links_that_lead_nowhere_are_told_to_who_writes() -> None:
    text = "## Here\n\n[a](#here) [b](#there) [c](admin:no_such_page) [d](admin:index) [e](other.md)\n"

    assert link_problems(text) == ["#there", "admin:no_such_page", "other.md"]
