"""One figure of residents for every commune, whatever part of a study asks for it."""

import json

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

import phusong
from phusong.pipeline.outputs.maps import layers_of
from phusong.tables import COMMUNES_RESULT

CODE = "commune_code"


@pytest.fixture
def run(small_losses):
    """Return how to compute parts of a folder; masts that stand as before are predicted once."""

    def _run(folder, *parts):
        study = phusong.open_study(folder)
        return phusong.run(study, threads=2, parts=parts, cache_folder=small_losses)

    return _run


def texts(result):
    return {note.message: note.render("en") for note in result.notes}


@pytest.fixture
def edit_communes(folder):
    """Return how to change the properties of the communes, by a function of each and its row."""

    def _edit(change):
        path = folder / "communes.geojson"
        content = json.loads(path.read_text(encoding="utf-8"))
        for row, feature in enumerate(content["features"]):
            change(feature["properties"], row)
        path.write_text(json.dumps(content), encoding="utf-8")

    return _edit


@pytest.fixture
def planned(folder):
    """Return the small study with works and a rollout that weighs residents alone."""
    study = (folder / "study.toml").read_text(encoding="utf-8")
    study = study.replace("[inputs]\n", '[inputs]\nworks = "works.csv"\n', 1)
    study = study.replace(
        "[egov]\n", '[egov]\ncost_basis = "đặt ra để thử"\ncost_basis_en = "made up"\n', 1
    )
    (folder / "study.toml").write_text(
        f"{study}\n[egov.rollout]\n"
        "years = [{ year = 2026, budget_vnd = 1000, crew_days = 100 }]\n"
        "weights = { population = 1 }\ndistrict_bonus = 0.0\ncarry_over = false\n"
        "unknown_is_missing = true\nlargest_gap = 0\n",
        encoding="utf-8",
    )
    (folder / "works.csv").write_text(
        "prerequisite,cost_vnd,crew_days,after,source\nhas_lan,10,2,,giá\n", encoding="utf-8"
    )
    return folder


def figures(result):
    return result.communes.set_index(CODE)["population"]


def test_every_part_has_the_figure_of_the_coverage(planned, result, without, run):
    expected = figures(result)
    for parts in (("fibre",), ("egov",), ("territory",)):
        pd.testing.assert_series_equal(figures(run(planned, *parts)), expected)
    without("cells", "terrain")
    found = run(planned, "coverage", "fibre", "egov")
    pd.testing.assert_series_equal(figures(found), expected)
    assert found.province["population"].item() == result.province["population"].item()
    # The plan weighs these figures, not those that the table declares.
    offices = found.rollout[found.rollout["level"] == "commune"].set_index(CODE)
    np.testing.assert_allclose(
        offices["value"], (expected / expected.sum())[offices.index], rtol=1e-9
    )
    # All that a cut of everything takes away is everybody.
    assert found.spans["dark_population"].max() <= expected.sum()
    pd.testing.assert_series_equal(found.spans["dark_population"], result.spans["dark_population"])


def test_what_the_table_declares_stands_beside_and_differences_are_told(
    folder, edit_communes, result, run
):
    counted = figures(result)

    def declare(properties, row):
        properties["population"] = {0: 1000.0, 1: None}.get(row, 1.005 * counted[properties[CODE]])

    edit_communes(declare)
    found = run(folder, "fibre")
    table = found.communes
    pd.testing.assert_series_equal(figures(found), counted)
    assert table["population_declared"].isna().to_list() == [False, True, *[False] * 4]
    assert set(table["population_source"]) == {"raster"}
    assert found.province["population_declared"].isna().all()
    told = texts(found)["pipeline.declared_differs"]
    assert told.startswith("1 commune has")
    assert f"({table[CODE][0]}): 1,000 declared, {counted.iloc[0]:,.0f} counted" in told


def test_without_raster_and_villages_each_commune_keeps_what_it_declares_or_is_named(
    folder, without, edit_communes, run
):
    without("population", "villages")
    edit_communes(
        lambda properties, row: properties.update(population=1000.0 + row if row else None)
    )
    found = run(folder, "coverage")
    known = found.communes["population"].drop(0)
    assert known.to_list() == pytest.approx([1001 + i for i in range(5)])
    assert found.communes["population"].isna().sum() == 1
    total = found.province["population"].item()
    assert total == pytest.approx(5015)
    assert found.population.sum().item() == pytest.approx(5015)
    assert found.districts["population"].sum() == pytest.approx(5015)
    code, name = found.communes[CODE][0], found.communes["name"][0]
    assert f"of 1 commune: {name} ({code})." in texts(found)["pipeline.communes_without_people"]
    assert f"{name} ({code})" in found.gathered.caveat.vi
    for service in found.services:
        covered = found.province[f"covered_population_{service}"].item()
        assert found.communes[f"covered_population_{service}"].sum() == pytest.approx(covered)
    assert "pipeline.people_from_communes" in texts(found)
    caveat = found.gathered.caveat
    assert "chỉ để tham khảo" in caveat.vi
    assert found.gathered.table_notice(COMMUNES_RESULT).vi.endswith(caveat.vi)
    assert all(one.definition.vi.endswith(caveat.vi) for one in layers_of(found.gathered).services)
    assert "pipeline.declared_differs" not in texts(found)


def test_communes_whose_residents_nobody_tells_are_named_by_check_and_told_of_fibre(
    folder, without, edit_communes, run
):
    without("population", "villages")
    edit_communes(lambda properties, row: properties.update(population=None if row else 5.0))
    told = {note.message: note.values for note in phusong.check(phusong.open_study(folder))}
    assert told["pipeline.communes_without_people"]["count"] == 5
    found = run(folder, "fibre")
    assert found.communes["population"].isna().sum() == 5
    assert "5 communes have no population" in texts(found)["fibre.note_people_unknown"]


def test_villages_out_of_place_and_communes_too_dense_are_told(folder, without, edit_communes, run):
    without("population")
    path = folder / "communes.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))
    shape = shapely.geometry.shape(content["features"][0]["geometry"])
    # About 50 m across; what the commune leaves belongs to none.
    small = shape.representative_point().buffer(0.00025)
    content["features"][0]["geometry"] = shapely.geometry.mapping(small)
    path.write_text(json.dumps(content), encoding="utf-8")
    found = run(folder, "fibre")
    code = content["features"][0]["properties"][CODE]
    villages = pd.read_csv(folder / "villages.csv", dtype={CODE: str})
    own = villages[villages[CODE] == code]["population"].sum()
    assert figures(found)[code] == pytest.approx(own)
    assert found.province["population"].item() == pytest.approx(villages["population"].sum())
    told = texts(found)
    assert f"({code}): {own:,} residents on" in told["pipeline.too_dense"]
    assert "villages with" in told["pipeline.villages_strayed"]


def test_people_of_the_raster_who_live_in_no_commune_are_told(folder, result, run):
    communes = gpd.read_file(folder / "communes.geojson")
    communes.iloc[1:].to_file(folder / "communes.geojson", driver="GeoJSON")
    for name in ("villages.csv", "offices.csv"):
        table = pd.read_csv(folder / name, dtype=str)
        table[table[CODE] != communes[CODE][0]].to_csv(folder / name, index=False)
    found = run(folder, "fibre")
    told = texts(found)["pipeline.people_outside"]
    everyone = result.population.sum().item()
    lost = round(everyone - found.province["population"].item())
    assert told == (
        f"{lost:,} residents of the population data live in no commune of the study "
        "and are not counted."
    )


@pytest.mark.parametrize("left", [0, 1])
def test_communes_need_no_district_and_may_be_a_special_zone(folder, edit_communes, left, run):
    def abolish(properties, row):
        properties["type"] = "xã" if row else "Đặc khu"
        if row >= left:
            del properties["district"], properties["district_code"]

    edit_communes(abolish)
    found = run(folder, "coverage", "egov", "fibre")
    assert found.communes["type"].to_list()[0] == "đặc khu"
    assert found.communes["district"].notna().sum() == left
    assert (found.districts is None) if left == 0 else (len(found.districts) == 1)
    people = found.communes["population"].sum()
    assert found.province["population"].item() == pytest.approx(people)
    page = found._repr_html_()
    assert "nan" not in page
