"""The WSGI entry point for production servers."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application

from coachdash import postgres

_CANNOT_BOOT = 3  # gunicorn then ends, instead of trying for ever

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachdash.settings")
try:
    application = get_wsgi_application()  # reads the settings, and with them .env
except ImproperlyConfigured as error:
    print(error, file=sys.stderr)
    sys.exit(_CANNOT_BOOT)
if postgres.wanted():
    postgres.ensure_running()
