"""The faults of this room's files."""

from typing import Any

from ..errors import InputError, Problem


def refusal(message: str, shown: str, *, value: object = None, **values: Any) -> InputError:
    """Return the fault of one file; `message` is a key of this room's words."""
    return InputError(
        [Problem(message=f"terrain.{message}", file=shown, value=value, values=values)]
    )
