"""Write the API's document as it is committed."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from coachdash.api import api


class Command(BaseCommand):
    help = "Write the OpenAPI document of the JSON API to docs/openapi.json, or to another file."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--output", type=Path, default=settings.BASE_DIR / "docs" / "openapi.json")

    def handle(self, *args: Any, **options: Any) -> None:
        document = json.dumps(api.get_openapi_schema(path_prefix="/api/"), indent=2)
        options["output"].write_text(f"{document}\n")
        self.stdout.write(f"Written: {options['output']}")
