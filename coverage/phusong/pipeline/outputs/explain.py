"""A commune's figure traced back: pixels, villages, stations, settings and files.

Reads finished tables alone, so a written folder explains itself as a fresh result does.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...errors import ExplainError
from ...export import output_file
from ...i18n import Bilingual, Language, both, date_text, fold, number, percent, text, words
from ...report.board import share_text
from ...report.page import Headline, PageTable, ReportPage, render_page
from ...service.evidence import rounded_to_sum
from ...service.units import EXPECTED_SHARE
from ...study import Service, Study, Target, target_of
from ...tables import MARGIN_EDGES_DB
from ..parts.coverage import define
from .presented import Presented

READINGS = ("pixels", "probability")
"""Of a share of residents."""
FIRST_SERVED = 2 + MARGIN_EDGES_DB.index(0.0)
"""The lowest class of margins that is covered, as in `tables.COMMUNE_MARGINS`."""
NONE = Bilingual("–", "–")
_OF_THE_STUDY = ("crs", "resolution_m", "radio", "uncertainty")
_ALIKE = 3
_AREA_DECIMALS = 2


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Explanation:
    """Where the figure of a commune comes from.

    Parameters
    ----------
    study : Study
    service : Service
    commune : Series
        Its row of the communes table.
    margins : DataFrame
        Its rows of `tables.COMMUNE_MARGINS`: residents by class of margin.
    villages : DataFrame
        Its villages, those without signal first; empty where the study has none.
    stations : DataFrame
        Its rows of `tables.COMMUNE_SERVERS`: who is served by which station.
    settings : DataFrame
        ``setting`` and ``value`` of all that its signal and verdict depend on.
    files : DataFrame
        ``file``, ``bytes`` and ``sha256`` of what the result was made from.
    measured : Series, optional
        Its row of `tables.SURVEY_SHARES`, if places were drawn and measured.
    program : str
        What computed it.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> found = phusong.run(coarse, parts=["evidence"]).explain("01108", "mobile")
    >>> found.page.title["en"], found.html()[:15]
    ('Evidence: xã Xín Mần (01108)', '<!DOCTYPE html>')
    >>> with tempfile.TemporaryDirectory() as home:
    ...     found.write(Path(home) / "xin-man.html").name
    'xin-man.html'
    """

    study: Study
    service: Service
    commune: "pd.Series[Any]"
    margins: pd.DataFrame
    villages: pd.DataFrame
    stations: pd.DataFrame
    settings: pd.DataFrame
    files: pd.DataFrame
    measured: "pd.Series[Any] | None"
    program: str

    @property
    def page(self) -> ReportPage:
        """The page, as it is written and printed."""
        study, unit = self.study, self.commune
        return ReportPage(
            title=words("explain.title", type=unit["type"], name=unit["name"],
                        code=unit["commune_code"]),
            about=tuple(self._about()),
            program=self.program,
            sample=study.sample_headline,
            headlines=tuple(self._headlines()),
            notes=tuple(self._notes()),
            tables=tuple(self._tables()),
        )  # fmt: skip

    def html(self) -> str:
        """Return the page as HTML: both languages, one self-contained file.

        Returns
        -------
        str
        """
        return render_page(self.page)

    def write(self, path: Path | str, *, replace: bool = False) -> Path:
        """Write the page.

        Parameters
        ----------
        path : path
            An HTML file.
        replace : bool
            Whether a file of that name may be replaced.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        OutputError
            If the file exists, lies in a folder that phusong wrote, or cannot be written.
        """
        with output_file(Path(path), replace=replace) as fresh:
            fresh.write_bytes(self.html().encode("utf-8"))
        return Path(path)

    def _of(self, name: str) -> Any:
        """Return the commune's value of a column of the service; NaN where there is none."""
        return self.commune.get(f"{name}_{self.service.id}", np.nan)

    @property
    def _target(self) -> Target | None:
        return target_of(self.study.targets, self.service.id, "commune")

    def _about(self) -> Iterator[Bilingual]:
        study, unit = self.study, self.commune
        if pd.notna(unit.get("district")):
            yield words("explain.of_district", district=unit["district"])
        yield study.title
        yield words("explain.service", service=self.service.title)
        yield words("explain.edition", edition=study.edition)
        yield both(lambda lang: text("explain.as_of", lang, date=date_text(study.as_of, lang)))

    def _headlines(self) -> Iterator[Headline]:
        whole, target = self.commune["population"], self._target
        drawn = pd.notna(self._of("share_median"))
        if drawn:
            yield from self._estimates(target)
            target = None  # one verdict a unit: that of the estimate
        by_probability = target is not None and target.reading == "probability"
        wanted = None if target is None or target.denominator != "population" else target
        for label, part, share, is_judged in (
            ("covered", "covered_population", "covered_population_share", not by_probability),
            ("expected", "expected_covered_population", EXPECTED_SHARE, by_probability),
            ("uncorrected", "uncorrected_covered_population",
             "uncorrected_covered_population_share", False),
        ):  # fmt: skip
            if pd.isna(self._of(part)):
                continue
            people = words("explain.people_of", part=round(self._of(part)), whole=round(whole))
            yield self._headline(label, self._of(share), people, wanted if is_judged else None)
        yield from self._of_land_and_villages(None if drawn else target)
        about = None if self._target is None else self._target.denominator
        if about == "commune_centres":
            covered = bool(self._of("centre_covered"))
            yield Headline(
                label=words("explain.centre"),
                figure=words("explain.centre_covered" if covered else "explain.centre_uncovered"),
                verdict="" if drawn else str(self._of("target_verdict")),
            )
        if self.measured is not None:
            ends = [self.measured[f"measured_{name}"] for name in ("low", "high")]
            verdict = str(self.measured["measured_verdict"])
            yield Headline(
                label=words("explain.measured"),
                figure=both(lambda lang: " – ".join(percent(end, lang) for end in ends)),
                detail=words(f"maps.value_{verdict}"),
                verdict=verdict,
            )

    def _of_land_and_villages(self, judged_by: Target | None) -> Iterator[Headline]:
        """Yield the share that a target is about, and that of land where nobody tells of people."""
        about = None if self._target is None else self._target.denominator
        nobody = pd.isna(self._of("covered_population"))
        for denominator, part, share, whole, detail, is_shown in (
            ("area", "covered_area_km2", "covered_area_share", "area_km2", "area_of",
             nobody or about == "area"),
            ("villages", "covered_villages", "covered_villages_share", "villages", "villages_of",
             about == "villages"),
        ):  # fmt: skip
            if not is_shown or pd.isna(self._of(share)):
                continue
            told = words(f"explain.{detail}", part=self._of(part), whole=self.commune[whole])
            judged = judged_by if about == denominator else None
            yield self._headline("covered", self._of(share), told, judged)

    def _headline(
        self, label: str, share: float, people: Bilingual, target: Target | None
    ) -> Headline:
        if target is None:
            figure = both(lambda lang: percent(share, lang))
            return Headline(label=words(f"explain.{label}"), figure=figure, detail=people)
        verdict = str(self._of("target_verdict"))
        return Headline(
            label=words(f"explain.{label}"),
            figure=both(lambda lang: share_text(share, target.share, lang)),
            detail=words(
                "explain.judged",
                people=people,
                target=both(lambda lang: percent(target.share, lang)),
                verdict=words(f"maps.value_{verdict}"),
            ),
            verdict=verdict,
        )

    def _estimates(self, target: Target | None) -> Iterator[Headline]:
        """Yield what the target is about, with its verdict, then residents by other readings."""
        judged = None
        if target is not None:
            of_people = target.denominator == "population"
            judged = target.reading if of_people else None
            yield self._estimate("share", judged or target.denominator, target)
        for reading in READINGS:
            if reading != judged and pd.notna(self._of(f"{reading}_share_median")):
                yield self._estimate(f"{reading}_share", reading, None)

    def _estimate(self, share: str, of: str, target: Target | None) -> Headline:
        low, middle, high = (self._of(f"{share}_{end}") for end in ("low", "median", "high"))

        def shown(share: float, lang: Language) -> str:
            return percent(share, lang) if target is None else share_text(share, target.share, lang)

        band = both(lambda lang: f"{shown(low, lang)} – {shown(high, lang)}")
        label = words(
            "common.with_errors", title=words(f"explain.estimate_{of}"), errors=self.study.errors
        )
        figure = both(partial(shown, middle))
        if target is None:
            return Headline(label=label, figure=figure, detail=words("explain.band", band=band))
        verdict, likely = str(self._of("confident_verdict")), self._of("target_probability")
        return Headline(
            label=label,
            figure=figure,
            detail=words(
                "explain.band_judged",
                band=band,
                target=both(lambda lang: percent(target.share, lang)),
                probability=both(lambda lang: percent(likely, lang)),
                verdict=words(f"maps.value_{verdict}"),
            ),
            verdict=verdict,
        )

    def _notes(self) -> Iterator[Bilingual]:
        defined = both(partial(define, self.service, self.study))
        yield words("explain.definition", definition=defined)
        enough = both(partial(percent, self.service.location_probability, decimals=0))
        for reading in READINGS if pd.notna(self._of("covered_population")) else ():
            yield words(
                "explain.reading", reading=words(f"explain.reading_{reading}"),
                meaning=words(f"board.reading_{reading}", probability=enough),
            )  # fmt: skip
        if pd.notna(self._of("share_median")):
            yield words("explain.estimated", draws=self.study.uncertainty.draws)
        source = self.commune.get("population_source")
        if pd.notna(source):
            yield words("explain.population_source", source=words(f"explain.source_{source}"))

    def _tables(self) -> Iterator[PageTable]:
        yield self._pixels()
        if len(self.villages):
            yield self._villages()
        yield self._stations()
        yield PageTable(
            title=words("explain.files"),
            lead=words("explain.files_lead"),
            headings=tuple(words(f"explain.{name}") for name in ("file", "bytes", "sha256")),
            numbers=0,
            rows=tuple(
                (_text(row.file), _number(row.bytes), _text(row.sha256))
                for row in self.files.itertuples()
            ),
        )
        yield PageTable(
            title=words("explain.settings"),
            headings=(words("explain.setting"), words("explain.value")),
            numbers=0,
            rows=tuple(
                (_text(row.setting), _text(row.value)) for row in self.settings.itertuples()
            ),
            aside=True,
        )

    def _pixels(self) -> PageTable:
        """Return the classes from the best down, with sums, in whole people that add up."""
        rows = self.margins.sort_values("margin_class", ascending=False)
        is_served = (rows["margin_class"] >= FIRST_SERVED).to_numpy()
        whole, covered = (
            _whole(one) for one in (self.commune["population"], self._of("covered_population"))
        )
        exact = rows["population"].to_numpy()
        people = np.concatenate(
            [
                rounded_to_sum(exact[is_served], covered, 1.0),
                rounded_to_sum(exact[~is_served], whole - covered, 1.0),
            ]
        )
        ground = rows["area_km2"].to_numpy()
        shown, totals = [], set()
        all_km2 = 0.0
        for some, of_people, key in (
            (is_served, covered, "explain.all_served"),
            (~is_served, whole - covered, "explain.all_unserved"),
        ):
            sum_km2 = round(ground[some].sum(), _AREA_DECIMALS)
            areas = rounded_to_sum(ground[some], sum_km2, 10.0**-_AREA_DECIMALS)
            for at, area_km2 in zip(np.flatnonzero(some), areas, strict=True):
                label = int(rows["margin_class"].iloc[at])
                name = f"export.margin_db_{label}" if label else "explain.no_signal"
                shown.append(self._class(words(name), people[at], area_km2))
            totals.add(len(shown))
            shown.append(self._class(words(key), of_people, sum_km2))
            all_km2 += sum_km2
        totals.add(len(shown))
        shown.append(self._class(words("explain.all"), whole, all_km2))
        return PageTable(
            title=words("explain.pixels"),
            lead=words("explain.pixels_lead", resolution=self.study.resolution_m),
            note=words("explain.pixels_note"),
            headings=tuple(
                words(f"explain.{name}") for name in ("class", "people", "of_people", "area")
            ),
            numbers=3,
            rows=tuple(shown),
            totals=frozenset(totals),
        )

    def _class(self, name: Bilingual, people: float, area_km2: float) -> tuple[Bilingual, ...]:
        whole = self.commune["population"]
        share = people / whole if whole else np.nan
        return name, _number(people), _share(share), _number(area_km2, _AREA_DECIMALS)

    def _villages(self) -> PageTable:
        covered = int(self.villages[f"covered_{self.service.id}"].sum())
        return PageTable(
            title=words("explain.villages"),
            lead=words("explain.villages_lead", covered=covered, count=len(self.villages)),
            headings=tuple(
                words(f"explain.{name}")
                for name in (
                    "village", "signal", "technology", "people", "level", "needed", "margin",
                )
            ),
            numbers=4,
            rows=tuple(self._village(row) for row in self.villages.to_dict("records")),
        )  # fmt: skip

    def _village(self, row: Mapping[Any, Any]) -> tuple[Bilingual, ...]:
        def of(name: str) -> Any:
            return row.get(f"{name}_{self.service.id}")

        covered = words("explain.centre_covered" if of("covered") else "explain.centre_uncovered")
        return (
            _text(row["name"]),
            covered,
            _text(of("server_technology")),
            _number(row.get("population")),
            *(_number(of(name), 1) for name in ("level_dbm", "needed_dbm", "margin_db")),
        )

    def _stations(self) -> PageTable:
        covered = _whole(self._of("covered_population"))
        people = rounded_to_sum(self.stations["population"].to_numpy(), covered, 1.0)
        ground = self.stations["area_km2"].to_numpy()
        areas = rounded_to_sum(ground, ground.sum(), 10.0**-_AREA_DECIMALS)
        rows = [
            (
                _text(row["station_id"]),
                _text(row.get("site_name")),
                _text(row.get("operator")),
                _text(row.get("technology")),
                *self._class(NONE, of_people, area_km2)[1:],
            )
            for row, of_people, area_km2 in zip(
                self.stations.to_dict("records"), people, areas, strict=True
            )
        ]
        total = self._class(words("explain.all_served"), covered, ground.sum())
        rows.append((total[0], *([Bilingual("", "")] * 3), *total[1:]))
        names = (
            "station", "site", "operator", "technology", "people", "of_people", "area",
        )  # fmt: skip
        return PageTable(
            title=words("explain.stations"),
            lead=words("explain.stations_lead"),
            headings=tuple(words(f"explain.{name}") for name in names),
            numbers=3,
            rows=tuple(rows),
            totals=frozenset({len(rows) - 1}),
        )


def explain_commune(result: Presented, commune: str, service: str | None) -> Explanation:
    """Trace the figure of a commune back; see `Presented.explain`.

    Raises
    ------
    ExplainError
        If the result has no such commune or service, or no evidence.
    """
    margins, servers, communes = result.commune_margins, result.commune_servers, result.communes
    if margins is None or servers is None or communes is None:
        raise ExplainError("explain.no_evidence")
    known = [one for one in result.study.services if f"covered_population_{one.id}" in communes]
    wanted = next((one for one in known if service in (None, one.id)), None)
    if wanted is None:
        listed = ", ".join(one.id for one in known)
        raise ExplainError("explain.unknown_service", service=service, known=listed)
    unit = communes.loc[find_commune(communes, commune)]
    code = unit["commune_code"]

    def own(rows: pd.DataFrame) -> pd.DataFrame:
        mine = (rows["commune_code"] == code) & (rows["service"] == wanted.id)
        kept: pd.DataFrame = rows[mine].reset_index(drop=True)
        return kept

    return Explanation(
        study=result.study,
        service=wanted,
        commune=unit,
        margins=own(margins),
        villages=_villages_of(result.villages, code, wanted.id),
        stations=own(servers),
        settings=_settings(result.parameters, wanted.id),
        files=result.files,
        measured=_measured(result, code, wanted.id),
        program=result.program,
    )


def find_commune(communes: pd.DataFrame, given: str) -> Any:
    """Return the label of the commune that a code or a name means."""
    codes, names = communes["commune_code"], communes["name"].map(fold)
    found = communes.index[(codes == given) | (names == fold(given))]
    if len(found) == 1:
        return found[0]
    shown = communes["name"] + " (" + codes + ")"
    if len(found):
        raise ExplainError("explain.several_communes", given=given, alike=", ".join(shown[found]))
    near = difflib.get_close_matches(fold(given), [*names, *codes], n=_ALIKE, cutoff=0)
    alike = shown[names.isin(near) | codes.isin(near)].head(_ALIKE)
    raise ExplainError("explain.unknown_commune", given=given, alike=", ".join(alike))


def _villages_of(villages: pd.DataFrame | None, code: str, service: str) -> pd.DataFrame:
    if villages is None or f"covered_{service}" not in villages:
        return pd.DataFrame()
    own = pd.DataFrame(villages[villages["commune_code"] == code])
    order = [f"covered_{service}", f"margin_db_{service}"]
    return own.sort_values(order, kind="stable", na_position="first", ignore_index=True)


def _measured(result: Presented, code: str, service: str) -> "pd.Series[Any] | None":
    shares, survey = result.survey_shares, result.study.survey
    if shares is None or survey is None or survey.service != service:
        return None
    own = shares[(shares["level"] == "commune") & (shares["code"] == code)]
    judged = own[own["measured_verdict"].notna()]
    return None if judged.empty else judged.iloc[0]


def _settings(parameters: Mapping[str, Any], service: str) -> pd.DataFrame:
    """Return what the signal and the verdict of a service depend on, one setting a row."""
    # Samples, and how they are read, move a calibrated prediction and no other.
    calibrated = parameters.get("calibration") is not None
    names = (*_OF_THE_STUDY, "measured", "calibration") if calibrated else _OF_THE_STUDY
    chosen: dict[str, Any] = {name: parameters[name] for name in names if name in parameters}
    for name in ("services", "targets"):
        key = "id" if name == "services" else "service"
        chosen[name] = [one for one in parameters.get(name) or () if one[key] == service]
    rows = [(name, plain_setting(value)) for name, value in flat_settings(chosen)]
    return pd.DataFrame(rows, columns=["setting", "value"])


def flat_settings(settings: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every setting by its path, such as ``radio.receiver_height_m``, and its value.

    Tables of an array are called by their ``id``, else by their place, from 1.
    """
    for name, value in settings.items():
        if isinstance(value, Mapping):
            for inner, leaf in flat_settings(value):
                yield f"{name}.{inner}", leaf
        elif isinstance(value, Sequence) and value and all(isinstance(v, Mapping) for v in value):
            for at, one in enumerate(value, start=1):
                called = one.get("id") or at
                for inner, leaf in flat_settings(one):
                    yield f"{name}.{called}.{inner}", leaf
        else:
            yield name, value


def plain_setting(value: Any) -> str:
    """Return the value of a setting as a text."""
    if value is None:
        return "–"
    if isinstance(value, list | tuple):
        return ", ".join(plain_setting(one) for one in value) or "–"
    return str(value)


def _whole(people: float) -> float:
    """Round to whole people; NaN stays where nobody tells how many there are."""
    return float(np.rint(people))


def _text(value: Any) -> Bilingual:
    shown = "–" if value is None or pd.isna(value) else str(value)
    return Bilingual(shown, shown)


def _number(value: Any, decimals: int = 0) -> Bilingual:
    if value is None or pd.isna(value):
        return NONE
    return both(lambda lang: number(float(value), lang, decimals=decimals))


def _share(value: float) -> Bilingual:
    return both(lambda lang: percent(value, lang))
