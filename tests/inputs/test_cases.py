"""Small studies that went wrong somewhere, each with what is right, where they are at hand."""

import pytest

import phusong
from phusong.errors import InputError
from phusong.pipeline.load import load

REFUSED = {
    "05_ofds_vertex_outside": "fibre.ofds_outside",
    "09_population_density": "pipeline.population_disagrees",
    "14_xlsx_password": "inputs.protected_workbook",
    "26_register_headings": "inputs.missing_column",
}
ROWS = {
    "01_gpkg_stale_count": {"communes": 4},
    "03_shp_cpg_1258": {"roads": 2},
    "07_ofds_geojson_two_files": {"nodes": 2, "spans": 1},
    "08_ofds_span_without_status": {"spans": 1},
    "11_on_air_utc": {"cells": 3},
    "12_xlsx_strict": {"offices": 2},
    "13_xlsx_odd_style": {"offices": 2},
    "16_xlsx_merged_down": {"cells": 6},
    "17_two_tiers_2025": {"communes": 3},
    "18_geojson_feature_id": {"communes": 4},
    "20_technology_names": {"cells": 3},
    "23_measurements": {"measurements": 2},
    "25_kml_routes": {"spans": 1},
}


@pytest.fixture
def case(checkout):
    """Return how to open a case; without the folder a test skips."""

    def opened(name):
        folder = checkout.parent / "shared" / "cases" / name
        if not folder.is_dir():
            pytest.skip(f"../shared/cases/{name} is not there; it was made for this project")
        return phusong.open_study(folder)

    return opened


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_right_is_refused_with_its_reason(case, name):
    with pytest.raises(InputError) as refused:
        phusong.check(case(name))
    assert REFUSED[name] in {problem.message for problem in refused.value.problems}


@pytest.mark.parametrize("name", ROWS)
def test_what_can_be_read_is_read_whole(case, name):
    tables = load(case(name)).tables
    assert {table: len(tables[table]) for table in ROWS[name]} == ROWS[name]


def test_a_moment_in_utc_is_the_day_after_in_vietnam(case):
    cells = load(case("11_on_air_utc")).tables["cells"]
    assert {f"{day:%Y-%m-%d}" for day in cells["on_air_from"]} == {"2018-01-01"}
