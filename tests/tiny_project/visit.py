"""Visits the admin as a superuser, and prints each page's status: `python visit.py PATH ...`."""

import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402

client = Client()
user = User.objects.filter(username="admin").first()
client.force_login(user or User.objects.create_superuser("admin"))
for page in sys.argv[1:]:
    answer = client.get(page)
    print(page, answer.status_code)
    assert b"ship_order" in answer.content or "/jobqueue/job/" not in page
