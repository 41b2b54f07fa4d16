"""How a layer is painted: classes of a number, categories of a field; and the words of a theme."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    GetPydanticSchema,
    PlainSerializer,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from .._text import LONGEST_TEXT, text_fault
from ..i18n import Bilingual

WHATEVER_IS_JUDGED = "target"
"""In place of a denominator: that of the service's target, whatever it is."""
SHARES: Mapping[str, tuple[str, str, str]] = {
    "covered_population_share": ("population", "covered_population", "population"),
    "expected_covered_population_share": (
        "expected_population",
        "expected_covered_population",
        "population",
    ),
    "covered_area_share": ("area", "covered_area_km2", "area_km2"),
    "covered_villages_share": ("villages", "covered_villages", "villages"),
    "share_median": (WHATEVER_IS_JUDGED, "", ""),
    "pixels_share_median": ("population", "", ""),
    "probability_share_median": ("expected_population", "", ""),
}
"""By field of a share: its denominator as studies name it, its part, its whole; estimates have none
of these two."""


def fault(key: str, **values: Any) -> PydanticCustomError:
    """Return a validation error that carries one of our message keys."""
    return PydanticCustomError(f"maps.{key}", f"maps.{key}", values)


def _readable(value: str) -> str:
    if unfit := text_fault(value):
        raise fault(unfit, limit=LONGEST_TEXT)
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise fault("blank")
    return value


Code = Annotated[str, AfterValidator(_readable)]
Text = Annotated[Code, AfterValidator(_not_blank)]
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Opacity = Annotated[float, Field(ge=0, le=1)]
Pixels = Annotated[float, Field(ge=0, le=40)]
Zoom = Annotated[int, Field(ge=0, le=18)]
Dash = Annotated[str, Field(pattern=r"^[0-9 .]*$")]
Shape = Literal["circle", "square", "diamond", "triangle"]


class Model(BaseModel):
    """What every part of a theme is: frozen, strict, without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class _Words(Model):
    vi: Text
    en: Text


def _words(_: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    return core_schema.no_info_after_validator_function(
        lambda given: Bilingual(given.vi, given.en), handler.generate_schema(_Words)
    )


Words = Annotated[Bilingual, GetPydanticSchema(_words), PlainSerializer(asdict)]
"""A text in both languages, as a theme gives it: ``{ vi = "…", en = "…" }``."""


class Classes(Model):
    """Values cut at breaks; a break belongs to the class above it.

    Parameters
    ----------
    breaks : tuple of float
        Rising.
    colours : tuple of str
        One more than breaks, from the lowest class up.
    sizes_px : tuple of float
        Width of lines or radius of points, one a class; empty for the layer's own.
    titles : tuple of Bilingual
        What the legend says instead of the limits, one a class; empty for the limits.
    """

    breaks: Annotated[tuple[float, ...], Field(strict=False)]
    colours: Annotated[tuple[Colour, ...], Field(strict=False)]
    sizes_px: Annotated[tuple[Pixels, ...], Field(strict=False)] = ()
    titles: Annotated[tuple[Words, ...], Field(strict=False)] = ()

    @model_validator(mode="after")
    def _one_colour_each(self) -> "Classes":
        if list(self.breaks) != sorted(set(self.breaks)):
            raise fault("breaks_not_rising")
        if len(self.colours) != len(self.breaks) + 1:
            raise fault("colours", expected=len(self.breaks) + 1, found=len(self.colours))
        for name, given in (("sizes_px", self.sizes_px), ("titles", self.titles)):
            if len(given) not in {0, len(self.colours)}:
                raise fault("one_each", name=name, expected=len(self.colours), found=len(given))
        return self


class Classing(Model):
    """Colour by classes of a number, with the service's target as a break.

    Parameters
    ----------
    field : str
        Number of the layer's table.
    plain : Classes
        Where no target applies.
    below, met : Classes, optional
        Under the target, and from the target up. Breaks on the wrong side of
        a study's target fall away together with the colours next to it.
    no_data : str
        Colour where the number is missing.
    """

    field: Identifier
    plain: Classes
    below: Classes | None = None
    met: Classes | None = None
    no_data: Colour

    @model_validator(mode="after")
    def _both_sides(self) -> "Classing":
        if (self.below is None) != (self.met is None):
            raise fault("one_side")
        if self.below is not None and self.field not in SHARES:
            raise fault("no_target_field", field=self.field, known=", ".join(SHARES))
        return self


class Category(Model):
    """One value of a field and how it looks; what is not given is the layer's."""

    value: bool | int | Code
    title: Words
    colour: Colour
    width_px: Pixels | None = None
    dash: Dash | None = None
    radius_px: Pixels | None = None
    shape: Shape | None = None
    from_zoom: Zoom = 0
    label_px: Pixels | None = None


class Categories(Model):
    """Colour by the values of a field: listed one by one, or along a ramp.

    Parameters
    ----------
    field : str
    items : tuple of Category
    ramp : tuple of str
        Instead of items: the values that the study's table holds, in rising
        order, take colours evenly along these.
    ramp_title : Bilingual, optional
        What the legend calls a value of the ramp, written for ``{value}``.
    other : str
        Colour of rows with another value or none.
    other_title : Bilingual, optional
        What the legend calls those rows, if there are any.
    """

    field: str
    items: Annotated[tuple[Category, ...], Field(strict=False)] = ()
    ramp: Annotated[tuple[Colour, ...], Field(strict=False)] = ()
    ramp_title: Words | None = None
    other: Colour
    other_title: Words | None = None

    @model_validator(mode="after")
    def _one_way(self) -> "Categories":
        if bool(self.items) == bool(self.ramp):
            raise fault("items_or_ramp")
        return self
