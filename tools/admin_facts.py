"""Make the lists of communes that `phusong.admin` ships, from the sources that its page names.

    python tools/admin_facts.py vietnamadminunits-1.0.4-py3-none-any.whl ha_giang_2019.csv

The second file has the 195 communes of Hà Giang by the list of 11 September 2019: old_code,
old_name, old_type, old_district, old_district_code, and code_2020, which each has since 2020.
"""

import csv
import gzip
import io
import json
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

HOME = Path(__file__).resolve().parents[1] / "coverage" / "phusong" / "admin"
OLD = """SELECT provinceKey, districtKey, wardKey, wardCode, wardShort, wardType, districtCode,
         districtShort, provinceCode FROM admin_units_legacy WHERE wardCode IS NOT NULL"""
NEW = "SELECT provinceKey, wardKey, wardCode, wardShort, wardType, provinceCode FROM admin_units"
UNITS = ("edition", "province_code", "district_code", "district", "code", "name", "type")
CORRECTED = {"06970": "06978"}
"""Codes of 2025 that Decision 19/2025/QĐ-TTg has otherwise than the source; its page tells why."""
TYPES = {"10543": "phường", "11848": "xã", "31213": "phường", "31299": "xã"}
"""Types of 2025 that the decision, and vietnam-provinces 2025.10.1, have otherwise too."""
LINKS = ("from_edition", "from_code", "to_edition", "to_code", "part")


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write rows, the same bytes each time."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(sorted(set(map(tuple, rows))))
    (HOME / name).write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))


def main(wheel: str, ha_giang: str) -> None:
    """Read the sources and write the two tables."""
    with zipfile.ZipFile(wheel) as package, tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(package.read("vietnamadminunits/data/dataset.db"))
        base = sqlite3.connect(file.name)
        old = {"_".join(row[:3]): row[3:] for row in base.execute(OLD)}
        new = {row[:2]: row[2:] for row in base.execute(NEW)}
        new = {key: (CORRECTED.get(code, code), *rest) for key, (code, *rest) in new.items()}
        moved = json.loads(package.read("vietnamadminunits/data/converter_2025.json"))
    units = [
        ("2024", province, district_code, district, code, name, kind.lower())
        for code, name, kind, district_code, district, province in old.values()
    ]
    units += [
        ("2025", province, "", "", code, name, TYPES.get(code, kind.lower()))
        for code, name, kind, province in new.values()
    ]
    links = [
        ("2024", old[key][0], "2025", new[province, ward][0], "")
        for province, wards in moved["DICT_PROVINCE_WARD_NO_DIVIDED"].items()
        for ward, keys in wards.items()
        for key in keys
        if key in old  # the five island districts had no communes
    ]
    links += [
        ("2024", old[key][0], "2025", new[province, one["newWardKey"]][0],
         "main" if one["isDefaultNewWard"] else "other")
        for province, wards in moved["DICT_PROVINCE_WARD_DIVIDED"].items()
        for key, parts in wards.items()
        for one in parts
    ]  # fmt: skip
    with Path(ha_giang).open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            units.append(
                ("2017", "02", row["old_district_code"], row["old_district"].removeprefix("Huyện ")
                 .removeprefix("Thành phố "), row["old_code"], row["old_name"], row["old_type"])
            )  # fmt: skip
            links.append(("2017", row["old_code"], "2024", row["code_2020"], ""))
    write("units.csv.gz", UNITS, units)
    write("links.csv.gz", LINKS, links)


if __name__ == "__main__":
    main(*sys.argv[1:])
