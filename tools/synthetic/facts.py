"""The facts a sample starts from, and where the commune table comes from.

`read_facts` reads the committed tables of ``data/<study>/facts``; each row of
theirs names its source. ``python -m synthetic.facts FOLDER`` rewrites
``communes.csv`` from the registry package vietnamadminunits (MIT licence),
which is needed for nothing else. Draws nothing.
"""

import sqlite3
import sys
import tomllib
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

PROVINCE_CODE = "02"
PACKAGE = "vietnamadminunits==1.0.4"
_PACKAGE_SOURCE = "vietnamadminunits 1.0.4 (MIT), danh mục 2020–2025"
_GSO = "Tổng cục Thống kê, danh mục 11/09/2019"
_MERGER = "dantocmiennui.vn 282051 (sáp nhập từ 01/01/2020)"

# Spelling of the General Statistics Office in 2019, where the package writes otherwise.
_NAMES_2019 = {
    "00712": "Phó Bảng",
    "00736": "Xà Phìn",
    "00829": "Sủng Tráng",
    "01060": "Sán Xả Hồ",
    "01087": "Nậm Tỵ",
}
# Code of 2017 → code of the package, which lists the successor. 01117 meant Ngán Chiên in 2017
# and means Trung Thịnh since 2020.
_SUCCESSORS = {"01078": "01075", "01117": "01117", "01111": "01117"}
# Name, population, km², and where in the successor's bounding box the centre is put (west to
# east, south to north): units merged in 2020 have no published centre.
_MERGED = {
    "01075": ("Nậm Dịch", 2097, 18.65, (0.71, 0.68)),
    "01078": ("Bản Péo", 1515, 11.91, (0.25, 0.30)),
    "01111": ("Trung Thịnh", 2354, 13.10, (0.55, 0.78)),
    "01117": ("Ngán Chiên", 4012, 16.85, (0.45, 0.25)),
}


@dataclass(frozen=True)
class Facts:
    """The committed tables, codes as text.

    Parameters
    ----------
    communes, districts, places, rivers, roads, relief : DataFrame
        As in the CSV files of the facts folder.
    province : dict
        Value by name, from province.toml.
    """

    communes: pd.DataFrame
    districts: pd.DataFrame
    places: pd.DataFrame
    rivers: pd.DataFrame
    roads: pd.DataFrame
    relief: pd.DataFrame
    province: dict[str, Any]

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east and north of all communes, degrees."""
        box = self.communes
        return box["west"].min(), box["south"].min(), box["east"].max(), box["north"].max()


def read_facts(folder: Path) -> Facts:
    """Read the facts tables of a study."""
    tables = {
        name: pd.read_csv(
            folder / f"{name}.csv",
            dtype={"commune_code": str, "district_code": str, "seat_code": str},
        )
        for name in ("communes", "districts", "places", "rivers", "roads", "relief")
    }
    stated = tomllib.loads((folder / "province.toml").read_text(encoding="utf-8"))
    return Facts(**tables, province={name: fact["value"] for name, fact in stated.items()})


def communes_of_2017(registry: Path) -> pd.DataFrame:
    """Return the 195 communes of 2017 from the package's list of 193.

    Parameters
    ----------
    registry : Path
        The SQLite file of vietnamadminunits.

    Returns
    -------
    DataFrame
        ``commune_code``, ``name``, ``type``, ``district_code``, centre ``lon``
        and ``lat``, bounding box ``west`` to ``north`` in degrees, and, where
        published, ``population`` and ``area_km2``; ``source`` in words.
    """
    query = (
        "SELECT wardCode, wardShort, wardType, districtCode, wardLat, wardLon, wardBounds "
        "FROM admin_units_legacy WHERE provinceCode = ?"
    )
    with closing(sqlite3.connect(f"{registry.as_uri()}?mode=ro", uri=True)) as database:
        listed = {row[0]: row for row in database.execute(query, (PROVINCE_CODE,))}
    rows = []
    for code in sorted({*listed, *_SUCCESSORS}):
        _, name, kind, district, lat, lon, bounds = listed[_SUCCESSORS.get(code, code)]
        low, high = bounds.split(" – ")
        south, west = map(float, low.split(","))
        north, east = map(float, high.split(","))
        row = {
            "commune_code": code,
            "name": _NAMES_2019.get(code, name),
            "type": kind.lower(),
            "district_code": district,
            "lon": lon,
            "lat": lat,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
            "population": None,
            "area_km2": None,
            "source": _PACKAGE_SOURCE + (f"; tên: {_GSO}" if code in _NAMES_2019 else ""),
        }
        if code in _MERGED:
            row["name"], row["population"], row["area_km2"], (x, y) = _MERGED[code]
            row["lon"] = round(west + x * (east - west), 6)
            row["lat"] = round(south + y * (north - south), 6)
            row["source"] = (
                f"mã, tên: {_GSO}; dân số, diện tích: {_MERGER}; khung: {_PACKAGE_SOURCE}, "
                "của xã sau sáp nhập; tâm: ước lượng"
            )
        rows.append(row)
    return pd.DataFrame(rows).astype({"population": "Int64"})


def main(folder: Path) -> None:
    """Rewrite communes.csv in a facts folder.

    Raises
    ------
    ModuleNotFoundError
        If the registry package is not installed.
    """
    package = find_spec(PACKAGE.partition("==")[0])
    if package is None or package.origin is None:
        raise ModuleNotFoundError(f"the communes are rebuilt from a package: pip install {PACKAGE}")
    communes = communes_of_2017(Path(package.origin).parent / "data" / "dataset.db")
    communes.to_csv(folder / "communes.csv", index=False, lineterminator="\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
