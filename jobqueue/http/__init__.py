"""The JSON API, as routes for a project's own `NinjaAPI`.

`from jobqueue.http.api import new_api` in the module of the project's URLs; nothing else of the queue imports this, so
that workers do without its libraries.
"""
