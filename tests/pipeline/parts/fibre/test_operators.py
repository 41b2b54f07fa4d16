"""Operators are not one network: each alone, with those whose cable it may use, and all."""

import geopandas as gpd
import pandas as pd
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import InputError


def owned(folder, **suppliers):
    """Give spans of the chain of six communes to operators; an owner's ends are drawn loosely."""
    path = folder / "spans.geojson"
    spans = gpd.read_file(path).to_crs("EPSG:9209").set_index("id")
    for span, owner in suppliers.items():
        spans.loc[span, ["supplier", "start", "end"]] = owner, None, None
        # 12 m beside the others' cable, within the tolerance of 20 m.
        spans.loc[[span], "geometry"] = spans.loc[[span]].translate(0, 12)
    spans.reset_index().to_crs(4326).to_file(path, driver="GeoJSON")


def fibre(folder):
    return phusong.run(phusong.open_study(folder), parts=("fibre",))


def may_use(folder, line):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    text = text.replace("[fibre]\n", f"[fibre]\nmay_use = {line}\n", 1)
    (folder / "study.toml").write_text(text, encoding="utf-8")


def test_cable_of_one_operator_is_no_network_by_itself(folder):
    with_one = fibre(folder)
    assert with_one.fibre_operators is None
    owned(folder, S001="Viettel")
    may_use(folder, '{ VNPT = ["Viettel"] }')
    found = fibre(folder)
    table = found.fibre_operators.set_index(["basis", "cable_of"])
    # Together nothing has changed; the rival's span is all that joins VNPT's two cables.
    connected = {
        ("alone", "VNPT"): 2, ("alone", "Viettel"): 0, ("shared", "VNPT, Viettel"): 5,
        ("all", "VNPT, Viettel"): 5,
    }  # fmt: skip
    assert table["centres_connected"].to_dict() == connected
    assert table["centres_dark"].to_dict() == {key: 6 - n for key, n in connected.items()}
    assert table.loc[("alone", "VNPT"), "parts"] == 2
    assert table.loc[("all", "VNPT, Viettel"), "parts"] == 1
    assert table.loc[("shared", "VNPT, Viettel"), "operator"] == "VNPT"
    assert table["spans"].to_list() == [3, 1, 4, 4]
    assert table.loc[("all", "VNPT, Viettel"), "worst_span"] == "S000"
    told = {note.message: note.values for note in found.notes}["fibre.note_operators"]
    assert told == {"count": 2, "all": 5, "operator": "VNPT", "alone": 2}


def test_two_cables_side_by_side_are_two_ways_only_together(folder):
    path = folder / "spans.geojson"
    spans = gpd.read_file(path).to_crs("EPSG:9209")
    second = spans.iloc[:1].assign(id="V000", supplier="Viettel", start=None, end=None)
    first, last = spans.geometry.iloc[0].coords[0], spans.geometry.iloc[0].coords[-1]
    aside = (0.3 * (first[1] - last[1]), 0.3 * (last[0] - first[0]))
    middle = [(a + b) / 2 + c for a, b, c in zip(first, last, aside, strict=True)]
    second = second.set_geometry(gpd.GeoSeries.from_wkt(
        [f"LINESTRING ({first[0]} {first[1]}, {middle[0]} {middle[1]}, {last[0]} {last[1]})"],
        crs=spans.crs, index=second.index,
    ))  # fmt: skip
    both = gpd.GeoDataFrame(pd.concat([spans, second], ignore_index=True))
    both.to_crs(4326).to_file(path, driver="GeoJSON")
    table = fibre(folder).fibre_operators.set_index("basis")
    assert table.loc["alone", "centres_double"].to_list() == [1, 1]  # the hub's own
    assert table.loc["all", "centres_double"] == 2


def test_the_command_shows_the_network_of_each_operator(folder):
    owned(folder, S002="Viettel")
    shown = CliRunner().invoke(app, ["fibre", str(folder), "--lang", "en"]).stdout
    assert "The network by operator" in shown
    rows = [[cell.strip() for cell in line.split("│")] for line in shown.splitlines()]
    (mine,) = [row for row in rows if row[1:3] == ["One operator", "VNPT"]]
    assert mine[4:8] == ["2", "3", "3", "1"]


def test_an_operator_that_no_span_names_is_refused(folder):
    may_use(folder, '{ VNPT = ["Vietel"] }')
    with pytest.raises(InputError, match=r"fibre\.may_use\.VNPT.*'Vietel'.*Operators: VNPT"):
        phusong.check(phusong.open_study(folder))
