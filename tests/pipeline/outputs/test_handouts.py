"""Sheets to hand out tell the folder's figures, to each audience what it may have."""

import re
from dataclasses import replace as with_

import geopandas as gpd
import numpy as np
import pytest
from matplotlib.backends.backend_pdf import PdfPages
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import ExportError, InputError
from phusong.export import open_finished, plain_layer, write_geojson, write_manifest
from phusong.i18n import number, percent
from phusong.maps.paper_text import printable
from phusong.pipeline.outputs import handouts
from phusong.pipeline.outputs.folder import inputs_of
from phusong.tables import PLANNED_SITES

DARK = "00715"  # the commune of the one village without signal


@pytest.fixture
def told(monkeypatch, written, tmp_path):
    """Return what stands on the sheets, none of them drawn."""

    def of(**asked):
        kept = []

        def keep(sheets, path, **_):
            kept.extend(sheets)
            path.touch()
            return len(kept)

        for name in ("write_commune_sheets", "write_village_cards"):
            monkeypatch.setattr(handouts, name, keep)
        phusong.print_sheets(written, tmp_path / "told.pdf", replace=True, **asked)
        return kept

    return of


def words(sheet):
    rows = (row for table in sheet.tables for row in (table.headings, *table.rows))
    return " | ".join(cell for row in rows for cell in row)


def test_the_command_writes_a_page_a_commune_and_the_same_bytes(written, pristine, tmp_path):
    asked = ["--commune", "tả thí", "--commune", "00700", "--study", str(pristine)]
    written_twice = []
    for name in ("one.pdf", "two.pdf"):
        line = ["sheet", str(written), "--out", str(tmp_path / name), *asked, "--lang", "en"]
        done = CliRunner().invoke(app, line)
        assert done.exit_code == 0, done.output
        assert "Drawing the sheets of communes: 100 %" in done.stderr
        assert "without" not in done.stderr.replace("without legal", "")
        written_twice.append((tmp_path / name).read_bytes())
    assert len(re.findall(rb"/Type /Page\b", written_twice[0])) == 2
    assert written_twice[0] == written_twice[1]


def test_a_page_tells_both_readings_their_doubt_and_why_villages_are_dark(told, result):
    sheets = told()
    assert [one.about.split()[-1] for one in sheets] == sorted(result.communes["commune_code"])
    sheet = next(one for one in sheets if one.about.endswith(DARK))
    assert sheet.title == "Xã Tả Thí"
    assert sheet.marking.startswith("Bản nội bộ")
    unit = result.communes.set_index("commune_code").loc[DARK]
    said = words(sheet)
    for share in (
        "covered_population_share", "share_median", "share_low", "share_high",
        "probability_share_median", "probability_share_low", "probability_share_high",
    ):  # fmt: skip
        assert percent(unit[f"{share}_mobile"], "vi", decimals=1) in said, share
    assert f"({number(round(unit['covered_population_mobile']), 'vi')} người)" in said
    assert "ví dụ: chưa kết luận (xác suất đạt" in said
    assert any("Ước lượng và kết luận: sai số giả định" in one.note for one in sheet.tables)
    in_english = told(communes=[DARK], lang="en")[0]
    notes = [one.note for page in (sheet, in_english) for one in page.tables if one.note]
    assert notes == [printable(one) for one in notes]  # none is cut
    village = result.village_list.iloc[0]
    assert village["reason"] in said
    assert "UBND xã Tả Thí" in said
    assert "tại chỗ" in said  # its one-stop shop
    assert list(sheet.data.tables["communes"]["commune_code"]) == [DARK]
    assert set(sheet.data.tables["villages"]["commune_code"]) == {DARK}
    for one, stations in zip(sheets, result.communes.sort_values("commune_code")["stations"],
                             strict=True):  # fmt: skip
        assert len(one.data.tables["stations"]) == stations, "as the figures of the page say"


def test_the_public_has_no_station_office_cause_or_exact_place(told, result):
    (sheet,) = told(communes=[DARK], audience="public", lang="en")
    assert sheet.marking == "Public edition"
    assert not {"stations", "offices", "village_list"} & set(sheet.data.tables)
    assert sheet.data.rasters == {}
    village = result.village_list.iloc[0]
    assert village["reason_en"] not in words(sheet)
    assert village["name"] in words(sheet)
    cards = told(of="villages", communes=[DARK], audience="public", lang="en")
    exact = {tuple(np.round(xy)) for xy in result.villages.geometry.get_coordinates().to_numpy()}
    shown = {tuple(np.round(card.place[0])) for card in cards}
    assert len(shown) > 3
    assert not shown & exact
    facts = {label for card in cards for label, _ in card.facts}
    assert facts == {"State, all operators", "Mobile (any technology), outdoor"}


def test_every_village_has_a_card_with_what_is_known_of_it(told, result):
    cards = told(of="villages")
    assert len(cards) == len(result.villages)
    village = result.village_list.iloc[0]
    card = next(
        one for one in cards
        if one.title == f"Thôn {village['name']}" and one.about.endswith(DARK)
    )  # fmt: skip
    facts = dict(card.facts)
    assert facts["Nguyên nhân"] == village["reason"]
    assert facts["Trạm gần nhất"] == village["nearest_stations"]
    assert facts["Số hộ"] == number(village["households"], "vi")
    assert len(card.others) == (result.villages["commune_code"] == DARK).sum() - 1


@pytest.fixture
def plan(result, pristine, tmp_path):
    """Return a folder as `phusong site` writes it, with one site."""
    place = result.villages[result.villages["commune_code"] == DARK].geometry.iloc[:1]
    site = gpd.GeoDataFrame(
        {
            "work_id": ["w1"], "rank": [1], "site_id": ["s1"], "site_kind": ["new_mast"],
            "year": [2027], "commune_code": [DARK], "people": [128.4], "villages": [1],
            "village_names": ["Phia Dầu"], "antenna_vnd": [1.2e9], "total_vnd": [1.5e9],
        },
        geometry=list(place), crs=place.crs,
    )  # fmt: skip
    folder = tmp_path / "plan"
    (folder / "geojson").mkdir(parents=True)
    write_geojson(plain_layer(site, PLANNED_SITES), folder / "geojson" / "planned_sites.geojson")
    inputs = inputs_of(phusong.open_study(pristine))
    write_manifest(folder, parameters={"site": {}}, inputs=inputs)
    return folder


def test_the_legend_of_a_commune_without_works_does_not_say_that_there_is_no_plan(told, plan):
    drawn = {
        one.about[-5:]: "planned_sites" in [layer.table for layer in one.theme.layers]
        for one in told(plan=plan)
    }
    assert set(drawn.values()) == {True, False}


def test_works_of_a_plan_stand_on_the_page_of_their_commune(told, plan):
    sheets = {one.about.split()[-1]: words(one) for one in told(plan=plan)}
    assert "cột ăng-ten mới | 2027 | 128 | Phia Dầu | 1.500.000.000 đồng" in sheets.pop(DARK)
    assert all("Kế hoạch không có trạm nào trong xã." in one for one in sheets.values())
    (public,) = told(plan=plan, communes=[DARK], audience="public")
    assert "cột ăng-ten mới" not in words(public)


def test_a_plan_of_other_data_and_what_is_no_plan_are_refused(told, plan, written, folder):
    with (folder / "cells.csv").open("a", encoding="utf-8") as file:
        file.write("\n")
    (plan / "manifest.json").unlink()
    write_manifest(plan, parameters={"site": {}}, inputs=inputs_of(phusong.open_study(folder)))
    with pytest.raises(InputError, match="made of another file") as refused:
        told(plan=plan)
    assert [one.file for one in refused.value.problems] == ["cells.csv"]
    with pytest.raises(InputError, match="no plan of sites"):
        told(plan=written)


def test_a_sheet_appears_whole_or_not_at_all(written, tmp_path, monkeypatch):
    path = tmp_path / "xa.pdf"
    path.write_bytes(b"the old one")

    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(PdfPages, "savefig", full)
    with pytest.raises(phusong.PhusongError, match="No space left"):
        phusong.print_sheets(written, path, communes=[DARK], replace=True)
    assert path.read_bytes() == b"the old one"
    assert list(tmp_path.iterdir()) == [path]


def test_unknown_communes_audiences_and_folders_without_villages_are_refused(
    told, written, tmp_path
):
    with pytest.raises(ExportError, match=r"no commune “Ta Thi X”.*Tả Thí \(00715\)"):
        told(communes=["Ta Thi X"])
    with pytest.raises(ExportError, match="no edition"):
        told(audience="all")
    policy = tmp_path / "policy.toml"
    policy.write_text('[tables.communes]\npublic = ["commune_code", "valid_from"]\n', "utf-8")
    with pytest.raises(ExportError, match="no table of villages"):
        told(of="villages", audience="public", policy=policy)
    (bare, *_) = told(audience="public", policy=policy)
    assert bare.title == "00691" or bare.title in {
        row["commune_code"] for row in open_finished(written).layer("communes").rows
    }


def test_a_map_of_an_edition_is_refused_with_the_way_to_it(written, tmp_path):
    finished = open_finished(written)
    told = {name: finished.parameters[name] for name in ("name", "services")}
    edition = with_(finished, parameters={**told, "audience": "public"})
    with pytest.raises(InputError, match="this is an edition"):
        handouts.study_of(edition, tmp_path)
