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
def test_pages_show_nothing_but_the_sites_own_files(path: str, alice: User, log_in: LogIn) -> None:
    header = policy(log_in(alice), path)
    assert "default-src 'none'" in header
    assert "style-src 'self';" in header
    assert "unsafe" not in header


def test_scripts_run_by_this_answers_nonce_only(alice: User, log_in: LogIn) -> None:
    client, nonces = log_in(alice), []
    for _ in range(2):
        response = client.get("/dashboard/")
        scripts = re.findall(r"<script[^>]*>", response.content.decode())
        (nonce,) = {found for script in scripts for found in re.findall(r'nonce="([^"]+)"', script)}
        assert scripts
        assert all(f'nonce="{nonce}"' in script for script in scripts)
        assert f"script-src 'nonce-{nonce}';" in response.headers["Content-Security-Policy"]
        nonces.append(nonce)
    assert nonces[0] != nonces[1]


def test_a_page_without_scripts_may_run_none() -> None:
    assert "script-src" not in policy(Client(), "/login/")


def test_the_pages_need_no_more_than_that(alice: User, log_in: LogIn) -> None:
    for client, path in ((Client(), "/login/"), (log_in(alice), "/dashboard/")):
        page = client.get(path).content.decode()
        assert "<html" in page
        assert not INLINE.search(page)


def test_the_admin_may_evaluate_what_its_pages_are_built_with(db: None) -> None:
    header = policy(Client(), "/admin/login/")
    assert "script-src 'self' 'unsafe-eval'" in header
    assert "default-src 'none'" in header
