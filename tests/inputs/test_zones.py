"""Metres whose zone nobody named: the communes bear witness."""

import geopandas as gpd
import numpy as np
import pytest
from shapely import box

from phusong.grid import operation
from phusong.inputs import NATIONAL_ZONES, PROVINCIAL_ZONES, Witness
from phusong.tables import PLACES

STUDY = "EPSG:9209"
# Nine communes of 8 km around 104.99° E, 22.83° N.
CORNERS = [(447_572 + 8_000 * i, 2_526_143 + 8_000 * j) for i in range(3) for j in range(3)]
COMMUNES = gpd.GeoDataFrame(
    {
        "commune_code": [f"{i:05d}" for i in range(9)],
        "name": [
            "Phó Bảng", "Lũng Cú", "Má Lé", "Đồng Văn", "Sủng Là", "Xà Phìn", "Tả Phìn", "Pả Vi",
            "Lũng Phìn",
        ],
    },
    geometry=[box(x, y, x + 8_000, y + 8_000) for x, y in CORNERS],
    crs=STUDY,
)  # fmt: skip
WITNESS = Witness(COMMUNES)


def list_of(zone, *, named=True, per_commune=2):
    """Rows in each commune, their metres in a zone."""
    lines = ["place_id,name,kind,x_m,y_m" + (",Xã" if named else "")]
    way = operation(STUDY, zone)
    for i, (x, y) in enumerate(CORNERS):
        for k in range(per_commune):
            east, north = x + 2_000 + 3_000 * k, y + 4_000
            if way is not None:
                east, north = way.transform(east, north)
            commune = f",xã {COMMUNES['name'][i]}" if named else ""
            lines.append(f"p{i}{k},A,peak,{east:.2f},{north:.2f}{commune}")
    return "\n".join(lines)


def in_communes(table):
    return [int(COMMUNES.sindex.query(place)[0]) for place in table.geometry]


APART = [zone for zone in PROVINCIAL_ZONES if zone not in {STUDY, "EPSG:5899"}]


@pytest.mark.parametrize("zone", APART)
def test_the_zone_that_puts_rows_into_their_communes_is_taken_and_told(read, zone):
    checked = read("a.csv", PLACES, list_of(zone), witness=WITNESS)
    assert in_communes(checked.table) == [i for i in range(9) for _ in range(2)]
    assert checked.table.attrs["zone"] == zone
    (told,) = checked.problems
    assert told.message == "inputs.zone_taken"
    assert (told.values["inside"], told.values["all"]) == (0, 18)
    assert f"{zone} (VN-2000" in told.render("en")
    assert "18/18" in told.render("vi")


def test_the_studys_zone_stays_where_it_explains_the_rows(read):
    checked = read("a.csv", PLACES, list_of(STUDY), witness=WITNESS)
    assert checked.problems == ()
    assert checked.table.attrs["zone"] == STUDY


def test_zones_that_explain_the_rows_alike_are_asked_about(problems):
    """Of 105° there are two, 750 m apart at this latitude: of three degrees, and UTM."""
    content = list_of("EPSG:5897", named=False)
    (problem,) = problems("a.csv", PLACES, content, witness=WITNESS)
    assert problem.message == "inputs.zone_unsure"
    assert "EPSG:5897" in problem.values["zones"]
    assert "EPSG:3405" in problem.values["zones"]


@pytest.mark.parametrize(
    ("zone", "other"), [("EPSG:3405", "EPSG:5897"), ("EPSG:5897", "EPSG:3405")]
)
def test_two_scales_of_one_meridian_are_told_apart_by_rows_near_the_edge(read, zone, other):
    """Of 20 rows a commune those within 750 m of its southern or northern edge tell."""
    rows = list_of(zone, per_commune=1).splitlines()
    content = [rows[0]]
    for row in rows[1:]:
        key, *rest, east, north, commune = row.split(",")
        for k in range(20):
            up = float(north) - 3_900 + 390 * k
            content.append(",".join([f"{key}{k}", *rest, east, f"{up:.2f}", commune]))
    for taken in (STUDY, other):
        communes = COMMUNES.to_crs(taken)
        checked = read("a.csv", PLACES, "\n".join(content), witness=Witness(communes), crs=taken)
        assert checked.table.attrs["zone"] == zone
        (told,) = checked.problems
        assert told.message == f"inputs.{'utm' if zone == 'EPSG:3405' else 'zone'}_taken"
        assert ("EPSG:32648" in told.render("vi")) == (zone == "EPSG:3405")


def test_a_named_zone_that_the_communes_contradict_is_a_fault(problems):
    content = list_of("EPSG:9211")
    (problem,) = problems("a.csv", PLACES, content, witness=WITNESS, source_crs="EPSG:9210")
    assert problem.message == "inputs.zone_contradicts"
    assert problem.values["crs"] == "EPSG:9210"
    assert problem.values["zone"] == "EPSG:9211"
    assert "18/18" in problem.values["zones"]


def test_rows_that_no_zone_explains_stay_as_they_are_read(read):
    """Masts of the province beside: told where places lie outside every commune."""
    away = list_of(STUDY).replace("25", "24")
    checked = read("a.csv", PLACES, away, witness=WITNESS)
    assert [one.message for one in checked.problems] == ["inputs.communes_far"]


def test_codes_and_names_of_communes_are_both_witnesses(read):
    by_code = list_of("EPSG:9211").replace(",Xã", ",Mã xã")
    for code, name in zip(COMMUNES["commune_code"], COMMUNES["name"], strict=True):
        by_code = by_code.replace(f"xã {name}", code)
    checked = read("a.csv", PLACES, by_code, witness=WITNESS)
    assert checked.table.attrs["zone"] == "EPSG:9211"


@pytest.mark.parametrize("zone", [*PROVINCIAL_ZONES, *NATIONAL_ZONES])
def test_every_zone_leads_back_to_the_same_place(zone):
    way, back = operation("OGC:CRS84", zone), operation(zone, "OGC:CRS84")
    assert np.allclose(back.transform(*way.transform(104.99, 22.83)), (104.99, 22.83), atol=1e-7)


def test_a_row_far_from_the_commune_it_names_is_set_aside_and_many_are_told(read):
    rows = list_of(STUDY).splitlines()
    heading, first = rows[0], rows[1].split(",")
    first[3] = str(float(first[3]) + 96_000)
    found = read("a.csv", PLACES, "\n".join([heading, ",".join(first), *rows[2:]]),
                 witness=WITNESS, set_aside_faulty=True)  # fmt: skip
    assert found.rejected["row"].to_list() == [2]
    assert "lies 90.0 km from the commune it names" in found.rejected["reason_en"][0]
    elsewhere = [row.replace("Phó Bảng", "Lũng Phìn").replace("Đồng Văn", "Pả Vi")
                 .replace("Tả Phìn", "Lũng Cú") for row in rows[1:]]  # fmt: skip
    found = read("b.csv", PLACES, "\n".join([heading, *elsewhere]), witness=WITNESS)
    assert len(found.table) == len(elsewhere)
    assert "inputs.communes_far" in {one.message for one in found.problems}
