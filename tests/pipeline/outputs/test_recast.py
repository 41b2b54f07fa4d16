"""Results for the communes of another edition: nothing lost, shares and verdicts anew."""

import json
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import phusong
from phusong.admin import units
from phusong.cli import app
from phusong.errors import EditionError, InputError
from phusong.export import open_finished
from phusong.pipeline.outputs.folder import layers_as_written
from phusong.pipeline.outputs.recast import recast_layers
from phusong.pipeline.outputs.recast_target import Target, find_target
from phusong.pipeline.result import Result

OLD = ["00700", "00703", "00706", "00709", "00712", "00715"]
PAIRS = [
    ("00700", "91001", 1.0), ("00703", "91001", 1.0), ("00706", "91002", 0.6),
    ("00706", "91003", 0.4), ("00709", "91002", 1.0), ("00712", "91003", 1.0),
    ("00715", "91003", 1.0),
]  # fmt: skip


def crosswalk(pairs):
    rows = [(old, new, weight, "stated", "QĐ 1/2026") for old, new, weight in pairs]
    return pd.DataFrame(rows, columns=["from_code", "to_code", "weight", "basis", "source"])


@pytest.fixture(scope="module")
def boundaries(result):
    """Return outlines of the new communes; the divided one is cut at 30 % of its width."""
    old = result.communes.set_index("commune_code").geometry
    west, south, east, north = old["00706"].bounds
    cut = west + 0.3 * (east - west)
    parts = {
        "91001": [old["00700"], old["00703"]],
        "91002": [old["00709"], old["00706"] & shapely.box(west, south, cut, north)],
        "91003": [old["00712"], old["00715"], old["00706"] & shapely.box(cut, south, east, north)],
    }
    return gpd.GeoDataFrame(
        {
            "commune_code": list(parts),
            "valid_from": pd.Timestamp("2026-01-01"),
            "name": ["Một", "Hai", "Đặc khu Ba"],
            "type": ["xã", "phường", "đặc khu"],
        },
        geometry=[shapely.union_all(part) for part in parts.values()],
        crs=old.crs,
    )


@pytest.fixture(scope="module")
def real_names(result):
    """Return the small result with the names that its codes had in 2017."""
    known = units("2017")
    communes = result.communes.assign(
        name=[known[code].name for code in result.communes["commune_code"]]
    )
    tables = {**result.gathered.tables, "communes": communes}
    return Result(replace(result.gathered, tables=tables))


def sums(recast, result, name):
    return recast.communes[name].sum(), result.communes[name].round(6).sum()


def test_counts_are_conserved_and_shares_are_quotients(result, boundaries):
    recast = result.recast("2026", crosswalk=crosswalk(PAIRS), boundaries=boundaries)
    communes = recast.communes.set_index("commune_code")
    assert list(communes.index) == ["91001", "91002", "91003"]
    for name in ("population", "area_km2", "covered_population_mobile", "covered_area_km2_mobile"):
        new, old = sums(recast, result, name)
        assert round(new * 1e6) == round(old * 1e6)
    for name in ("villages", "stations", "covered_villages_mobile"):
        assert recast.communes[name].sum() == result.communes[name].sum()
    share = communes["covered_population_mobile"] / communes["population"]
    np.testing.assert_allclose(communes["covered_population_share_mobile"], share, atol=1e-6)
    (target,) = [one for one in result.study.targets if one.scope == "commune"] or [None]
    if target is not None:
        met = share >= target.share
        assert (communes["target_verdict_mobile"] == "met").tolist() == met.tolist()


def test_what_cannot_be_added_up_is_left_out_and_told(result, boundaries):
    recast = result.recast("2026", crosswalk=crosswalk(PAIRS), boundaries=boundaries)
    assert {"distance_to_fibre_m", "has_lan", "name"} & set(recast.communes) == {"name"}
    left_out = {"districts", "indicators", "commune_margins", "commune_servers"}
    assert set(result.tables) - set(recast.tables) == left_out
    told = "\n".join(note.render("en") for note in recast.notes)
    assert "Distance from the commune centre" in told
    assert "Indicator board" in told


def test_only_a_unit_that_stays_whole_keeps_its_verdict(result, boundaries):
    joined = [("00700", "91001"), *((old, "91002") for old in OLD[1:3]),
              *((old, "91003") for old in OLD[3:])]  # fmt: skip
    shapes = [
        result.communes.geometry[result.communes["commune_code"].isin(
            [old for old, new in joined if new == code]
        )].union_all()
        for code in boundaries["commune_code"]
    ]  # fmt: skip
    recast = result.recast(
        "2026",
        crosswalk=crosswalk([(*pair, 1.0) for pair in joined]),
        boundaries=boundaries.set_geometry(gpd.GeoSeries(shapes, crs=boundaries.crs)),
    )
    names = [f"{name}_mobile" for name in ("share_low", "share_median", "share_high",
             "target_probability", "confident_verdict")]  # fmt: skip
    communes = recast.communes.set_index("commune_code")[names]
    old = result.communes.set_index("commune_code").loc["00700", names]
    for name in names[:-1]:
        assert communes.loc["91001", name] == pytest.approx(old[name], abs=1e-6)
    assert communes.loc["91001", names[-1]] == old[names[-1]]
    assert communes.loc[["91002", "91003"]].isna().all(axis=None)
    own, kept = result.province[names[-1]], recast.tables["province"][names[-1]]
    assert kept.to_list() == own.to_list()
    told = [note.render("en") for note in recast.notes]
    assert any(one.startswith("2 communes are joined or divided") for one in told)


def test_rows_go_to_the_part_that_they_lie_in_and_are_counted_there(result, boundaries):
    recast = result.recast("2026", crosswalk=crosswalk(PAIRS), boundaries=boundaries)
    villages = recast.tables["villages"]
    outlines = boundaries.set_index("commune_code").geometry
    old = result.villages.set_index("village_id")["commune_code"]
    divided = villages[villages["village_id"].map(old) == "00706"]
    assert len(divided) > 0
    for row in divided.itertuples():
        assert row.geometry.distance(outlines[row.commune_code]) < 1
    counted = villages["commune_code"].value_counts().sort_index()
    communes = recast.communes.set_index("commune_code")
    assert communes["villages"].to_dict() == counted.to_dict()
    stations = recast.tables["stations"]["commune_code"].value_counts()
    assert communes["stations"].to_dict() == {c: stations.get(c, 0) for c in communes.index}


def test_rows_are_called_as_the_commune_is_that_they_went_to(result, boundaries):
    recast = result.recast("2026", crosswalk=crosswalk(PAIRS), boundaries=boundaries)
    names = recast.communes.set_index("commune_code")["name"]
    listed = recast.tables["village_list"]
    assert len(listed)
    assert listed["commune"].tolist() == names[listed["commune_code"]].tolist()
    assert "district" not in listed or listed["district"].isna().all()


def test_gaps_name_the_new_communes(result, boundaries):
    recast = result.recast("2026", crosswalk=crosswalk(PAIRS), boundaries=boundaries)
    codes = recast.tables["gaps"]["commune_codes"].str.split(", ").explode()
    assert set(codes) <= {"91001", "91002", "91003"}
    assert not recast.tables["gaps"]["communes"].str.contains("nan").any()


def test_without_boundaries_divided_communes_are_refused(result):
    known = {"91001": "00700", "91002": "00715", "91003": "00745"}
    pairs = [(old, known[new], weight) for old, new, weight in PAIRS]
    with pytest.raises(EditionError, match=r"00706 .*--boundaries"):
        result.recast("2025", crosswalk=crosswalk(pairs))


def test_boundaries_abroad_are_refused_unless_the_study_may_lie_anywhere(result, boundaries):
    layers = {layer.name: layer for layer in layers_as_written(result.gathered)}
    given = {"crosswalk": crosswalk(PAIRS), "boundaries": boundaries.to_crs(4326)}
    given["boundaries"].geometry = given["boundaries"].translate(-30.0)
    with pytest.raises(InputError):
        find_target(layers, result.study, "2026", **given)
    anywhere = result.study.model_copy(update={"country": "any"})
    target = find_target(layers, anywhere, "2026", **given)
    assert sorted(target.shapes) == ["91001", "91002", "91003"]


def test_faults_of_a_crosswalk_of_ones_own_are_told(result, boundaries, tmp_path):
    short = [(old, new, 0.5 if old == "00706" else weight) for old, new, weight in PAIRS[:-1]]
    short[2] = ("00706", "91002", 0.1)
    path = tmp_path / "chuyen-doi.csv"
    crosswalk([*short, ("00712", "99999", 0.0)]).to_csv(path, index=False)
    with pytest.raises(InputError) as refused:
        result.recast("2026", crosswalk=path, boundaries=boundaries)
    faults = {fault.message for fault in refused.value.problems}
    assert faults == {"admin.no_successor", "admin.weights_sum", "admin.unknown_successor"}


def test_codes_that_meant_another_commune_are_refused(result):
    with pytest.raises(EditionError, match=r"00700 .* \(Ngọc Đường\)"):
        result.recast("2025")


def test_the_shipped_crosswalk_joins_whole_communes_and_their_outlines(real_names):
    recast = real_names.recast("2025")
    communes = recast.communes.set_index("commune_code")
    assert communes.loc["00715", "name"] == "Lũng Cú"
    assert set(communes["valid_from"].astype(str)) == {"2025-07-01"}
    area = real_names.communes.dissolve().area.sum()
    assert communes.area.sum() == pytest.approx(area, rel=1e-6)  # degrees with six decimals
    assert recast.study.edition == "2025"
    assert "districts" not in recast.tables  # there are none any more
    told = " ".join(note.render("en") for note in recast.notes)
    assert "Tuyên Quang" in told
    assert "old communes that are not in the result" in told
    province = recast.tables["province"]
    assert province["communes"].item() == len(communes)
    assert province["population"].item() == pytest.approx(communes["population"].sum(), abs=1e-6)


def test_an_edition_with_districts_has_them_again(real_names):
    recast = real_names.recast("2020")
    districts = recast.tables["districts"]
    assert districts["communes"].sum() == 6
    assert districts["population"].sum() == pytest.approx(
        real_names.communes["population"].sum(), abs=1e-5
    )
    unchanged = recast.communes["target_verdict_mobile"]
    assert unchanged.to_list() == real_names.communes["target_verdict_mobile"].to_list()


def test_boundaries_divide_by_the_residents_of_villages_else_by_area(real_names, boundaries):
    """Quang Trung, Việt Lâm and Yên Định are not in the small study: divide one by hand."""
    layers = {layer.name: layer for layer in layers_as_written(real_names.gathered)}
    for basis, lost in (("population", []), ("area", ["villages"])):
        kept = {name: layer for name, layer in layers.items() if name not in lost}
        found = measured(kept, real_names, boundaries)
        parts = found[found["from_code"] == "00706"]
        assert set(parts["basis"]) == {basis}
        assert parts["weight"].sum() == pytest.approx(1)
        if basis == "area":
            old = real_names.communes.set_index("commune_code").geometry["00706"]
            west, south, east, north = old.bounds
            cut = old & shapely.box(west, south, west + 0.3 * (east - west), north)
            assert parts["weight"].iloc[0] == pytest.approx(cut.area / old.area, abs=1e-4)


def measured(layers, result, boundaries):
    from phusong.pipeline.outputs import recast_target

    return recast_target._measured(crosswalk(PAIRS), layers, boundaries)


@pytest.fixture(scope="module")
def layer_of_communes(result):
    return next(one for one in layers_as_written(result.gathered) if one.name == "communes")


COUNT = st.integers(0, 10**9)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_count_is_lost_whatever_the_weights(result, layer_of_communes, data):
    """People to the last decimal that files hold, villages as whole numbers."""
    communes = layer_of_communes
    rows = []
    for row in communes.rows:
        covered, there = sorted((data.draw(COUNT), data.draw(COUNT)))
        rows.append(
            {**row, "population": there / 1e6, "covered_population_mobile": covered / 1e6,
             "villages": there % 50, "covered_villages_mobile": min(covered % 50, there % 50)}
        )  # fmt: skip
    weights = st.lists(st.integers(0, 20), min_size=3, max_size=3).filter(any)
    pairs = []
    for code in OLD:
        drawn = data.draw(weights)
        shares = (one / sum(drawn) for one in drawn)
        pairs += list(zip([code] * 3, ("91001", "91002", "91003"), shares, strict=True))
    target = Target(
        edition="2026",
        units={c: replace(units("2017")["00688"], code=c) for c in ("91001", "91002", "91003")},
        valid_from=dict.fromkeys(("91001", "91002", "91003"), pd.Timestamp("2026-01-01").date()),
        crosswalk=crosswalk(pairs),
        shapes=dict.fromkeys(("91001", "91002", "91003"), shapely.box(105, 22, 105.1, 22.1)),
        notes=(),
    )
    alone = {"communes": replace(communes, rows=rows)}
    found = recast_layers(alone, result.study, target).layers["communes"].rows
    for name, scale in (
        ("population", 1e6), ("covered_population_mobile", 1e6), ("villages", 1),
        ("covered_villages_mobile", 1),
    ):  # fmt: skip
        assert sum(round(row[name] * scale) for row in found) == sum(
            round(row[name] * scale) for row in rows
        )
    for row in found:
        assert row["covered_population_mobile"] <= row["population"]
        assert row["covered_villages_mobile"] <= row["villages"]
        if row["population"]:
            exact = row["covered_population_mobile"] / row["population"]
            assert row["covered_population_share_mobile"] == pytest.approx(exact, abs=1e-6)
        else:
            assert row["covered_population_share_mobile"] is None


def test_the_folder_is_an_output_folder_again(written, result, boundaries, tmp_path):
    crosswalk(PAIRS).to_csv(tmp_path / "chuyen-doi.csv", index=False)
    boundaries.to_file(tmp_path / "xa.gpkg", layer="communes")
    out = tmp_path / "moi"
    words = [
        "recast", str(written), "--edition", "2026", "--to", str(out), "--lang", "en",
        "--crosswalk", str(tmp_path / "chuyen-doi.csv"), "--boundaries", str(tmp_path / "xa.gpkg"),
    ]  # fmt: skip
    said = CliRunner().invoke(app, words)
    assert said.exit_code == 0, said.output
    finished = open_finished(out)  # whole, and known by its manifest
    assert finished.parameters["edition"] == "2026"
    assert finished.parameters["recast_from"] == result.study.edition
    assert set(finished.rasters) == set(open_finished(written).rasters)
    folder = {name: finished.layer(name).rows for name in finished.tables}
    memory = result.recast("2026", crosswalk=crosswalk(PAIRS), boundaries=boundaries)
    assert folder["communes"] == [dict(row) for row in memory.layers["communes"].rows]
    assert folder["villages"] == [dict(row) for row in memory.layers["villages"].rows]
    schema = json.loads((out / "geojson/schema/communes.schema.json").read_text("utf-8"))
    before = json.loads((written / "geojson/schema/communes.schema.json").read_text("utf-8"))
    assert schema == before
    page = (out / "index.html").read_text("utf-8")
    assert "Đặc khu Ba" in page
    assert "crosswalk.csv" in page
    told = CliRunner().invoke(app, ["board", str(out), "--lang", "en"])
    assert "no indicator board" in told.output
    assert (out / "maps" / "coverage.html").is_file()
    kept = pd.read_csv(out / "crosswalk.csv", dtype=str, encoding="utf-8-sig")
    assert kept["source"].unique().tolist() == ["QĐ 1/2026"]
    phusong.export_results(out, tmp_path / "xa.kml", layers=["communes"])


def test_a_result_without_communes_is_refused(offices_alone):
    result = phusong.run(phusong.open_study(offices_alone))
    with pytest.raises(EditionError, match="no table communes"):
        result.recast("2025")


def test_an_unknown_edition_is_one_message_and_exit_code_2(written, tmp_path):
    said = CliRunner().invoke(
        app, ["recast", str(written), "--edition", "moi", "--to", str(tmp_path / "x")]
    )
    assert said.exit_code == 2
    assert not (tmp_path / "x").exists()


def test_a_target_is_found_before_anything_is_carried(result):
    layers = {layer.name: layer for layer in layers_as_written(result.gathered)}
    with pytest.raises(EditionError, match="later list only"):
        find_target(layers, result.study, "2010", crosswalk=None, boundaries=None)
