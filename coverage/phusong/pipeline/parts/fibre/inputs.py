"""What the fibre part needs of a study, and what it would refuse."""

import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import geopandas as gpd
import numpy as np
import pandas as pd
import xarray as xr

from ...._settings import STUDY_FILE
from ....errors import InputError, NetworkError, PhusongError, Problem
from ....fibre.prices import check_prices, price_per_km
from ....grid import Grid
from ....study import Study
from ....study.fibre import Fibre as FibreSettings
from ....terrain import read_elevation
from ...load import Loaded
from ...records import Note, RasterFile


@dataclass(frozen=True, kw_only=True, eq=False)
class FibreInputs:
    """Settings of the fibre network, the tables it needs, and the terrain it reads.

    Parameters
    ----------
    crs : str
    resolution_m : float
    as_of : date
    settings : Fibre
        The study's section.
    hops : DataFrame, optional
        As `tables.HOPS`.
    spans, nodes, roads, communes, offices : GeoDataFrame
        As loaded; all but the spans may be None.
    prices : DataFrame, optional
    terrain : tuple of RasterFile
        Empty where the study has none.
    largest_void_px : int
    """

    crs: str
    resolution_m: float
    as_of: datetime.date
    settings: FibreSettings
    spans: gpd.GeoDataFrame
    nodes: gpd.GeoDataFrame | None
    hops: pd.DataFrame | None
    roads: gpd.GeoDataFrame | None
    communes: gpd.GeoDataFrame | None
    offices: gpd.GeoDataFrame | None
    prices: pd.DataFrame | None
    terrain: tuple[RasterFile, ...]
    largest_void_px: int

    @cached_property
    def ground(self) -> xr.DataArray | None:
        """The elevation around the communes and the fibre; None where none is given.

        Raises
        ------
        InputError
            If a file cannot be used.
        """
        if not self.terrain:
            return None
        tables = [table for table in (self.communes, self.spans) if table is not None]
        corners = np.array([table.total_bounds for table in tables])
        grid = Grid.covering(
            (*corners[:, :2].min(axis=0), *corners[:, 2:].max(axis=0)),
            resolution_m=self.resolution_m,
            crs=self.crs,
        )
        return read_elevation(
            [file.path for file in self.terrain],
            grid,
            required_area=None,
            largest_void_px=self.largest_void_px,
            shown=[file.shown for file in self.terrain],
        ).height_m

    @property
    def has_hub(self) -> bool:
        """Whether a provincial hub is named, or an office stands for it."""
        return bool(self.settings.hubs.province) or (
            self.offices is not None and bool((self.offices["level"] == "province").any())
        )


def take(study: Study, loaded: Loaded) -> FibreInputs | Note:
    """Return what the fibre part needs of a study, or that there are no spans."""
    tables = loaded.tables
    if study.fibre is None or "spans" not in tables:
        return Note("pipeline.no_fibre", {})
    return FibreInputs(
        crs=study.crs,
        resolution_m=study.resolution_m,
        as_of=study.as_of,
        settings=study.fibre,
        spans=tables["spans"],
        nodes=tables.get("nodes"),
        hops=tables.get("hops"),
        roads=tables.get("roads"),
        communes=tables.get("communes"),
        offices=tables.get("offices"),
        prices=tables.get("fibre_prices"),
        terrain=tuple(RasterFile.of(study, source) for source in study.inputs.terrain or ()),
        largest_void_px=study.largest_void_px,
    )


def check(inputs: FibreInputs) -> Iterator[PhusongError]:
    """Find what keeps hubs, prices and terrain from being used."""
    problems = [
        *_unknown_hubs(inputs),
        *_unknown_districts(inputs),
        *_unknown_operators(inputs),
        *_overused(inputs),
        *_to_themselves(inputs),
    ]
    if inputs.prices is not None:
        try:
            prices, deployment = check_prices(inputs.prices), inputs.settings.deployment
            price_per_km(prices, np.zeros(1), deployment=deployment)
        except NetworkError as fault:
            shown = inputs.prices.attrs.get("file", "fibre_prices")
            problems.append(Problem(message=fault.message, file=shown, values=fault.values))
    if problems:
        yield InputError(problems)
    if inputs.settings.snap_tolerance_m is not None:
        try:
            inputs.ground  # noqa: B018  read once, kept for `compute`
        except PhusongError as fault:
            yield fault


def remarks(inputs: FibreInputs) -> Iterator[Note]:
    """Tell what the settings and tables switch off."""
    if inputs.settings.snap_tolerance_m is None:
        yield Note("fibre.note_no_network", {}, by_choice=True)
    elif not inputs.has_hub:
        yield Note("fibre.no_hub_connected", {})


def _unknown_hubs(inputs: FibreInputs) -> list[Problem]:
    if inputs.nodes is None:
        return []
    known, hubs = set(inputs.nodes["id"]), inputs.settings.hubs
    named = [("province", name) for name in hubs.province]
    named += [(f"district.{code}", name) for code, name in sorted(hubs.district.items())]
    return [
        Problem(
            message="fibre.unknown_hub",
            file=STUDY_FILE,
            key=f"fibre.hubs.{key}",
            value=name,
        )
        for key, name in named
        if name not in known
    ]


def _unknown_districts(inputs: FibreInputs) -> list[Problem]:
    if inputs.communes is None:
        return []
    districts = sorted(set(inputs.communes["district_code"].dropna()))
    return [
        Problem(
            message="fibre.unknown_district",
            file=STUDY_FILE,
            key=f"fibre.hubs.district.{code}",
            value=code,
            values={"known": ", ".join(districts)},
        )
        for code in sorted(inputs.settings.hubs.district)
        if code not in districts
    ]


def _overused(inputs: FibreInputs) -> list[Problem]:
    """Find spans with more fibres in use than there are."""
    spans = inputs.spans
    over = spans[(spans["fibres_used"] > spans["fibreCount"]).fillna(False)]
    return [
        Problem(
            message="fibre.overused",
            file=str(spans.attrs.get("file", "spans")),
            column="fibres_used",
            value=used,
            values={"id": name, "there": there},
        )
        for name, used, there in over[["id", "fibres_used", "fibreCount"]].itertuples(
            index=False, name=None
        )
    ]


def _to_themselves(inputs: FibreInputs) -> list[Problem]:
    """Find microwave hops that lead back to the mast where they begin."""
    if inputs.hops is None:
        return []
    hops = inputs.hops[inputs.hops["from_site"] == inputs.hops["to_site"]]
    return [
        Problem(
            message="fibre.hop_to_itself",
            file=str(inputs.hops.attrs.get("file", "hops")),
            column="to_site",
            value=site,
            values={"id": name},
        )
        for name, site in zip(hops["hop_id"], hops["to_site"], strict=True)
    ]


def _unknown_operators(inputs: FibreInputs) -> list[Problem]:
    names = [
        inputs.spans[column].dropna().str.split(", ") for column in ("networkProviders", "supplier")
    ]
    known = sorted({name for column in names for listed in column for name in listed if name})
    return [
        Problem(
            message="fibre.unknown_operator",
            file="study.toml",
            key=f"fibre.may_use.{operator}",
            value=name,
            values={"known": ", ".join(known)},
        )
        for operator, others in sorted(inputs.settings.may_use.items())
        for name in (operator, *others)
        if name not in known
    ]
