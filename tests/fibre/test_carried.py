"""What the tables do not hold of a document is written back as it came, by the standard's rules."""

import json

import hypothesis.strategies as st
import jsonschema
import pytest
from hypothesis import given, settings

from phusong.fibre import carry_ofds, ofds_document, read_ofds
from phusong.fibre.carried import _amount

VNPT = {"id": "x", "name": "VNPT", "website": "https://vnpt.vn", "roles": ["networkProvider"]}
PHASE = {"id": "p1", "name": "Giai đoạn 1", "description": "Vùng cao"}
CONTRACT = {
    "id": "c1", "title": "Gói thầu 1", "value": {"amount": 2e9, "currency": "VND"},
    "relatedPhases": [{"id": "p1", "name": "Giai đoạn 1"}],
}  # fmt: skip
ROUTE = {"type": "LineString", "coordinates": [[104.98, 22.82], [105.0, 22.9]]}
BEYOND = {
    "phase": {"id": "p1", "name": "Giai đoạn 1"}, "deployment": ["aboveGround", "belowGround"],
    "darkFibre": True, "fibreType": "G.652", "fibreTypeDetails": {"fibreSubtype": "D"},
    "capacity": 100.0, "transmissionMedium": ["fibre"], "technologies": ["dwdm"],
    "countries": ["VN"],
}  # fmt: skip
SPAN = {
    "id": "s", "status": "operational", "start": "a", "end": "b", "route": ROUTE,
    "supplier": {"id": "x", "name": "VNPT"}, **BEYOND,
}  # fmt: skip
NODES = [{"id": "a", "power": True, "phase": {"id": "p1"}}, {"id": "b"}]
NETWORK = {
    "id": "n", "nodes": NODES, "spans": [SPAN], "organisations": [VNPT], "phases": [PHASE],
    "contracts": [CONTRACT],
}  # fmt: skip

# The rules of the published schema for what a network may hold, from its documentation.
REFERENCE = {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}
LISTED = {"type": "array", "minItems": 1, "items": REFERENCE}
TEXTS = {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}}


def some_of(*choices):
    return {"type": "array", "minItems": 1, "items": {"enum": list(choices)}}


RULES = {
    "type": "object",
    "required": ["id", "links", "crs"],
    "properties": {
        "organisations": LISTED, "phases": LISTED,
        "contracts": {"type": "array", "items": {
            "required": ["id"], "properties": {"relatedPhases": LISTED}}},
        "nodes": {"type": "array", "items": {"required": ["id"], "properties": {
            "phase": REFERENCE, "power": {"type": "boolean"}, "accessPoint": {"type": "boolean"},
            "technologies": TEXTS}}},
        "spans": {"type": "array", "items": {"required": ["id"], "properties": {
            "phase": REFERENCE, "darkFibre": {"type": "boolean"},
            "deployment": some_of("aboveGround", "belowGround"),
            "transmissionMedium": some_of("fibre", "microwave", "copper", "coaxial"),
            "fibreType": {"enum": ["G.651.1", "G.652", "G.653", "G.654", "G.655", "G.656",
                                   "G.657"]},
            "fibreTypeDetails": {"type": "object"}, "capacityDetails": {"type": "object"},
            "capacity": {"type": "number", "minimum": 0}, "technologies": TEXTS,
            "countries": TEXTS}}},
    },
}  # fmt: skip


def again(document, version="0.4"):
    """Read a document and write it."""
    nodes, spans = read_ofds(document, file="network.json")
    written = ofds_document(
        nodes, spans, network_id="n", name="x", version=version,
        carried=carry_ofds(document, file="network.json"),
    )  # fmt: skip
    jsonschema.validate(written, RULES, cls=jsonschema.Draft202012Validator)
    json.dumps(written, allow_nan=False)
    return written


@pytest.mark.parametrize("version", ["0.3", "0.4"])
def test_what_the_tables_do_not_hold_comes_back_as_it_was(version):
    written = again(NETWORK, version)
    (span,) = written["spans"]
    assert {key: span[key] for key in BEYOND} == BEYOND
    assert written["nodes"][0] == NODES[0]
    assert written["organisations"] == [VNPT]
    assert written["phases"] == [PHASE]
    assert written["contracts"] == [CONTRACT]
    assert span["supplier"] == {"id": "x", "name": "VNPT"}
    assert again(written, version) == written


def test_a_phase_that_geojson_spells_out_is_listed():
    properties = {**SPAN, "phase": PHASE, "featureType": "span"}
    feature = {"type": "Feature", "geometry": properties.pop("route"), "properties": properties}
    written = again({"type": "FeatureCollection", "features": [feature]})
    assert written["phases"] == [PHASE]
    assert written["spans"][0]["phase"] == {"id": "p1", "name": "Giai đoạn 1"}


def test_networks_with_the_same_ids_keep_their_phases_apart():
    def network(name):
        other = {**PHASE, "name": name}
        return {**NETWORK, "id": name, "phases": [other]}

    written = again({"networks": [network("one"), network("two")]})
    assert [phase["id"] for phase in written["phases"]] == ["one:p1", "two:p1"]
    assert [span["phase"]["id"] for span in written["spans"]] == ["one:p1", "two:p1"]
    assert written["contracts"][1]["relatedPhases"][0]["id"] == "two:p1"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("capacity", -1), ("capacity", float("nan")), ("darkFibre", "yes"), ("fibreType", "G.999"),
        ("deployment", ["inTheAir", "aboveGround"]), ("transmissionMedium", ["smoke"]),
        ("phase", {"name": "no id"}), ("technologies", ["a\x00b"]), ("countries", []),
    ],
)  # fmt: skip
def test_what_the_standard_does_not_allow_is_told_and_left_out(key, value):
    document = {**NETWORK, "spans": [{**SPAN, key: value}]}
    problems = carry_ofds(document, file="network.json").problems
    assert [problem.column for problem in problems] == ([f"spans.{key}"] if value else [])
    assert key not in again(document)["spans"][0]


@pytest.mark.parametrize(("levels", "kept"), [(7, True), (8, False)])
def test_what_lies_seven_levels_deep_is_kept_and_no_deeper(levels, kept):
    value: object = 1
    for _ in range(levels):
        value = {"in": value}
    document = {**NETWORK, "spans": [{**SPAN, "capacityDetails": value}]}
    assert (again(document)["spans"][0].get("capacityDetails") == value) is kept


def test_a_whole_number_beyond_any_float_is_written_back_as_it_came():
    details = {"strands": [-(10**24), 10**400]}
    document = {**NETWORK, "spans": [{**SPAN, "capacity": 10**24, "capacityDetails": details}]}
    span = again(document)["spans"][0]
    assert (span["capacity"], span["capacityDetails"]) == (10**24, details)


def test_a_span_in_parts_carries_its_fields_in_each():
    parts = [[[105, 22], [105, 22.1]], [[105, 22.2], [105, 22.3]]]
    route = {"type": "MultiLineString", "coordinates": parts}
    written = again({**NETWORK, "spans": [{**SPAN, "route": route}]})["spans"]
    assert [span["capacity"] for span in written] == [100.0, 100.0]


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=5,
)


def test_an_amount_is_a_finite_number_from_nothing_on():
    amounts = (0, 0.0, 2.5, -0.1, True, float("nan"), float("inf"), "1", None)
    assert [_amount(each) for each in amounts] == [True] * 3 + [False] * 6


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([*BEYOND, "capacityDetails", "contracts"]), junk))
def test_junk_is_written_back_by_the_rules_or_not_at_all(change):
    again({**NETWORK, "spans": [{**SPAN, **change}], "contracts": change.get("contracts")})
