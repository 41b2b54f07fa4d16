"""What a study says about radio, as the engines take it: settings, rules, cells on air, terrain."""

import geopandas as gpd
import pandas as pd
import xarray as xr

from ....errors import InputError, Problem
from ....grid import Grid
from ....radio import MODELS, Refractivity, ServiceRule, Settings, model, read_refractivity
from ....study import Radio, Service, Study
from ....terrain import Elevation, read_clutter_height, read_elevation
from .allowances import allowance_of


def radio_of(study: Study) -> Radio:
    """Return the radio settings of a study that predicts coverage."""
    if study.radio is None:
        raise ValueError("a study that predicts coverage has radio settings")
    return study.radio


def model_problems(study: Study) -> list[Problem]:
    """Find a propagation model that radio does not know; a study only names one."""
    if study.radio is None or study.radio.model in MODELS:
        return []
    return [
        Problem(
            message="pipeline.unknown_model",
            file="study.toml",
            key="radio.model",
            value=study.radio.model,
            values={"known": ", ".join(MODELS)},
        )
    ]


def settings_of(study: Study) -> Settings:
    """Return how the study has its signal predicted.

    Raises
    ------
    InputError
        If there is no propagation model of the name.
    """
    problems = model_problems(study)
    if problems:
        raise InputError(problems)
    radio = radio_of(study)
    return Settings(
        model=model(radio.model),
        radius_m=radio.radius_km * 1000,
        receiver_height_m=radio.receiver_height_m,
        time_percent=radio.time_percent,
        polarization=radio.polarization,
    )


def on_air(cells: gpd.GeoDataFrame, study: Study) -> gpd.GeoDataFrame:
    """Return the active cells on air on the study's date, positions renumbered."""
    day = pd.Timestamp(study.as_of)
    begun = cells["on_air_from"].isna() | (cells["on_air_from"] <= day)
    not_ended = cells["on_air_to"].isna() | (cells["on_air_to"] > day)
    return cells[(cells["status"] == "active") & begun & not_ended].reset_index(drop=True)


def rule_of(service: Service, radio: Radio) -> ServiceRule:
    """Gather a service's thresholds with what is taken from every level."""
    return ServiceRule(
        id=service.id,
        technologies=service.technologies,
        operators=service.operators,
        threshold_dbm=dict[str, float](service.threshold_dbm.items()),
        allowance_db=allowance_of(service, radio),
    )


def read_heights(study: Study, communes: gpd.GeoDataFrame) -> tuple[Elevation, xr.DataArray | None]:
    """Read terrain and, where given, clutter around the communes, as far as a mast reaches."""
    outline = communes.union_all()
    wide = Grid.covering(
        outline.buffer(radio_of(study).radius_km * 1000).bounds,
        resolution_m=study.resolution_m,
        crs=study.crs,
    )
    sources, clutter = study.inputs.terrain or (), study.inputs.clutter
    elevation = read_elevation(
        [study.path(source) for source in sources],
        wide,
        required_area=outline,
        largest_void_px=study.largest_void_px,
        shown=[source.path for source in sources],
    )
    if clutter is None:
        return elevation, None
    return elevation, read_clutter_height(study.path(clutter), wide, shown=clutter.path)


def air_of(study: Study, communes: gpd.GeoDataFrame) -> Refractivity:
    """Return the refractivity that the study states, or the ITU's maps have at its middle."""
    radio, inputs = radio_of(study), study.inputs
    if inputs.delta_n_map is None or inputs.n0_map is None:
        return Refractivity(radio.delta_n_per_km, radio.n0)
    west, south, east, north = communes.total_bounds
    middle = gpd.GeoSeries.from_xy([(west + east) / 2], [(south + north) / 2], crs=communes.crs)
    place = middle.to_crs("EPSG:4326")
    return read_refractivity(
        study.path(inputs.delta_n_map),
        study.path(inputs.n0_map),
        latitude_deg=float(place.y.iloc[0]),
        longitude_deg=float(place.x.iloc[0]),
        shown=(inputs.delta_n_map.path, inputs.n0_map.path),
    )
