"""A run calibrated by its own samples: one loss for all who ask, less doubt, said everywhere."""

import html
import shutil
import zipfile
from dataclasses import replace
from functools import partial

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from matplotlib.text import Text

import phusong
from phusong.errors import InputError, StudyError
from phusong.grid import grid_of
from phusong.i18n import text
from phusong.pipeline.outputs import folder as outputs
from phusong.pipeline.parts.coverage import COVERAGE, define
from phusong.pipeline.parts.coverage.corrections import CLUTTER_CLASSES, environment_of
from phusong.pipeline.parts.coverage.probability import masts_of
from phusong.pipeline.parts.uncertainty.doubt import GROUPS, error_rows, measured_masts
from phusong.pipeline.parts.uncertainty.part import error_model
from phusong.radio import Best, predict_sites, received_at
from phusong.siting import unserved
from phusong.siting.cover import cover_name
from phusong.study.coverage import Calibration, Uncertainty
from phusong.uncertainty import BANDS, band

from ....shares import beside_their_bands, explained_beside_their_bands

ERROR_DB = 9.0


@pytest.fixture(scope="module")
def samples(result):
    """Return samples around all masts of one operator, 9 dB weaker than predicted, ± 6 dB.

    Two thirds of that variance go in waves over the land, so that places tell of those near them.
    """
    coverage = result.gathered.found[COVERAGE]
    random = np.random.default_rng(1)
    cells = result.cells
    operator = cells["operator"].value_counts().index[0]
    its = cells[cells["operator"] == operator]
    at = its.iloc[random.integers(0, len(its), 600)]
    places = pd.DataFrame(
        {"x_m": at.geometry.x.to_numpy() + random.normal(0, 2500, 600),
         "y_m": at.geometry.y.to_numpy() + random.normal(0, 2500, 600),
         "operator": operator, "technology": at["technology"].to_numpy()}
    )  # fmt: skip
    _, _, inside = grid_of(coverage.terrain).index(places["x_m"], places["y_m"])
    found = places.join(received_at(coverage.plan, places))[inside]
    found = found[found["cell"] >= 0].reset_index(drop=True)
    waves = 10 * np.sin(found["x_m"] / 500) * np.sin(found["y_m"] / 500)
    level = found["level_dbm"] - ERROR_DB + waves + random.normal(0, 3.5, len(found))
    return gpd.GeoDataFrame(
        {"measurement_id": [f"m{i}" for i in range(len(found))], "operator": found["operator"],
         "technology": found["technology"], "level_dbm": level, "floor_dbm": -150.0},
        geometry=gpd.points_from_xy(found["x_m"], found["y_m"]), crs=result.study.crs,
    )  # fmt: skip


@pytest.fixture(scope="module")
def settle(result, samples):
    """Return how to calibrate the small study by some of the samples."""
    loaded = result.gathered.loaded

    def settled(change=None, **asked):
        study = result.study.model_copy(update={"calibration": Calibration(), **asked})
        table = samples if change is None else change(samples)
        tables = {**loaded.tables, "measurements": table}
        found, notes = COVERAGE.settle(study, replace(loaded, tables=tables))
        return study, found.calibration, notes

    return settled


def test_the_offset_is_found_and_the_doubt_of_province_and_masts_shrinks(settle, result):
    asked, found, (note, near) = settle()
    assert note.values["moved"] == pytest.approx(-ERROR_DB, abs=1.0)
    assert f"predicted levels move by {note.values['moved']:+.1f} dB".replace("-", "−") in text(
        note.message, "en", **note.values
    )
    assert 0 < found.offset_sd_db < 4.0
    assert note.values["rmse"] < 7.5 < note.values["rmse_before"]
    assert near.values["rmse"] < note.values["rmse"]
    assert "calibrated by the study's measured samples" in define(asked.services[0], asked, "en")
    masts = found.groups["mast"]
    assert (masts["offset_sd_db"] < np.hypot(found.offset_sd_db, 5.0)).all()
    model = error_model(Uncertainty(), 90.0, found)
    assert model.province_sd_db == found.offset_sd_db
    assert np.hypot(model.field_sd_db, 2.5) == pytest.approx(found.spread_db)
    assert error_model(Uncertainty(province_sd_db=5.0), 90.0, found).province_sd_db == 5.0


def test_bands_and_land_without_samples_are_in_doubt_of_their_own(settle, result):
    coverage = result.gathered.found[COVERAGE]
    _, found, _ = settle()
    left = measured_masts(Uncertainty(), found, coverage)
    added = np.diag(left.covariance)[1 + len(left.mast) :]
    for (kind, labels), own in zip(GROUPS.items(), np.split(added, [len(BANDS)]), strict=True):
        known = {label for of, label in found.effects if of == kind}
        for label, variance in zip(labels, own, strict=True):
            if label in known:
                assert 0 < variance < 9.0
            else:  # from the one that alone was measured, each ± 3 dB
                alone = found.alone.get(kind)
                assert variance == {None: 9.0, label: 0.0}.get(alone, 18.0)
    assert len(set(found.alone.values()) | {label for _, label in found.effects}) > 1
    assert measured_masts(Uncertainty(station_sd_db=4.0), found, coverage) is None
    assert measured_masts(Uncertainty(), None, coverage) is None


def test_whose_error_a_cell_has_follows_from_its_mast_its_band_and_the_land(settle, result):
    coverage = result.gathered.found[COVERAGE]
    left = measured_masts(Uncertainty(), settle()[1], coverage)
    ranked = coverage.ranked
    cell = ranked.cell["mobile"]
    rows = error_rows(coverage, left, cell, ranked.pixel[:, None])
    np.testing.assert_array_equal(rows < 0, cell < 0)
    heard = cell[:, 0] >= 0
    grid = grid_of(coverage.terrain)
    terrain = coverage.plan.conditions.terrain
    down, right = terrain.grid.offset(grid)
    shown = np.flatnonzero(heard)[::97]
    for at in shown.tolist():
        row, column = divmod(int(ranked.pixel[at]), grid.width)
        served_by = int(cell[at, 0])
        carrier = band(coverage.cells["frequency_mhz"].iloc[served_by]).item()
        land = environment_of(terrain.class_at(row + down, column + right))
        last = len(CLUTTER_CLASSES)
        of_land = last if terrain.land is None else CLUTTER_CLASSES.index(land)
        mast = masts_of(coverage.cells, grid)[served_by]
        assert rows[at, 0] == left.row(mast, BANDS.index(carrier), of_land)
    np.testing.assert_array_equal(
        error_rows(coverage, None, cell[:, 0], ranked.pixel)[heard],
        masts_of(coverage.cells, grid)[cell[heard, 0]],
    )


def test_places_at_the_floor_do_not_make_the_land_look_better(settle):
    def through_a_floor(table):
        floor = table["level_dbm"].quantile(0.3)
        return table.assign(floor_dbm=floor, level_dbm=table["level_dbm"].clip(lower=floor))

    whole, floored = (settle(change)[1].offset_db for change in (None, through_a_floor))
    assert floored == pytest.approx(whole, abs=1.5)


def test_too_few_places_are_refused_with_what_is_wanted(settle):
    with pytest.raises(InputError) as refused:
        settle(lambda table: table.iloc[:9])
    (problem,) = refused.value.problems
    assert problem.key == "calibration"
    assert "at least 10 in 3" in problem.render("en")


def test_places_at_the_floor_alone_are_no_calibration(settle):
    def floored(table):
        floor = table["level_dbm"].max() - 0.01
        return table.assign(floor_dbm=floor, level_dbm=table["level_dbm"].clip(lower=floor))

    with pytest.raises(InputError) as refused:
        settle(floored)
    (problem,) = refused.value.problems
    assert problem.values["places"] == 1
    assert "above the instrument's floor" in problem.render("en")


def test_a_study_that_does_not_ask_stays_as_it_is(settle):
    _, found, notes = settle(calibration=None)
    assert found is None
    assert not notes


def test_calibration_without_samples_is_refused(folder):
    file = folder / "study.toml"
    file.write_text(file.read_text("utf-8") + "\n[calibration]\n", encoding="utf-8")
    with pytest.raises(StudyError, match="measured samples"):
        phusong.open_study(folder)


@pytest.fixture(scope="module")
def calibrated(result, samples, small_losses, tmp_path_factory):
    """Return a run of the small study that asks for its samples, and for nothing else new."""
    folder = tmp_path_factory.mktemp("calibrated") / "study"
    shutil.copytree(result.study.folder, folder)
    at = samples.geometry
    samples.drop(columns="geometry").assign(x_m=at.x, y_m=at.y).to_csv(
        folder / "samples.csv", index=False
    )
    file = folder / "study.toml"
    text = file.read_text("utf-8")
    text = text.replace("[inputs]\n", '[inputs]\nmeasurements = "samples.csv"\n', 1)
    file.write_text(text + "\n[calibration]\n", encoding="utf-8")
    study, parts = phusong.open_study(folder), ["measured", "uncertainty", "evidence"]
    return phusong.run(study, parts=parts, threads=1, cache_folder=small_losses)


def margins(found, service):
    return found.gathered.found[COVERAGE].services[service].margin_db.to_numpy()


def test_a_calibrated_run_takes_it_off_every_level_and_says_so(calibrated, result):
    (note,) = (one for one in calibrated.notes if one.message == "pipeline.calibrated")
    service = calibrated.study.services[0].id
    lower_db = np.nanmedian(margins(result, service) - margins(calibrated, service))
    assert lower_db == pytest.approx(-note.values["moved"], abs=4.0)  # by distance, terrain, mast
    assert abs(calibrated.measured_accuracy.iloc[0]["bias_db"]) < 2.0
    board = calibrated.indicators.set_index("indicator")
    assert "calibrated by" in calibrated.gathered.caveat.en  # beside every share, on every page
    words = str(board.loc[f"covered_population_share_{service}"].to_dict())
    assert "calibrated" in words
    assert "without calibration by measured samples" in words
    agreement = str(board.loc[f"measured_agreement_{service}"].to_dict())
    assert "calibrated by these very places" in agreement  # of which nothing is proven by them


def test_beside_it_stands_what_the_same_study_gives_without_calibration(calibrated, result):
    for service in (one.id for one in result.study.services):
        uncorrected = f"uncorrected_covered_population_{service}"
        for name in ("communes", "province"):
            now, then = getattr(calibrated, name), getattr(result, name)
            assert now[uncorrected].tolist() == then[f"covered_population_{service}"].tolist()
        share = calibrated.province[f"covered_population_{service}"].item()
        assert share < calibrated.province[uncorrected].item()


def test_table_inspector_and_map_have_the_same_calibrated_level(calibrated):
    coverage, service = calibrated.gathered.found[COVERAGE], calibrated.study.services[0].id
    rasters, grid = coverage.services[service], grid_of(coverage.terrain)
    table = calibrated.measured_places
    at = table.geometry
    row, column, _ = grid.index(at.x, at.y)
    best = rasters.best_server.to_numpy()[row, column]
    ids = np.append(coverage.cells["cell_id"].to_numpy(object), None)
    same = np.flatnonzero((ids[best] == table["cell_id"]).to_numpy(bool) & (best >= 0))
    assert same.size > 30
    level = rasters.level_dbm.to_numpy()[row, column]
    assert table["predicted_dbm"].to_numpy(float)[same] == pytest.approx(level[same], abs=1e-2)
    degrees = at.to_crs("EPSG:4326")
    for k in same[:: same.size // 3]:
        path = calibrated.profile(
            to=(degrees.iloc[k].x, degrees.iloc[k].y), cell_id=table["cell_id"].iloc[k]
        ).inspection
        assert path.level_dbm == pytest.approx(level[k], abs=1e-2)
        assert path.terms[-1].name == "calibration"


def test_what_if_keeps_the_calibration_and_equals_a_whole_prediction(
    calibrated, result, small_losses
):
    cells = calibrated.gathered.loaded.tables["cells"].copy()
    cells.loc[cells.index[0], "rs_eirp_dbm"] += 12.0
    cells = cells[cells["station_id"] != cells["station_id"].iloc[-1]]
    found = phusong.what_if(calibrated, cells, threads=1, cache_folder=small_losses)
    loaded = found.gathered.loaded
    inputs, coverage = COVERAGE.take(found.study, loaded), found.gathered.found[COVERAGE]
    plan = inputs.plan(coverage.cells, coverage.ground, cache_folder=small_losses)
    best = predict_sites(
        plan.sites, services=plan.services, conditions=plan.conditions,
        best=Best(len(plan.services), coverage.ground.near),
    )  # fmt: skip
    for name, signal in plan.signals(best).services.items():
        np.testing.assert_array_equal(signal.margin_db.to_numpy(), margins(found, name))
    plain = phusong.what_if(result, cells, threads=1, cache_folder=small_losses)
    service = found.study.services[0].id
    assert (
        found.communes[f"uncorrected_covered_population_{service}"].tolist()
        == plain.communes[f"covered_population_{service}"].tolist()
    )


def test_whom_a_mast_would_serve_is_kept_under_another_name_once_calibrated(calibrated):
    plan = calibrated.gathered.found[COVERAGE].plan
    grid = plan.conditions.terrain.grid
    gap = unserved(grid, np.full(grid.shape, np.nan), np.ones(grid.shape))
    named = partial(cover_name, plan.sites, service=plan.services[0], gap=gap)
    without = replace(plan.conditions.settings, corrections=None)
    name = named(conditions=plan.conditions)
    assert name == named(conditions=plan.conditions)
    assert name != named(conditions=replace(plan.conditions, settings=without))


@pytest.fixture(scope="module")
def told(calibrated, written, tmp_path_factory):
    """Return how to read every text of the calibrated and of the uncalibrated folder."""
    folder = tmp_path_factory.mktemp("told") / "calibrated"
    with pytest.MonkeyPatch.context() as patch:  # a PDF draws letters as shapes
        patch.setattr(outputs, "write_paper", write_its_words)
        calibrated.write(folder)

    def texts(of_calibrated):
        for path in sorted((folder if of_calibrated else written).rglob("*")):
            if path.suffix == ".xlsx":
                with zipfile.ZipFile(path) as book:
                    parts = [book.read(part).decode("utf-8") for part in book.namelist()]
                yield path.name, html.unescape("".join(parts))
            elif path.is_file():
                yield path.name, html.unescape(path.read_bytes().decode("utf-8", "replace"))

    return texts


def write_its_words(sheet, path):
    path.write_text("\n".join(one.get_text() for one in sheet.findobj(Text)), encoding="utf-8")


ASSUMED = ("sai số giả định", "assumed error")
CALIBRATED = ("hiệu chỉnh theo số đo", "calibrated by measurements")


@pytest.mark.parametrize(
    ("of_calibrated", "said", "unsaid"), [(True, CALIBRATED, ASSUMED), (False, ASSUMED, CALIBRATED)]
)
def test_every_file_with_estimates_says_whence_their_errors_are_known(
    told, of_calibrated, said, unsaid
):
    estimates = ("share_median", "confident_verdict", "settled_communes", "computed_low")
    saying = set()
    for name, content in told(of_calibrated):
        assert not [words for words in unsaid if words in content.casefold()], name
        if name.endswith(".pdf") and of_calibrated:  # the words of a sheet, else letters as shapes
            if any(one in content.casefold() for one in ("ước lượng", "kết luận")):
                assert said[0] in content, name
        elif any(one in content for one in estimates) and not name.endswith(".qml"):
            assert all(words in content for words in said), name
        if said[0] in content:
            saying.add(name)
    assert saying >= {
        "index.html", "verdict.html", "overview.html", "communes.geojson", "road_segments.geojson",
        "communes.schema.json", "dictionary.json", "layers.gpkg", "indicators.json", "run.json",
        "tables.xlsx",
    }  # fmt: skip
    if of_calibrated:
        assert saying >= {"verdict.pdf", "overview.pdf"}


def test_every_share_beside_a_band_lies_in_it_once_calibrated(calibrated):
    told = [*beside_their_bands(calibrated), *explained_beside_their_bands(calibrated)]
    assert len(told) > 3 * len(calibrated.communes)
    assert not [where for where, low, share, high in told if not low <= share <= high]


def test_explanations_and_comparisons_say_it_too(calibrated, result):
    code, service = calibrated.communes["commune_code"][0], calibrated.study.services[0].id
    assert f"ước lượng ({CALIBRATED[0]})" in calibrated.explain(code, service=service).html()
    assert f"ước lượng ({ASSUMED[0]})" in result.explain(code, service=service).html()
    found = result.compare(calibrated)
    assert f"({ASSUMED[0]} → {CALIBRATED[0]})" in found.html()
    columns = found.definitions["compared_communes"]
    titles = [columns[f"confident_verdict_{one}_{service}"].title.en for one in ("before", "after")]
    assert [ASSUMED[1] in titles[0], CALIBRATED[1] in titles[1]] == [True, True]


def test_a_calibration_is_a_reason_and_a_setting_of_the_figures_it_moves(calibrated, result):
    code, service = calibrated.communes["commune_code"][0], calibrated.study.services[0].id
    communes = result.compare(calibrated).tables["compared_communes"]
    moved = communes.loc[communes[f"change_{service}"] != "same", f"reasons_{service}"]
    assert len(moved) > 0
    assert set(moved) == {"measurements, settings"}
    plain, own = (
        {name.partition(".")[0] for name in one.explain(code, service=service).settings["setting"]}
        for one in (result, calibrated)
    )
    assert own - plain == {"measured", "calibration"}
