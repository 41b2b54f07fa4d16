"""Rows that name their commune instead of giving its code."""

import geopandas as gpd
import pytest
from shapely import box

from phusong.admin import units
from phusong.inputs import Witness
from phusong.tables import OFFICES, PRIORITIES, VILLAGES

OF_2017 = [unit for unit in units("2017").values() if unit.district in {"Đồng Văn", "Vị Xuyên"}]
WITNESS = Witness(
    gpd.GeoDataFrame(
        {
            "commune_code": [unit.code for unit in OF_2017],
            "name": [unit.name for unit in OF_2017],
            "type": [unit.type for unit in OF_2017],
            "district_code": [unit.district_code for unit in OF_2017],
            "district": [unit.district for unit in OF_2017],
        },
        geometry=[box(440_000, 2_500_000, 520_000, 2_600_000)] * len(OF_2017),
        crs="EPSG:9209",
    )
)


def villages(*rows, heading="village_id,name,lon,lat,Xã,Huyện"):
    places = (f"v{i},Tha,105.1,23.1,{row}" for i, row in enumerate(rows))
    return "\n".join([heading, *places])


def test_names_become_codes_and_the_evidence_is_told(read):
    content = villages("Đồng Văn,Đồng Văn", "xã Lũng Cú,H. Đồng Văn", "Thuận Hòa,Vị Xuyên",
                       "Sà Phìn,Đồng Văn", "Ma Le,Đồng Văn")  # fmt: skip
    checked = read("a.csv", VILLAGES, content, witness=WITNESS)
    by_id = checked.table.set_index("village_id")["commune_code"]
    assert by_id.to_list() == ["00721", "00715", "00922", "00736", "00718"]
    (told,) = checked.problems
    assert told.render("en") == (
        "a.csv, column Xã: 5 rows name their commune instead of its code: 2 to the letter, "
        "1 with other accents, i/y, hyphens or capitals, 1 by a name of another edition, "
        "1 without accents or with a slip. Least alike: “Ma Le” "
        "was taken for Má Lé, Đồng Văn (00718), 60 % alike."
    )


def test_names_to_the_letter_are_told_as_that(read):
    checked = read("a.csv", VILLAGES, villages("Lũng Cú,"), witness=WITNESS)
    assert [told.message for told in checked.problems] == ["inputs.communes_by_name"]


def test_names_in_the_column_of_codes_are_understood_beside_codes(read):
    heading = "village_id,name,lon,lat,Mã xã"
    content = villages("00715", "Lũng Cú", "715", heading=heading)
    checked = read("a.csv", VILLAGES, content, witness=WITNESS, set_aside_faulty=True)
    assert checked.table["commune_code"].to_list() == ["00715", "00715"]
    assert [problem.row for problem in checked.problems if problem.row] == [4]


def test_what_is_unsure_is_one_fault_with_its_candidates(problems):
    content = villages("Lũng Cú,Đồng Văn", "Hà Giang 9,Đồng Văn", "Lũng Cúuu,")
    unknown, unsure = problems("a.csv", VILLAGES, content, witness=WITNESS)
    if unknown.message != "inputs.commune_unknown":
        unknown, unsure = unsure, unknown
    assert (unknown.row, unsure.row) == (3, 4)
    assert unsure.message == "inputs.commune_unsure"
    assert "00715 xã Lũng Cú, Đồng Văn" in unsure.render("vi")


def test_offices_are_read_so_and_tables_without_places_too(read):
    offices = "\n".join(
        [
            "office_id,name,level,lon,lat,Xã",
            "o1,UBND,commune,105.1,23.1,Lũng Cú",
            "o2,UBND,district,105.1,23.1,TT Đồng Văn",
        ]
    )
    table = read("a.csv", OFFICES, offices, witness=WITNESS).table
    assert table["commune_code"].to_list() == ["00715", "00721"]
    priorities = read("b.csv", PRIORITIES, "Xã,priority\nLũng Cú,3\n", witness=WITNESS).table
    assert priorities["commune_code"].to_list() == ["00715"]


def test_without_communes_nothing_is_understood_by_name(problems):
    faults = problems("a.csv", VILLAGES, villages("Lũng Cú,Đồng Văn"))
    assert [fault.message for fault in faults] == ["inputs.missing_column"]


@pytest.mark.parametrize("name", ["=1+1", "{0}", "<script>", "\u202exã", "x" * 1000])
def test_a_hostile_name_is_text(problems, name):
    (fault,) = problems("a.csv", VILLAGES, villages(f"{name},"), witness=WITNESS)
    assert (fault.message, fault.row, fault.values["name"]) == ("inputs.commune_unknown", 2, name)
