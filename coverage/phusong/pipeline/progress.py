"""How far a run is: bars in a notebook, elsewhere a callback if one is given."""

import sys
from collections.abc import Callable
from typing import Any

from ..i18n import text

Progress = Callable[[str, int, int], None]
"""Called with a message key, how much is done, and how much there is."""


def silent(step: str, done: int, total: int) -> None:
    """Report progress to nobody."""


def default_progress() -> Progress:
    """Return bars below the cell in a notebook; elsewhere nothing is shown."""
    # Whoever runs in a notebook has it imported; nobody else needs it.
    ipython: Any = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return (
        silent if getattr(shell, "kernel", None) is None else NotebookBars(ipython.display.display)
    )


class NotebookBars:
    """One line a step, drawn by the notebook itself: no widget, no network."""

    def __init__(self, display: Callable[..., Any]) -> None:
        self._steps: dict[str, int] = {}
        self._shown = display({"text/html": ""}, raw=True, display_id=True)

    def __call__(self, step: str, done: int, total: int) -> None:
        """Show a step's share done, in whole percent."""
        percent = 100 * done // max(total, 1)
        if self._steps.get(step) == percent:
            return
        self._steps[step] = percent
        lines = (
            f"<div><progress max='100' value='{share}'></progress> "
            f"{text(name, 'vi')} / {text(name, 'en')}</div>"
            for name, share in self._steps.items()
        )
        self._shown.update({"text/html": "".join(lines)}, raw=True)
