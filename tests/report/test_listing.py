import pytest

from phusong.i18n import Bilingual
from phusong.report import list_files


@pytest.fixture
def folder(tmp_path):
    for name in (
        "geojson/communes.geojson", "geojson/schema/communes.schema.json",
        "geojson/schema/dictionary.json", "maps/overview.html", "rejected/cells.csv",
        "report/indicators.json", "report/tables.xlsx",
    ):  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * 10)
    return tmp_path


def test_every_file_is_listed_with_size_and_meaning(folder):
    listed = list_files(folder, {"maps/overview.html": Bilingual("Tổng hợp", "Overview")})
    assert [(file.path, file.size_bytes) for file in listed] == [
        ("geojson/communes.geojson", 10),
        ("geojson/schema/communes.schema.json", 10),
        ("geojson/schema/dictionary.json", 10),
        ("maps/overview.html", 10),
        ("rejected/cells.csv", 10),
        ("report/indicators.json", 10),
        ("report/tables.xlsx", 10),
        ("manifest.json", None),
    ]
    meanings = {file.path: file.meaning for file in listed}
    assert meanings["maps/overview.html"] == Bilingual("Tổng hợp", "Overview")
    assert meanings["geojson/communes.geojson"].vi == "Kết quả theo xã (GeoJSON, WGS 84)"
    assert meanings["rejected/cells.csv"].en == (
        "Rows not used, and why: Cells: one sector on one carrier"
    )


def test_a_file_whose_meaning_nobody_knows_is_a_fault(folder):
    with pytest.raises(KeyError):
        list_files(folder, {})
