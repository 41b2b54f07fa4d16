"""Tables that name rows of each other."""

import pandas as pd

from phusong.inputs import check_references

COMMUNES = pd.DataFrame({"commune_code": ["00715", "00718"]})


def test_codes_that_exist_have_nothing_to_tell():
    villages = pd.DataFrame({"village_id": ["v1"], "commune_code": ["00715"]})
    assert check_references({"communes": COMMUNES, "villages": villages}) == ()


def test_unknown_code_is_told_once_with_its_rows_and_file():
    villages = pd.DataFrame(
        {"village_id": ["v1", "v2", "v3"], "commune_code": ["00751", "00715", "00751"]}
    )
    villages.attrs["file"] = "villages.csv"
    (problem,) = check_references({"communes": COMMUNES, "villages": villages})
    assert problem.render("en") == (
        "villages.csv, column commune_code, value '00751': "
        "Not found in the table communes; 2 rows name it, the first is v1."
    )


def test_spans_must_end_at_nodes_but_need_not_name_them():
    spans = pd.DataFrame({"id": ["s1", "s2"], "start": ["n1", None], "end": ["n9", None]})
    nodes = pd.DataFrame({"id": ["n1"]})
    (problem,) = check_references({"spans": spans, "nodes": nodes})
    assert (problem.file, problem.column, problem.value) == ("spans", "end", "n9")


def test_absent_table_is_not_asked():
    offices = pd.DataFrame({"office_id": ["o1"], "commune_code": ["99999"]})
    assert check_references({"offices": offices}) == ()
