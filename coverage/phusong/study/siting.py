"""Section of study.toml about where to build: what for, money by year, prices of works."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from ._parts import FileName, Identifier, Settings, Share, Text, distinct, fault
from .coverage import Service
from .egov import PriorityMeasure

_Price = Annotated[float, Field(gt=0)]
_Spacing = Annotated[float, Field(ge=0, le=100_000)]
CommuneType = Literal["xã", "phường", "thị trấn", "đặc khu"]


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
    sectors : int
        At even angles.
    more_power_db : float
        Of its cells above those of the operator that are there.
    """

    antenna_height_m: Annotated[float, Field(gt=0, le=500)]
    price_vnd: _Price
    sectors: Annotated[int, Field(ge=2, le=12)] = 3
    more_power_db: Annotated[float, Field(ge=-20, le=20)] = 0.0


class BandPrice(Settings):
    """What cells on one more carrier cost.

    Parameters
    ----------
    frequency_mhz : float
    price_vnd : float
    """

    frequency_mhz: Annotated[float, Field(gt=0, le=100_000)]
    price_vnd: _Price


class RaisePrice(Settings):
    """What it costs to make a mast that is there higher, with new cells on top.

    Parameters
    ----------
    higher_m : float
    price_vnd : float
    """

    higher_m: Annotated[float, Field(gt=0, le=200)]
    price_vnd: _Price


class BackhaulRadio(Settings):
    """The equipment of both ends of a hop; see `phusong.siting.HopRadio`.

    Parameters
    ----------
    frequency_ghz, power_dbm, dish_m, threshold_dbm, losses_db, tilt_deg : float
    """

    frequency_ghz: Annotated[float, Field(ge=1, le=100)]
    power_dbm: Annotated[float, Field(ge=-50, le=60)]
    dish_m: Annotated[float, Field(gt=0, le=10)]
    threshold_dbm: Annotated[float, Field(ge=-120, le=0)]
    losses_db: Annotated[float, Field(ge=0, le=60)]
    tilt_deg: Annotated[float, Field(ge=0, le=90)] = 90.0


class SitingBackhaul(Settings):
    """What backhaul of new masts is possible; what is absent is assumed.

    Parameters
    ----------
    radios : tuple of BackhaulRadio, optional
    longest_hop_m, least_availability, rain_rate_mm_h, gradient_n_per_km : float, optional
    neighbours, most_hops : int, optional
    roughness_m, relay_height_m, longest_cable_m, longest_drop_m : float, optional
    straight_factor : float, optional
        As for `phusong.pipeline.BackhaulRules`.
    """

    radios: Annotated[tuple[BackhaulRadio, ...], Field(min_length=1, strict=False)] | None = None
    longest_hop_m: Annotated[float, Field(gt=0, le=200_000)] | None = None
    neighbours: Annotated[int, Field(ge=1, le=100)] | None = None
    most_hops: Annotated[int, Field(ge=1, le=10)] | None = None
    least_availability: Annotated[float, Field(gt=0, lt=1)] | None = None
    rain_rate_mm_h: Annotated[float, Field(ge=0, le=300)] | None = None
    gradient_n_per_km: Annotated[float, Field(ge=-2000, le=500)] | None = None
    roughness_m: Annotated[float, Field(gt=0, le=5000)] | None = None
    relay_height_m: Annotated[float, Field(gt=0, le=200)] | None = None
    longest_cable_m: Annotated[float, Field(gt=0, le=500_000)] | None = None
    longest_drop_m: Annotated[float, Field(gt=0, le=500_000)] | None = None
    straight_factor: Annotated[float, Field(ge=1, le=5)] | None = None


class SitingAim(Settings):
    """What a plan of sites is for: a service, who builds for it, and what must be met.

    Parameters
    ----------
    service : str
        Id of the service to be had.
    operator, technology : str
        Of the cells to be built.
    target_share : float, optional
        Share of the residents to be served by the last year, for least money; without any target
        as many people as the budgets serve.
    each_commune, each_village : bool
        Whether every commune, and every village, is to have that share.
    each_centre : bool
        Whether the centre of every commune is to be served by the last year, for least money.
    """

    service: Identifier
    operator: Text
    technology: Literal["2G", "3G", "4G", "5G"]
    target_share: Share | None = None
    each_commune: bool = False
    each_village: bool = False
    each_centre: bool = False

    @property
    def has_target(self) -> bool:
        """Whether anything must be met."""
        return self.target_share is not None or self.each_centre

    @model_validator(mode="after")
    def _each_has_a_share(self) -> Self:
        if (self.each_commune or self.each_village) and self.target_share is None:
            raise fault("each_without_share")
        return self


class Siting(SitingAim):
    """What a plan of sites is for, and what its works cost; there are no prices but these.

    Parameters
    ----------
    service, operator, technology, target_share, each_commune, each_village, each_centre
        As of `SitingAim`.
    also : tuple of SitingAim
        Further services, or operators that build, of the same plan.
    years : tuple of SitingYear
        In rising order.
    masts : tuple of MastPrice
        Heights, sectors and powers to choose from.
    share_vnd : float
        Of cells on a mast that is there.
    bands : tuple of BandPrice
        Further carriers to be offered.
    sectors_vnd : float, optional
        Of three sectors more on a mast of the operator.
    raises : tuple of RaisePrice
        Of masts of the operator.
    backhaul : SitingBackhaul, optional
        What cable and hops are possible.
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
    spacing_m : float, optional
        Least distance of new masts from masts that are there, and from each other.
    spacing_by_type : dict of str to float
        The same by the type of the commune where the new mast stands.
    weights : dict of str to float
        Measure of the table ``priorities`` → how much a person of a commune with all of it counts
        in the choice.
    within_reach : bool
        Whether a target that all candidates together cannot meet asks for as much as they reach.
    places, excluded : str, optional
        Files of places of one's own to be tried, and of areas without new masts; paths as those
        of the inputs.
    carry_over : bool
        Whether money left over may be spent in later years.
    largest_gap : float
        Share by which a better plan may be better.
    time_limit_s : float
        After which the best plan found so far is given.
    """

    also: Annotated[tuple[SitingAim, ...], Field(strict=False)] = ()
    years: Annotated[tuple[SitingYear, ...], Field(min_length=1, strict=False)]
    masts: Annotated[tuple[MastPrice, ...], Field(min_length=1, strict=False)]
    share_vnd: _Price
    bands: Annotated[tuple[BandPrice, ...], Field(strict=False)] = ()
    sectors_vnd: _Price | None = None
    raises: Annotated[tuple[RaisePrice, ...], Field(strict=False)] = ()
    backhaul: SitingBackhaul | None = None
    fibre_vnd_per_km: _Price | Literal["table"] | None = None
    hop_vnd: _Price | None = None
    relay_vnd: _Price | None = None
    grid_vnd_per_km: _Price | None = None
    solar_vnd: _Price | None = None
    generator_vnd: _Price | None = None
    village_grid_vnd_per_km: _Price | None = None
    spacing_m: _Spacing | None = None
    spacing_by_type: dict[CommuneType, _Spacing] = Field(default_factory=dict)
    weights: dict[PriorityMeasure, Annotated[float, Field(ge=0, le=1000)]] = Field(
        default_factory=dict
    )
    within_reach: bool = False
    places: FileName | None = None
    excluded: FileName | None = None
    carry_over: bool = False
    largest_gap: Share = 0.01
    time_limit_s: Annotated[float, Field(gt=0, le=86_400)] = 3600.0

    @property
    def files(self) -> dict[str, str]:
        """The files that only a plan of sites reads, by the keys that name them."""
        named = {"siting.places": self.places, "siting.excluded": self.excluded}
        return {key: path for key, path in named.items() if path is not None}

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
        distinct(
            [
                f"{one.antenna_height_m:g} m, {one.sectors}, {one.more_power_db:g} dB"
                for one in masts
            ]
        )
        return masts

    @field_validator("bands")
    @classmethod
    def _distinct_bands(cls, bands: tuple[BandPrice, ...]) -> tuple[BandPrice, ...]:
        distinct([f"{one.frequency_mhz:g} MHz" for one in bands])
        return bands

    @field_validator("raises")
    @classmethod
    def _distinct_raises(cls, raises: tuple[RaisePrice, ...]) -> tuple[RaisePrice, ...]:
        distinct([f"{one.higher_m:g} m" for one in raises])
        return raises

    @model_validator(mode="after")
    def _aims_fit(self) -> Self:
        aims: tuple[SitingAim, ...] = (self, *self.also)
        distinct([f"{one.service}, {one.operator} {one.technology}" for one in aims])
        if len({one.has_target for one in aims}) > 1:
            raise fault("siting_mixed")
        return self

    def require_counted(self, services: Iterable[Service]) -> None:
        """Refuse aims of services that there are not, or that count no cells to be built.

        Parameters
        ----------
        services : iterable of Service

        Raises
        ------
        PydanticCustomError
            With the key of our message, as validators raise it.
        """  # noqa: DOC501 - `fault` returns it
        known = {service.id: service for service in services}
        for aim in (self, *self.also):
            service = known.get(aim.service)
            if service is None:
                raise fault("siting_service", service=aim.service, known=", ".join(known) or "–")
            if not service.counts(aim.operator, aim.technology):
                raise fault(
                    "siting_not_counted", service=aim.service, operator=aim.operator,
                    technology=aim.technology,
                )  # fmt: skip
