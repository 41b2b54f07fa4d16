"""Every published form of the standard reads the same; a round trip loses nothing."""

import json
from contextlib import suppress

import pandas as pd
import pytest
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given
from hypothesis import strategies as st
from shapely import LineString, Point

from phusong.errors import InputError
from phusong.fibre import check_ofds, ofds_document, read_ofds

NODES = [
    {"id": "a", "name": "Hà Giang", "status": "operational", "type": ["pop", "exchange"],
     "location": {"type": "Point", "coordinates": [104.98, 22.82]},
     "networkProviders": [{"id": "x", "name": "VNPT"}, {"id": "y", "name": "Viettel"}]},
    {"id": "b"},
]  # fmt: skip
ROUTE = {"type": "LineString", "coordinates": [[104.98, 22.82], [105.0, 22.9]]}
SPAN = {
    "id": "s", "status": "operational", "start": "a", "end": "b", "route": ROUTE,
    "supplier": {"id": "x", "name": "VNPT"}, "deployment": ["aboveGround"], "fibreCount": 24,
    "fibreLength": 9.5, "readyForServiceDate": "2016-05-01", "directed": True,
    "networkProviders": [{"id": "y"}],
}  # fmt: skip
ORGANISATIONS = [{"id": "x", "name": "VNPT"}, {"id": "y", "name": "Viettel"}]
NETWORK = {"id": "n", "nodes": NODES, "spans": [SPAN], "organisations": ORGANISATIONS}


def features(kind, items, shape):
    return [
        {
            "type": "Feature",
            "geometry": item.get(shape),
            "properties": {k: v for k, v in item.items() if k != shape} | {"featureType": kind},
        }
        for item in items
    ]


EXPANDED = SPAN | {"start": NODES[0], "end": NODES[1], "networkProviders": [ORGANISATIONS[1]]}
FORMS = {
    "network": NETWORK,
    "package": {"networks": [NETWORK]},
    "expanded objects": NETWORK | {"spans": [EXPANDED]},
    "geojson": {
        "type": "FeatureCollection",
        "features": features("node", NODES, "location") + features("span", [EXPANDED], "route"),
    },
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_reads_the_same(form):
    nodes, spans = read_ofds(FORMS[form], file="network.json")
    assert nodes["id"].to_list() == ["a", "b"]
    assert nodes["type"].iloc[0] == "pop, exchange"
    assert nodes.geometry.iloc[0].equals(Point(104.98, 22.82))
    assert nodes["networkProviders"].iloc[0] == "VNPT, Viettel"
    assert nodes.geometry.iloc[1] is None
    row = spans.iloc[0]
    assert row[["start", "end", "supplier", "deployment"]].to_list() == [
        "a", "b", "VNPT", "aboveGround",
    ]  # fmt: skip
    assert (row["fibreCount"], row["fibreLength"]) == (24, 9.5)
    assert (row["directed"], row["networkProviders"]) == (True, "Viettel")
    assert row["readyForServiceDate"] == pd.Timestamp("2016-05-01")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, "The id is missing"),
        ({"status": "broken"}, "not in the standard's list"),
        ({"status": None}, "no status"),
        ({"fibreCount": -1}, "Expected a number"),
        ({"fibreLength": "9 km"}, "Expected a number"),
        ({"directed": "yes"}, "Expected true or false"),
        ({"readyForServiceDate": "May 2016"}, "Expected a date"),
        ({"route": {"type": "Point", "coordinates": [0, 0]}}, "geometry cannot be read"),
        ({"route": {"type": "LineString", "coordinates": [[430253, 2480236], [0, 0]]}},
         "geometry cannot be read"),
        ({"route": {"type": "LineString"}}, "geometry cannot be read"),
    ],
)  # fmt: skip
def test_a_faulty_span_is_named_by_file_row_and_field(change, message):
    with pytest.raises(InputError, match=message) as fault:
        read_ofds(NETWORK | {"spans": [SPAN | change]}, file="network.json")
    (problem,) = fault.value.problems
    assert (problem.file, problem.row) == ("network.json", 1)
    assert problem.column.startswith("spans.")


def test_all_faults_are_told_at_once():
    broken = [SPAN | {"id": "x", "status": "?"}, SPAN | {"id": "x", "fibreCount": 0.5}]
    with pytest.raises(InputError) as fault:
        read_ofds(NETWORK | {"spans": broken}, file="network.json")
    assert [p.message for p in fault.value.problems] == [
        "fibre.ofds_status", "fibre.ofds_number", "fibre.ofds_repeated",
    ]  # fmt: skip


def test_what_is_sound_is_used_and_the_rest_listed_with_its_reason():
    spans = [SPAN, SPAN | {"id": "t", "status": None}, SPAN | {"id": "u", "fibreCount": -1}]
    read = check_ofds(NETWORK | {"spans": spans}, file="network.json")
    assert read.spans["id"].to_list() == ["s"]
    assert list(read.rejected) == ["spans"]
    rejected = read.rejected["spans"]
    assert rejected[["file", "row", "id"]].to_numpy().tolist() == [
        ["network.json", 2, "t"], ["network.json", 3, "u"],
    ]  # fmt: skip
    assert "[spans.status] The span has no status." in rejected["reason_en"][0]
    assert len(read.problems) == 2


def test_networks_of_one_document_may_use_the_same_ids():
    nodes = [{"id": "1"}, {"id": "2"}]
    spans = [{"id": "1", "status": "operational", "start": "1", "end": {"id": "2"}}]
    networks = [{"id": name, "nodes": nodes, "spans": spans} for name in ("a", "b")]
    read_nodes, read_spans = read_ofds({"networks": networks}, file="network.json")
    assert read_nodes["id"].to_list() == ["a:1", "a:2", "b:1", "b:2"]
    assert read_spans[["id", "start", "end"]].to_numpy().tolist() == [
        ["a:1", "a:1", "a:2"], ["b:1", "b:1", "b:2"],
    ]  # fmt: skip
    alone, _ = read_ofds({"networks": networks[:1]}, file="network.json")
    assert alone["id"].to_list() == ["1", "2"]


@pytest.mark.parametrize("document", [{}, {"networks": []}, {"nodes": "many"}, {"networks": [7]}])
def test_a_document_without_network_is_refused(document):
    with pytest.raises(InputError, match="No node and no span found"):
        read_ofds(document, file="network.json")


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from([*SPAN, "geometry"]), junk))
def test_junk_is_refused_or_read_and_never_crashes(change):
    with suppress(InputError):
        _, spans = read_ofds(NETWORK | {"spans": [SPAN | change]}, file="network.json")
        assert len(spans) == 1


@pytest.mark.parametrize("version", ["0.3", "0.4"])
def test_a_round_trip_through_metres_keeps_fields_and_places(version):
    nodes, spans = read_ofds(NETWORK, file="network.json")
    document = ofds_document(
        nodes.to_crs("EPSG:9209"), spans.to_crs("EPSG:9209"),
        network_id="n", name="Hà Giang", version=version,
    )  # fmt: skip
    assert version.replace(".", "__") in document["links"][0]["href"]
    assert "None" not in json.dumps(document, allow_nan=False)
    again_nodes, again_spans = read_ofds(document, file="network.json")
    assert_geodataframe_equal(nodes, again_nodes, check_less_precise=True)
    assert_geodataframe_equal(spans, again_spans, check_less_precise=True)
    assert again_spans.geometry.iloc[0].equals_exact(
        LineString(ROUTE["coordinates"]), tolerance=2e-7
    )


def test_what_is_empty_is_left_out_of_the_document():
    nodes, spans = read_ofds(
        {"nodes": [{"id": "b"}], "spans": [{"id": "s", "status": "planned"}]}, file="f"
    )
    document = ofds_document(nodes, spans, network_id="n", name="x", version="0.4")
    assert document["nodes"] == [{"id": "b"}]
    assert document["spans"] == [{"id": "s", "status": "planned"}]


def test_every_organisation_has_an_id_and_is_listed():
    nodes, spans = read_ofds(NETWORK, file="f")
    document = ofds_document(nodes, spans, network_id="n", name="x", version="0.3")
    listed = document["organisations"]
    assert [one["name"] for one in listed] == ["VNPT", "Viettel"]
    (span,) = document["spans"]
    assert (span["supplier"], span["networkProviders"]) == (listed[0], listed[1:])
    assert document["nodes"][0]["networkProviders"] == listed
    again = ofds_document(nodes, spans, network_id="m", name="x", version="0.3")
    assert again["organisations"][0]["id"] != listed[0]["id"]


def test_a_route_is_one_line_so_a_span_in_parts_becomes_several():
    route = {"type": "MultiLineString", "coordinates": [[[105, 22], [105, 22.1]],
             [[105, 22.2], [105, 22.3]]]}  # fmt: skip
    nodes, spans = read_ofds(NETWORK | {"spans": [SPAN | {"route": route}]}, file="f")
    written = ofds_document(nodes, spans, network_id="n", name="x", version="0.4")["spans"]
    assert [span["id"] for span in written] == ["s:1", "s:2"]
    assert [span.get("start") for span in written] == ["a", None]
    assert [span.get("end") for span in written] == [None, "b"]
    assert {span["route"]["type"] for span in written} == {"LineString"}
