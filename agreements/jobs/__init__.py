"""What runs in the background: for each kind of job the function that does it."""

from collections.abc import Callable

from agreements.actions.jobs import Run

FUNCTIONS: dict[str, Callable[[Run], None]] = {}
"""One line for each `JobKind`. How a function must be written: `agreements.actions.jobs`."""
