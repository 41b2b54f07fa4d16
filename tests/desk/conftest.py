"""A desk without a socket, and the files of an office."""

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

pytest.importorskip("starlette", reason="the extra desk is not installed")

from starlette.testclient import TestClient

from phusong.admin import units
from phusong.desk import Recent, StudyFolder
from phusong.desk.server import Desk, desk_app

TOKEN, HOST = "a-secret", "127.0.0.1:8123"
ORIGIN = {"origin": f"http://{HOST}"}


@pytest.fixture
def desk(tmp_path):
    return Desk(TOKEN, Recent(tmp_path / "recent.json"))


@pytest.fixture
def client(desk):
    app = desk_app(desk, TOKEN, (HOST,))
    return TestClient(app, base_url=f"http://{HOST}", follow_redirects=False)


@pytest.fixture
def study(desk, tmp_path):
    folder = StudyFolder.at(tmp_path / "study")
    folder.path.mkdir()
    return folder


@pytest.fixture
def at(desk, study):
    """Return how to write an address within the study."""
    root = desk.open(study)
    return lambda path="": root + path


@pytest.fixture
def results_at(desk, study, at):
    """Return how to write an address of the study's results."""
    return lambda path: f"/{desk.results_token}/{study.key}/{path}"


@pytest.fixture(scope="session")
def office_files(pristine, tmp_path_factory):
    """Return a list of stations, a shapefile of communes and an elevation model."""
    folder = tmp_path_factory.mktemp("office")
    cells = pd.read_csv(pristine / "cells.csv", dtype=str)
    sites = cells.groupby("site_id").agg({"lon": "first", "lat": "first"})
    book = openpyxl.Workbook()
    book.active.append(["DANH SÁCH TRẠM PHÁT SÓNG"])
    book.active.append(["Tên trạm", "Nhà mạng", "Công nghệ", "Băng tần", "Kinh độ", "Vĩ độ"])
    for number, (lon, lat) in enumerate(sites.itertuples(index=False)):
        book.active.append([f"T{number}", "Viettel", "4G", "1800", float(lon), float(lat)])
    book.save(folder / "danh sách trạm.xlsx")
    communes = gpd.read_file(pristine / "communes.geojson")
    listed = [unit for unit in units("2017").values() if unit.type == "xã"][: len(communes)]
    columns = {
        "MA_XA": [one.code for one in listed],
        "TEN_XA": [one.name for one in listed],
        "DAN_SO": communes["population"].fillna(1000),
    }
    shapes = gpd.GeoDataFrame(columns, geometry=communes.geometry, crs=communes.crs)
    shapes.to_file(folder / "ranh_gioi_xa.shp", encoding="utf-8")
    (folder / "do_cao.tif").write_bytes((pristine / "terrain.tif").read_bytes())
    return sorted(folder.iterdir())
