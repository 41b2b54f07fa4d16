"""Verdicts of a run: bands, counts, words, and that they are labelled as assumed."""

import re
import shutil
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString

import phusong
from phusong.grid import grid_of
from phusong.pipeline.parts.coverage import COVERAGE
from phusong.pipeline.parts.coverage.probability import masts_of
from phusong.pipeline.parts.uncertainty.part import error_model, gain_over_time_db
from phusong.pipeline.parts.uncertainty.roads import (
    Segments,
    Undecided,
    cut_roads,
    ranked_roads,
)
from phusong.study.coverage import Uncertainty
from phusong.uncertainty import ErrorModel, SegmentErrors

from ....shares import beside_their_bands, explained_beside_their_bands, readings_on_the_board

LEVELS = ("communes", "districts", "province")
VERDICTS = ("met", "missed", "undecided")


def rerun(pristine, folder, *changes):
    """Return the small study with other lines, computed as far as verdicts go."""
    shutil.copytree(pristine, folder)
    file = folder / "study.toml"
    text = file.read_text("utf-8")
    for old, new in changes:
        text, count = re.subn(old, new, text, flags=re.M)
        assert count
    file.write_text(text, encoding="utf-8")
    return phusong.run(phusong.open_study(folder), parts=["uncertainty"], threads=1)


def test_every_share_beside_a_band_lies_in_it(result):
    told = [*beside_their_bands(result), *explained_beside_their_bands(result)]
    # Three shares of communes, districts and province; the board; two readings explained.
    communes, districts = len(result.communes), len(result.districts)
    assert len(told) == 3 * (communes + districts + 1) + 2 + 2 * communes
    assert not [where for where, low, share, high in told if not low <= share <= high]
    assert any(low < share < high for _, low, share, high in told)


def test_the_board_tells_both_readings_as_estimated(result):
    province = result.province.iloc[0]
    for reading, share in readings_on_the_board(result, "mobile").items():
        assert share == province[f"{reading}_share_median_mobile"]
    pd.testing.assert_series_equal(
        result.communes["share_median_mobile"], result.communes["pixels_share_median_mobile"],
        check_names=False,
    )  # fmt: skip


def test_verdict_follows_from_the_probability_and_the_confidence(result):
    for name in ("communes", "province"):  # districts have no target
        table = getattr(result, name)
        likely, verdict = table["target_probability_mobile"], table["confident_verdict_mobile"]
        assert likely.between(0, 1).all()
        expected = np.where(likely >= 0.95, "met", np.where(likely <= 0.05, "missed", "undecided"))
        assert verdict.to_list() == expected.tolist()
    assert result.districts["target_probability_mobile"].isna().all()
    assert set(result.districts["confident_verdict_mobile"]) == {"not_applicable"}


def test_province_is_judged_by_its_estimate_and_not_by_the_share_on_the_map_too(result):
    board = result.indicators.set_index("indicator")
    estimate, on_map = (
        board.loc["share_median_mobile"],
        board.loc["covered_population_share_mobile"],
    )
    assert estimate["status"] == result.province["confident_verdict_mobile"].item()
    assert estimate["target"] == 0.98
    assert np.isnan(on_map["target"])
    assert on_map["status"] == "no_target"
    likely = result.province["target_probability_mobile"].item()
    assert f"{100 * likely:.0f} %" in estimate["definition_en"]


def test_run_tells_how_many_communes_are_decided_with_the_label(result, commanded):
    verdict = result.communes["confident_verdict_mobile"]
    counts = {name: int((verdict == name).sum()) for name in VERDICTS}
    assert sum(counts.values()) == len(result.communes)
    (note,) = (one for one in result.notes if one.message == "pipeline.verdicts")
    assert {name: note.values[name] for name in VERDICTS} == counts
    board = result.indicators.set_index("indicator")
    for name in VERDICTS:
        row = board.loc[f"communes_{name}_mobile"]
        assert row["computed"] == counts[name]
        assert "sai số giả định" in row["definition_vi"]
        assert "assumed error" in row["definition_en"]
    told = " ".join(commanded[0].output.split())
    assert "at 95 % confidence (assumed error)" in told
    assert f"{counts['undecided']} is undecided" in told or (
        f"{counts['undecided']} are undecided" in told
    )


def test_every_column_of_a_verdict_is_labelled_as_assumed(result):
    _, definition = result.tables["communes"]
    for name in ("share_low", "share_median", "share_high", "target_probability",
                 "confident_verdict"):  # fmt: skip
        title = definition[f"{name}_mobile"].title
        assert "sai số giả định" in title.vi
        assert "assumed error" in title.en


def test_ranked_masts_begin_with_the_best_server(result):
    coverage = result.gathered.found.findings["coverage"].record
    rasters, ranked = coverage.services["mobile"], coverage.ranked
    flat = rasters.best_server.to_numpy().ravel()[ranked.pixel]
    np.testing.assert_array_equal(ranked.cell["mobile"][:, 0], flat)
    heard = flat >= 0
    margin = rasters.margin_db.to_numpy().ravel()[ranked.pixel]
    np.testing.assert_array_equal(ranked.margin_db["mobile"][heard, 0], margin[heard])
    mast = np.append(masts_of(coverage.cells, grid_of(rasters.margin_db)), -1)[
        ranked.cell["mobile"]
    ]
    for k in (1, 2):
        there = mast[:, k] >= 0
        assert (mast[there, k] != mast[there, 0]).all()


def test_masts_are_ranked_only_where_verdicts_are_asked_for(pristine):
    alone = phusong.run(phusong.open_study(pristine), parts=["coverage"], threads=1)
    assert alone.gathered.found.findings["coverage"].record.ranked is None


def test_result_does_not_depend_on_threads_and_errors_are_those_of_the_study(
    result, pristine, tmp_path
):
    one = rerun(pristine, tmp_path / "one", ("^as_of", "as_of"))
    for name in LEVELS:
        for column in ("share_low_mobile", "share_high_mobile", "target_probability_mobile"):
            np.testing.assert_array_equal(getattr(one, name)[column], getattr(result, name)[column])
    # Without any error the draws are all alike.
    settings = "\n".join(
        f"{name} = 0"
        for name in ("province_sd_db", "station_sd_db", "field_sd_db", "uncorrelated_sd_db",
                     "population_sd")
    )  # fmt: skip
    sure = rerun(
        pristine,
        tmp_path / "sure",
        (r"^\[gaps\]", f"[uncertainty]\ndraws = 100\n{settings}\n\n[gaps]"),
        ('^denominator = "population"', 'denominator = "villages"'),
    )
    communes = sure.communes
    np.testing.assert_array_equal(communes["share_low_mobile"], communes["share_high_mobile"])
    assert set(communes["target_probability_mobile"]) <= {0.0, 1.0}


def test_absent_errors_are_the_defaults():
    assert error_model(Uncertainty(), 90.0) == ErrorModel()
    assert error_model(Uncertainty(field_sd_db=9.0), 90.0) == ErrorModel(field_sd_db=9.0)


def test_over_coarse_terrain_places_err_by_more_unless_the_study_says_by_how_much():
    coarse = ErrorModel(field_sd_db=11.0, field_length_m=1000.0)
    assert error_model(Uncertainty(), 460.0) == coarse
    stated = error_model(Uncertainty(field_sd_db=9.0), 460.0)
    assert stated == ErrorModel(field_sd_db=9.0, field_length_m=1000.0)
    # Halfway between 100 and 450 m: halfway between 7 and 11 dB, and between 450 and 1,000 m.
    assert error_model(Uncertainty(), 275.0) == ErrorModel(field_sd_db=9.0, field_length_m=725.0)


def test_levels_for_less_than_half_of_the_time_are_in_more_doubt(result):
    plan = result.gathered.found[COVERAGE].plan
    assert gain_over_time_db(plan) == 0.0
    settings = replace(plan.conditions.settings, time_percent=1.0)
    rarely = replace(plan, conditions=replace(plan.conditions, settings=settings))
    gain_db = gain_over_time_db(rarely)
    assert gain_db > 1.0
    model = error_model(Uncertainty(), 90.0, gain_db=gain_db)
    assert model == ErrorModel().over_time(gain_db)
    assert error_model(Uncertainty(province_sd_db=4.0), 90.0, gain_db=gain_db).province_sd_db == 4.0


def test_roads_are_cut_into_equal_segments_wherever_their_file_cuts_them():
    lines = [
        LineString([(0, 0), (6000, 0)]),
        LineString([(6000, 0), (9000, 0)]),
        LineString([(0, 90), (0, 4000)]),
    ]
    roads = gpd.GeoDataFrame(
        {"road_id": ["b", "a", "c"], "name": ["QL2", "QL2", None]}, geometry=lines, crs="EPSG:9209"
    )
    found = cut_roads(roads)
    assert found["road"].to_list() == ["QL2", "QL2", "c"]
    assert found["length_km"].to_list() == pytest.approx([4.5, 4.5, 3.91])
    assert found["segment_id"].is_unique
    assert found.geometry.length.sum() == pytest.approx(sum(each.length for each in lines))


def test_road_segments_are_ranked_by_the_undecided_communes_they_would_settle(result):
    segments = result.road_segments
    undecided = (result.communes["confident_verdict_mobile"] == "undecided").sum()
    assert segments["settled_communes_mobile"].between(0, undecided).all()
    assert segments["doubt_left_mobile"].between(0, 1).all()
    driven = segments.dropna(subset=["drive_order_mobile"]).sort_values("drive_order_mobile")
    assert driven["drive_order_mobile"].to_list() == list(range(1, len(driven) + 1))
    first = driven.iloc[0]
    # The first is the best of all alone; each that follows adds something.
    assert first["settled_communes_mobile"] == segments["settled_communes_mobile"].max()
    assert first["settled_so_far_mobile"] == first["settled_communes_mobile"]
    assert (driven["settled_so_far_mobile"].diff().dropna() > 0).all()
    (told,) = (note for note in result.notes if note.message == "pipeline.roads_to_drive")
    assert told.values["undecided"] == undecided
    assert told.values["settled"] == driven["settled_so_far_mobile"].iloc[:10].max()


def test_no_more_roads_are_judged_than_asked_for_where_most_people_are_undecided():
    known = np.random.default_rng(1).standard_normal((3, 500))
    errors = SegmentErrors(np.arange(4), np.arange(3), np.arange(3), draws=500)
    errors.error_db[...] = known
    table = gpd.GeoDataFrame(
        {"segment_id": ["0001", "0002", "0003"], "commune_code": ["00688", "00691", None]},
        geometry=[LineString([(0, 0), (1, 1)])] * 3,
        crs="EPSG:9209",
    )
    segments = Segments(
        table=table,
        of_service={"mobile": (np.arange(3), errors)},
        places={"mobile": np.ones(3)},
    )
    communes = Undecided(
        codes=np.array(["00688", "00691"]), met=known[:2] > 0.3, people=np.array([10.0, 90.0])
    )
    settings = {"uncorrelated_sd_db": 0.1, "confidence": 0.95}
    rows, found = ranked_roads(segments, {"mobile": communes}, most=1, **settings)
    assert rows["segment_id"].to_list() == ["0002"]
    assert found["mobile"].left_out == 2
    assert rows["settled_communes_mobile"].item() > 0.5
