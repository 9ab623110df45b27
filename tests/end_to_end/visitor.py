"""A person with a browser's cookies but without a browser."""

import requests

_TIMEOUT = 60  # seconds


class Visitor:
    """Somebody at the site's log-in, or past it."""

    def __init__(self, address: str) -> None:
        """
        Args:
            address: of the site, without a slash at its end.
        """
        self._address = address
        self.session = requests.Session()
        self.session.trust_env = False
        self.get("/login/")

    def log_in(self, username: str, password: str) -> bool:
        """Whether that worked."""
        self.post("/login/", username=username, password=password)
        return "sessionid" in self.session.cookies

    def get(self, path: str) -> requests.Response:
        """Look at a page."""
        return self.session.get(f"{self._address}{path}", timeout=_TIMEOUT)

    def post(self, path: str, **fields: str) -> requests.Response:
        """Send a form as its page does."""
        token = self.session.cookies.get("csrftoken", "")
        return self.session.post(
            f"{self._address}{path}",
            data={**fields, "csrfmiddlewaretoken": token},
            timeout=_TIMEOUT,
            allow_redirects=False,
        )
