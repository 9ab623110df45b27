"""The site's JSON API: the queue's routes and the game platform's, under /api/."""

from gameplatform.http.triggers import router as triggers
from jobqueue.http.api import add_routes, new_api

_DESCRIPTION = """
Start, watch and steer the background work of the coach dashboard.

Programs send `Authorization: Bearer` with a personal API token (made in the admin, or by `manage.py create_api_token`);
a browser's log-in works, too. A token can do what its scopes say, and never more than its owner may.

Every error is `{"error": {"code", "message", "fields"?}}`: a word for programs, and a sentence that says what was
expected. Lists come in pages: give `nextCursor` as `cursor` for the next one. Calls are limited per token, user and
address; 429 says in `Retry-After` when to come back. The guide with examples for curl is `docs/api.md`.
""".strip()

api = new_api(title="Coach dashboard API", version="1", description=_DESCRIPTION)
api.add_router("", triggers)
add_routes(api)
