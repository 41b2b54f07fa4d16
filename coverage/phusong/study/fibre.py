"""Section of study.toml about fibre: what counts as reached, and what a cut is measured by."""

import uuid
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator, model_validator

from ._parts import Settings, Share, Text, fault

Metres = Annotated[float, Field(gt=0, le=1000)]
DistrictCode = Annotated[str, Field(pattern=r"^\d{3}$")]


class Trench(Settings):
    """When two cables fall to one event.

    Parameters
    ----------
    distance_m : float
        Cables at most this far apart share a trench or a row of poles.
    shortest_m : float
        Side by side for less they do not.
    """

    distance_m: Metres
    shortest_m: Annotated[float, Field(gt=0, le=50_000)]


class Hubs(Settings):
    """Where traffic must arrive, by id of the nodes table.

    What is not named here falls to the offices: of level province for the
    province, of level district for each district.

    Parameters
    ----------
    province : tuple of str
        Any of them will do.
    district : mapping of str to str
        Node of a district's hub by district code.
    """

    province: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    district: dict[DistrictCode, Text] = Field(default_factory=dict)


class Links(Settings):
    """Which new links are considered.

    Parameters
    ----------
    count : int
        How many single links are listed, best first.
    longest_m : float
        Longest link, in a straight line.
    neighbours : int
        How many of the nearest nodes each node is tried with.
    """

    count: Annotated[int, Field(ge=1, le=1000)]
    longest_m: Annotated[float, Field(gt=0, le=100_000)]
    neighbours: Annotated[int, Field(ge=1, le=100)]


class Microwave(Settings):
    """When a microwave hop counts as in sight.

    Parameters
    ----------
    earth_factor : float
        Effective over true radius of the earth, such as 4/3.
    fresnel_share : float
        Share of the first Fresnel zone that must be free, such as 0.6.
    """

    earth_factor: Annotated[float, Field(gt=0, le=10)]
    fresnel_share: Annotated[float, Field(ge=0, le=2)]


class CableYear(Settings):
    """What one year may spend on new cable.

    Parameters
    ----------
    year : int
    budget_vnd : float
    """

    year: Annotated[int, Field(ge=1990, le=2100)]
    budget_vnd: Annotated[float, Field(ge=0)]


class CableRollout(Settings):
    """Money for new cable year by year; what it costs is the table ``fibre_prices``.

    Parameters
    ----------
    years : tuple of CableYear
        In rising order.
    carry_over : bool
        Whether money left over may be spent in later years.
    second_way_weight : float
        What a second way is worth to those behind a place, as a share of what the
        first is.
    largest_gap : float
        Share of the value that may be left unproven.
    """

    years: Annotated[tuple[CableYear, ...], Field(min_length=1, strict=False)]
    carry_over: bool
    second_way_weight: Annotated[float, Field(gt=0)]
    largest_gap: Share

    @field_validator("years")
    @classmethod
    def _rising(cls, years: tuple[CableYear, ...]) -> tuple[CableYear, ...]:
        numbers = [year.year for year in years]
        if numbers != sorted(set(numbers)):
            raise fault("years_not_rising", years=", ".join(map(str, numbers)))
        return years


def _uuid(value: str) -> str:
    try:
        return str(uuid.UUID(value))
    except ValueError:
        raise fault("not_uuid") from None


class Fibre(Settings):
    """When fibre counts as reaching a place, and how its network is judged.

    Parameters
    ----------
    drop_length_m : float
        Longest drop from a span to a place.
    statuses : tuple of str
        Span statuses that carry traffic.
    snap_tolerance_m : float, optional
        Ends of spans and nodes at most this far apart are one. Without it no
        network is built: distances only.
    hubs : Hubs, optional
        Named nodes instead of the offices by level.
    may_use : mapping of str to tuple of str
        Of an operator, whose cable it may use beside its own.
    rank_by : {"offices", "masts", "population"}, optional
        What counts in the cut drill; without it there is none.
    trench : Trench, optional
        Without it every cable is cut alone.
    landslide_slope_deg : float, optional
        Ground from this slope on is prone to landslides.
    road_gap_m : float, optional
        Parts of the roads that come so near each other are taken as joined when
        new cable is planned. Without it no gap is bridged.
    links : Links, optional
        Without it no new link is sought.
    deployment : {"aboveGround", "belowGround"}, optional
        Which of the prices new cable costs; needed with a price table.
    solver_time_limit_s : float, optional
        When a plan of links is taken as it stands, with its gap. A limit that
        bites makes the plan depend on the machine.
    microwave : Microwave, optional
        Without it no line of sight is judged.
    rollout : CableRollout, optional
        Without it new cable has no years.
    network_id : str, optional
        UUID of the network in the Open Fibre Data Standard, kept between editions.
    """

    drop_length_m: Annotated[float, Field(ge=0, le=50_000)]
    statuses: Annotated[
        tuple[Literal["operational", "underConstruction", "planned", "proposed"], ...],
        Field(min_length=1, strict=False),
    ]
    snap_tolerance_m: Metres | None = None
    hubs: Hubs = Field(default_factory=Hubs)
    may_use: dict[Text, Annotated[tuple[Text, ...], Field(strict=False)]] = Field(
        default_factory=dict
    )
    rank_by: Literal["offices", "masts", "population"] | None = None
    trench: Trench | None = None
    landslide_slope_deg: Annotated[float, Field(gt=0, lt=90)] | None = None
    road_gap_m: Metres | None = None
    links: Links | None = None
    deployment: Literal["aboveGround", "belowGround"] | None = None
    solver_time_limit_s: Annotated[float, Field(gt=0, le=86_400)] | None = None
    microwave: Microwave | None = None
    rollout: CableRollout | None = None
    network_id: Annotated[str, AfterValidator(_uuid)] | None = None

    @model_validator(mode="after")
    def _each_on_what_it_needs(self) -> "Fibre":
        needs = (
            ("rank_by", self.rank_by, "snap_tolerance_m", self.snap_tolerance_m),
            ("trench", self.trench, "rank_by", self.rank_by),
            ("landslide_slope_deg", self.landslide_slope_deg, "rank_by", self.rank_by),
            ("links", self.links, "rank_by", self.rank_by),
            ("rollout", self.rollout, "rank_by", self.rank_by),
        )
        for name, given, needed, value in needs:
            if given is not None and value is None:
                raise fault("fibre_needs", name=name, needed=needed)
        return self
