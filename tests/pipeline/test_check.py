"""`check` tells whatever would stop `run`, and both tell several faults at once."""

import json

import numpy as np
import pandas as pd
import pytest
import rasterio
from geopandas.testing import assert_geodataframe_equal
from shapely.affinity import translate
from shapely.geometry import mapping, shape

import phusong
from phusong.errors import CellRangeError, InputError, TerrainError
from phusong.pipeline.load import load


def check(folder):
    return phusong.check(phusong.open_study(folder))


def asked(folder, kind, match):
    """Assert that check and run refuse a study alike."""
    study = phusong.open_study(folder)
    with pytest.raises(kind, match=match) as told:
        phusong.check(study)
    with pytest.raises(kind, match=match) as raised:
        phusong.run(study, threads=1)
    assert str(told.value) == str(raised.value)
    return told.value


def rewrite(path, change, **profile):
    with rasterio.open(path) as source:
        values, kept = source.read(1), source.profile
    with rasterio.open(path, "w", **(kept | profile)) as target:
        target.write(change(values), 1)


def noise(path):
    path.write_bytes(np.random.default_rng(1).bytes(200))


@pytest.mark.parametrize("name", ["terrain", "population"])
def test_a_raster_of_noise_is_told(folder, name):
    noise(folder / f"{name}.tif")
    asked(folder, InputError, f"{name}.tif: .*cannot be opened as a raster")


def test_clutter_of_noise_is_told(folder):
    noise(folder / "clutter.tif")
    toml = folder / "study.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("\n[inputs]\n", '\n[inputs]\nclutter = "clutter.tif"\n'), "utf-8")
    asked(folder, InputError, "clutter.tif: .*cannot be opened as a raster")


def test_terrain_that_ends_before_the_communes_is_told(folder):
    path = folder / "terrain.tif"
    with rasterio.open(path) as source:
        half = source.width // 2
    rewrite(path, lambda values: values[:, :half], width=half)
    asked(folder, TerrainError, "missing for")


def test_a_large_void_is_told(folder):
    def dig(values):
        rows, columns = (size // 2 for size in values.shape)
        values[rows - 20 : rows + 20, columns - 20 : columns + 20] = -32768
        return values

    rewrite(folder / "terrain.tif", dig, nodata=-32768)
    asked(folder, TerrainError, "large voids")


def test_a_population_raster_without_anybody_is_told(folder):
    rewrite(folder / "population.tif", np.zeros_like)
    asked(folder, TerrainError, "population.tif has nobody where the communes lie")


@pytest.mark.parametrize("times", [100, 0.01])
def test_a_density_taken_for_people_is_told_with_both_figures(folder, times):
    rewrite(folder / "population.tif", lambda people: people * times)
    (problem,) = asked(folder, InputError, "people per km²").problems
    assert problem.message == "pipeline.population_disagrees"
    assert problem.values["times"] == pytest.approx(times, rel=0.5)


def test_communes_of_another_part_of_the_country_are_told(folder, without):
    without("terrain", "population")
    path = folder / "communes.geojson"
    content = json.loads(path.read_text(encoding="utf-8"))

    def moved(place):
        return [place[0] + 4, place[1] - 7] if np.isscalar(place[0]) else [*map(moved, place)]

    for feature in content["features"]:
        feature["geometry"]["coordinates"] = moved(feature["geometry"]["coordinates"])
    path.write_text(json.dumps(content), encoding="utf-8")
    asked(folder, InputError, r"communes\.geojson: The communes lie outside the area")


def test_cells_beyond_the_model_are_told(folder):
    toml = folder / "study.toml"
    text = toml.read_text(encoding="utf-8")
    assert 'model = "p1812"' in text
    toml.write_text(text.replace('model = "p1812"', 'model = "okumura_hata"'), encoding="utf-8")
    asked(folder, CellRangeError, r"cells\.csv, column cell_id")


def test_faults_of_several_parts_are_told_together(folder):
    noise(folder / "population.tif")
    path = folder / "terrain.tif"
    with rasterio.open(path) as source:
        half = source.width // 2
    rewrite(path, lambda values: values[:, :half], width=half)
    toml = folder / "study.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace("operators = []", 'operators = ["Vietel"]', 1), encoding="utf-8")
    messages = [problem.message for problem in asked(folder, InputError, "Vietel").problems]
    assert messages == ["terrain.unreadable", "pipeline.unknown_operator", "terrain.not_covered"]


def test_a_network_without_a_hub_is_told_before_it_is_built(folder, without):
    without("offices")
    told = [note.message for note in check(folder)]
    assert told == [
        "pipeline.no_measured", "pipeline.no_survey", "pipeline.no_offices",
        "fibre.no_hub_connected",
    ]  # fmt: skip


def test_a_sound_study_has_nothing_to_tell(pristine):
    report = check(pristine)
    by_choice = ["pipeline.no_measured", "pipeline.no_survey"]
    assert [note.message for note in report] == by_choice
    assert report.exit_code == 0


def with_model(folder, name, *lines):
    path = folder / "study.toml"
    text = path.read_text("utf-8")
    assert 'model = "p1812"' in text
    text = text.replace('model = "p1812"', f'model = "{name}"', 1)
    path.write_text(text.replace("\n[gaps]", "\n".join(["", *lines, "", "[gaps]"]), 1), "utf-8")


def test_a_carrier_that_the_model_does_not_hold_for_is_told(folder):
    with_model(folder, "okumura_hata")
    told = asked(folder, CellRangeError, "okumura_hata holds for frequency_mhz from 150 to 1500")
    assert {problem.values["value"] for problem in told.problems} == {1800.0, 2100.0}


def test_parameters_that_a_model_does_not_take_are_told_with_their_keys(folder):
    with_model(folder, "rma", "[radio.parameters]", 'sight = "some"', 'climate = "desert"')
    told = asked(folder, InputError, 'wanted: "los", "nlos"')
    assert [(problem.message, problem.key) for problem in told.problems] == [
        ("radio.wrong_parameter", "radio.parameters.sight"),
        ("radio.unknown_parameter", "radio.parameters.climate"),
    ]


def test_a_parameter_beyond_its_range_is_told(folder):
    with_model(folder, "itm", "[radio.parameters]", "ground_permittivity = 1000")
    told = asked(folder, InputError, "itm holds for ground_permittivity from 1 to 100")
    (problem,) = told.problems  # once, not for every cell
    assert (problem.file, problem.key) == ("study.toml", "radio.parameters.ground_permittivity")


def test_a_setting_of_all_cells_beyond_the_model_is_told_once(folder):
    with_model(folder, "okumura_hata")
    path = folder / "study.toml"
    text = path.read_text("utf-8").replace("receiver_height_m = 1.5", "receiver_height_m = 20.0")
    path.write_text(text, "utf-8")
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells[cells["frequency_mhz"] == "900"].to_csv(folder / "cells.csv", index=False)
    told = asked(folder, InputError, "okumura_hata holds for receiver_height_m from 1 to 10")
    assert [problem.key for problem in told.problems] == ["radio.receiver_height_m"]


def test_a_service_that_leaves_out_a_technology_says_how_many_stations_it_ignores(
    folder, small_losses
):
    toml = folder / "study.toml"
    text = toml.read_text(encoding="utf-8").replace('["2G", "3G", "4G", "5G"]', '["2G", "4G"]')
    text = text.replace("{ 2G = -98, 3G = -105, 4G = -115, 5G = -115 }", "{ 2G = -98, 4G = -115 }")
    toml.write_text(text, encoding="utf-8")
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    ignored = cells[(cells["technology"] == "3G") & (cells["status"] == "active")]
    told = {note.message: note for note in check(folder)}
    note = told["pipeline.technologies_left_out"]
    assert note.values["count"] == ignored["station_id"].nunique() > 0
    assert "of 3G" in note.render("en")
    assert "Di động" in note.render("vi")
    found = phusong.run(phusong.open_study(folder), threads=1, cache_folder=small_losses)
    assert found.notes.count(note) == 1


def test_clutter_heights_that_may_be_codes_are_told(folder):
    with rasterio.open(folder / "terrain.tif") as source:
        about = source.profile | {"dtype": "uint8", "nodata": None}
    codes = np.resize(np.array([1, 2, 5, 8, 12, 17], "uint8"), (about["height"], about["width"]))
    with rasterio.open(folder / "clutter.tif", "w", **about) as written:
        written.write(codes, 1)
    toml = folder / "study.toml"
    text = toml.read_text("utf-8").replace("\nterrain =", '\nclutter = "clutter.tif"\nterrain =', 1)
    toml.write_text(text, "utf-8")
    (note,) = [note for note in check(folder) if note.message == "pipeline.clutter_maybe_codes"]
    assert note.values == {"file": "clutter.tif", "codes": "1, 2, 5, 8, 12, 17"}


def moved_abroad(folder, name):
    """Put the first place of a table near California."""
    path = folder / name
    if path.suffix == ".csv":
        rows = pd.read_csv(path, dtype=str)
        rows.loc[0, ["lon", "lat"]] = ["-118.5", "36.5"]
        rows.to_csv(path, index=False)
        return
    content = json.loads(path.read_text("utf-8"))
    geometry = content["features"][0]["geometry"]
    abroad = translate(shape(geometry), -223.5, 13.6)
    content["features"][0]["geometry"] = mapping(abroad)
    path.write_text(json.dumps(content), "utf-8")


def test_places_abroad_are_refused_in_every_table_unless_the_study_may_lie_anywhere(folder):
    names = {"cells.csv", "villages.csv", "offices.csv", "communes.geojson", "spans.geojson",
             "nodes.geojson", "roads.geojson", "rivers.geojson", "places.geojson"}  # fmt: skip
    for name in names:
        moved_abroad(folder, name)
    with pytest.raises(InputError) as refused:
        load(phusong.open_study(folder))
    abroad = {each.file for each in refused.value.problems if each.message == "inputs.outside"}
    assert abroad == names
    toml = folder / "study.toml"
    text = toml.read_text("utf-8")
    toml.write_text(text.replace("resolution_m", 'country = "any"\nresolution_m', 1), "utf-8")
    load(phusong.open_study(folder))


def test_table_split_into_files_and_sheets_is_the_table(folder):
    whole = load(phusong.open_study(folder))
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells[::2].to_csv(folder / "cells.csv", index=False)
    with pd.ExcelWriter(folder / "more.xlsx") as book:
        for title, rows in (("A", cells[1::4]), ("B", cells[3::4])):
            rows.to_excel(book, sheet_name=title, index=False)
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    several = 'cells = ["cells.csv", { path = "more.xlsx", sheet = "*" }]'
    path.write_text(text.replace('cells = "cells.csv"', several), encoding="utf-8")
    split = load(phusong.open_study(folder))
    assert_geodataframe_equal(split.tables["cells"], whole.tables["cells"])
    assert split.tables["cells"].attrs["file"] == "cells.csv, more.xlsx"
