"""Section of study.toml about fibre."""

from typing import Annotated, Literal

from pydantic import Field

from ._parts import Settings


class Fibre(Settings):
    """When fibre counts as reaching a commune centre.

    Parameters
    ----------
    drop_length_m : float
        Longest drop from a span to a centre.
    statuses : tuple of str
        Span statuses that carry traffic.
    """

    drop_length_m: Annotated[float, Field(ge=0, le=50_000)]
    statuses: Annotated[
        tuple[Literal["operational", "underConstruction", "planned", "proposed"], ...],
        Field(min_length=1, strict=False),
    ]
