"""The rows behind a commune's figure add up to it, to the last decimal."""

from decimal import Decimal

import numpy as np
import pytest

FIRST_SERVED = 3  # 0: no cell reaches, 1 and 2: below the threshold


def exact(values):
    """Add numbers as they are written: with six decimals, without floating point."""
    return sum((Decimal(f"{value:.6f}") for value in values), Decimal(0))


@pytest.mark.parametrize("of", ["result", "written"])
def test_residents_and_ground_by_margin_add_up_to_every_figure_of_the_commune(of, request):
    import phusong

    found = request.getfixturevalue(of)
    if of == "written":
        found = phusong.open_result(found)
    margins, communes = found.commune_margins, found.communes.set_index("commune_code")
    assert set(margins["commune_code"]) == set(communes.index)
    some_split = 0
    for (code, service), rows in margins.groupby(["commune_code", "service"]):
        unit = communes.loc[code]
        served = rows[rows["margin_class"] >= FIRST_SERVED]
        some_split += 0 < len(served) < len(rows)
        for part, column, whole in (
            (rows, "population", "population"),
            (served, "population", f"covered_population_{service}"),
            (rows, "expected_covered_population", f"expected_covered_population_{service}"),
            (rows, "area_km2", "area_km2"),
            (served, "area_km2", f"covered_area_km2_{service}"),
        ):
            assert exact(part[column]) == exact([unit[whole]]), (code, whole)
    assert some_split >= 4


def test_the_stations_that_serve_a_commune_serve_all_who_are_covered(result):
    servers, communes = result.commune_servers, result.communes.set_index("commune_code")
    for code, unit in communes.iterrows():
        rows = servers[servers["commune_code"] == code]
        assert exact(rows["population"]) == exact([unit["covered_population_mobile"]]), code
        assert exact(rows["area_km2"]) == exact([unit["covered_area_km2_mobile"]]), code
        assert rows["population"].is_monotonic_decreasing
    assert set(servers["station_id"]) <= set(result.stations["station_id"])
    assert len(servers) > len(communes)


def test_a_class_is_that_of_the_raster(result):
    margin = result.raster("margin_db_mobile").to_numpy()
    people = result.population.to_numpy()
    inside = people > 0
    by_class = result.commune_margins.groupby("margin_class")["population"].sum()
    best = float(people[inside & (margin >= 10.0)].sum())
    assert by_class[4] == pytest.approx(
        best, rel=2e-3
    )  # pixels at the outer border lie half outside
    row = result.commune_margins.set_index("margin_class").loc[[2]].iloc[0]
    assert (row["margin_from_db"], row["margin_below_db"]) == (-10.0, 0.0)
    assert np.isnan(result.commune_margins.query("margin_class == 4")["margin_below_db"]).all()
