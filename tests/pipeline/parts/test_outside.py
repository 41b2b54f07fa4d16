"""Masts, villages and offices outside every commune are told, and the zone that explains it."""

import geopandas as gpd
import pandas as pd
import pytest

import phusong
from phusong.admin import units
from phusong.inputs import NATIONAL_ZONES, PROVINCIAL_ZONES
from phusong.pipeline.load import load
from phusong.pipeline.parts.territory import TERRITORY
from phusong.pipeline.parts.territory.outside import (
    other_edition,
    places_outside,
)

POINTS = ("cells", "villages", "offices")


@pytest.fixture
def in_metres(folder):
    """Return how to write a table of points with metres of a zone in place of degrees."""

    def write(name, zone):
        table = pd.read_csv(folder / f"{name}.csv", dtype=str)
        points = gpd.points_from_xy(table["lon"].astype(float), table["lat"].astype(float))
        metres = gpd.GeoSeries(points, crs="OGC:CRS84").to_crs(zone)
        table = table.drop(columns=["lon", "lat"]).assign(x_m=metres.x, y_m=metres.y)
        table.to_csv(folder / f"{name}.csv", index=False)

    return write


def told(folder, lang="en"):
    study = phusong.open_study(folder)
    remarks = TERRITORY.remarks(TERRITORY.take(study, load(study)))
    return {remark.message.removeprefix("pipeline."): remark.render(lang) for remark in remarks}


def test_places_in_their_communes_are_no_remark(folder, in_metres):
    in_metres("cells", "EPSG:9209")
    assert not {f"{name}_outside" for name in POINTS} & set(told(folder))


@pytest.mark.parametrize("name", POINTS)
def test_each_table_tells_its_places_outside_and_the_farthest(folder, name):
    path = folder / f"{name}.csv"
    table = pd.read_csv(path, dtype=str)
    key = {"cells": "site_id", "villages": "village_id", "offices": "office_id"}[name]
    away = table[key] == table[key].iloc[-1]
    table.loc[away, ["lon", "lat"]] = ["105.40", "22.80"]
    table.to_csv(path, index=False)
    found = told(folder)
    line = found[f"{name}_outside"]
    places = table[["lon", "lat"]].drop_duplicates()
    farthest = f"the farthest is {table[key].iloc[-1]}, 28."  # 0.28 degrees at 22.8 N
    told_of = (line.split()[:3], line.count(farthest))
    assert told_of == (["1", "of", str(len(places))], 1)
    assert "zone_would_fit" not in found  # degrees have no zone to be wrong


@pytest.fixture(scope="module")
def loaded(pristine):
    return load(phusong.open_study(pristine)).tables


@pytest.mark.parametrize(
    "zone", [z for z in (*PROVINCIAL_ZONES, *NATIONAL_ZONES) if z != "EPSG:9209"]
)
def test_every_zone_is_recognized(loaded, zone):
    read_as = loaded["villages"].to_crs(zone).set_crs("EPSG:9209", allow_override=True)
    read_as.attrs = {"file": "thôn.csv", "zone": "EPSG:9209"}
    notes = places_outside(
        {"villages": read_as}, loaded["communes"], crs="EPSG:9209", tolerance_m=90.0
    )
    outside, fits = notes
    assert outside.values["count"] > len(read_as) / 2
    assert (fits.values["inside"], fits.values["all"]) == (len(read_as), len(read_as))
    assert f"{zone} (VN-2000 / " in fits.values["zones"]


def test_a_zone_that_nobody_named_is_taken_from_the_communes(folder, in_metres):
    in_metres("cells", "EPSG:9210")
    found = load(phusong.open_study(folder))
    (taken,) = [p for p in found.problems if p.message == "inputs.zone_taken"]
    assert "EPSG:9210 (VN-2000 / TM-3 105-45)" in taken.render("en")
    assert not {"zone_would_fit", "cells_outside"} & set(told(folder))


def test_the_remedy_mends_it(folder, in_metres):
    """Some masts are the neighbours': the others alone are no proof."""
    in_metres("cells", "EPSG:9210")
    table = pd.read_csv(folder / "cells.csv", dtype={"commune_code": str})
    table.loc[table["site_id"].isin(table["site_id"].unique()[::4]), "x_m"] += 60_000
    table.to_csv(folder / "cells.csv", index=False)
    line = told(folder, "vi")["zone_would_fit"]
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    remedy = line[line.index("cells = ") :]
    path.write_text(text.replace('cells = "cells.csv"', remedy), encoding="utf-8")
    found = told(folder)
    assert "zone_would_fit" not in found
    assert found["cells_outside"] != line


def test_outlines_in_a_wrong_zone_are_told_as_such(folder):
    communes = gpd.read_file(folder / "communes.geojson").to_crs("EPSG:9210")
    communes = communes[["commune_code", "name", "type", "district_code", "district", "geometry"]]
    communes = communes.assign(valid_from="2004-07-01")
    communes.columns = [name[:10] for name in communes.columns]
    communes.to_file(folder / "communes.shp", encoding="utf-8")
    (folder / "communes.prj").unlink()
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    wrong = 'communes = { path = "communes.shp", crs = "EPSG:9209" }'
    path.write_text(text.replace('communes = "communes.geojson"', wrong), encoding="utf-8")
    try:
        found = told(folder)
    except phusong.PhusongError as refused:
        pytest.fail(str(refused))
    assert (
        'communes = { path = "communes.shp", crs = "EPSG:9210" }'
        in found["communes_zone_would_fit"]
    )


def test_the_zone_of_another_province_is_told(folder):
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('crs = "EPSG:9209"', 'crs = "EPSG:9210"', 1), encoding="utf-8")
    assert told(folder)["other_zone"] == (
        'study.toml has crs = "EPSG:9210", but the zone of Hà Giang is EPSG:9209. '
        "Mend crs unless that is meant."
    )
    path.write_text(text.replace('crs = "EPSG:9209"', 'crs = "EPSG:3405"', 1), encoding="utf-8")
    assert "other_zone" not in told(folder)


def test_communes_of_another_edition_are_told_with_the_one_that_fits():
    listed = [unit for unit in units("2017").values() if unit.type == "xã"]
    communes = pd.DataFrame(
        {"commune_code": [unit.code for unit in listed], "name": [unit.name for unit in listed]}
    )
    (note,) = other_edition(communes, "2025")
    assert (note.values["count"], note.values["all"]) == (177, 177)
    assert note.render("en").startswith(
        'study.toml has edition = "2025", but 177 of 177 communes have code and name of the list '
        "2017 (in force since 2009-12-31); of the edition 2025: "
    )
    assert not [*other_edition(communes, "2019")]  # still that list
    assert not [*other_edition(communes, "1999")]
    assert not [*other_edition(communes.assign(name="Tha"), "2025")]
