"""Where to measure: places drawn by chance among the residents that roads reach."""

import math
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from ..._types import Flags
from ...errors import SurveyError
from ...export import (
    Layer,
    TemplateSheet,
    output_folder,
    plain_layer,
    write_geojson,
    write_kml,
    write_manifest,
    write_template,
    write_workbook,
)
from ...grid import WGS84, Grid, grid_of
from ...i18n import both, text
from ...radio import served
from ...study import Study, target_of
from ...tables import ROAD_SEGMENTS, SURVEY_PLACES, SURVEY_STRATA
from ...uncertainty import allot, draw_places, residents_to_settle, whole_residents
from ..gathered import Gathered, in_order
from ..parts.coverage import COVERAGE
from ..parts.territory import TERRITORY

WORKBOOK, WAYPOINTS, PLACEMARKS = "survey.xlsx", "survey.gpx", "survey.kml"
ROADS, TRACKS, LINES = "survey-roads.xlsx", "survey-roads.gpx", "survey-roads.geojson"


@dataclass(frozen=True, repr=False, eq=False)
class SurveyPlan:
    """Places to measure, and what they were drawn from.

    Parameters
    ----------
    study : Study
    service : str
        Id of the service to look for.
    within_m : float
        How far from a road a place may lie.
    seed : int
        What the places were drawn with.
    places : GeoDataFrame
        As `tables.SURVEY_PLACES`, nothing measured yet.
    strata : DataFrame
        As `tables.SURVEY_STRATA`.
    roads_given : bool
        Whether the study has roads; without them every place can be drawn.
    segments : GeoDataFrame, optional
        Road segments by how many undecided communes their measurement would settle, best first,
        as `tables.ROAD_SEGMENTS`; None without roads, undecided communes, or verdicts at all.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> plan = phusong.run(coarse, parts=["coverage"]).survey("mobile", residents=100)
    >>> plan.days(places_a_day=len(plan.places)), plan.days(places_a_day=1) == len(plan.places)
    (1, True)
    >>> plan.road_km is None, plan.road_days(km_a_day=100)
    (True, 0)
    >>> with tempfile.TemporaryDirectory() as home:
    ...     [path.name for path in plan.write(Path(home) / "survey")]
    ['survey.xlsx', 'survey.gpx', 'survey.kml']
    """

    study: Study
    service: str
    within_m: float
    seed: int
    places: gpd.GeoDataFrame
    strata: pd.DataFrame
    roads_given: bool
    segments: gpd.GeoDataFrame | None = None

    def days(self, places_a_day: int) -> int:
        """Return how many days one team needs.

        Parameters
        ----------
        places_a_day : int
            That a team measures.

        Returns
        -------
        int
        """
        return -(-len(self.places) // places_a_day)

    @property
    def road_km(self) -> float | None:
        """Length of the segments that have an order to drive, km; None without segments."""
        if self.segments is None:
            return None
        is_ordered = self.segments[f"drive_order_{self.service}"].notna()
        return float(self.segments.loc[is_ordered, "length_km"].sum())

    def road_days(self, km_a_day: float) -> int:
        """Return how many days one team needs to measure along the ordered segments.

        Parameters
        ----------
        km_a_day : float
            That a team measures.

        Returns
        -------
        int
            0 without segments.
        """
        return math.ceil((self.road_km or 0.0) / km_a_day)

    def write(self, folder: Path | str, *, replace: bool = False) -> tuple[Path, ...]:
        """Write the workbook to fill in, and the places for a phone or a receiver.

        Parameters
        ----------
        folder : path
            Absent, empty or written by phusong before: for ``survey.xlsx`` (a
            sheet of places with the column to fill in, one of strata),
            ``survey.gpx``, ``survey.kml`` and ``manifest.json``; where there are road
            segments also for ``survey-roads.xlsx``, ``.geojson`` and ``.gpx``, whose
            tracks are the segments in the order to drive.
        replace : bool
            Whether what someone added to or changed in the folder may be lost,
            such as what was measured.

        Returns
        -------
        tuple of Path
            The files written.

        Raises
        ------
        OutputError
            If the folder may not be replaced or cannot be written.
        """
        notice = both(lambda lang: text("pipeline.survey_file_notice", lang, seed=self.seed))
        layer = plain_layer(self.places, SURVEY_PLACES, notice=notice)
        roads = self._roads()
        with output_folder(Path(folder), replace=replace) as fresh:
            write_template(
                (
                    TemplateSheet(table=SURVEY_PLACES, rows=_with_place(layer)),
                    TemplateSheet(table=SURVEY_STRATA, rows=self.strata),
                ),
                fresh / WORKBOOK,
            )
            _write_waypoints(layer, fresh / WAYPOINTS)
            lines = [] if roads is None else [roads]
            write_kml([layer, *lines], fresh / PLACEMARKS, title=self.study.name, styles={})
            if roads is not None:
                write_workbook(lines, fresh / ROADS, crs=self.study.crs)
                write_geojson(roads, fresh / LINES)
                self._write_tracks(fresh / TRACKS)
            asked = {
                "service": self.service,
                "within_m": self.within_m,
                "seed": self.seed,
                "notice": asdict(notice),
            }
            write_manifest(fresh, parameters=asked, inputs={})
        names = [WORKBOOK, WAYPOINTS, PLACEMARKS, *([ROADS, LINES, TRACKS] if lines else [])]
        return tuple(Path(folder) / name for name in names)

    def _roads(self) -> Layer | None:
        """Return the road segments as files carry them, with the columns of the service."""
        if self.segments is None:
            return None
        titles = {one.id: one.title for one in self.study.services if one.id == self.service}
        table = ROAD_SEGMENTS.expand({"service": titles}, {"run": self.study.errors})
        rows = in_order(self.segments, table)
        return plain_layer(rows, table, notice=self.study.sample_notice)

    def _write_tracks(self, path: Path) -> None:
        """Write the segments that have an order as GPX tracks, each with its place in it."""
        order = f"drive_order_{self.service}"
        assert self.segments is not None
        driven = self.segments[self.segments[order].notna()].to_crs(WGS84)
        rows = pd.DataFrame(
            {
                "name": [f"{at:02d} {road}"
                         for at, road in zip(driven[order], driven["road"], strict=True)],
                "desc": [f"{one}: {length_km:.1f} km"
                         for one, length_km in zip(driven["segment_id"], driven["length_km"],
                                                   strict=True)],
            }
        )  # fmt: skip
        lines = [shapely.multilinestrings([one]) for one in driven.geometry]
        frame = gpd.GeoDataFrame(rows, geometry=lines, crs=WGS84)
        frame.to_file(path, driver="GPX", layer="tracks", engine="pyogrio")

    def __repr__(self) -> str:
        return f"<SurveyPlan {self.service}: {len(self.places)} places>"


def _with_place(layer: Layer) -> pd.DataFrame:
    """Return the rows of a layer with longitude and latitude beside."""
    rows = pd.DataFrame(list(layer.rows), columns=list(layer.table.columns))
    return rows.assign(lon=shapely.get_x(layer.shapes), lat=shapely.get_y(layer.shapes))


def _write_waypoints(layer: Layer, path: Path) -> None:
    """Write the places as GPX, which receivers and phones navigate to."""
    rows = pd.DataFrame({"name": layer.ids, "desc": [row["commune_code"] for row in layer.rows]})
    frame = gpd.GeoDataFrame(rows, geometry=layer.shapes, crs=WGS84)
    frame.to_file(path, driver="GPX", layer="waypoints", engine="pyogrio")


def plan_survey(
    gathered: Gathered, *, service: str | None, residents: int, within_m: float, seed: int
) -> SurveyPlan:
    """Draw the places to measure of a finished coverage; see `Result.survey`.

    Raises
    ------
    SurveyError
        If there is no coverage or no such service, or nobody lives within reach.
    """
    study, coverage = gathered.study, gathered.found.get(COVERAGE)
    units = gathered.found[TERRITORY].units
    if coverage is None or units is None:
        raise SurveyError("pipeline.survey_no_coverage")
    service = service or study.services[0].id
    if service not in coverage.services:
        raise SurveyError(
            "pipeline.survey_unknown_service",
            service=service,
            known=", ".join(one.id for one in study.services),
        )
    rasters = coverage.services[service]
    grid = grid_of(rasters.margin_db)
    roads = gathered.loaded.tables.get("roads")
    homes = homes_of(gathered, grid)
    homes["map_share"] = served(rasters.margin_db.to_numpy()).ravel()[homes["pixel"]].astype(float)
    homes["reached"] = True if roads is None else _near(homes, roads, within_m)
    reached = homes[homes["reached"]]
    if not reached["residents"].sum():
        raise SurveyError("pipeline.survey_nobody", within_m=within_m)
    target = target_of(study.targets, service, "commune")
    strata = _strata(homes, units.communes, residents)
    strata["to_settle"] = [
        residents_to_settle(float(share), target.share, residents=int(people))
        if target is not None and target.denominator == "population" and people
        else pd.NA
        for share, people in zip(strata["map_share"], strata["residents"], strict=True)
    ]
    strata["to_settle"] = strata["to_settle"].astype("Int64")
    times = draw_places(
        reached["residents"].to_numpy(),
        reached["commune_code"].to_numpy(object),
        dict(zip(strata["commune_code"], strata["drawn"], strict=True)),
        seed=seed,
    )
    places = _places(reached.assign(drawn=times), grid)
    return SurveyPlan(
        study=study,
        service=service,
        within_m=within_m,
        seed=seed,
        places=places,
        strata=strata,
        roads_given=roads is not None,
        segments=_segments(gathered, service),
    )


def _segments(gathered: Gathered, service: str) -> gpd.GeoDataFrame | None:
    """Return the road segments that tell of a service, best first; None if there are none."""
    if ROAD_SEGMENTS.name not in gathered.definitions:
        return None
    found = gathered.tables[ROAD_SEGMENTS.name]
    alone = f"settled_communes_{service}"
    if alone not in found or found[alone].isna().all():
        return None
    ranked = found[found[alone].notna()].sort_values(
        [f"drive_order_{service}", alone, "segment_id"], ascending=[True, False, True]
    )
    return gpd.GeoDataFrame(ranked.reset_index(drop=True))


def homes_of(gathered: Gathered, grid: Grid) -> pd.DataFrame:
    """Return a row for each pixel of each commune where people live, whole residents.

    Parameters
    ----------
    gathered : Gathered
        Of a study with communes.
    grid : Grid
        That of its coverage.

    Returns
    -------
    DataFrame
        ``commune_code``, ``pixel`` (flat position in the grid), ``x_m``, ``y_m`` of its
        centre, ``residents``.
    """
    units = gathered.found[TERRITORY].units
    assert units is not None  # whoever has a grid of coverage has communes
    communes, people = units.communes, units.residents.communes.people.tocsr()
    of_commune = np.repeat(np.arange(people.shape[0]), np.diff(people.indptr))
    row, column = np.divmod(people.indices, grid.width)
    whole = [whole_residents(people.data[first:last]) for first, last in pairwise(people.indptr)]
    homes = pd.DataFrame(
        {
            "commune_code": communes["commune_code"].to_numpy()[of_commune],
            "pixel": people.indices,
            "x_m": grid.x_m[column],
            "y_m": grid.y_m[row],
            "residents": np.concatenate(whole) if whole else np.empty(0, np.int64),
        }
    )
    return homes[homes["residents"] > 0].reset_index(drop=True)


def _near(homes: pd.DataFrame, roads: gpd.GeoDataFrame, within_m: float) -> Flags:
    """Tell which pixels have a road within a distance of their centre."""
    points = shapely.points(homes["x_m"], homes["y_m"])
    found = shapely.STRtree(roads.geometry.to_numpy()).query(
        points, predicate="dwithin", distance=within_m
    )
    near = np.zeros(len(homes), dtype=bool)
    near[found[0]] = True
    return near


def _strata(homes: pd.DataFrame, communes: gpd.GeoDataFrame, residents: int) -> pd.DataFrame:
    """Return a row a commune: who can be drawn, who not, and how many are drawn."""
    reached = homes[homes["reached"]].copy()
    reached["map_sum"] = reached["residents"] * reached["map_share"]
    sums = reached.groupby("commune_code")[["residents", "map_sum"]].sum()
    out = homes.loc[~homes["reached"]].groupby("commune_code")["residents"].sum()
    strata = pd.DataFrame({"commune_code": sorted(set(communes["commune_code"]))})
    strata = strata.set_index("commune_code").join(sums).join(out.rename("out_of_reach"))
    strata = strata.fillna(0.0).astype({"residents": "int64", "out_of_reach": "int64"})
    strata["map_share"] = (strata.pop("map_sum") / strata["residents"]).fillna(0.0)
    district = communes.reindex(columns=["commune_code", "district_code"])
    district = district.drop_duplicates("commune_code").set_index("commune_code")["district_code"]
    # Communes without a district are one of their own: since 2025 there is none.
    groups = strata["residents"].groupby(district.reindex(strata.index).fillna(""))
    strata["drawn"] = pd.concat([allot(its, residents) for _, its in groups])
    return strata.reset_index()[["commune_code", "residents", "out_of_reach", "map_share", "drawn"]]


def _places(drawn: pd.DataFrame, grid: Grid) -> gpd.GeoDataFrame:
    """Return the drawn places as `tables.SURVEY_PLACES`, numbered within their commune."""
    drawn = drawn[drawn["drawn"] > 0].sort_values(["commune_code", "pixel"], ignore_index=True)
    at = drawn.groupby("commune_code").cumcount() + 1
    table = pd.DataFrame(
        {
            "place_id": drawn["commune_code"] + "-" + at.map("{:03d}".format),
            "commune_code": drawn["commune_code"],
            "drawn": drawn["drawn"],
            "map_share": drawn["map_share"],
            "served": pd.array([pd.NA] * len(drawn), dtype="boolean"),
            "measured_on": pd.Series(pd.NaT, drawn.index, dtype="datetime64[s]"),
        }
    )
    return gpd.GeoDataFrame(
        table, geometry=gpd.points_from_xy(drawn["x_m"], drawn["y_m"]), crs=grid.crs
    )
