import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from agreements.printing.font_build import build_print_fonts
from agreements.printing.fonts import FontsMissingError, font_dir


class Command(BaseCommand):
    help = "Build the small TrueType fonts that printouts use (once at set-up; a second run finds them)."
    requires_system_checks: list[str] = []  # one of the checks asks for what this command makes

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="build even when the fonts are up to date")

    def handle(self, *args: Any, force: bool, **options: Any) -> None:
        started = time.monotonic()
        try:
            built = build_print_fonts(font_dir(), force=force, report=self.stdout.write)
        except FontsMissingError as error:
            raise CommandError(str(error)) from error
        done = f"built in {time.monotonic() - started:.0f} s" if built else "up to date"
        self.stdout.write(f"Print fonts in {font_dir()}: {done}.")
