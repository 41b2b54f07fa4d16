"""Section of study.toml about e-government: rules of readiness, rollout, access."""

from typing import Annotated, Literal, get_args

from pydantic import Field, field_validator, model_validator

from ..i18n import Bilingual
from ._parts import Identifier, Settings, Share, Text, distinct, fault

RuleVersion = Literal["qd_09_2015", "nd_118_2025"]
PriorityMeasure = Literal["ethnic_minority_share", "border", "priority"]
Measure = Literal["files_per_year", "population", "distance_to_centre_m", PriorityMeasure]
PRIORITY_MEASURES = frozenset(get_args(PriorityMeasure))
"""Measures that the table `priorities` gives; the others the run finds itself."""

_NotNegative = Annotated[float, Field(ge=0)]
_Positive = Annotated[float, Field(gt=0)]
_Year = Annotated[int, Field(ge=1990, le=2100)]


class Prerequisite(Settings):
    """One condition of the electronic one-stop shop, of the known ones.

    Parameters
    ----------
    name : str
        Field of the offices table, or ``computers_per_official``.
    minimum : float, optional
        Least value of a count or ratio; flags need none.
    """

    name: Identifier
    minimum: _NotNegative | None = None


class RolloutYear(Settings):
    """What one year allows.

    Parameters
    ----------
    year : int
    budget_vnd : float
    crew_days : float
    """

    year: _Year
    budget_vnd: _NotNegative
    crew_days: _NotNegative


class Scenario(Settings):
    """The same rollout with other money.

    Parameters
    ----------
    id, name, name_en : str
    budget_factor : float
        By which every year's budget is multiplied.
    """

    id: Identifier
    name: Text
    name_en: Text
    budget_factor: _Positive

    @property
    def title(self) -> Bilingual:
        """`name` and `name_en`, as printed."""
        return Bilingual(self.name, self.name_en)


class Rollout(Settings):
    """Money, crews and priorities of the rollout; its works are the table `works`.

    Parameters
    ----------
    years : tuple of RolloutYear
        In rising order.
    weights : mapping
        Measure → weight of its share; see docs/methods/egov.md.
    district_bonus : float
        Extra value of a whole district, as a share of its offices' values.
    carry_over : bool
        Whether money left over may be spent in later years.
    unknown_is_missing : bool
        Whether to plan and pay for what an office has not reported.
    largest_gap : float
        Share of the value that may be left unproven.
    required : mapping
        Office → year by whose end it must be in service.
    scenarios : tuple of Scenario
    """

    years: Annotated[tuple[RolloutYear, ...], Field(min_length=1, strict=False)]
    weights: Annotated[dict[Measure, _NotNegative], Field(min_length=1)]
    district_bonus: _NotNegative
    carry_over: bool
    unknown_is_missing: bool
    largest_gap: Share
    required: dict[str, _Year] = Field(default_factory=dict)
    scenarios: Annotated[tuple[Scenario, ...], Field(strict=False)] = ()

    @field_validator("years")
    @classmethod
    def _rising(cls, years: tuple[RolloutYear, ...]) -> tuple[RolloutYear, ...]:
        numbers = [year.year for year in years]
        if numbers != sorted(set(numbers)):
            raise fault("years_not_rising", years=", ".join(map(str, numbers)))
        return years

    @field_validator("scenarios")
    @classmethod
    def _distinct_scenarios(cls, scenarios: tuple[Scenario, ...]) -> tuple[Scenario, ...]:
        # The study's own budgets are a row of the comparison too.
        distinct(["base", *(scenario.id for scenario in scenarios)])
        return scenarios


class Access(Settings):
    """The way from villages to their service centre.

    Parameters
    ----------
    road_kmh, walk_kmh : float
        Speeds on the road and on the walk to it.
    longest_walk_m : float
        Farthest straight walk from a village or a centre to a road.
    longest_travel_min : float
        Travel time allowed.
    """

    road_kmh: _Positive
    walk_kmh: _Positive
    longest_walk_m: _Positive
    longest_travel_min: _Positive


class SystemTarget(Settings):
    """What a figure of the systems scoreboard should reach.

    Parameters
    ----------
    indicator : str
        Identifier of the board's row.
    value : float
        A share from 0 to 1, or a count.
    """

    indicator: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,80}$")]
    value: _NotNegative


class Egov(Settings):
    """What an office needs before the interlinked one-stop shop, and how it gets there.

    The rules are one table of levels: a version that phusong knows (`rules`),
    a table of the study (``[inputs] readiness_rules``), or, as the shortest
    such table, a list of `prerequisites` that make up its only level.

    Parameters
    ----------
    rules : str, optional
        Version of the rules that phusong knows.
    prerequisites : tuple of Prerequisite, optional
    legal_basis : str, optional
        Decree or decision, as printed; a known version names its own.
    mobile_fallback : str, optional
        Service that counts as mobile fallback at an office.
    cost_basis, cost_basis_en : str, optional
        Where costs, crew days and budgets come from, printed with every cost;
        required together with the table `works`.
    targets : tuple of SystemTarget
    rollout : Rollout, optional
    access : Access, optional
    """

    rules: RuleVersion | None = None
    prerequisites: Annotated[tuple[Prerequisite, ...], Field(min_length=1, strict=False)] | None = (
        None
    )
    legal_basis: Text | None = None
    mobile_fallback: Identifier | None = None
    cost_basis: Text | None = None
    cost_basis_en: Text | None = None
    targets: Annotated[tuple[SystemTarget, ...], Field(strict=False)] = ()
    rollout: Rollout | None = None
    access: Access | None = None

    @model_validator(mode="after")
    def _own_rules_name_their_law(self) -> "Egov":
        if self.rules is not None and self.legal_basis is not None:
            raise fault("legal_basis_of_version", rules=self.rules)
        if self.rules is None and self.legal_basis is None:
            raise fault("no_legal_basis")
        if self.prerequisites is not None:
            distinct([each.name for each in self.prerequisites])
        distinct([each.indicator for each in self.targets])
        return self

    @property
    def costs(self) -> Bilingual:
        """Where costs come from, in both languages."""
        return Bilingual(self.cost_basis or "–", self.cost_basis_en or "–")
