"""The keys of study.toml, their types, units and rules.

Policy lives here and nowhere else: thresholds, targets, allowances and legal
checklists are named by the study. Where a key may be left out, its default is
a statement of physics or of the field's habit, never of policy.
"""

import datetime
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError
from pyproj import CRS
from pyproj.exceptions import CRSError

Technology = Literal["2G", "3G", "4G", "5G"]
Denominator = Literal["population", "area", "villages", "commune_centres"]
Scope = Literal["province", "district", "commune", "commune_centre"]

PROVINCE_CRS = {"02": "EPSG:9209"}
"""VN-2000 / TM-3 zone by province code (EPSG dataset 11.022)."""


RASTERS = frozenset({"terrain", "population", "clutter"})


def fault(key: str, **values: Any) -> PydanticCustomError:
    """Return a validation error that carries one of our message keys."""
    return PydanticCustomError(f"study.{key}", "study.{key}", {"key": key, **values})


def _not_blank(value: str) -> str:
    if not value.strip():
        raise fault("blank")
    return value


def _composed(value: str) -> str:
    # Names in the tables are in form NFC; those of a study must be able to match.
    return unicodedata.normalize("NFC", _not_blank(value))


def _metric_crs(value: str) -> str:
    try:
        crs = CRS.from_user_input(value)
    except CRSError:
        raise fault("unknown_crs", crs=value) from None
    axes = {axis.unit_name for axis in crs.axis_info[:2]}
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    # The web's "metres" are not metres on the ground.
    if not crs.is_projected or axes != {"metre"} or "Pseudo" in method:
        raise fault("not_metric_crs", crs=value)
    return value


def _any_crs(value: str) -> str:
    try:
        CRS.from_user_input(value)
    except CRSError:
        raise fault("unknown_crs", crs=value) from None
    return value


def _as_table(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | dict) else value


Text = Annotated[str, AfterValidator(_composed)]
FileName = Annotated[str, AfterValidator(_not_blank)]
Share = Annotated[float, Field(ge=0, le=1)]
Identifier = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_]{0,30}$")]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Input(_Model):
    """One input file.

    Parameters
    ----------
    path : str
        Relative to the study folder, ``/`` between folders.
    layer, sheet : str, optional
        Layer of a GeoPackage, sheet of a workbook.
    crs : str, optional
        CRS of the coordinates where the file does not carry one.
    """

    path: FileName
    layer: FileName | None = None
    sheet: FileName | None = None
    crs: Annotated[str, AfterValidator(_any_crs)] | None = None


OneInput = Annotated[Input, BeforeValidator(_as_table)]
# Tiles arrive as a TOML array; strict mode would insist on a tuple.
ManyInputs = Annotated[
    tuple[OneInput, ...], BeforeValidator(_as_list), Field(min_length=1, strict=False)
]


class Inputs(_Model):
    """The files of a study; what is absent switches off what needs it."""

    cells: OneInput | None = None
    communes: OneInput | None = None
    offices: OneInput | None = None
    villages: OneInput | None = None
    spans: OneInput | None = None
    nodes: OneInput | None = None
    roads: OneInput | None = None
    rivers: OneInput | None = None
    places: OneInput | None = None
    terrain: ManyInputs | None = None
    population: OneInput | None = None
    clutter: OneInput | None = None

    @model_validator(mode="after")
    def _rasters_speak_for_themselves(self) -> "Inputs":
        for name, source in self.files:
            if name in RASTERS and (source.layer or source.sheet or source.crs):
                raise fault("raster_option", name=name)
        return self

    @property
    def tables(self) -> dict[str, Input]:
        """The tables that are given, by name."""
        return {
            name: value for name in type(self).model_fields
            if isinstance(value := getattr(self, name), Input)
            and name not in RASTERS
        }  # fmt: skip

    @property
    def files(self) -> list[tuple[str, Input]]:
        """Every file with the key that names it, in the order of the keys."""
        named: list[tuple[str, Input]] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Input):
                named.append((name, value))
            elif value:
                named += [(name, tile) for tile in value]
        return named


class Service(_Model):
    """A mobile service whose coverage is asked for.

    Parameters
    ----------
    id : str
        Suffix of the result columns; lower-case letters, digits, underscores.
    name, name_en : str
        As printed.
    technologies : tuple of {"2G", "3G", "4G", "5G"}
        Any of them serves.
    operators : tuple of str
        Any of them serves; empty means all operators of the cells table.
    environment : {"outdoor", "indoor"}
        Indoor adds the building loss of the radio settings.
    threshold_dbm : mapping
        Weakest level that counts, itself included, for each technology:
        RxLev for 2G, RSCP for 3G, RSRP for 4G, SS-RSRP for 5G.
    location_probability : float
        Share of locations in a pixel at which the threshold is to be met,
        0.5 to 0.999.
    """

    id: Identifier
    name: Text
    name_en: Text
    technologies: Annotated[tuple[Technology, ...], Field(min_length=1, strict=False)]
    operators: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    environment: Literal["outdoor", "indoor"]
    threshold_dbm: dict[Technology, Annotated[float, Field(ge=-150, le=0)]]
    location_probability: Annotated[float, Field(ge=0.5, le=0.999)]

    @model_validator(mode="after")
    def _one_threshold_each(self) -> "Service":
        if set(self.threshold_dbm) != set(self.technologies):
            raise fault(
                "thresholds",
                found=", ".join(sorted(self.threshold_dbm)) or "–",
                expected=", ".join(sorted(self.technologies)),
            )
        return self


class Target(_Model):
    """A goal to judge the units of a scope by.

    Scope ``commune_centre`` goes with denominator ``commune_centres``: it judges
    the province on the board, and stands in at every scope that has no target of
    its own (a commune by its centre, larger units by their share of centres).
    """

    service: Identifier
    share: Share
    denominator: Denominator
    scope: Scope

    @model_validator(mode="after")
    def _centres_go_together(self) -> "Target":
        if (self.scope == "commune_centre") != (self.denominator == "commune_centres"):
            raise fault("centre_target")
        return self


class Radio(_Model):
    """How signal is predicted.

    Parameters
    ----------
    model : str
        Name of the propagation model.
    radius_km : float
        Farthest receiver from a mast.
    receiver_height_m : float
        Above ground.
    location_sd_db : float
        Standard deviation of log-normal location variability.
    body_loss_db, building_loss_db : float
        Taken from every level; from indoor levels.
    time_percent : float
        Share of the average year for which the loss is not exceeded.
    delta_n_per_km, n0 : float
        Refractivity lapse, N-units/km, and sea-level refractivity, N-units.
    polarization : {"vertical", "horizontal"}
    """

    model: Literal["p1812", "itm", "diffraction", "okumura_hata", "rma", "free_space"]
    radius_km: Annotated[float, Field(gt=0, le=100)]
    receiver_height_m: Annotated[float, Field(ge=1, le=30)] = 1.5
    location_sd_db: Annotated[float, Field(ge=0, le=20)]
    body_loss_db: Annotated[float, Field(ge=0, le=30)]
    building_loss_db: Annotated[float, Field(ge=0, le=60)]
    time_percent: Annotated[float, Field(ge=1, le=50)] = 50.0
    delta_n_per_km: Annotated[float, Field(gt=0, le=150)] = 45.0
    n0: Annotated[float, Field(ge=200, le=450)] = 325.0
    polarization: Literal["vertical", "horizontal"] = "vertical"


class Gaps(_Model):
    """Which uncovered places are listed.

    Parameters
    ----------
    smallest_population : float
        Gaps with fewer residents are counted but not drawn.
    join_distance_m : float
        Uncovered inhabited pixels nearer than this make one gap.
    """

    smallest_population: Annotated[float, Field(ge=0)]
    join_distance_m: Annotated[float, Field(ge=0, le=5000)]


class Fibre(_Model):
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


class Prerequisite(_Model):
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


class Egov(_Model):
    """What an office needs before the interlinked one-stop shop.

    Parameters
    ----------
    legal_basis : str
        Decree or decision the checklist follows, as printed.
    prerequisites : tuple of Prerequisite
    """

    legal_basis: Text
    prerequisites: Annotated[tuple[Prerequisite, ...], Field(min_length=1, strict=False)]


class Published(_Model):
    """A figure published elsewhere, to stand beside the computed one.

    Parameters
    ----------
    indicator : str
        Identifier of the board's row. One that phusong does not compute is
        shown as reported only and then needs `name`, `name_en` and `unit`.
    value : float
        A share from 0 to 1 or a count.
    source : str
        Where it was published.
    """

    indicator: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,80}$")]
    value: float
    source: Text
    name: Text | None = None
    name_en: Text | None = None
    unit: Literal["share", "count"] | None = None


class Study(_Model):
    """Everything phusong knows about one study; see docs/study.md.

    Paths of inputs are relative to `folder`. Made by `open_study`, which
    checks the files as well.
    """

    folder: Path
    name: Text
    name_en: Text
    province: Text
    province_code: Annotated[str, Field(pattern=r"^\d{2}$")]
    edition: Text
    as_of: datetime.date
    crs: Annotated[str, AfterValidator(_metric_crs)]
    resolution_m: Annotated[float, Field(ge=10, le=1000)]
    largest_void_px: Annotated[int, Field(ge=0, le=10_000)] = 50
    faulty_rows: Literal["refuse", "set_aside"] = "refuse"
    inputs: Inputs
    services: Annotated[tuple[Service, ...], Field(strict=False)] = ()
    targets: Annotated[tuple[Target, ...], Field(strict=False)] = ()
    radio: Radio | None = None
    gaps: Gaps | None = None
    fibre: Fibre | None = None
    egov: Egov | None = None
    published: Annotated[tuple[Published, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _province_crs(cls, values: Any) -> Any:
        if isinstance(values, dict) and "crs" not in values:
            crs = PROVINCE_CRS.get(str(values.get("province_code")))
            if crs is not None:
                return {**values, "crs": crs}
        return values

    @field_validator("services")
    @classmethod
    def _distinct_services(cls, services: tuple[Service, ...]) -> tuple[Service, ...]:
        _distinct([service.id for service in services])
        return services

    @field_validator("published")
    @classmethod
    def _distinct_published(cls, published: tuple[Published, ...]) -> tuple[Published, ...]:
        _distinct([row.indicator for row in published])
        return published

    @model_validator(mode="after")
    def _rooms_fit_inputs(self) -> "Study":
        if not self.inputs.files:
            raise fault("no_inputs")
        known = {service.id for service in self.services}
        for target in self.targets:
            if target.service not in known:
                raise fault("unknown_service", service=target.service, known=", ".join(known))
        _distinct([f"{target.service} × {target.scope}" for target in self.targets])
        wanted = (
            ("radio", self.radio, self.inputs.cells and self.inputs.terrain and self.services),
            ("gaps", self.gaps, self.inputs.cells and self.inputs.terrain and self.services),
            ("fibre", self.fibre, self.inputs.spans),
            ("egov", self.egov, self.inputs.offices),
        )
        for section, settings, needed in wanted:
            if needed and settings is None:
                raise fault("missing_section", section=section)
        return self

    def path(self, source: Input) -> Path:
        """Return where an input lies."""
        return self.folder / source.path


def _distinct(names: list[str]) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise fault("repeated", names=", ".join(repeated))
