"""A line on the map, a way to the hub, and a report are three things; the board judges the way."""

import geopandas as gpd
import pandas as pd
import pytest

import phusong


def changed(folder, table, change):
    path = folder / table
    if path.suffix == ".csv":
        change(pd.read_csv(path, dtype=str)).to_csv(path, index=False)
    else:
        change(gpd.read_file(path)).to_file(path, driver="GeoJSON")


def fibre(folder):
    return phusong.run(phusong.open_study(folder), parts=("fibre",))


def shares(result):
    """Return what the board says of near, connected and reported."""
    board = result.indicators.set_index("indicator")
    names = [f"fibre_centres_{name}share" for name in ("near_", "", "reported_")]
    return board.loc[names, "computed"].to_list()


def definition(result, name):
    return result.indicators.set_index("indicator").loc[name, "definition_en"]


def told(result):
    return {note.message: note.values for note in result.notes}


def test_near_connected_and_reported_stand_beside_each_other(found):
    assert shares(found) == [pytest.approx(5 / 6)] * 3
    communes = found.communes
    for name in ("fibre_within_drop", "fibre_connected", "fibre_reported"):
        assert communes[name].to_list() == [True] * 5 + [False]
    assert set(communes["fibre_contradictions"]) == {""}
    assert "5 of 6 commune centres lie within 1,000 m, as a drop would be led" in definition(
        found, "fibre_centres_share"
    )
    assert told(found)["fibre.note_centres_cut_off"]["count"] == 1


def test_a_span_ready_only_later_serves_nobody_yet(folder):
    changed(folder, "spans.geojson", lambda spans: spans.assign(readyForServiceDate="2031-01-01"))
    later = fibre(folder)
    assert shares(later) == [0, 0, pytest.approx(5 / 6)]
    assert set(later.communes["fibre_connected"]) == {False}
    # The five whose offices report fibre all the same are named.
    assert told(later)["fibre.note_centres_reported_not_connected"]["count"] == 5
    assert told(later)["fibre.note_centres_cut_off"]["people"] == pytest.approx(
        later.communes["population"].sum()
    )


def test_a_missing_span_cuts_off_what_lies_beyond_though_lines_are_near(folder):
    changed(folder, "spans.geojson", lambda spans: spans[spans["id"] != "S001"])
    cut = fibre(folder)
    assert shares(cut) == [pytest.approx(5 / 6), pytest.approx(2 / 6), pytest.approx(5 / 6)]
    communes = cut.communes
    assert communes["fibre_connected"].to_list() == [True] * 2 + [False] * 4
    assert communes["fibre_contradictions"].to_list() == [
        *[""] * 2, *["reported_not_connected, near_not_connected"] * 3, "",
    ]  # fmt: skip
    off = told(cut)["fibre.note_centres_cut_off"]
    assert off["count"] == 4
    assert off["people"] == pytest.approx(communes["population"].iloc[2:].sum())
    offices = cut.offices.set_index("office_id")
    assert not offices.loc["VP006", "fibre_connected"]
    assert offices.loc["VP006", "fibre_contradictions"] == "reported_not_connected"


def test_reports_of_no_fibre_move_no_cable_but_are_told(folder):
    changed(folder, "offices.csv", lambda offices: offices.assign(has_fibre="False"))
    denied = fibre(folder)
    assert shares(denied) == [pytest.approx(5 / 6), pytest.approx(5 / 6), 0]
    assert told(denied)["fibre.note_centres_connected_reported_none"]["count"] == 5
    # Eight offices of three levels stand on the network; all but the last commune's.
    assert told(denied)["fibre.note_offices_connected_reported_none"]["count"] == 8


def test_reports_are_counted_of_how_many_and_never_guessed(folder):
    def silent(offices):
        commune = offices["level"] == "commune"
        return offices.assign(has_fibre=offices["has_fibre"].mask(commune & (commune.cumsum() > 2)))

    changed(folder, "offices.csv", silent)
    half = fibre(folder)
    row = half.indicators.set_index("indicator").loc["fibre_centres_reported_share"]
    told_of = row[["computed", "computed_most", "reported", "reported_of"]]
    assert told_of.to_list() == [pytest.approx(2 / 6), 1, 2, 6]
    words = definition(half, "fibre_centres_reported_share")
    assert "2 of 6 communes say that their office has fibre; 2 reported" in words
    assert "from 2 to 6 communes" in words
    assert half.communes["fibre_reported"].isna().to_list() == [False] * 2 + [True] * 4
    assert set(half.communes["fibre_contradictions"]) == {""}


def test_without_a_network_connection_is_unknown_unless_no_line_is_near(folder):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[fibre]"), text.index("[egov]")
    bare = '[fibre]\ndrop_length_m = 1000\nstatuses = ["operational"]\n\n'
    (folder / "study.toml").write_text(text[:start] + bare + text[end:], encoding="utf-8")
    plain = fibre(folder)
    connected = plain.communes["fibre_connected"]
    assert connected.isna().to_list() == [True] * 5 + [False]
    assert not connected.iloc[5]


def test_an_office_that_reports_nothing_has_fibre_only_if_it_is_connected(folder):
    def unsaid(offices):
        return offices.assign(has_fibre=None)

    changed(folder, "offices.csv", unsaid)
    changed(folder, "spans.geojson", lambda spans: spans[spans["id"] != "S001"])
    whole = phusong.run(phusong.open_study(folder), parts=("egov",)).offices
    assert set(whole["fibre_origin"]) == {"computed"}
    has = whole.set_index("office_id")["has_fibre"]
    assert has.loc[["VP003", "VP004", "VP005", "VP008"]].to_list() == [True, True, False, False]
