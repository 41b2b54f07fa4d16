"""The path inspector of a study: the level of the map, a picture that is the same twice, faults."""

import html
import re
from dataclasses import replace
from xml.etree import ElementTree

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import OutputError, PathError
from phusong.grid import grid_of, operation

cli = CliRunner()


@pytest.fixture(scope="module")
def hidden(result):
    """Return a path whose receiver lies in a gap of the first service behind terrain."""
    service = result.study.services[0].id
    rasters = result.services[service]
    in_gap = (rasters.margin_db < 0) & (rasters.obstacle_distance_m > 0)
    row, column = np.argwhere(in_gap.to_numpy())[0]
    grid = grid_of(rasters.margin_db)
    x, y = grid.x_m[column], grid.y_m[row]
    to = operation(result.study.crs, "OGC:CRS84").transform(x, y)
    cell = result.cells["cell_id"].iloc[int(rasters.best_server[row, column])]
    return result.profile(cell, to=to), service, (row, column)


def test_a_gap_is_explained_by_the_ridge_of_the_rasters(result, hidden):
    path, service, pixel = hidden
    rasters = result.services[service]
    assert path.inspection.level_dbm == pytest.approx(float(rasters.level_dbm[pixel]), abs=1e-4)
    verdict = next(each for each in path.inspection.verdicts if each.service == service)
    assert verdict.margin_db == pytest.approx(float(rasters.margin_db[pixel]), abs=1e-4)
    assert not verdict.served
    obstacle = path.inspection.obstacle
    assert obstacle.to_receiver_m == pytest.approx(float(rasters.obstacle_distance_m[pixel]))
    assert obstacle.ground_m == pytest.approx(float(rasters.obstacle_ground_m[pixel]), abs=1e-3)
    assert path.headline("en").startswith("Hidden: a point at")
    assert path.headline("vi").startswith("Bị che: điểm cao")


def test_the_same_without_running_the_study(hidden, pristine):
    path, *_ = hidden
    study = phusong.open_study(pristine)
    alone = phusong.path_profile(study, path.cell["cell_id"], to=path.to)
    pd.testing.assert_frame_equal(alone.section, path.section)
    pd.testing.assert_frame_equal(alone.budget(), path.budget())


def test_only_the_needed_tables_are_read(hidden, folder):
    path, *_ = hidden
    (folder / "offices.csv").write_text("nothing of use", encoding="utf-8")
    (folder / "population.tif").write_bytes(b"no raster")
    found = phusong.path_profile(phusong.open_study(folder), path.cell["cell_id"], to=path.to)
    assert found.inspection.level_dbm == path.inspection.level_dbm


def test_budget_adds_up_to_the_level_and_to_every_margin(hidden):
    path, service, _ = hidden
    for lang in ("vi", "en"):
        budget = path.budget(lang)
        common = budget[budget["service"] == ""]
        level = common["value"].iloc[-1]
        assert common["value"].iloc[:-1].sum() == pytest.approx(level)
        own = budget[budget["service"] == service]
        threshold, *allowances, margin = own["value"]
        assert level - threshold + sum(allowances) == pytest.approx(margin)


def test_section_goes_to_the_point_in_degrees(hidden):
    path, *_ = hidden
    ends = path.section[["longitude", "latitude"]].iloc[-1]
    # one pixel of the study's 90 m or so is 0.0009 degrees
    assert ends.to_numpy() == pytest.approx(path.to, abs=0.0009)


def test_files_are_the_same_twice(hidden, tmp_path):
    path, *_ = hidden
    for name in ("a", "b"):
        written = path.write(tmp_path / name)
        assert [file.name for file in written] == [
            "section.png", "section.svg", "section.csv", "budget.csv",
        ]  # fmt: skip
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
    (picture,) = path.write(tmp_path / "one.svg", lang="en")
    assert b"<dc:date>" not in picture.read_bytes()
    table = pd.read_csv(tmp_path / "a" / "section.csv", encoding="utf-8-sig")
    assert len(table) == len(path.section)


def test_picture_of_another_kind_is_refused(hidden, tmp_path):
    path, *_ = hidden
    with pytest.raises(OutputError, match=r"x\.JPG cannot be written: pictures are \.png, \.svg"):
        path.write(tmp_path / "x.JPG")
    assert list(tmp_path.iterdir()) == []


def test_notebook_shows_the_picture(hidden):
    path, *_ = hidden
    assert path._repr_png_()[:8] == b"\x89PNG\r\n\x1a\n"
    way = f"{path.cell['cell_id']} → {path.to[0]}, {path.to[1]}"
    level = f"{path.inspection.level_dbm:.1f}".replace("-", "−")
    assert repr(path) == f"<PathProfile {way}: {level} dBm>"


def test_planned_cell_is_looked_at_and_told(hidden, folder):
    path, *_ = hidden
    cells = pd.read_csv(folder / "cells.csv", dtype=str)
    cells.loc[cells["cell_id"] == path.cell["cell_id"], "status"] = "planned"
    cells.to_csv(folder / "cells.csv", index=False)
    found = phusong.path_profile(phusong.open_study(folder), path.cell["cell_id"], to=path.to)
    assert found.inspection.level_dbm == path.inspection.level_dbm
    told = found.headline("en").removeprefix(path.headline("en"))
    assert told == f" The cell is not on air on {found.study.as_of.isoformat()}."
    assert found.headline().endswith(f"không phát sóng vào ngày {found.study.as_of:%d/%m/%Y}.")


def test_one_long_name_leaves_room_for_the_others(hidden):
    path, *_ = hidden
    long = replace(path, cell={**path.cell, "site_name": "Trạm " * 99, "operator": "O" * 500})
    first, second, *_ = [text.get_text() for text in long.figure("en").axes[0].texts]
    assert re.fullmatch(rf"Path from (Trạm )+Trạm… \({path.cell['cell_id']}\) to .* N", first)
    away_km = path.inspection.distance_m / 1000
    cell = f"{path.cell['technology']} 2,100 MHz · cell facing 310° · {away_km:.2f} km long"
    told = rf"Sample data – boundaries have no legal value · O+… · {re.escape(cell)}"
    assert re.fullmatch(told, second)


def test_names_from_files_are_only_text_in_the_picture(hidden, tmp_path):
    path, *_ = hidden
    cell = {**path.cell, "site_name": "$\\frac{1}{0}$ <script>\n\u202eMèo", "operator": "$x_"}
    hostile = replace(path, cell=cell)
    (picture,) = hostile.write(tmp_path / "x.svg")
    title, *_ = picture.read_text("utf-8").partition("<title>")[2].partition("</title>")
    shown = html.unescape(title)
    assert shown.startswith(r"Đường truyền từ $\frac{1}{0}$ <script>\n\u202eMèo (")
    assert [node for node in ElementTree.parse(picture).iter() if "script" in str(node.tag)] == []


def test_unknown_cell_names_those_alike(result, hidden):
    path, *_ = hidden
    wrong = path.cell["cell_id"].lower().replace("-", " ", 1)
    with pytest.raises(PathError, match="Most alike: .*" + path.cell["cell_id"]):
        result.profile(wrong, to=path.to)


def test_points_that_are_none_or_elsewhere_are_refused(result, hidden):
    cell = hidden[0].cell["cell_id"]
    with pytest.raises(PathError, match="Write longitude first"):
        result.profile(cell, to=(22.8, 105.0))
    with pytest.raises(PathError, match=r"outside the study's terrain \(longitude 104"):
        result.profile(cell, to=(100.0, 22.8))
    with pytest.raises(PathError, match="is no longitude and latitude"):
        result.profile(cell, to=(float("nan"), 22.8))


def test_study_without_terrain_says_what_it_needs(hidden, folder):
    toml = (folder / "study.toml").read_text(encoding="utf-8")
    lines = [line for line in toml.splitlines() if not line.startswith("terrain = ")]
    (folder / "study.toml").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(PathError, match="needs cells, communes, terrain"):
        phusong.path_profile(phusong.open_study(folder), "x", to=(105.0, 22.8))


def test_command_prints_the_budget_and_writes_where_told(hidden, pristine, tmp_path):
    path, *_ = hidden
    to = f"{path.to[0]:.6f},{path.to[1]:.6f}"
    asked = ["profile", str(pristine), "--cell", path.cell["cell_id"], "--to", to]
    done = cli.invoke(app, [*asked, "--out", str(tmp_path / "path.png"), "--lang", "en"])
    assert done.exit_code == 0, done.stderr
    assert "Hidden: a point at" in done.stdout
    assert "Median level outdoors" in done.stdout
    assert "path.png" in done.stdout.replace("\n", "")
    assert (tmp_path / "path.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("to", ["104,98 22,83", "104.98", "a,b", "", "1,2,3"])
def test_command_refuses_what_is_no_point(pristine, to):
    done = cli.invoke(app, ["profile", str(pristine), "--cell", "x", "--to", to, "--lang", "en"])
    assert done.exit_code == 2
    assert "is no point" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_point_alone_takes_the_best_server_of_the_rasters(result):
    for service in result.study.services:
        rasters = result.services[service.id]
        server, grid = rasters.best_server.to_numpy(), grid_of(rasters.margin_db)
        known = np.argwhere(server >= 0)
        way = operation(result.study.crs, "OGC:CRS84")
        for row, column in known[:: len(known) // 5]:
            to = way.transform(grid.x_m[column], grid.y_m[row])
            path = result.profile(to=to, service=service.id)
            assert path.cell["cell_id"] == result.cells["cell_id"].iloc[server[row, column]]


def test_a_point_alone_asks_for_the_first_service(hidden, result, pristine):
    path, *_ = hidden
    alone = phusong.path_profile(phusong.open_study(pristine), to=path.to)
    assert alone.cell["cell_id"] == path.cell["cell_id"]
    assert result.profile(to=path.to).cell["cell_id"] == path.cell["cell_id"]


def test_a_point_that_no_cell_reaches_is_told_the_nearest_station(result, hidden):
    path, *_ = hidden
    # the least EIRP that a file may state is heard no farther than some hundred metres
    far = result.cells.iloc[:3].assign(rs_eirp_dbm=-20.0)
    silent = phusong.what_if(result, far, threads=1)
    place = gpd.GeoSeries.from_xy(*([each] for each in path.to), crs=4326).to_crs(far.crs)
    away_m = far.distance(place.iloc[0])
    told = rf"nearest station.* \(cell {far.loc[away_m.idxmin(), 'cell_id']}\)"
    with pytest.raises(PathError, match=f"{told}, is {away_m.min() / 1000:.1f} km away"):
        silent.profile(to=path.to)
    with pytest.raises(PathError, match="no cell on air for the service"):
        phusong.what_if(result, far.iloc[:0], threads=1).profile(to=path.to)


def test_service_is_known_and_never_beside_a_cell(result, hidden):
    path, service, _ = hidden
    with pytest.raises(PathError, match="has no service 6g"):
        result.profile(to=path.to, service="6g")
    with pytest.raises(PathError, match="not both"):
        result.profile(path.cell["cell_id"], to=path.to, service=service)


def test_command_takes_a_point_alone(hidden, pristine):
    path, *_ = hidden
    to = f"{path.to[0]:.6f},{path.to[1]:.6f}"
    asked = ["profile", str(pristine), "--to", to, "--lang", "en"]
    done = cli.invoke(app, asked)
    assert done.exit_code == 0, done.stderr
    named = cli.invoke(app, [*asked, "--cell", path.cell["cell_id"]])
    assert path.cell["cell_id"] in done.stdout
    assert named.stdout in done.stdout
