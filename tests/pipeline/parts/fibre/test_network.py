"""Fibre from files to results: every setting, every output, and what bad files lead to."""

import json
import tomllib
import uuid

import geopandas as gpd
import jsonschema
import openpyxl
import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from shapely import LineString
from shapely.ops import substring
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError, OutputError, StudyError
from phusong.fibre import read_ofds
from phusong.pipeline import write_price_template

cli = CliRunner()


def fibre(folder):
    return phusong.run(phusong.open_study(folder), parts=("fibre",))


def settings(folder, old, new):
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def section(folder, *lines):
    """Replace the settings of fibre."""
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[fibre]"), text.index("[egov]")
    kept = text[:start] + "\n".join(["[fibre]", *lines, "", ""]) + text[end:]
    (folder / "study.toml").write_text(kept, encoding="utf-8")


def spans(folder, change):
    """Change the spans table of a study."""
    table = gpd.read_file(folder / "spans.geojson")
    change(table).to_file(folder / "spans.geojson", driver="GeoJSON")


def messages(result):
    return {note.message: note.values for note in result.notes}


PRICES = (
    "deployment,slope_from_deg,price_vnd_per_km\naboveGround,0,50000000\naboveGround,20,90000000\n"
)


def with_prices(folder, text=PRICES):
    (folder / "prices.csv").write_text(text, encoding="utf-8")
    settings(folder, "[inputs]\n", '[inputs]\nfibre_prices = "prices.csv"\n')
    settings(folder, "[fibre]\n", '[fibre]\ndeployment = "aboveGround"\n')


def test_a_cut_of_a_chain_darkens_all_beyond_it(found):
    table = found.spans.set_index("id")
    # Communes 1 to 4 and the district office at 3 lie beyond the first span.
    assert table["dark_offices"].to_list()[:4] == [5, 4, 3, 1]
    assert table.loc["S004", ["dark_offices", "risk", "rank"]].isna().all()  # only planned
    assert table["rank"].fillna(0).to_list() == [1, 2, 3, 4, 0]
    assert table["bridge"].fillna(False).to_list() == [True, True, True, True, False]
    people = found.communes.set_index("commune_code")["population"]
    assert table.loc["S003", "dark_population"] == people.iloc[4]
    assert table.loc["S000", "dark_population"] == people.iloc[1:5].sum()
    assert table.loc["S003", "risk"] == pytest.approx(
        people.iloc[4] * table.geometry["S003"].length / 1000
    )


def test_every_office_knows_its_way_to_the_hubs(found):
    offices = found.offices.set_index("office_id")
    kilometres = found.spans.geometry.length.to_numpy()
    assert offices["homing"].to_dict() == {
        "VP000": "hub", "VP001": "hub", "VP002": "single", "VP003": "hub", "VP004": "single",
        "VP005": "single", "VP006": "single", "VP007": "single", "VP008": "none",
    }  # fmt: skip
    far = offices.loc["VP007"]
    assert far["province_hub_m"] == pytest.approx(kilometres[:4].sum(), abs=1)
    assert (far["province_hub_hops"], far["district_hub_hops"]) == (4, 1)
    assert far["exposed_spans"] == "S003, S002, S001, S000"
    assert far["exposed_m"] == pytest.approx(kilometres[:4].sum(), abs=1)
    assert far["fibre_operators"] == "VNPT"
    assert far["drop_m"] == pytest.approx(0, abs=1)
    dark = offices.loc["VP008"]
    assert dark["distance_to_fibre_m"] == pytest.approx(kilometres[4], abs=1)
    assert dark[["drop_m", "province_hub_m", "fibre_operators"]].isna().all()
    assert found.communes["homing"].to_list() == ["hub", *["single"] * 4, "none"]


def test_every_mast_knows_its_way_to_the_provincial_hub(found):
    stations = found.stations
    hung = stations[stations["homing"] != "none"]
    assert 0 < len(hung) < len(stations)
    columns = ["nearest_span", "drop_m", "province_hub_m", "province_hub_hops"]
    assert hung[columns].notna().all(axis=None)
    assert (hung["drop_m"] >= hung["distance_to_fibre_m"] - 1).all()
    assert stations.loc[stations["homing"] == "none", "province_hub_m"].isna().all()


def test_a_centre_has_the_way_of_its_office_and_a_mast_that_of_its_district(found):
    same = ["nearest_span", "district_hub_hops", "province_hub_hops", "fibre_operators"]
    seats = found.offices[found.offices["level"] == "commune"].set_index("commune_code")
    centres = found.communes.set_index("commune_code")
    assert centres["province_hub_hops"].notna().any()
    for name in same:
        expected = seats[name].reindex(centres.index)
        pd.testing.assert_series_equal(centres[name], expected, check_dtype=False)
    stations = found.stations.dropna(subset=["commune_code", "province_hub_hops"])
    assert len(stations)
    assert stations["district_hub_hops"].notna().all()
    assert (stations["district_hub_m"] <= stations["province_hub_m"] + 1e-6).all()


def test_what_is_not_connected_is_joined_along_the_road(found):
    (route,) = found.fibre_extension.itertuples()
    assert (route.kind, route.road_id) == ("road", "R1")
    assert route.length_m == pytest.approx(found.spans.geometry.length.iloc[4], abs=1)
    assert pd.isna(route.cost_vnd)
    assert messages(found)["fibre.note_extension"]["count"] == 1
    assert "fibre.note_no_prices" in messages(found)


def test_a_broken_span_is_mended_and_nothing_is_laid_beside_cable_in_service(folder, found):
    spans(folder, lambda table: table[table["id"] != "S001"])
    broken = found.spans.set_index("id").geometry["S001"].length
    last = found.fibre_extension["length_m"].sum()
    mended = fibre(folder)
    # The break, and what the last commune needed anyway; three more communes hang on the cable.
    assert mended.fibre_extension["length_m"].sum() == pytest.approx(broken + last, abs=1)
    assert messages(mended)["fibre.note_extension"]["count"] == 4
    assert "fibre.note_unreachable" not in messages(mended)


def test_a_gap_of_the_roads_is_told_and_bridged_as_the_study_says(folder, found):
    roads = gpd.read_file(folder / "roads.geojson").to_crs("EPSG:9209")
    line = roads.geometry.iloc[0]
    whole = found.fibre_extension.geometry.iloc[0]
    at = line.project(whole.interpolate(0.5, normalized=True))
    parts = [substring(line, 0, at - 30), substring(line, at + 30, line.length)]
    pieces = gpd.GeoDataFrame({"road_id": ["R1", "R2"]}, geometry=parts, crs="EPSG:9209")
    pieces.to_crs(4326).to_file(folder / "roads.geojson", driver="GeoJSON")
    apart = fibre(folder)
    assert messages(apart)["fibre.note_unreachable"]["count"] == 1
    assert messages(apart)["fibre.note_road_parts"] == {"count": 2}
    settings(folder, "[fibre]\n", "[fibre]\nroad_gap_m = 70\n")
    bridged = fibre(folder)
    assert messages(bridged)["fibre.note_road_gaps"]["count"] == 1
    gap = bridged.fibre_findings.set_index("finding").loc["road_gap"]
    assert gap["distance_m"] == pytest.approx(60, abs=1)
    assert set(bridged.fibre_extension["kind"]) >= {"road", "gap"}
    metres = bridged.fibre_extension["length_m"].sum()
    assert metres == pytest.approx(found.fibre_extension["length_m"].sum(), abs=2)


def test_without_roads_new_cable_goes_over_the_ground(folder, found):
    settings(folder, 'roads = "roads.geojson"', "")
    over = fibre(folder).fibre_extension
    assert set(over["kind"]) <= {"terrain", "drop"}
    assert over["road_id"].isna().all()
    straight = found.fibre_extension["length_m"].sum()
    assert straight < over["length_m"].sum() < 1.1 * straight


def test_without_roads_and_terrain_no_way_is_made_up(folder):
    settings(folder, 'roads = "roads.geojson"', "")
    settings(folder, 'terrain = ["terrain.tif"]', "")
    blind = fibre(folder)
    assert blind.fibre_extension is None
    assert blind.steep_stretches is None
    assert messages(blind)["fibre.note_no_ways"] == {"count": 1}
    assert "fibre.note_no_ground" in messages(blind)


@pytest.mark.usefixtures("sheets_not_drawn")
def test_fibre_alone_gives_its_network(folder, tmp_path):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    names = ("spans", "nodes")
    start, end = text.index("[inputs]"), text.index("# Dịch vụ")
    kept = [line for line in text[start:end].splitlines() if line.startswith(names)]
    text = "\n".join([text[:start], "[inputs]", *kept, text[end:]])
    (folder / "study.toml").write_text(text, encoding="utf-8")
    alone = phusong.run(phusong.open_study(folder))
    assert len(alone.fibre_findings) == 0
    assert "fibre.no_hub_connected" in messages(alone)
    alone.write(tmp_path / "out")
    assert (tmp_path / "out" / "report" / "network.ofds.json").is_file()


def test_a_whole_run_finds_the_same_fibre(found, result):
    for name in ("spans", "fibre_findings", "fibre_nodes", "steep_stretches", "fibre_links"):
        assert_geodataframe_equal(getattr(found, name), getattr(result, name))
    columns = ["office_id", "homing", "exposed_spans", "province_hub_m", "fibre_operators"]
    assert found.offices[columns].equals(result.offices[columns])
    assert "lacks_lan" in result.offices
    assert "lacks_lan" not in found.offices
    assert found.gaps is None


def test_a_part_without_fibre_has_none_of_its_tables(pristine):
    other = phusong.run(phusong.open_study(pristine), parts=("egov",))
    assert other.spans is None
    assert other.fibre_links is None
    assert "homing" not in other.offices


def test_prices_turn_kilometres_into_money(folder, found):
    with_prices(folder)
    priced = fibre(folder)
    (route,) = priced.fibre_extension.itertuples()
    per_km = route.cost_vnd / route.length_m * 1000
    assert 50e6 <= per_km <= 90e6
    assert priced.fibre_links["cost_vnd"].notna().all()
    assert "fibre.note_no_prices" not in messages(priced)
    assert priced.spans["rank"].equals(found.spans["rank"])


def test_maintenance_is_priced_by_how_each_span_is_laid(folder):
    priced = PRICES.replace("per_km\n", "per_km,maintenance_vnd_per_km_year\n")
    priced = priced.replace("50000000\n", "50000000,2000000\n").replace("90000000", "90000000,")
    with_prices(folder, priced)
    spans(folder, lambda table: table.assign(deployment=["aboveGround", None] + [None] * 3))
    settings(folder, 'terrain = ["terrain.tif"]', "")  # flat: the first row holds everywhere
    flat = fibre(folder)
    assert flat.spans["maintenance_vnd_per_year"].isna().to_list() == [False] + [True] * 4
    length_m = flat.spans.set_index("id").geometry.length
    yearly = flat.spans.set_index("id").loc["S000", "maintenance_vnd_per_year"]
    assert yearly == pytest.approx(2000 * length_m["S000"])
    route = flat.fibre_extension.iloc[0]
    assert route["maintenance_vnd_per_year"] == pytest.approx(2000 * route["length_m"])
    told = messages(flat)["fibre.note_maintenance"]
    assert told["million"] == pytest.approx(yearly / 1e6)
    assert told["priced_km"] == pytest.approx(length_m["S000"] / 1000)
    assert told["km"] == pytest.approx(length_m.iloc[:4].sum() / 1000)


def test_spare_fibres_of_a_way_are_those_of_its_fullest_span(folder):
    # S003 did not report; S000 is the nearest to the hub.
    used = pd.array([20, 24, 3, None, 0], "Int64")
    spans(folder, lambda table: table.assign(fibreCount=24, fibres_used=used))
    found = fibre(folder)
    columns = ["spare_fibres", "spare_fibres_reported", "spare_fibres_of"]
    ways = found.communes[columns].astype(object).where(found.communes[columns].notna(), None)
    assert ways.values.tolist() == [
        [None, 0, 0],  # the hub itself needs no way
        [4, 1, 1],
        [0, 2, 2],
        [0, 3, 3],
        [0, 3, 4],  # a span is silent, but another is known to be full
        [None] * 3,
    ]
    assert messages(found)["fibre.note_spare"] == {"known": 4, "count": 4, "none": 3}
    used = pd.array([20, 23, 3, None, 0], "Int64")
    spans(folder, lambda table: table.assign(fibres_used=used))
    silent = fibre(folder)
    assert silent.communes["spare_fibres"].isna().to_list() == [True, *[False] * 3, True, True]
    assert messages(silent)["fibre.note_spare"] == {"known": 3, "count": 4, "none": 0}
    assert silent.offices.set_index("office_id").loc["VP005", "spare_fibres"] == 1


def test_more_fibres_in_use_than_there_are_is_a_fault(folder):
    spans(folder, lambda table: table.assign(fibreCount=24, fibres_used=[0, 25, 0, 0, 0]))
    with pytest.raises(InputError, match=r"spans\.geojson.*fibres_used.*S001.*24"):
        phusong.check(phusong.open_study(folder))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (PRICES.replace("50000000", "0"), r"prices\.csv, row 2, column price_vnd_per_km"),
        (PRICES.replace("50000000", ""), r"prices\.csv, row 2, column price_vnd_per_km"),
        (PRICES.replace("aboveGround", "overhead"), r"prices\.csv, row 2, column deployment"),
        (PRICES.replace("aboveGround", "belowGround"), "no price for the deployment aboveGround"),
        (PRICES.replace(",0,", ",5,"), "distinct slope classes, beginning at 0°"),
    ],
)
def test_prices_that_cannot_be_used_are_told_before_anything_is_computed(folder, text, message):
    with_prices(folder, text)
    with pytest.raises(InputError, match=message):
        phusong.check(phusong.open_study(folder))


def test_prices_need_to_know_how_cable_is_laid(folder):
    with_prices(folder)
    settings(folder, 'deployment = "aboveGround"\n', "")
    with pytest.raises(StudyError, match="must name its deployment"):
        phusong.open_study(folder)


def test_an_older_study_still_gives_its_distances(folder, found):
    section(folder, "drop_length_m = 1000", 'statuses = ["operational"]')
    older = fibre(folder)
    columns = ["distance_to_fibre_m", "fibre_within_drop"]
    assert older.communes[columns].equals(found.communes[columns])
    assert "homing" not in older.communes
    assert older.fibre_findings is None
    assert "fibre.note_no_network" in messages(older)


def test_without_what_counts_there_is_reach_but_no_drill(folder, found):
    section(folder, "drop_length_m = 1000", 'statuses = ["operational"]', "snap_tolerance_m = 20")
    plain = fibre(folder)
    assert plain.offices["province_hub_m"].equals(found.offices["province_hub_m"])
    assert "homing" not in plain.offices
    assert plain.fibre_nodes is None
    assert plain.fibre_extension is not None
    assert "fibre.note_no_drill" in messages(plain)


def test_settings_that_stand_on_nothing_are_refused(folder):
    section(folder, "drop_length_m = 1000", 'statuses = ["operational"]', 'rank_by = "offices"')
    with pytest.raises(StudyError, match="rank_by needs snap_tolerance_m"):
        phusong.open_study(folder)


def test_what_counts_must_be_there(whole):
    settings(whole, 'rank_by = "population"', 'rank_by = "masts"')
    settings(whole, "drop_length_m = 1000", "drop_length_m = 100")
    settings(whole, 'cells = "cells.csv"', "")
    assert messages(fibre(whole))["fibre.note_nothing_counts"] == {"name": "masts"}


def test_named_nodes_stand_for_the_hubs(folder, found):
    fourth = gpd.read_file(folder / "nodes.geojson")["id"][4]
    settings(
        folder, "[egov]\n",
        f'[fibre.hubs]\nprovince = ["{fourth}"]\ndistrict = {{ 024 = "{fourth}" }}\n\n[egov]\n',
    )  # fmt: skip
    moved = fibre(folder).offices.set_index("office_id")
    assert moved.loc["VP000", "homing"] == "single"
    assert moved.loc["VP007", "homing"] == "hub"
    there = found.offices.set_index("office_id").loc["VP007", "province_hub_m"]
    assert moved.loc["VP000", "province_hub_m"] == pytest.approx(there, abs=1)
    assert moved.loc["VP000", "district_hub_m"] == pytest.approx(there, abs=1)


def test_a_hub_that_is_no_node_is_refused(folder):
    settings(folder, "[egov]\n", '[fibre.hubs]\nprovince = ["N-9"]\n\n[egov]\n')
    with pytest.raises(InputError, match=r"fibre\.hubs\.province.*'N-9'.*no such node"):
        fibre(folder)


def test_a_hub_of_a_district_that_no_commune_names_is_refused(folder):
    node = gpd.read_file(folder / "nodes.geojson")["id"][0]
    hubs = f'[fibre.hubs]\ndistrict = {{ 999 = "{node}" }}\n\n[egov]\n'
    settings(folder, "[egov]\n", hubs)
    with pytest.raises(InputError, match=r"fibre\.hubs\.district\.999.*Codes: 024, 026"):
        fibre(folder)


def test_without_a_hub_the_network_is_still_checked(whole):
    settings(whole, 'offices = "offices.csv"', "")
    alone = fibre(whole)
    told = messages(alone)
    # Without a hub only the centre without any span near is known to be cut off.
    assert told.pop("fibre.note_centres_cut_off")["count"] == 1
    assert told == {
        "fibre.no_hub_connected": {}, "fibre.note_unlit": {"count": 1},
        "fibre.note_masts_without_fibre": {"count": 3, "masts": 8},
    }  # fmt: skip
    assert len(alone.fibre_findings) == 0
    distances_m = alone.communes["distance_to_fibre_m"].round().to_list()
    assert distances_m == [0, 0, 22, 20, 0, 8088]


def test_repeated_and_disconnected_spans_are_told_and_do_no_harm(folder, found):
    def twice_and_apart(table):
        again = table.iloc[[0]].assign(id="S900")
        apart = table.iloc[[0]].assign(id="S901", start=None, end=None)
        apart = apart.set_geometry([LineString([(104.885, 22.70), (104.885, 22.705)])], crs=4326)
        return pd.concat([table, again, apart], ignore_index=True)

    spans(folder, twice_and_apart)
    messy = fibre(folder)
    told = messy.fibre_findings.set_index("finding")["span_id"]
    assert told["duplicate"] == "S900"
    assert "disconnected_part" in told
    assert messages(messy)["fibre.note_disconnected"] == {"count": 1}
    before = found.spans.set_index("id")["dark_offices"]
    assert messy.spans.set_index("id")["dark_offices"].reindex(before.index).equals(before)


def test_a_span_without_length_is_set_aside(folder):
    def collapsed(table):
        end = table.geometry.iloc[4].coords[0]
        shapes = [*table.geometry[:4], LineString([end, end])]
        return table.set_geometry(shapes, crs=table.crs)

    spans(folder, collapsed)
    with pytest.raises(InputError, match=r"spans\.geojson, row 5"):
        fibre(folder)
    settings(folder, 'faulty_rows = "refuse"', 'faulty_rows = "set_aside"')
    assert fibre(folder).rejected["spans"]["row"].to_list() == [5]


# What the standard requires, from its description: ids, the schema's link, the CRS, closed lists.
REFERENCE = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
STATUS = {"enum": ["proposed", "planned", "underConstruction", "operational", "decommissioned",
                   "inactive"]}  # fmt: skip
STANDARD = {
    "type": "object",
    "required": ["networks"],
    "properties": {"networks": {"type": "array", "minItems": 1, "items": {
        "type": "object",
        "required": ["id", "links", "crs"],
        "properties": {
            "id": {"type": "string", "format": "uuid"},
            "links": {"prefixItems": [{"properties": {
                "href": {"pattern": "network-schema.json$"}, "rel": {"const": "describedby"}}}]},
            "crs": {"const": {
                "name": "urn:ogc:def:crs:OGC::CRS84",
                "uri": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}},
            "organisations": {"type": "array", "items": REFERENCE},
            "nodes": {"type": "array", "items": {
                "type": "object", "required": ["id"],
                "properties": {
                    "id": {"type": "string"}, "status": STATUS,
                    "type": {"type": "array", "items": {"type": "string"}},
                    "location": {"properties": {"type": {"const": "Point"}}}}}},
            "spans": {"type": "array", "items": {
                "type": "object", "required": ["id"],
                "properties": {
                    "id": {"type": "string"}, "status": STATUS,
                    "readyForServiceDate": {"type": "string", "format": "date"},
                    "start": {"type": "string"}, "end": {"type": "string"},
                    "directed": {"type": "boolean"},
                    "route": {"properties": {"type": {"const": "LineString"}}},
                    "supplier": REFERENCE,
                    "networkProviders": {"type": "array", "items": REFERENCE},
                    "deployment": {"type": "array", "items": {
                        "enum": ["aboveGround", "belowGround"]}},
                    "fibreCount": {"type": "integer", "minimum": 0},
                    "fibreLength": {"type": "number", "minimum": 0}}}},
        },
    }}},
}  # fmt: skip


@pytest.fixture(scope="module")
def written(found, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written") / "out"
    found.write(folder)
    return folder


def test_the_network_is_written_as_the_open_fibre_data_standard_asks(written, found):
    package = json.loads((written / "report" / "network.ofds.json").read_bytes())
    jsonschema.validate(package, STANDARD, cls=jsonschema.Draft202012Validator)
    (network,) = package["networks"]
    assert str(uuid.UUID(network["id"])) == network["id"]
    listed = {one["id"]: one["name"] for one in network["organisations"]}
    assert {span["supplier"]["id"] for span in network["spans"]} == set(listed)
    assert len(network["nodes"]) == 6
    _, again = read_ofds(package, file="network.ofds.json")
    assert again["id"].to_list() == found.spans["id"].to_list()
    assert again["supplier"].to_list() == ["VNPT"] * 5


def test_a_document_of_the_standard_serves_as_input(folder, written, found):
    package = json.loads((written / "report" / "network.ofds.json").read_bytes())
    package["networks"][0]["spans"][0] |= {"capacity": 10, "fibreType": "G.999"}
    (folder / "network.json").write_text(json.dumps(package), encoding="utf-8")
    settings(folder, 'spans = "spans.geojson"', 'ofds = "network.json"')
    with pytest.raises(StudyError, match="not both"):
        phusong.open_study(folder)
    settings(folder, 'nodes = "nodes.geojson"', "")
    again = fibre(folder)
    columns = ["dark_offices", "dark_population", "rank", "bridge"]
    assert again.spans[columns].equals(found.spans[columns])
    assert again.offices["homing"].equals(found.offices["homing"])
    told = [note.problem for note in again.notes if note.problem is not None]
    assert [problem.message for problem in told] == ["fibre.ofds_not_carried"]
    again.write(folder / "out")
    rewritten = json.loads((folder / "out" / "report" / "network.ofds.json").read_bytes())
    span = rewritten["networks"][0]["spans"][0]
    assert span["capacity"] == 10
    assert "fibreType" not in span


def test_faults_of_a_document_and_spans_without_route_are_told(folder, written):
    settings(folder, 'spans = "spans.geojson"', 'ofds = "network.json"')
    settings(folder, 'nodes = "nodes.geojson"', "")
    package = json.loads((written / "report" / "network.ofds.json").read_bytes())
    (network,) = package["networks"]
    del network["spans"][4]["route"]
    (folder / "network.json").write_text(json.dumps(package), encoding="utf-8")
    told = [note.problem for note in fibre(folder).notes if note.problem is not None]
    assert [(problem.message, problem.value) for problem in told] == [
        ("fibre.ofds_no_route", "S004")
    ]
    network["spans"][0]["status"] = "lit"
    (folder / "network.json").write_text(json.dumps(package), encoding="utf-8")
    with pytest.raises(InputError, match=r"network\.json, row 1.*not in the standard's list"):
        fibre(folder)
    (folder / "network.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match=r"network\.json"):
        fibre(folder)


def test_every_fibre_table_is_written_with_its_schema_and_its_sheet(written, found):
    sheets = openpyxl.load_workbook(written / "report" / "tables.xlsx", read_only=True).sheetnames
    for name in ("spans", "fibre_findings", "fibre_nodes", "steep_stretches", "fibre_links",
                 "fibre_extension"):  # fmt: skip
        layer = json.loads((written / "geojson" / f"{name}.geojson").read_bytes())
        schema = json.loads((written / "geojson" / "schema" / f"{name}.schema.json").read_bytes())
        jsonschema.validate(layer, schema, cls=jsonschema.Draft202012Validator)
        assert len(layer["features"]) == len(getattr(found, name))
    assert {"Tuyến cáp quang", "Đoạn cáp nên làm"} <= set(sheets)


def test_a_price_template_is_read_back_once_it_is_filled(folder, tmp_path):
    path = write_price_template(folder / "don-gia.xlsx")
    with pytest.raises(OutputError, match=r"don-gia\.xlsx"):
        write_price_template(path)
    settings(folder, "[inputs]\n", '[inputs]\nfibre_prices = "don-gia.xlsx"\n')
    settings(folder, "[fibre]\n", '[fibre]\ndeployment = "aboveGround"\n')
    with pytest.raises(InputError, match=r"don-gia\.xlsx"):
        phusong.check(phusong.open_study(folder))  # still empty
    book = openpyxl.load_workbook(path)
    page = book.worksheets[0]
    assert [cell.value for cell in page[1]] == [
        "deployment",
        "slope_from_deg",
        "price_vnd_per_km",
        "maintenance_vnd_per_km_year",
    ]
    assert len(page.data_validations.dataValidation) == 4
    for column, value in enumerate(("aboveGround", 0, 60e6), start=1):
        page.cell(2, column, value)
    book.save(path)
    (route,) = fibre(folder).fibre_extension.itertuples()
    assert route.cost_vnd == pytest.approx(route.length_m * 60e3)


def test_a_new_study_takes_its_fibre_from_a_document(tmp_path, written):
    document = written / "report" / "network.ofds.json"
    path = phusong.new_study(tmp_path / "new", province="Hà Giang", ofds=document)
    inputs = tomllib.loads(path.read_text(encoding="utf-8"))["inputs"]
    assert inputs["ofds"] == "network.ofds.json"
    assert not {"spans", "nodes"} & set(inputs)
    assert (path.parent / "network.ofds.json").read_bytes() == document.read_bytes()
    with pytest.raises(OutputError, match=r"gone\.json cannot be copied"):
        phusong.new_study(tmp_path / "other", province="Hà Giang", ofds=tmp_path / "gone.json")
    assert not (tmp_path / "other" / "study.toml").exists()


@pytest.mark.usefixtures("sheets_not_drawn")
def test_the_command_shows_the_network_and_writes_the_folder(pristine, tmp_path):
    done = cli.invoke(app, ["fibre", str(pristine), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.stderr
    for words in ("Mạng cáp quang", "Trụ sở cấp xã", "S000", "Nên làm thêm"):
        assert words in done.stdout
    assert "chưa thông đến trung tâm tỉnh" in done.stderr
    assert (tmp_path / "out" / "geojson" / "fibre_links.geojson").is_file()
    english = cli.invoke(app, ["fibre", str(pristine), "--lang", "en"])
    assert "Spans whose cut takes most away" in english.stdout


def test_the_command_writes_a_template_and_needs_a_study_otherwise(tmp_path):
    done = cli.invoke(app, ["fibre", "--template", str(tmp_path / "gia.xlsx")])
    assert (done.exit_code, (tmp_path / "gia.xlsx").is_file()) == (0, True)
    assert cli.invoke(app, ["fibre"]).exit_code == 2
    again = cli.invoke(app, ["fibre", "--template", str(tmp_path / "gia.xlsx")])
    assert again.exit_code == 2
    assert "gia.xlsx" in again.stderr
