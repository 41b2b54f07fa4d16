"""The same run with the real communes and the real elevation in place of the sample's."""

import json
import shutil

import pandas as pd
import pytest
import rasterio

import phusong


@pytest.fixture(scope="module")
def real(published, tmp_path_factory):
    """Return the sample study on real ground, computed with every fifth of its masts."""
    folder = tmp_path_factory.mktemp("real") / "study"
    shutil.copytree(phusong.sample_folder(), folder)
    given = json.loads(published("real/ha_giang_communes.geojson").read_text(encoding="utf-8"))
    for feature in given["features"]:
        properties = feature["properties"]
        feature["properties"] = {
            "commune_code": properties["code"],
            "valid_from": "2004-07-01",
            **{name: properties[name] for name in ("name", "type", "district_code", "district")},
        }
    (folder / "communes.geojson").write_text(json.dumps(given), encoding="utf-8")
    shutil.copy(published("real/ha_giang_dem_15s.tif"), folder / "terrain.tif")
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    some = cells["site_id"].isin(cells["site_id"].unique()[::5])
    cells[some].to_csv(folder / "cells.csv", index=False)
    study = phusong.open_study(folder).replace(resolution_m=450)  # that of the elevation
    return phusong.run(study, parts=["coverage"])


def test_real_communes_are_all_used(real):
    assert len(real.communes) == 195
    assert len(real.districts) == 11
    # Measured on the ellipsoid by the source of the polygons; they overlap by 0.26 %.
    assert real.communes["area_km2"].sum() == pytest.approx(7950.84, rel=1e-4)
    assert real.province["area_km2"].item() == pytest.approx(7950.84 - 20.24, rel=2e-3)


def test_real_elevation_keeps_its_heights(real, published):
    with rasterio.open(published("real/ha_giang_dem_15s.tif")) as source:
        heights = source.read(1)
    assert heights.min() <= real.terrain.min()
    assert real.terrain.max() <= heights.max()
    assert real.terrain.max() > 2200


def test_real_run_gives_every_service_a_share(real):
    for service in real.study.services:
        share = real.province[f"covered_population_share_{service.id}"].item()
        assert 0.05 < share <= 1  # broadband among trees and houses is far below the rest
    outdoor = real.province["covered_population_share_mobile"].item()
    assert real.province["covered_population_share_indoor"].item() < outdoor
