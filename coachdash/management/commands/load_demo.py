"""`manage.py load_demo`: invented people, their log-ins and schedules, for trying the site out."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from coachdash.demo.load import COACHES, COMPETITORS, SEED, load
from gameplatform.simulator.world import World


class Command(BaseCommand):
    """Adds what is missing and changes nothing else, so it may run again and again."""

    help = "Load demo users, students, platform accounts and schedules, and print the log-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        """The world's size and seed; a simulator started with the same ones knows these students."""
        parser.add_argument("--competitors", type=int, default=COMPETITORS)
        parser.add_argument("--seed", type=int, default=SEED)
        parser.add_argument("--force", action="store_true", help="even though DEBUG is off")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Load, then print one line per log-in."""
        if not settings.DEBUG and not options["force"]:
            raise CommandError(
                "DEBUG is off, so this looks like production: demo users would be able to log in. "
                "Say --force if that is what you want."
            )
        try:
            world = World(options["seed"], options["competitors"], len(COACHES))
        except ValueError as error:
            raise CommandError(str(error)) from None
        for login in load(world, Path(settings.VAR_DIR) / "demo.json"):
            self.stdout.write(f"{login.username:<10}{login.password:<16}{login.group}")
