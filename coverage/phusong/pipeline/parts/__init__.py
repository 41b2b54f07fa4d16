"""What a study can be asked to compute: one folder a capability, each a `Part`.

`NAMES` is the registry: whoever adds a capability adds the name of its folder here. `PARTS` are
the parts themselves, imported when first asked for: they load every library.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .part import Part

    PARTS: tuple[Part[Any, Any], ...]

NAMES = (
    "territory", "coverage", "evidence", "uncertainty", "villages", "strength", "measured",
    "survey", "fibre", "egov",
)  # fmt: skip
"""In the order in which they are computed: each after those it stands on or uses."""

__all__ = ["NAMES", "PARTS", "Part"]


def __getattr__(name: str) -> Any:
    if name == "Part":
        return import_module(".part", __name__).Part
    if name != "PARTS":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = tuple(
        getattr(import_module(f".{part}", __name__), part.upper()) for part in NAMES
    )
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
