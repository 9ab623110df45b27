"""The Content-Security-Policy of the site and of its admin."""

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.coachdash.conftest import LogIn

INLINE = re.compile(r"<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


def policy(client: Client, path: str) -> str:
    return client.get(path).headers["Content-Security-Policy"]


@pytest.mark.parametrize("path", ["/dashboard/", "/login/", "/nothing-here/"])
def test_pages_run_and_show_nothing_but_the_sites_own_files(path: str, alice: User, log_in: LogIn) -> None:
    header = policy(log_in(alice), path)
    assert "default-src 'none'" in header
    assert "script-src 'self';" in header
    assert "unsafe" not in header


def test_the_pages_need_no_more_than_that(alice: User, log_in: LogIn) -> None:
    for client, path in ((Client(), "/login/"), (log_in(alice), "/dashboard/")):
        page = client.get(path).content.decode()
        assert "<html" in page
        assert not INLINE.search(page)


def test_the_admin_may_evaluate_what_its_pages_are_built_with(db: None) -> None:
    header = policy(Client(), "/admin/login/")
    assert "script-src 'self' 'unsafe-eval'" in header
    assert "default-src 'none'" in header
