"""The path inspector: one cell, one point, and why the one is or is not heard at the other.

Finds the cell and the ground of a study, asks `radio` for the path, and gives
the answer words; the picture is `report`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely
import xarray as xr
from matplotlib.figure import Figure

from ...errors import OutputError, PathError
from ...export import (
    check_output_file,
    check_output_folder,
    output_file,
    output_folder,
    write_csv,
    write_manifest,
)
from ...grid import WGS84, Grid, grid_of, operation
from ...i18n import Bilingual, Language, fold, number, text, words
from ...maps import check_paper_file, write_paper
from ...radio import (
    Inspection,
    LandCover,
    Patterns,
    Refractivity,
    Verdict,
    inspect_path,
    plan_prediction,
)
from ...radio.inspect import best_server_at
from ...report import BudgetLine, Outcome, Section, draw_section, section_png
from ...report.section import CORE
from ...study import Service, Study, study_of
from ...uncertainty import Calibration
from ..load import load
from ..parts.coverage import COVERAGE
from ..parts.coverage.corrections import corrections_of
from ..parts.coverage.ground import (
    GroundFiles,
    read_clutter,
    read_land,
    read_native_terrain,
    read_terrain,
    refractivity_of,
)
from ..parts.coverage.settings import model_of, radio_of, rule_of, settings_of
from ..parts.territory import active

USED = (
    "cells",
    "communes",
    "terrain",
    "population",
    "clutter",
    "land_cover",
    "antennas",
    "delta_n_map",
    "n0_map",
)
"""What the inspector reads of a study's inputs."""
LONGEST_NAME = 30
FILES = ("section.png", "section.svg", "section.csv", "budget.csv")
PICTURES = (".png", ".svg", ".pdf")
NO_PICTURES = (".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".eps", ".html")
"""Endings of files that are not written; a folder of such a name surprises."""


@dataclass(frozen=True, kw_only=True, repr=False)
class PathProfile:
    """The path from one cell to one point; shown in a notebook, it draws itself.

    Parameters
    ----------
    study : Study
    cell : mapping
        Row of the cells table.
    to : (float, float)
        Longitude and latitude of the point asked for, WGS 84.
    on_air : bool
        Whether the cell counts on the study's date.
    inspection : Inspection
        Terrain, loss and level, numbers only.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> path = phusong.run(coarse, parts=["coverage"]).profile(to=(104.9811, 22.8233))
    >>> path.headline("en")
    'In sight, the first Fresnel zone is clear.'
    >>> budget = path.budget("en")
    >>> level = budget.loc[budget["term"] == "Median level outdoors", "value"].item()
    >>> terms = budget.loc[(budget["service"] == "") & (budget["unit"] != "dBm"), "value"]
    >>> bool(abs(budget["value"].iloc[0] + terms.sum() - level) < 1e-9)  # EIRP less all losses
    True
    >>> path.figure("en").get_size_inches().round(1).tolist()
    [11.7, 6.3]
    >>> with tempfile.TemporaryDirectory() as home:
    ...     [file.name for file in path.write(Path(home) / "path")]
    ['section.png', 'section.svg', 'section.csv', 'budget.csv']
    """

    study: Study
    cell: Mapping[str, object]
    to: tuple[float, float]
    on_air: bool
    inspection: Inspection

    @cached_property
    def section(self) -> pd.DataFrame:
        """The terrain, one row a sample: as `Inspection.section`, with longitude and latitude."""
        points = self.inspection.section
        to_degrees = operation(self.study.crs, WGS84)
        if to_degrees is None:
            raise ValueError(f"no transformation from {self.study.crs} to WGS 84")
        longitude, latitude = to_degrees.transform(points["x_m"], points["y_m"])
        points = points.assign(longitude=longitude, latitude=latitude)
        return points[
            [
                "distance_m",
                "longitude",
                "latitude",
                "ground_m",
                "clutter_m",
                "bulge_m",
                "sight_line_m",
                "fresnel_m",
                "clearance_m",
            ]
        ]

    def budget(self, lang: Language = "vi") -> pd.DataFrame:
        """Return the budget from the EIRP to each service's margin, one row a term.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        DataFrame
            ``service`` (empty for what all have in common), ``term``, ``value``
            and ``unit``; losses are negative.
        """
        rows = [("", label, value, unit) for label, value, unit, _ in self._lines(lang)]
        for verdict, service in self._verdicts():
            rows.append((service.id, text("profile.threshold", lang), verdict.threshold_dbm, "dBm"))
            rows += [
                (service.id, label, -db, "dB") for label, db in self._allowances(verdict, lang)
            ]
            rows.append((service.id, text("profile.margin", lang), verdict.margin_db, "dB"))
        return pd.DataFrame(rows, columns=["service", "term", "value", "unit"])

    def headline(self, lang: Language = "vi") -> str:
        """Return in one sentence what stands between the cell and the point.

        A second one tells of a cell that is not on air.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
        """
        found = self._between(lang)
        if self.on_air:
            return found
        return f"{found} {text('profile.off_air', lang, date=self.study.as_of)}"

    def figure(self, lang: Language = "vi") -> Figure:
        """Draw the section with its budget, 297 × 160 mm.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        matplotlib.figure.Figure
        """
        found = self.inspection
        obstacle, headline = found.obstacle, self.study.sample_headline
        return draw_section(
            Section(
                lang=lang,
                title=self._title(lang),
                subtitle=" · ".join(
                    [*([headline[lang]] if headline else []), self._subtitle(lang)]
                ),
                headline=self.headline(lang),
                foot=self._foot(lang),
                hidden=obstacle is not None,
                points=found.section,
                mast=text(
                    "profile.mast",
                    lang,
                    cell=self.cell["cell_id"],
                    height=_short(found.link.transmitter_height_m, lang, decimals=1),
                ),
                receiver=text(
                    "profile.receiver",
                    lang,
                    height=_short(found.link.receiver_height_m, lang, decimals=1),
                ),
                obstacle=None
                if obstacle is None
                else (
                    obstacle.point,
                    text(
                        "profile.obstacle",
                        lang,
                        height=number(obstacle.ground_m, lang),
                        cover=text("profile.cover", lang, height=number(obstacle.clutter_m, lang))
                        if obstacle.clutter_m
                        else "",
                        away=_km(obstacle.to_receiver_m, lang),
                        above=number(obstacle.above_sight_m, lang),
                    ),
                ),
                budget=[
                    BudgetLine(label, f"{_signed(value, lang, unit)} {unit}", total)
                    for label, value, unit, total in self._lines(lang)
                ],
                outcomes=[
                    self._outcome(verdict, service, lang) for verdict, service in self._verdicts()
                ],
            )
        )

    def write(
        self, path: Path | str, *, lang: Language = "vi", replace: bool = False
    ) -> tuple[Path, ...]:
        """Write the picture, or with a folder the picture and its tables.

        The same path gives the same bytes.

        Parameters
        ----------
        path : path
            A file ending in ``.png``, ``.svg`` or ``.pdf``; anything else is a
            folder, absent, empty or written by phusong before, for
            ``section.png``, ``section.svg``, ``section.csv`` (the terrain),
            ``budget.csv`` and ``manifest.json``.
        lang : {"vi", "en"}
        replace : bool
            Whether a file of that name, or what someone added to or changed in
            the folder, may be lost.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        OutputError
            If a file exists, cannot be written, or is of another kind, or lies in
            a folder that phusong wrote.
        """
        path = Path(path)
        check_profile_target(path, replace=replace)
        figure = self.figure(lang)
        if path.suffix.lower() in PICTURES:
            with output_file(path, replace=replace) as fresh:
                write_paper(figure, fresh)
            return (path,)
        with output_folder(path, replace=replace) as folder:
            for name in FILES[:2]:
                write_paper(figure, folder / name)
            write_csv(self.section.round(6), folder / "section.csv")
            write_csv(self.budget(lang).round(4), folder / "budget.csv")
            notice = self.study.sample_notice
            asked = {
                "cell_id": str(self.cell["cell_id"]),
                "to": list(self.to),
                "notice": None if notice is None else asdict(notice),
            }
            write_manifest(folder, parameters=asked, inputs={})
        return tuple(path / name for name in FILES)

    def __repr__(self) -> str:
        level = number(self.inspection.level_dbm, "en", decimals=1)
        return f"<PathProfile {self.cell['cell_id']} → {self.to[0]}, {self.to[1]}: {level} dBm>"

    def _repr_png_(self) -> bytes:
        return section_png(self.figure())

    def _between(self, lang: Language) -> str:
        found = self.inspection
        if found.obstacle is not None:
            return text(
                "profile.hidden",
                lang,
                height=number(found.obstacle.ground_m, lang),
                away=_km(found.obstacle.to_receiver_m, lang),
                above=number(found.obstacle.above_sight_m, lang),
            )
        between = found.section.iloc[1:-1]
        share = between["clearance_m"] / between["fresnel_m"]
        if len(between) and share.min() < CORE:
            nearest = between.iloc[share.argmin()]
            return text(
                "profile.grazed",
                lang,
                away=_km(found.section["distance_m"].iloc[-1] - nearest["distance_m"], lang),
                clearance=number(nearest["clearance_m"], lang),
                zone=number(nearest["fresnel_m"], lang),
            )
        return text("profile.clear", lang)

    def _lines(self, lang: Language) -> list[tuple[str, float, str, bool]]:
        """Return the budget up to the level: label, value, unit, whether a sum."""
        found = self.inspection
        antenna = text(
            "profile.antenna_up" if found.depression_deg < 0 else "profile.antenna_down",
            lang,
            azimuth=number(found.azimuth_deg, lang),
            angle=number(abs(found.depression_deg), lang, decimals=1),
        )
        return [
            (text("profile.eirp", lang), found.eirp_dbm, "dBm", False),
            (antenna, -found.antenna_db, "dB", False),
            *((term.label[lang], -term.db, "dB", False) for term in found.terms),
            (text("profile.level", lang), found.level_dbm, "dBm", True),
        ]

    def _verdicts(self) -> list[tuple[Verdict, Service]]:
        services = {service.id: service for service in self.study.services}
        return [(each, services[each.service]) for each in self.inspection.verdicts]

    def _allowances(self, verdict: Verdict, lang: Language) -> list[tuple[str, float]]:
        """Return the parts of a service's allowance."""
        radio = radio_of(self.study)
        service = next(each for each in self.study.services if each.id == verdict.service)
        indoor = service.environment == "indoor"
        rest = verdict.allowance_db - radio.body_loss_db
        spread = {"probability": number(100 * service.location_probability, lang)}
        parts = []
        if indoor and radio.building_entry is not None:
            parts.append((text("profile.location_and_building", lang, **spread), rest))
        else:
            around = {"indoor": radio.building_loss_db, "vehicle": radio.vehicle_loss_db}
            enclosure = around.get(service.environment) or 0.0
            parts.append((text("profile.location", lang, **spread), rest - enclosure))
            if enclosure:
                parts.append((text(f"profile.{service.environment}", lang), enclosure))
        return [*parts, (text("profile.body", lang), radio.body_loss_db)]

    def _outcome(self, verdict: Verdict, service: Service, lang: Language) -> Outcome:
        taken = "; ".join(
            f"{label} {number(db, lang, decimals=1)}"
            for label, db in self._allowances(verdict, lang)
        )
        needed = verdict.threshold_dbm + verdict.allowance_db
        return Outcome(
            name=service.title[lang],
            detail=text(
                "profile.needed",
                lang,
                needed=_signed(needed, lang, "dBm"),
                threshold=_signed(verdict.threshold_dbm, lang, "dBm"),
                taken=taken,
            ),
            margin=text(
                "profile.served" if verdict.served else "profile.unserved",
                lang,
                margin=number(abs(verdict.margin_db), lang, decimals=1),
            ),
            served=verdict.served,
        )

    def _title(self, lang: Language) -> str:
        return text(
            "profile.title",
            lang,
            cell=_brief(self.cell["cell_id"]),
            site=_brief(self.cell.get("site_name") or self.cell["site_id"]),
            longitude=_short(self.to[0], lang, decimals=5),
            latitude=_short(self.to[1], lang, decimals=5),
        )

    def _subtitle(self, lang: Language) -> str:
        found, azimuth = self.inspection, self.cell.get("azimuth_deg")
        return text(
            "profile.subtitle",
            lang,
            operator=_brief(self.cell["operator"]),
            technology=self.cell["technology"],
            frequency=number(found.link.frequency_mhz, lang),
            distance=_km(found.distance_m, lang),
            direction=text("profile.all_round", lang)
            if azimuth is None
            else text("profile.faces", lang, azimuth=number(float(str(azimuth)), lang)),
        )

    def _foot(self, lang: Language) -> str:
        link = self.inspection.link
        return text(
            "profile.foot",
            lang,
            study=self.study.title[lang],
            model=_model(self.study, lang),
            time=number(link.time_percent, lang),
            step=number(self.study.resolution_m, lang),
            delta_n=number(link.delta_n_per_km, lang),
        )


def check_profile_target(path: Path, *, replace: bool) -> None:
    """Refuse what `PathProfile.write` could not write or must not replace.

    Parameters
    ----------
    path : Path
    replace : bool
        Both as `PathProfile.write` takes them.

    Raises
    ------
    OutputError
        As `PathProfile.write` raises it.

    Examples
    --------
    >>> check_profile_target(Path("path.jpg"), replace=False)
    Traceback (most recent call last):
        ...
    phusong.errors.OutputError: ...pictures are .png, .svg...
    """
    if path.suffix.lower() in NO_PICTURES:
        raise OutputError("profile.no_picture", file=path.name, known=", ".join(PICTURES))
    if path.suffix.lower() in PICTURES:
        check_paper_file(path)
        check_output_file(path, replace=replace)
    else:
        check_output_folder(path, replace=replace)


def path_profile(
    study: Study | Path | str,
    cell_id: str | None = None,
    *,
    to: tuple[float, float],
    service: str | None = None,
) -> PathProfile:
    """Look at the path from a cell to a point, without running the study.

    Reads cells, communes, terrain and clutter. Any cell of the table will do,
    planned ones and those off air too. Without a cell it is the best server: that on air
    with the largest margin for the service, whether it serves the point or not.

    Parameters
    ----------
    study : Study or path
        From `open_study`, or its folder; with cells, communes, terrain and radio settings.
    cell_id : str, optional
        As in the cells table; the best server at the point if absent.
    to : (float, float)
        Longitude and latitude of the receiver, WGS 84.
    service : str, optional
        Id of the service whose best server is wanted; the study's first if absent.

    Returns
    -------
    PathProfile
        Its level is that of the study's rasters at the point's pixel: the path
        goes to the sample of terrain that the pixel takes.

    Raises
    ------
    PathError
        If there is no such cell or service, or cell and point have no terrain in common;
        names the cells most alike. If both cell and service are given. If no cell on air
        reaches the point; tells how far the nearest is.
    StudyError, WrongKindError
        If `study` is a folder whose ``study.toml`` is faulty, or neither study nor path.
    InputError
        If cells or communes are faulty.
    TerrainError
        If the elevation does not cover the communes.
    ModelRangeError
        If the link lies outside the ranges of the propagation model.

    Examples
    --------
    >>> from phusong import open_study, sample_folder
    >>> found = path_profile(
    ...     open_study(sample_folder()), "HG0001-MBF-2G-1", to=(105.02, 22.86)
    ... )
    >>> found.inspection.section.shape[1], found.budget("en").term.iloc[0]
    (9, 'EIRP of the reference signal')
    """
    study = study_of(study, "path_profile")
    if not (study.inputs.cells and study.inputs.communes and study.inputs.terrain and study.radio):
        raise PathError("profile.no_coverage")
    used = USED if study.calibration is None else (*USED, "measurements")
    others = {name: None for name in type(study.inputs).model_fields if name not in used}
    alone = study.model_copy(update={"inputs": study.inputs.model_copy(update=others)})
    loaded = load(alone)
    loaded, _ = COVERAGE.settle(study, loaded)
    files, communes = GroundFiles.of(study), loaded.tables["communes"]
    terrain = read_terrain(files, communes)
    return inspect(
        study,
        loaded.tables["cells"],
        terrain.height_m,
        read_native_terrain(files, terrain),
        read_clutter(files, communes),
        read_land(files, communes),
        refractivity_of(files, communes),
        cell_id=cell_id,
        to=to,
        service=service,
        patterns=loaded.patterns,
        calibration=loaded.calibration,
    )


def inspect(  # noqa: PLR0913 - what a run has read already
    study: Study,
    cells: gpd.GeoDataFrame,
    height_m: xr.DataArray,
    native_m: xr.DataArray,
    clutter_m: xr.DataArray | None,
    land_cover: LandCover | None,
    refractivity: Refractivity,
    *,
    cell_id: str | None,
    to: tuple[float, float],
    service: str | None,
    patterns: Patterns,
    calibration: Calibration | None,
) -> PathProfile:
    """Look at a path over ground that is already read; see `path_profile`."""
    radio = radio_of(study)
    rules = [rule_of(each, radio, resolution_m=study.resolution_m) for each in study.services]
    if cell_id is not None:
        if service is not None:
            raise PathError("profile.cell_and_service", cell=cell_id, service=service)
        (at,) = (cells["cell_id"] == cell_id).to_numpy().nonzero()
        if not at.size:
            raise PathError(
                "profile.unknown_cell", cell=cell_id, alike=_alike(cell_id, list(cells["cell_id"]))
            )
        row = cells.iloc[[at[0]]]
    to_m = in_study(study, grid_of(height_m), to)
    settings = settings_of(
        radio,
        clutter_known=clutter_m is not None or land_cover is not None,
        corrections=corrections_of(calibration, study.resolution_m),
    )
    if cell_id is None:
        asked = _service(study, service)
        competing = active(cells, study.as_of)
        plan = plan_prediction(
            competing,
            height_m,
            rules,
            settings=settings,
            refractivity=refractivity,
            patterns=patterns,
            native_m=native_m,
            clutter_m=clutter_m,
            land_cover=land_cover,
        )
        rule = rules[study.services.index(asked)]
        best = best_server_at(plan, rule, to_m)
        if best is None:
            predicted = [
                sector.row
                for site in plan.sites
                for _, sector in site.placed
                if rule.admits(sector)
            ]
            raise _silent(competing.iloc[predicted], asked, to, to_m)
        row = competing.iloc[[best]]
    record = pd.DataFrame(row.drop(columns=row.geometry.name)).iloc[0].dropna().to_dict()
    return PathProfile(
        study=study,
        cell={str(name): value for name, value in record.items()},
        to=to,
        on_air=not active(row, study.as_of).empty,
        inspection=inspect_path(
            row,
            height_m,
            rules,
            to_m=to_m,
            settings=settings,
            refractivity=refractivity,
            patterns=patterns,
            native_m=native_m,
            clutter_m=clutter_m,
            land_cover=land_cover,
        ),
    )


def in_study(
    study: Study, grid: Grid, to: tuple[float, float], *, outside: str = "profile.outside"
) -> tuple[float, float]:
    """Return a point in the study's CRS; refuse one that is not on the grid."""
    longitude, latitude = to
    if not (-180 <= longitude <= 180 and -90 <= latitude <= 90):
        raise PathError("profile.no_place", longitude=f"{longitude:g}", latitude=f"{latitude:g}")
    way = operation(WGS84, study.crs)
    if way is None:
        raise ValueError(f"no transformation from WGS 84 to {study.crs}")
    x, y = way.transform(longitude, latitude)
    if not grid.index([x], [y])[2].all():
        west, south, east, north = way.transform_bounds(*grid.bounds, direction="INVERSE")
        raise PathError(
            outside,
            longitude=f"{longitude:g}",
            latitude=f"{latitude:g}",
            west=f"{west:.3f}",
            east=f"{east:.3f}",
            south=f"{south:.3f}",
            north=f"{north:.3f}",
        )
    return x, y


def _service(study: Study, named: str | None) -> Service:
    """Return the service of a name; the study's first if none is asked for."""
    for service in study.services:
        if named in (None, service.id):
            return service
    known = ", ".join(service.id for service in study.services)
    raise PathError("paper.unknown_service", service=named or "–", known=known or "–")


def _silent(
    cells: gpd.GeoDataFrame, service: Service, to: tuple[float, float], to_m: tuple[float, float]
) -> PathError:
    """Tell that no cell of a service reaches a point, and how far the nearest of them is."""
    place = {"longitude": f"{to[0]:g}", "latitude": f"{to[1]:g}", "service": service.title}
    if cells.empty:
        return PathError("profile.no_cell_of_service", **place)
    away_m = cells.distance(shapely.Point(to_m))
    nearest = cells.loc[away_m.idxmin()]
    return PathError(
        "profile.no_cell_reaches",
        **place,
        site=site_name(nearest),
        cell=nearest["cell_id"],
        kilometres=round(float(away_m.min()) / 1000, 1),
    )


def site_name(cell: pd.Series) -> Any:
    """Return what the site of a cell is called; its id where it has no name."""
    return cell["site_id"] if pd.isna(cell.get("site_name")) else cell["site_name"]


def _alike(cell_id: str, known: Sequence[str]) -> str | Bilingual:
    """Return the identifiers most like one that is not known, or that there is none."""
    folded = {fold(name): name for name in reversed(known)}
    near = get_close_matches(fold(cell_id), folded, n=5, cutoff=0.4)
    return ", ".join(folded[name] for name in near) or words("common.nothing_alike")


def _brief(name: object) -> str:
    """Shorten a name, so that one does not take the whole line."""
    shown = str(name)
    return shown if len(shown) <= LONGEST_NAME else f"{shown[: LONGEST_NAME - 1].rstrip()}…"


def _model(study: Study, lang: Language) -> str:
    return model_of(radio_of(study)).title[lang]


def _km(metres: float, lang: Language) -> str:
    return f"{number(metres / 1000, lang, decimals=2)} km"


def _short(value: float, lang: Language, *, decimals: int) -> str:
    """Write a number without zeros at its end."""
    rounded = f"{value:.{decimals}f}".rstrip("0")
    return number(value, lang, decimals=len(rounded.partition(".")[2]))


def _signed(value: float, lang: Language, unit: str) -> str:
    """Write a level, or a gain or loss with its sign."""
    shown = number(value, lang, decimals=1)
    return shown if unit == "dBm" or shown.startswith("−") else f"+{shown}"
