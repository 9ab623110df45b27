"""The Content-Security-Policy of every answer: strict, but for the admin, whose scripts need more."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csp import ContentSecurityPolicyMiddleware
from django.utils.csp import CSP

# Alpine, which the admin's pages are built with, evaluates expressions and sets inline styles.
_ADMIN = {
    "script-src": [CSP.SELF, CSP.UNSAFE_EVAL],
    "style-src": [CSP.SELF, CSP.UNSAFE_INLINE],
    "img-src": [CSP.SELF, "data:"],
}


class SitePolicyMiddleware(ContentSecurityPolicyMiddleware):
    """Django's own middleware with `SECURE_CSP`, relaxed under /admin/."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Add the header, unless the view has set its own policy."""
        if request.path.startswith("/admin/") and not hasattr(response, "_csp_config"):
            response._csp_config = {**settings.SECURE_CSP, **_ADMIN}  # type: ignore[attr-defined]  # noqa: SLF001
        return super().process_response(request, response)
