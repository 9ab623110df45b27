"""The WSGI entry point for production servers."""

import os

from django.core.wsgi import get_wsgi_application

from coachdash import postgres

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachdash.settings")
application = get_wsgi_application()  # reads the settings, and with them .env
if postgres.wanted():
    postgres.ensure_running()
