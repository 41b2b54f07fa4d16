"""Facts: each names its source, and the commune table follows from the registry."""

import sqlite3
from contextlib import closing

import pandas as pd
import pytest

from synthetic import facts as facts_module
from synthetic.facts import communes_of_2017, read_facts


@pytest.fixture
def registry(tmp_path):
    """Return a registry of four units of the list of 2020, in the package's layout."""
    path = tmp_path / "dataset.db"
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE admin_units_legacy (provinceCode, wardCode, wardShort, wardType, "
            "districtCode, wardLat, wardLon, wardBounds)"
        )
        database.executemany(
            "INSERT INTO admin_units_legacy VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                ("02", "00712", "Phố Bảng", "Thị trấn", "026", 23.2, 105.2, "23,105 – 24,106"),
                ("02", "01075", "Nậm Dịch", "Xã", "032", 22.6, 104.7, "22.5,104.6 – 22.7,104.8"),
                ("02", "01117", "Trung Thịnh", "Xã", "033", 22.7, 104.5, "22.6,104.4 – 22.8,104.6"),
                ("04", "01240", "Elsewhere", "Xã", "040", 22.7, 106.0, "22.6,105.9 – 22.8,106.1"),
            ],
        )  # fmt: skip
    return path


def test_units_merged_in_2020_return_beside_their_successors(registry):
    communes = communes_of_2017(registry).set_index("commune_code")
    assert communes["name"].to_dict() == {
        "00712": "Phó Bảng",  # spelling of 2019
        "01075": "Nậm Dịch",
        "01078": "Bản Péo",
        "01111": "Trung Thịnh",
        "01117": "Ngán Chiên",  # since 2020 this code means Trung Thịnh
    }
    assert (communes["lon"].between(communes["west"], communes["east"])).all()
    assert (communes["lat"].between(communes["south"], communes["north"])).all()
    assert communes.loc[["01111", "01117"], ["lon", "lat"]].nunique().to_list() == [2, 2]
    # Nậm Dịch after the merger: 30.56 km², 3,612 people.
    both = communes.loc[["01075", "01078"]]
    assert both["area_km2"].sum() == pytest.approx(30.56)
    assert both["population"].sum() == 3612


def test_missing_registry_package_is_named_with_its_remedy(monkeypatch, tmp_path):
    monkeypatch.setattr(facts_module, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match=r"pip install vietnamadminunits==1\.0\.4"):
        facts_module.main(tmp_path)


def test_every_committed_fact_names_its_source(checkout):
    folder = checkout / "data" / "ha-giang" / "facts"
    facts = {path.stem: pd.read_csv(path) for path in folder.glob("*.csv")}
    unsourced = {name: table["source"].isna().sum() for name, table in facts.items()}
    assert unsourced == dict.fromkeys(
        ("communes", "districts", "places", "relief", "rivers", "roads"), 0
    )


def test_committed_facts_cover_the_province(checkout):
    facts = read_facts(checkout / "data" / "ha-giang" / "facts")
    assert len(facts.communes) == 195
    assert len(facts.districts) == 11
    assert set(facts.roads["commune_code"].dropna()) <= set(facts.communes["commune_code"])
    assert set(facts.districts["seat_code"]) <= set(facts.communes["commune_code"])
    assert facts.bounds == pytest.approx((104.334, 22.166, 105.589, 23.393), abs=0.001)
