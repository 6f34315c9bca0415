"""What runs in the background: for each kind of job the function that does it."""

from collections.abc import Callable

from agreements.actions.jobs import Run
from agreements.choices import JobKind

from . import imports

FUNCTIONS: dict[str, Callable[[Run], None]] = {
    JobKind.IMPORT_CHECK: imports.check,
    JobKind.IMPORT: imports.register,
    JobKind.IMPORT_UNDO: imports.undo,
}
"""One line for each `JobKind`. How a function must be written: `agreements.actions.jobs`."""
