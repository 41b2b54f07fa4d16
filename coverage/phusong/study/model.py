"""The keys of study.toml, their types, units and rules.

Policy lives here and nowhere else: thresholds, targets, allowances and legal
checklists are named by the study. Where a key may be left out, its default is
a statement of physics or of the field's habit, never of policy.
"""

import datetime
import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args
from urllib.parse import parse_qsl, urlsplit

from markupsafe import Markup
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pyproj import CRS
from pyproj.exceptions import CRSError

from ..errors import StudyError
from ..i18n import LANGUAGES, Bilingual, Language, both, date_text, percent, text, words
from ..tables import INPUT_RASTERS, INPUT_TABLES
from ._checks import change, misplaced, misplaced_antennas, problem, told_of_changes, translate
from ._parts import FileName, Settings, Text, as_list, as_table, distinct, fault
from .coverage import (
    Calibration,
    Gaps,
    Measured,
    Radio,
    Service,
    Survey,
    Target,
    Uncertainty,
    Villages,
    errors_told,
)
from .egov import PRIORITY_MEASURES, Egov
from .fibre import Fibre
from .provinces import province_of
from .report import Report
from .siting import Siting

MAPS = frozenset({"delta_n_map", "n0_map"})
DATABASES = ("postgresql://", "postgres://")
_EPSG_CODE = re.compile(r"\s*(?:EPSG\s*:?\s*)?([0-9]{1,9})\s*", re.I | re.A)
PATTERN_SUFFIXES = frozenset({".msi", ".pln"})


def metric_crs(value: str) -> str:
    """Refuse what is no projected CRS in metres; return it as `_any_crs` does."""
    value = _any_crs(value)
    crs = CRS.from_user_input(value)
    axes = {axis.unit_name for axis in crs.axis_info[:2]}
    method = crs.coordinate_operation.method_name if crs.coordinate_operation else ""
    # The web's "metres" are not metres on the ground.
    if not crs.is_projected or axes != {"metre"} or "Pseudo" in method:
        raise fault("not_metric_crs", crs=value)
    return value


def _any_crs(value: str) -> str:
    """Return a CRS, a bare EPSG code with its authority; refuse what is none."""
    code = _EPSG_CODE.fullmatch(value)
    value = f"EPSG:{code[1]}" if code else value
    try:
        CRS.from_user_input(value)
    except CRSError:
        raise fault("unknown_crs", crs=value) from None
    return value


AddressFault = Literal["password_in_address", "database_address"]


def address_fault(address: str) -> AddressFault | None:
    """Return what is wrong with the address of a database; its key in ``study.toml``'s words.

    Parameters
    ----------
    address : str
        One of `DATABASES` and what follows.

    Returns
    -------
    str or None
        A password does not belong there, nor a parameter but ``sslmode``: some lead to other files.

    Examples
    --------
    >>> address_fault("postgresql://gis@10.0.0.5/map?sslmode=require")
    >>> address_fault("postgresql://gis:secret@10.0.0.5/map")
    'password_in_address'
    """
    try:
        parts = urlsplit(address)
        asked = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
        unfit = parts.port == 0 or bool(parts.fragment)
    except ValueError:
        return "database_address"
    if parts.password is not None:
        return "password_in_address"
    return "database_address" if unfit or any(name != "sslmode" for name, _ in asked) else None


def _no_password(path: str) -> str:
    """Refuse the address of a database with a password, or with what may lead to another file."""
    if path.startswith(DATABASES) and (unfit := address_fault(path)) is not None:
        raise fault(unfit)
    return path


def _as_in_a_file(value: object) -> object:
    """Return a constant as a file would have it: a day is written out; a list is refused."""
    if not isinstance(value, str | bool | int | float | datetime.date):
        raise fault("not_constant")
    return value.isoformat() if isinstance(value, datetime.date) else value


Constant = Annotated[Text | bool | int | float, BeforeValidator(_as_in_a_file)]
FieldNames = Text | Annotated[tuple[Text, ...], Field(min_length=1, strict=False)]


class Input(Settings):
    """One input file.

    Parameters
    ----------
    path : str
        Relative to the study folder, ``/`` between folders; or a database,
        ``postgresql://user@host/name``, whose password stands in the environment or .pgpass.
    table, query : str, optional
        Table or view of a database, as ``schema.table``; or one SELECT.
    layer : str, optional
        Layer of a GeoPackage.
    sheet : tuple of str, optional
        Sheets of a workbook; ``"*"`` for all with the headings of the table.
    crs : str, optional
        CRS of the coordinates where the file does not carry one.
    headings : mapping of str to str or tuple of str
        Headings of the file, each with the field or fields of the table that it holds.
    constants : mapping of str to str, float or bool
        Fields that are the same in all rows, with their value; a date becomes text.
    preset : str, optional
        The public register whose headings the file has.
    """

    path: Annotated[FileName, AfterValidator(_no_password)]
    table: FileName | None = None
    query: FileName | None = None
    layer: FileName | None = None
    sheet: (
        Annotated[tuple[FileName, ...], BeforeValidator(as_list), Field(min_length=1, strict=False)]
        | None
    ) = None
    crs: Annotated[str, AfterValidator(_any_crs)] | None = None
    headings: dict[Text, FieldNames] = Field(default_factory=dict)
    constants: dict[Text, Constant] = Field(default_factory=dict)
    preset: (
        Literal[
            "opencellid",
            "anfr",
            "uke",
            "anatel",
            "acma",
            "cellmapper",
            "gnettrack",
            "gnettrack_log",
            "netmonitor",
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _asks_a_database(self) -> "Input":
        if self.is_database:
            if (self.table is None) == (self.query is None):
                raise fault("table_or_query")
            if self.layer is not None or self.sheet is not None:
                raise fault("database_option")
        elif self.table is not None or self.query is not None:
            raise fault("query_of_file")
        return self

    @property
    def is_database(self) -> bool:
        """Whether the rows come from a database, not from a file."""
        return self.path.startswith(DATABASES)

    @property
    def settings(self) -> bool:
        """Whether more than a path is given."""
        return bool(self.model_dump(exclude={"path"}, exclude_defaults=True))


OneInput = Annotated[Input, BeforeValidator(as_table)]
# Several files of a table or tiles arrive as a TOML array; strict mode would insist on a tuple.
ManyInputs = Annotated[
    tuple[OneInput, ...], BeforeValidator(as_list), Field(min_length=1, strict=False)
]


Layer = Literal[
    "communes", "cells", "villages", "population", "terrain", "clutter",
    "land_cover", "offices", "spans",
    "nodes", "ofds", "hops", "roads", "rivers", "places", "measurements", "survey_places", "works",
    "fibre_prices", "priorities", "centres_after", "readiness_rules", "plausibility_rules",
    "assumed_values",
    "antennas",
]  # fmt: skip
"""What of a study may be invented, in the order in which it is told."""


class Inputs(Settings):
    """The files of a study; what is absent switches off what needs it.

    `invented` names the layers that are no real data; what is made of any of
    them is a sample and says so. With `clean_gap_m` the communes' outlines are made
    to fit each other: overlaps, and gaps narrower than that in metres, go to the
    neighbour with the longest border.
    """

    cells: ManyInputs | None = None
    communes: ManyInputs | None = None
    offices: ManyInputs | None = None
    villages: ManyInputs | None = None
    spans: ManyInputs | None = None
    nodes: ManyInputs | None = None
    ofds: OneInput | None = None
    hops: ManyInputs | None = None
    fibre_prices: ManyInputs | None = None
    roads: ManyInputs | None = None
    rivers: ManyInputs | None = None
    places: ManyInputs | None = None
    measurements: ManyInputs | None = None
    survey_places: ManyInputs | None = None
    survey_strata: ManyInputs | None = None
    readiness_rules: ManyInputs | None = None
    plausibility_rules: ManyInputs | None = None
    assumed_values: ManyInputs | None = None
    works: ManyInputs | None = None
    priorities: ManyInputs | None = None
    centres_after: ManyInputs | None = None
    terrain: ManyInputs | None = None
    population: OneInput | None = None
    clutter: OneInput | None = None
    land_cover: OneInput | None = None
    delta_n_map: OneInput | None = None
    n0_map: OneInput | None = None
    antennas: FileName | None = None
    clean_gap_m: Annotated[float, Field(ge=0, le=1000)] | None = None
    invented: Annotated[tuple[Layer, ...], Field(strict=False)] = ()

    @field_validator("invented")
    @classmethod
    def _distinct_invented(cls, names: tuple[Layer, ...]) -> tuple[Layer, ...]:
        distinct(list(names))
        return names

    @model_validator(mode="after")
    def _rasters_speak_for_themselves(self) -> "Inputs":
        for name, source in self.files:
            if source.is_database and name not in INPUT_TABLES:
                raise fault("no_table_of_database", name=name)
            if name in INPUT_RASTERS and source.settings:
                raise fault("raster_option", name=name)
            if name in MAPS and source.settings:
                raise fault("map_option", name=name)
            if name == "ofds" and source.settings:
                raise fault("ofds_option")
        if self.ofds is not None and (self.spans is not None or self.nodes is not None):
            raise fault("ofds_or_spans")
        if self.clean_gap_m is not None and self.communes is None:
            raise fault("clean_without_communes")
        if (self.delta_n_map is None) != (self.n0_map is None):
            raise fault("one_map")
        return self

    @property
    def tables(self) -> dict[str, tuple[Input, ...]]:
        """The files of the tables that are given, by name."""
        return {
            name: value
            for name in type(self).model_fields
            if name in INPUT_TABLES and (value := getattr(self, name)) is not None
        }

    @property
    def files(self) -> list[tuple[str, Input]]:
        """Every file with the key that names it, in the order of the keys."""
        named: list[tuple[str, Input]] = []
        for name in type(self).model_fields:
            value = getattr(self, name)
            if isinstance(value, Input):
                named.append((name, value))
            elif name != "invented" and isinstance(value, tuple):
                named += [(name, tile) for tile in value]
        return named

    @property
    def made_up(self) -> tuple[str, ...]:
        """The invented layers that the study has."""
        return tuple(
            name for name in get_args(Layer) if name in self.invented and getattr(self, name)
        )


class Boundaries(Settings):
    """Where the outlines of the communes come from, printed on every map.

    Parameters
    ----------
    source, source_en : str
        Who published them; the Vietnamese words stand for both languages if
        there are no others.
    date : date
        The day for which they were published.
    """

    source: Text
    source_en: Text | None = None
    date: datetime.date


class Imprint(Settings):
    """Who issues the printed maps, and at which scale they are drawn.

    Parameters
    ----------
    issuer, issuer_en : str
        Printed above the signature; the Vietnamese words stand for both languages if
        there are no others.
    place : str, optional
        Where it is signed; the province if absent.
    date : date, optional
        The day of signing; left to be written by hand if absent.
    signer, signer_en : str, optional
        Office of the one who signs, such as ``"Giám đốc"``.
    scale : int, optional
        Denominator of the scale, for sheets that the study area fits at it.
    """

    issuer: Text
    issuer_en: Text | None = None
    place: Text | None = None
    date: datetime.date | None = None
    signer: Text | None = None
    signer_en: Text | None = None
    scale: Annotated[int, Field(ge=1000, le=10_000_000)] | None = None


class Published(Settings):
    """A figure published elsewhere, to stand beside the computed one.

    Parameters
    ----------
    indicator : str
        Identifier of the board's row. One that phusong does not compute is
        shown as reported only and then needs `name`, `name_en` and `unit`.
    value : float
        A share from 0 to 1, a count, or a ratio, which may exceed 1.
    source : str
        Where it was published.
    name, name_en : str, optional
        The row's title, where phusong has none.
    unit : {"share", "count"}, optional
        What `value` is, where phusong does not know.
    """

    indicator: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,80}$")]
    value: float
    source: Text
    name: Text | None = None
    name_en: Text | None = None
    unit: Literal["share", "count", "ratio"] | None = None

    @property
    def title(self) -> Bilingual:
        """`name` and `name_en`, as printed; empty where phusong has its own."""
        return Bilingual(self.name or "", self.name_en or "")


class Study(Settings):
    """Everything phusong knows about one study; see docs/study.md.

    Made by `open_study`, which checks the files as well.

    Parameters
    ----------
    folder : path
        Where paths of inputs start.
    name, name_en : str
        Title of the study.
    province, province_code : str
        The province as printed, and its official 2-digit code.
    edition : str
        Administrative edition of the communes, such as ``"2017"``.
    as_of : date
        The day for which statuses hold.
    crs : str
        Projected CRS in metres of all rasters and lengths; that of the province
        where phusong knows it.
    country : {"vietnam", "any"}
        Whether places outside Vietnam are refused, which is how exchanged or wrong
        coordinates are found.
    resolution_m : float
        Side of a pixel, 10 to 1000 m.
    largest_void_px : int
        Largest void of the terrain that is filled, pixels.
    faulty_rows : {"refuse", "set_aside"}
        Whether faulty rows stop the run or are listed and left out.
    boundaries : Boundaries, optional
        Source and date of the communes' outlines.
    attributions : tuple of str
        Whom the data are from, in the words that their licences ask for; printed on every map.
    imprint : Imprint, optional
        Issuer, signature and scale of the printed maps.
    inputs : Inputs
        The files.
    services : tuple of Service
    targets : tuple of Target
    radio, gaps : optional
        Needed with cells, terrain and services.
    villages : Villages, optional
        Definitions of the lists of villages without signal; without it there are no lists.
    survey : Survey, optional
        Needed with places drawn to be measured.
    uncertainty : Uncertainty
        How wrong predictions may be, and how sure a verdict must be.
    measured : Measured
        How measured samples are set beside the prediction.
    calibration : Calibration, optional
        That these samples say what mean error is taken off; not asked for if absent.
    fibre : Fibre, optional
        Needed with spans or an Open Fibre Data Standard document.
    egov : Egov, optional
        Needed with offices.
    siting : Siting, optional
        What `phusong site` plans for, and with which money and prices.
    report : Report, optional
        Who sends official documents, to whom, and who signs.
    published : tuple of Published
        Figures to stand beside the computed ones.

    Raises
    ------
    pydantic.ValidationError
        If a value is out of range or sections and files do not fit together.
    """

    folder: Path
    name: Text
    name_en: Text
    province: Text
    province_code: Annotated[str, Field(pattern=r"^\d{2}$")]
    edition: Text
    as_of: datetime.date
    crs: Annotated[str, AfterValidator(metric_crs)]
    country: Literal["vietnam", "any"] = "vietnam"
    resolution_m: Annotated[float, Field(ge=10, le=1000)]
    largest_void_px: Annotated[int, Field(ge=0, le=10_000)] = 50
    faulty_rows: Literal["refuse", "set_aside"] = "refuse"
    boundaries: Boundaries | None = None
    attributions: Annotated[tuple[Text, ...], Field(strict=False)] = ()
    imprint: Imprint | None = None
    inputs: Inputs
    services: Annotated[tuple[Service, ...], Field(strict=False)] = ()
    targets: Annotated[tuple[Target, ...], Field(strict=False)] = ()
    radio: Radio | None = None
    gaps: Gaps | None = None
    villages: Villages | None = None
    survey: Survey | None = None
    uncertainty: Uncertainty = Field(default_factory=Uncertainty)
    measured: Measured = Field(default_factory=Measured)
    calibration: Calibration | None = None
    fibre: Fibre | None = None
    egov: Egov | None = None
    siting: Siting | None = None
    report: Report | None = None
    published: Annotated[tuple[Published, ...], Field(strict=False)] = ()

    @model_validator(mode="before")
    @classmethod
    def _province_crs(cls, values: Any) -> Any:
        if not isinstance(values, dict) or "crs" in values:
            return values
        code, day = values.get("province_code"), values.get("as_of")
        if not isinstance(code, str) or type(day) is not datetime.date:
            return values
        province = province_of(code, day)
        return (
            values if province is None or province.crs is None else {**values, "crs": province.crs}
        )

    @field_validator("services")
    @classmethod
    def _distinct_services(cls, services: tuple[Service, ...]) -> tuple[Service, ...]:
        distinct([service.id for service in services])
        return services

    @field_validator("published")
    @classmethod
    def _distinct_published(cls, published: tuple[Published, ...]) -> tuple[Published, ...]:
        distinct([row.indicator for row in published])
        return published

    @model_validator(mode="after")
    def _rooms_fit_inputs(self) -> "Study":
        if not self.inputs.files:
            raise fault("no_inputs")
        known = {service.id for service in self.services}
        for target in self.targets:
            if target.service not in known:
                raise fault("unknown_service", service=target.service, known=", ".join(known))
        distinct([f"{target.service} × {target.scope}" for target in self.targets])
        wanted = (
            ("radio", self.radio, self.inputs.cells and self.inputs.terrain and self.services),
            ("gaps", self.gaps, self.inputs.cells and self.inputs.terrain and self.services),
            ("fibre", self.fibre, self.inputs.spans or self.inputs.ofds),
            ("egov", self.egov, self.inputs.offices),
            ("survey", self.survey, self.inputs.survey_places),
        )
        for section, settings, needed in wanted:
            if needed and settings is None:
                raise fault("missing_section", section=section)
        stated = set() if self.radio is None else self.radio.model_fields_set
        if self.inputs.delta_n_map is not None and stated & {"delta_n_per_km", "n0"}:
            raise fault("map_or_value")
        if self.radio is not None and self.radio.land_classes and self.inputs.land_cover is None:
            raise fault("land_classes_without_cover")
        for service in self.services:
            if self.radio is not None and not self.radio.knows(service.environment):
                raise fault(f"no_loss_{service.environment}", service=service.id)
            if self.radio is not None and not self.radio.varies(service.environment):
                raise fault("no_location_sd", service=service.id, environment=service.environment)
        if self.fibre is not None:
            self._fibre_fits(self.fibre)
        self._survey_fits(known)
        inputs = self.inputs
        predicted = inputs.cells and inputs.communes and inputs.terrain and self.services
        if self.calibration is not None and not (predicted and inputs.measurements):
            raise fault("calibration_without_measurements")
        self._villages_fit(known)
        if self.siting is not None:
            self._siting_fits(self.siting)
        if self.egov is not None:
            self._egov_fits(self.egov, known)
        return self

    def _siting_fits(self, siting: Siting) -> None:
        siting.require_counted(self.services)
        if siting.weights and self.inputs.priorities is None:
            names = ", ".join(sorted(siting.weights))
            raise fault("weights_without_priorities", names=names)

    def _fibre_fits(self, fibre: Fibre) -> None:
        if self.inputs.fibre_prices is not None and fibre.deployment is None:
            raise fault("prices_without_deployment")
        hubs = fibre.hubs
        if (hubs.province or hubs.district) and not (self.inputs.nodes or self.inputs.ofds):
            raise fault("hubs_without_nodes")
        if self.inputs.hops is not None and self.inputs.cells is None:
            raise fault("hops_without_cells")
        if fibre.rollout is not None and self.inputs.fibre_prices is None:
            raise fault("fibre_needs", name="rollout", needed="[inputs] fibre_prices")

    def _survey_fits(self, known: Collection[str]) -> None:
        """Refuse half of a survey, and one of a service that the study does not have."""
        if (self.inputs.survey_places is None) != (self.inputs.survey_strata is None):
            raise fault("survey_pair")
        if self.survey is not None and self.survey.service not in known:
            raise fault(
                "survey_service", service=self.survey.service, known=", ".join(known) or "–"
            )

    def _villages_fit(self, known: Collection[str]) -> None:
        if self.villages is not None and self.villages.service not in known:
            raise fault(
                "villages_service", service=self.villages.service, known=", ".join(known) or "–"
            )

    def _egov_fits(self, egov: Egov, services: Collection[str]) -> None:
        given = [egov.rules, egov.prerequisites, self.inputs.readiness_rules]
        if sum(each is not None for each in given) != 1:
            raise fault("one_of_rules")
        if egov.mobile_fallback is not None and egov.mobile_fallback not in services:
            raise fault("fallback_service", service=egov.mobile_fallback, known=", ".join(services))
        if self.inputs.works is not None and not (egov.cost_basis and egov.cost_basis_en):
            raise fault("works_without_basis")
        if egov.rollout is not None:
            if self.inputs.works is None:
                raise fault("rollout_without_works")
            of_table = sorted(PRIORITY_MEASURES & set(egov.rollout.weights))
            if of_table and self.inputs.priorities is None:
                raise fault("weights_without_priorities", names=", ".join(of_table))
        if self.inputs.centres_after is not None and egov.access is None:
            raise fault("centres_without_access")

    @classmethod
    def checked(cls, keys: Mapping[str, Any], folder: Path) -> "Study":
        """Return the study of the keys of a study.toml, its files looked for.

        Parameters
        ----------
        keys : mapping
            As the file has them.
        folder : path
            Where paths of inputs start; absolute.

        Returns
        -------
        Study

        Raises
        ------
        StudyError
            With every fault: unknown or missing keys, values out of range, files that
            are missing or lie outside the folder.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> keys = study.model_dump(exclude={"folder"}, exclude_unset=True)
        >>> Study.checked(keys | {"name": "Hà Giang 2"}, study.folder).name
        'Hà Giang 2'
        """
        if "folder" in keys:
            nothing = words("common.nothing_alike")
            raise StudyError([problem("unknown_key", "folder", nearest=nothing)])
        try:
            study = cls.model_validate({**keys, "folder": folder})
        except ValidationError as invalid:
            raise StudyError([translate(error, cls, keys) for error in invalid.errors()]) from None
        files = [
            (f"inputs.{name}", source.path)
            for name, source in study.inputs.files
            if not source.is_database
        ]
        files += [] if study.siting is None else study.siting.files.items()
        antennas = study.inputs.antennas
        problems = misplaced(folder, files)
        problems += misplaced_antennas(folder, antennas, lambda: study.antenna_files)
        if problems:
            raise StudyError(problems)
        return study

    def replace(self, changes: Mapping[str, Any] | None = None, /, **keys: Any) -> "Study":
        """Return the study with other settings, checked as a study.toml is.

        Parameters
        ----------
        changes : mapping of str to object, optional
            Key → value. Keys are written as in messages, with dots between their parts;
            a service, scenario or model parameter goes by its id or name, an entry of
            another list by its number from 1: ``"services.mobile.threshold_dbm.4G"``,
            ``"targets.1.share"``, ``"radio.radius_km"``.
        **keys : object
            Keys of the file itself: ``resolution_m=200``.

        Returns
        -------
        Study

        Raises
        ------
        StudyError
            With every fault, as by `open_study`; also if a key leads to nothing.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> stricter = study.replace({"services.mobile.threshold_dbm.4G": -110}, resolution_m=200)
        >>> stricter.services[0].threshold_dbm["4G"], stricter.resolution_m
        (-110.0, 200.0)
        """  # noqa: DOC501  `told_of_changes` makes a StudyError
        settings = self.model_dump(exclude_unset=True)
        folder = settings.pop("folder")
        changes = {**(changes or {}), **keys}
        for key, value in changes.items():
            change(settings, key, value, type(self))
        try:
            return self.checked(settings, folder)
        except StudyError as refused:
            raise told_of_changes(refused, changes) from None

    @property
    def title(self) -> Bilingual:
        """`name` and `name_en`, as printed."""
        return Bilingual(self.name, self.name_en)

    @property
    def errors(self) -> Bilingual:
        """What stands beside every estimate: errors assumed, or calibrated by measurements."""
        return errors_told(self.calibration is not None)

    @property
    def sample_headline(self) -> Bilingual | None:
        """One line for what is shown of invented data; None if all data are real."""
        made_up = self.inputs.made_up
        if not made_up:
            return None
        return words(f"study.sample_{'boundaries' if 'communes' in made_up else 'figures'}")

    @property
    def sample_notice(self) -> Bilingual | None:
        """The headline, that verdicts are examples, and which layers are invented."""
        headline = self.sample_headline
        if headline is None:
            return None

        def notice(lang: Language) -> str:
            layers = ", ".join(text(f"study.layer_{name}", lang) for name in self.inputs.made_up)
            return text("study.sample", lang, headline=headline[lang], layers=layers)

        return both(notice)

    @property
    def boundaries_note(self) -> Bilingual:
        """Source, edition and date of the communes' outlines, as a map prints them."""
        if "communes" in self.inputs.made_up:
            return words("study.boundaries_invented", edition=self.edition)
        known = self.boundaries
        if known is None:
            return words("study.boundaries_unknown", edition=self.edition)
        source = Bilingual(known.source, known.source_en or known.source)
        return both(
            lambda lang: text(
                "study.boundaries",
                lang,
                source=source[lang],
                edition=self.edition,
                date=known.date,
            )
        )

    @property
    def sources_note(self) -> Bilingual:
        """`boundaries_note`, and whom the other data are from."""
        if not self.attributions:
            return self.boundaries_note
        named = words("common.attributions", named="; ".join(self.attributions))
        return both(lambda lang: f"{self.boundaries_note[lang]} {named[lang]}")

    @property
    def antenna_files(self) -> dict[str, Path]:
        """The pattern files of the antennas' folder, by their names in messages."""
        if self.inputs.antennas is None:
            return {}
        found = (self.folder / self.inputs.antennas).iterdir()
        return {
            f"{self.inputs.antennas.rstrip('/')}/{path.name}": path
            for path in sorted(found)
            if path.suffix.lower() in PATTERN_SUFFIXES and path.is_file()
        }

    def path(self, source: Input) -> Path:
        """Return where an input lies.

        Parameters
        ----------
        source : Input
            One of `inputs`.

        Returns
        -------
        Path
            `folder` and the input's path; it is not looked for here.

        Examples
        --------
        >>> import phusong
        >>> study = phusong.open_study(phusong.sample_folder())
        >>> study.path(study.inputs.terrain[0]).name
        'terrain.tif'
        """
        return self.folder / source.path

    def _repr_html_(self) -> str:
        """Show the settings and files as a table in a notebook; names are escaped."""
        notice = self.sample_notice
        rows = [
            *([("Dữ liệu mẫu / Sample", f"{notice.vi} / {notice.en}")] if notice else []),
            ("Tỉnh / Province", self.province),
            ("Đơn vị hành chính / Edition", self.edition),
            ("Ngày / Date", " / ".join(date_text(self.as_of, lang) for lang in LANGUAGES)),
            ("Hệ tọa độ / CRS", f"{self.crs}, {self.resolution_m:g} m"),
            *(
                ("Dịch vụ / Service", f"{one.id}: {one.name} / {one.name_en}")
                for one in self.services
            ),
            *(
                (
                    "Mục tiêu / Target",
                    f"{one.service}, {one.scope}: {percent(one.share, 'vi')} ({one.denominator})",
                )
                for one in self.targets
            ),
            *((f"inputs.{name}", source.path) for name, source in self.inputs.files),
        ]
        lines = (Markup("<tr><th>{}</th><td>{}</td></tr>").format(*row) for row in rows)
        title = Markup("<b>{}</b> / {}").format(self.name, self.name_en)
        return str(Markup("{}<table>{}</table>").format(title, Markup("").join(lines)))
