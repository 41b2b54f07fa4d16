"""A plan of sites, its map, its page and its folder of files."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path

import folium
import geopandas as gpd
import pandas as pd

from .._resources import resource_folder
from ..errors import SitingError
from ..export import (
    Layer,
    output_folder,
    plain_layer,
    write_csv,
    write_geojson,
    write_geopackage,
    write_layer_csv,
    write_manifest,
    write_rows,
    write_schema,
    write_workbook,
)
from ..export.json_text import write_json
from ..grid import WGS84
from ..i18n import Language, words
from ..maps import (
    MapData,
    Orientation,
    Paper,
    Theme,
    build_map,
    open_theme,
    render_paper,
    write_html,
    write_paper,
)
from ..maps.theme import ThemeLayer
from ..report import ReportPage, in_words, render_page
from ..tables import (
    CELLS,
    PLANNED_SITES,
    SITE_COMMUNE_CURVES,
    SITE_COMMUNES,
    SITE_CURVE,
    SITE_PRICES,
    SITING_TABLES,
)
from .gathered import Gathered
from .outputs.given import inputs_of
from .outputs.maps import layers_of
from .outputs.ofds import proposed_package
from .outputs.styles import theme_styles
from .parts import PARTS
from .parts.coverage import COVERAGE
from .progress import Progress
from .questions.hop import HopProfile
from .questions.site_curves import commune_curves_of, curve_of, prices_of
from .questions.site_draws import draws_of
from .questions.siting import SitingFindings
from .records import Resources
from .siting_page import page_of

PAGE, MAP, PRINT = "index.html", "map.html", "map.pdf"
WORKBOOK, PACKAGE, PLANNED, NETWORK = "sites.xlsx", "sites.gpkg", "cells.csv", "cable.ofds.json"
HOPS_NAMED = 5
SHARE = 0.98
"""Of the residents of a commune, where no target says another."""
LINKS = ((MAP, "map"), (PRINT, "print"), (WORKBOOK, "workbook"), (PLANNED, "cells"))


@dataclass(frozen=True, repr=False, eq=False, kw_only=True)
class SitingPlan(SitingFindings):
    """Works by year, whom they serve, and their cells; see `phusong.site`.

    Parameters
    ----------
    study : Study
    aims : tuple of SiteAim
    weights : mapping of str to float
        By which measures people count more in the choice; figures of people never do.
    lowered : tuple of Reached
        Targets beyond reach, that ask for as much as can be had.
    candidates : Candidates
        Places that were predicted, and what became of the others.
    works, sites, years, communes, commune_years, gaps : DataFrame
        As `tables.SITING_TABLES`; those with places are GeoDataFrames in the study's CRS.
    added : GeoDataFrame
        The cells of the plan, as `tables.CELLS`.
    backhaul : DataFrame
        What was offered to each new site, and why not.
    unreached : GeoDataFrame
        As `tables.SITE_UNREACHED`: villages with people whom no work serves, and why.
    hops, cables : GeoDataFrame
        Those of the plan, as `tables.SITE_HOPS` and `tables.SITE_CABLES`.
    cells : GeoDataFrame
        Those of the study and of the plan.
    plan : SitePlan
        What the programme found, with its bound and gap.
    next : NextStep, optional
        What the next money buys; None if nothing more can be served.
    next_works : DataFrame
        Its works: ``site_id``, ``kind`` and ``commune``.
    problem : SitingProblem
        What the plan was chosen from.
    first_site : ndarray of int
        Row of `sites` that is the first to serve each demand of the problem; -1 for none.
    notes : tuple of Note
    gathered : Gathered
        The result that the plan adds to.
    files : mapping of str to Path
        Of the study, that the plan alone read, by the names it gives them.
    further : mapping of str to DataFrame
        Tables that were asked for besides, by `with_curves` and `with_draws`.
    drawn_share : float, optional
        Share of the residents that the probabilities are about, of `with_draws`.

    Examples
    --------
    >>> import tempfile
    >>> import phusong
    >>> from phusong.pipeline import SiteAim, SitePrices
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> coarse = study.replace({"radio.radius_km": 2}, resolution_m=1000)
    >>> result = phusong.run(coarse, parts=["coverage"])
    >>> aim = SiteAim(service="mobile", operator="Viettel", technology="4G")
    >>> prices = SitePrices(mast_vnd={42: 1.8e9}, share_vnd=4e8)
    >>> plan = phusong.site(result, aim, {2027: 9e9}, prices)
    >>> len(plan.sites) == len(plan.tables["planned_sites"])
    True
    >>> plan.words("site_years", lang="en")["Year"].tolist()
    [2027]
    >>> curve = plan.curve(share=0.9, points=3)
    >>> bool(curve["people"].is_monotonic_increasing), float(curve["cost_vnd"].iloc[0])
    (True, 0.0)
    >>> plan.prices(share=0.5).set_index("commune_code").loc["00688", "why"]
    'met'
    >>> bool((plan.commune_curves(points=2)["share"] <= 1).all())
    True
    >>> sorted(set(plan.with_curves(share=0.5, points=2).tables) - set(plan.tables))
    ['site_commune_curves', 'site_curve', 'site_prices']
    >>> sorted(set(plan.with_draws(share=0.5).tables) - set(plan.tables))
    ['site_checks', 'site_verdicts']
    >>> plan.html()[:15], type(plan.map()).__name__
    ('<!DOCTYPE html>', 'StudyMap')
    >>> with tempfile.TemporaryDirectory() as home:
    ...     plan.paper(Path(home) / "works.pdf").name
    ...     plan.write(Path(home) / "plan").name
    'works.pdf'
    'index.html'
    """

    gathered: Gathered
    files: Mapping[str, Path] = field(default_factory=dict)
    further: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    drawn_share: float | None = None

    @classmethod
    def of(
        cls, found: SitingFindings, gathered: Gathered, files: Mapping[str, Path]
    ) -> "SitingPlan":
        """Return findings with their faces.

        Parameters
        ----------
        found : SitingFindings
        gathered : Gathered
        files : mapping of str to Path

        Returns
        -------
        SitingPlan
        """
        return cls(
            **{one.name: getattr(found, one.name) for one in fields(found)},
            gathered=gathered,
            files=files,
        )

    @property
    def tables(self) -> dict[str, pd.DataFrame]:
        """The tables of the plan by name, as `tables.SITING_TABLES`."""
        return {
            "planned_sites": self.sites,
            "site_commune_years": self.commune_years,
            "site_years": self.years,
            "site_communes": self.communes,
            "site_gaps": self.gaps,
            "site_unreached": self.unreached,
            "site_works": self.works,
            "site_cables": self.cables,
            "site_hops": self.hops,
            **self.further,
        }

    def with_curves(self, *, share: float | None = None, points: int = 10) -> "SitingPlan":
        """Return the plan with its curve, and curve and price of a share for each commune.

        Page, workbook and tables then have them; see `curve`, `commune_curves` and `prices`.

        Parameters
        ----------
        share : float, optional
            0 to 1; the largest of the targets, or 0.98 if there is none.
        points : int
            As for `curve`.

        Returns
        -------
        SitingPlan
        """
        share = self._share(share)
        curve = self.curve(share=share, points=points)
        curve.insert(0, "point", range(1, len(curve) + 1))
        communes = self.commune_curves()
        of_unit = communes.groupby(["service", "commune_code"])
        communes.insert(2, "point", of_unit.cumcount() + 1)
        names = self.communes.drop_duplicates("commune_code").set_index("commune_code")["name"]
        communes.insert(3, "name", communes["commune_code"].map(names))
        found = {
            SITE_CURVE.name: curve,
            SITE_COMMUNE_CURVES.name: communes,
            SITE_PRICES.name: self.prices(share=share),
        }
        return replace(self, further={**self.further, **found})

    def with_draws(
        self,
        *,
        share: float | None = None,
        threads: int | None = None,
        cache_folder: Path | str | None = None,
        on_progress: Progress | None = None,
    ) -> "SitingPlan":
        """Return the plan with what comes of it where the prediction errs.

        Page, workbook and tables then have them: how likely province and communes have the
        share, as verdicts are drawn, and at which sites measuring first may change the plan. The
        result with the plan is predicted for it, so that people times the probability that they
        are served stand beside the people promised.

        Parameters
        ----------
        share : float, optional
            0 to 1; the largest of the targets, or 0.98 if there is none.
        threads, cache_folder, on_progress
            See `run`.

        Returns
        -------
        SitingPlan
        """
        resources = Resources.of(threads, cache_folder, on_progress)
        share = self._share(share)
        found = draws_of(self.gathered, PARTS, self, share, resources)
        return replace(self, further={**self.further, **found}, drawn_share=share)

    def _share(self, share: float | None) -> float:
        return share or max((aim.target_share or 0 for aim in self.aims), default=0) or SHARE

    def curve(self, *, share: float, points: int = 10) -> pd.DataFrame:
        """Return how many people of the province how much money serves.

        Parameters
        ----------
        share : float
            Of its residents, 0 to 1, from which on a commune counts as met.
        points : int
            How many plans at most: nothing, everybody who can be served, and between them.

        Returns
        -------
        DataFrame
            By rising cost: ``cost_vnd``; ``people`` served more; ``share`` of the residents served;
            ``communes_met``; ``works``, how many; ``gap``, the share by which another plan for as
            much money might serve more people. No plan lies above the curve of all points.
        """
        return curve_of(self.problem, share, points)

    def commune_curves(self, *, points: int = 6) -> pd.DataFrame:
        """Return how many people of each commune how much money serves, each commune by itself.

        Parameters
        ----------
        points : int
            As for `curve`.

        Returns
        -------
        DataFrame
            ``service``, ``commune_code``, and as `curve`. Works that serve several communes are
            paid in full in each.
        """
        return commune_curves_of(self.problem, points)

    def prices(self, *, share: float) -> pd.DataFrame:
        """Return what a share of its residents served costs each commune, each by itself.

        Parameters
        ----------
        share : float
            0 to 1.

        Returns
        -------
        DataFrame
            ``service``, ``commune_code``, ``name``, ``population``; ``share_before``;
            ``share_most``, with all works there are; ``price_vnd``, 0 where the share is there
            already, NaN where it cannot be had; ``gap``, by which it may be less; ``why`` (met,
            beyond_reach: no candidate serves enough, works_exclude, no_residents). A work that
            serves several communes is paid in full in each, so the sum is more than a plan of
            all costs.
        """
        return prices_of(self.problem, share)

    def words(
        self, name: str, rows: pd.DataFrame | None = None, *, lang: Language = "vi"
    ) -> pd.DataFrame:
        """Return a table as a person reads it; see `Result.words`.

        Parameters
        ----------
        name : str
            A table of `tables`.
        rows : DataFrame, optional
            Some of its rows and columns; all of them if absent.
        lang : {"vi", "en"}

        Returns
        -------
        DataFrame

        Raises
        ------
        KeyError
            If the plan has no such table.
        """
        shown = pd.DataFrame(self.tables[name] if rows is None else rows)
        return in_words(shown.drop(columns="geometry", errors="ignore"), SITING_TABLES[name], lang)

    @cached_property
    def page(self) -> ReportPage:
        """The page, as it is written and printed."""
        return page_of(
            self,
            self.further,
            workbook=WORKBOOK,
            links=[(file, words(f"site.link_{name}")) for file, name in LINKS],
        )

    def hop_profile(self, work_id: str, number: int = 1) -> HopProfile:
        """Look at a hop of the plan over its ground.

        Parameters
        ----------
        work_id : str
            Of a chain of hops, as in ``hops``.
        number : int
            Which hop of it, from the new site on.

        Returns
        -------
        HopProfile

        Raises
        ------
        SitingError
            If the plan has no such hop; names those it has.
        """
        its = self.hops[(self.hops["work_id"] == work_id) & (self.hops["hop"] == number)]
        if its.empty:
            known = ", ".join(sorted(set(self.hops["work_id"]))[:HOPS_NAMED]) or "–"
            raise SitingError("pipeline.siting_no_hop", work=work_id, hop=number, known=known)
        row = its.iloc[0]
        ground = self.gathered.found[COVERAGE].ground
        hop = {str(name): value for name, value in row.drop("geometry").items()}
        return HopProfile.of(self.study, ground, hop, row["geometry"])

    def html(self) -> str:
        """Return the page as HTML: both languages, one self-contained file.

        Returns
        -------
        str
        """
        return render_page(self.page)

    def map(self) -> folium.Map:
        """Draw the sites by year and kind, and the gaps that they close.

        Returns
        -------
        folium.Map
            Shown in a notebook, it needs no internet.
        """
        return build_map(self._theme, self._drawn)

    def paper(
        self,
        path: Path | str,
        *,
        paper: Paper = "A4",
        orientation: Orientation | None = None,
        lang: Language = "vi",
    ) -> Path:
        """Write the map as a sheet of paper.

        Parameters
        ----------
        path : path
            ``.pdf``, ``.png`` or ``.svg``; a file of that name is replaced.
        paper : {"A4", "A3"}
        orientation : {"portrait", "landscape"}, optional
            The one that draws the study area larger, if absent.
        lang : {"vi", "en"}

        Returns
        -------
        Path

        Raises
        ------
        OutputError
            If the ending is none of these or the file cannot be written.
        """
        sheet = render_paper(
            self._theme, self._drawn, lang=lang, paper=paper, orientation=orientation,
            service=self.aims[0].service,
        )  # fmt: skip
        return write_paper(sheet, path)

    def write(self, folder: Path | str, *, replace: bool = False) -> Path:
        """Write page, map, tables and the cells to run, and return the page.

        Parameters
        ----------
        folder : path
            Absent, empty or written by phusong before: for ``index.html``, ``map.html``,
            ``map.pdf``, ``sites.xlsx``, ``sites.gpkg``, every table in ``tables`` and, with
            places, in ``geojson`` (those without also as JSON); ``cells.csv`` (the cells of the
            plan alone, to be given as a second file of ``cells``), ``cable.ofds.json`` if there is
            cable (the Open Fibre Data Standard) and ``manifest.json``.
        replace : bool
            Whether what someone added to or changed in the folder may be lost.

        Returns
        -------
        Path
            The page, ``index.html``.

        Raises
        ------
        OutputError
            If the folder may not be replaced or cannot be written.
        """
        layers, crs = self._layers(), self.study.crs
        styles = theme_styles([self._theme], layers, (), {})
        with output_folder(Path(folder), replace=replace) as fresh:
            (fresh / PAGE).write_bytes(self.html().encode("utf-8"))
            write_html(self.map(), fresh / MAP)
            self.paper(fresh / PRINT)
            write_workbook(layers, fresh / WORKBOOK, crs=crs)
            write_geopackage(layers, fresh / PACKAGE, styles=styles)
            _write_tables(layers, fresh, crs)
            write_csv(_as_file(self.added), fresh / PLANNED)
            if len(self.cables):
                write_json(proposed_package(self.study, self.cables), fresh / NETWORK)
            proof = {
                "gap": self.plan.gap,
                "optimal": self.plan.optimal,
                "ran_out": self.plan.ran_out,
                "share": self.drawn_share,
                "weights": dict(self.weights),
                "lowered": len(self.lowered),
                "province_share": next(
                    (one.share for one in self.lowered if one.share is not None), None
                ),
            }
            write_manifest(
                fresh,
                parameters={
                    "site": [asdict(aim) for aim in self.aims],
                    "proof": proof,
                    "files": sorted(self.files),
                },
                inputs={**inputs_of(self.study), **self.files},
            )
        return Path(folder) / PAGE

    @cached_property
    def _theme(self) -> Theme:
        """The theme of the map, without layers of what the plan does not build."""
        theme = open_theme(resource_folder("maps") / "sited" / "works.toml")
        kinds = set(self.sites["site_kind"])

        def is_built(layer: ThemeLayer) -> bool:
            if layer.table == PLANNED_SITES.name:
                return any(kinds & set(each.values) for each in layer.where)
            return layer.table not in self.tables or len(self.tables[layer.table]) > 0

        shown = tuple(layer for layer in theme.layers if is_built(layer))
        return theme.model_copy(update={"layers": shown})

    @cached_property
    def _drawn(self) -> MapData:
        data = layers_of(self.gathered)
        own = {
            name: frame
            for name, frame in self.tables.items()
            if isinstance(frame, gpd.GeoDataFrame) and len(frame)
        }
        # A commune is drawn once: by the service that fewest of its residents have then.
        least = self.communes.sort_values("share_after", kind="stable", na_position="last")
        own[SITE_COMMUNES.name] = least.drop_duplicates("commune_code").sort_index()
        return replace(data, tables={**data.tables, **own})

    def _layers(self) -> list[Layer]:
        errors = {"run": self.study.errors}
        tables = [SITING_TABLES[name].expand({}, errors) for name in SITING_TABLES]
        return [
            plain_layer(self.tables[table.name], table, notice=self.gathered.table_notice(table))
            for table in tables
            if table.name in self.tables
        ]

    def __repr__(self) -> str:
        services = ", ".join(dict.fromkeys(aim.service for aim in self.aims))
        return f"<SitingPlan {services}: {len(self.sites)} sites>"


def _write_tables(layers: Iterable[Layer], out: Path, crs: str) -> None:
    for name in ("geojson", "tables"):
        (out / name).mkdir()
    for layer in layers:
        write_layer_csv(layer, out / "tables" / f"{layer.name}.csv", crs=crs, semicolon=False)
        if layer.shapes is not None:
            write_geojson(layer, out / "geojson" / f"{layer.name}.geojson")
            write_schema(layer.table, out / "geojson" / f"{layer.name}.schema.json")
        else:
            write_rows(layer, out / "tables" / f"{layer.name}.json")


def _as_file(cells: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return cells as the rows of a file, with longitude and latitude."""
    places = cells.geometry.to_crs(WGS84)
    rows = pd.DataFrame(cells[[name for name in CELLS.columns if name in cells]])
    return rows.dropna(axis="columns", how="all").assign(lon=places.x, lat=places.y)
