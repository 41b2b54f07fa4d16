"""Section of study.toml about where to build: what for, money by year, prices of works."""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from ._parts import Identifier, Settings, Share, Text, distinct, fault

_Price = Annotated[float, Field(gt=0)]


class SitingYear(Settings):
    """What one year may spend on sites.

    Parameters
    ----------
    year : int
    budget_vnd : float
    """

    year: Annotated[int, Field(ge=1990, le=2100)]
    budget_vnd: Annotated[float, Field(ge=0)]


class MastPrice(Settings):
    """What a new mast of one height costs, with its cells.

    Parameters
    ----------
    antenna_height_m : float
        Above ground.
    price_vnd : float
    """

    antenna_height_m: Annotated[float, Field(gt=0, le=500)]
    price_vnd: _Price


class Siting(Settings):
    """What a plan of sites is for, and what its works cost; there are no prices but these.

    Parameters
    ----------
    service : str
        Id of the service to be had.
    operator, technology : str
        Of the cells to be built.
    years : tuple of SitingYear
        In rising order.
    masts : tuple of MastPrice
        Heights to choose from.
    share_vnd : float
        Of cells on a mast that is there.
    fibre_vnd_per_km : float or "table", optional
        Of a fibre drop, or by the price table of cable and the slope.
    hop_vnd : float, optional
        Of a microwave hop, both ends. Without cable and hops backhaul is not asked for.
    relay_vnd : float, optional
        Of a relay of hops on high ground.
    grid_vnd_per_km, solar_vnd, generator_vnd : float, optional
        Of power where it is not part of the mast's price.
    village_grid_vnd_per_km : float, optional
        Of a line to a village without mains power, whose people then wait for it.
    target_share : float, optional
        Share of the residents to be served by the last year, for least money; without it as
        many people as the budgets serve.
    each_commune : bool
        Whether every commune is to have that share.
    carry_over : bool
        Whether money left over may be spent in later years.
    largest_gap : float
        Share by which a better plan may be better.
    """

    service: Identifier
    operator: Text
    technology: Literal["2G", "3G", "4G", "5G"]
    years: Annotated[tuple[SitingYear, ...], Field(min_length=1, strict=False)]
    masts: Annotated[tuple[MastPrice, ...], Field(min_length=1, strict=False)]
    share_vnd: _Price
    fibre_vnd_per_km: _Price | Literal["table"] | None = None
    hop_vnd: _Price | None = None
    relay_vnd: _Price | None = None
    grid_vnd_per_km: _Price | None = None
    solar_vnd: _Price | None = None
    generator_vnd: _Price | None = None
    village_grid_vnd_per_km: _Price | None = None
    target_share: Share | None = None
    each_commune: bool = False
    carry_over: bool = False
    largest_gap: Share = 0.01

    @field_validator("years")
    @classmethod
    def _rising(cls, years: tuple[SitingYear, ...]) -> tuple[SitingYear, ...]:
        numbers = [year.year for year in years]
        if numbers != sorted(set(numbers)):
            raise fault("years_not_rising", years=", ".join(map(str, numbers)))
        return years

    @field_validator("masts")
    @classmethod
    def _distinct_heights(cls, masts: tuple[MastPrice, ...]) -> tuple[MastPrice, ...]:
        distinct([f"{mast.antenna_height_m:g} m" for mast in masts])
        return masts

    @model_validator(mode="after")
    def _each_has_a_share(self) -> "Siting":
        if self.each_commune and self.target_share is None:
            raise fault("each_without_share")
        return self
