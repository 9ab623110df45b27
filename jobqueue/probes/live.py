"""Does the process answer at all? Whoever restarts on red must not do so because the database is away."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from jobqueue.health import Level


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """Always green; asks nobody."""
    return JsonResponse({"status": Level.HEALTHY.value, "checks": {}})
