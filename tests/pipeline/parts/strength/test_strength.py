"""Sites and operators that people hang on: against a prediction without them."""

import numpy as np
import pandas as pd
import pytest

import phusong


def served_people(result):
    """Return the residents of the province whom the raster calls served."""
    findings = result.gathered.found.findings
    units = findings["territory"].record.units
    margin = findings["coverage"].record.services["mobile"].margin_db.to_numpy().ravel()
    people = units.residents.province.people
    return float(people.data[margin[people.indices] >= 0].sum())


def with_cells(result, wanted):
    """Return the result had it these cells alone."""
    cells = result.gathered.loaded.tables["cells"]
    return phusong.what_if(result, cells[wanted(cells)])


def test_site_that_fails_takes_the_people_that_a_prediction_without_it_misses(result):
    sites = result.tables["sites"][0]
    assert sites["rank"].to_list() == list(range(1, len(sites) + 1))
    lost = sites["only_population_mobile"]
    assert (np.diff(lost) <= 0).all()
    assert (lost <= sites["best_population_mobile"]).all()
    everybody = served_people(result)
    assert sites["best_population_mobile"].sum() == pytest.approx(everybody)
    worst = sites["site_id"][0]
    without = with_cells(result, lambda cells: cells["site_id"] != worst)
    assert lost[0] > 0
    assert lost[0] == pytest.approx(everybody - served_people(without))
    assert "sites" not in without.tables  # what would be lost then, nobody asked


def test_operators_serve_lose_and_gain_what_predictions_of_them_tell(result):
    operators = result.tables["operator_strength"][0].set_index("operator")
    sharing = result.tables["operator_sharing"][0].set_index(["operator", "host"])
    everybody, one, host = served_people(result), "MobiFone", "VinaPhone"
    without = served_people(with_cells(result, lambda cells: cells["operator"] != one))
    alone = served_people(with_cells(result, lambda cells: cells["operator"] == one))
    both = served_people(with_cells(result, lambda cells: cells["operator"].isin([one, host])))
    row = operators.loc[one]
    assert row["only_population"] == pytest.approx(everybody - without)
    assert row["served_population"] == pytest.approx(alone)
    people = result.communes["population"].sum()
    assert row["served_share"] == pytest.approx(alone / people, rel=1e-6)
    assert row["roaming_population"] == pytest.approx(everybody - alone)
    gained = sharing["gained_population"]
    assert gained[one, host] == pytest.approx(both - alone)
    assert row["best_host"] == gained[one].idxmax()
    assert row["best_host_population"] == gained[one].max()
    stations = result.stations
    assert row["stations"] == (stations["operator"] == one).sum()


def test_board_tells_the_share_that_hangs_on_one_site(result):
    sites = result.tables["sites"][0]
    board = result.indicators.set_index("indicator")
    expected = sites["only_population_mobile"].sum() / sites["best_population_mobile"].sum()
    assert board["computed"]["single_site_share_mobile"] == pytest.approx(expected)
    assert 0 < expected < 1


def test_shared_sites_are_those_of_two_operators(result):
    board = result.indicators.set_index("indicator")["computed"]
    assert board["shared_sites_share"] == 0  # the small study gives each operator its own
    cells = result.gathered.loaded.tables["cells"].copy()
    at = cells.index[cells["operator"] == "Viettel"][0]
    moved = cells["station_id"] == cells["station_id"][at]
    cells.loc[moved, "site_id"] = cells.loc[cells["operator"] == "MobiFone", "site_id"].iloc[0]
    shared = phusong.what_if(result, cells).indicators.set_index("indicator")["computed"]
    assert shared["shared_sites_share"] == pytest.approx(1 / 8)


def test_batteries_tell_who_has_signal_after_how_many_hours(folder, result, small_losses):
    assert "power_cut" not in result.tables  # no battery is told
    cells = pd.read_csv(folder / "cells.csv", dtype={"site_id": str})
    first = cells["site_id"].min()
    cells["battery_hours"] = np.where(cells["operator"] == "MobiFone", np.nan, 4.0)
    cells.loc[cells["site_id"] == first, "battery_hours"] = 8.0
    cells.to_csv(folder / "cells.csv", index=False)
    found = phusong.run(
        phusong.open_study(folder), parts=["strength"], threads=1, cache_folder=small_losses
    )
    table = found.tables["power_cut"][0]
    assert table["hours"].to_list() == [0.0, 4.0, 8.0]
    assert table["served_population_mobile"][0] == pytest.approx(served_people(result))
    lasting = with_cells(result, lambda cells: cells["operator"] != "MobiFone")
    assert table["served_population_mobile"][1] == pytest.approx(served_people(lasting))
    longest = with_cells(result, lambda cells: cells["site_id"] == first)
    assert table["served_population_mobile"][2] <= served_people(longest) + 1e-6
    sites = found.tables["sites"][0].set_index("site_id")["battery_hours"]
    assert sites[first] == 8.0
    assert sorted(set(sites.dropna())) == [4.0, 8.0]
    assert sites.isna().any()
