"""Section of study.toml about e-government."""

from typing import Annotated

from pydantic import Field

from ._parts import Identifier, Settings, Text


class Prerequisite(Settings):
    """One condition of the electronic one-stop shop, of the known checklist.

    Parameters
    ----------
    name : str
        Field of the offices table, or ``computers_per_official``.
    minimum : float, optional
        Least value of a count or ratio; flags need none.
    """

    name: Identifier
    minimum: Annotated[float, Field(ge=0)] | None = None


class Egov(Settings):
    """What an office needs before the interlinked one-stop shop.

    Parameters
    ----------
    legal_basis : str
        Decree or decision the checklist follows, as printed.
    prerequisites : tuple of Prerequisite
    """

    legal_basis: Text
    prerequisites: Annotated[tuple[Prerequisite, ...], Field(min_length=1, strict=False)]
