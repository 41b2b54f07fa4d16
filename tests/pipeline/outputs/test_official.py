"""Official documents: laid out as the decree asks, and no figure without what it means."""

import io
import json
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import ExplainError, ExportError, InputError, OutputError
from phusong.export import plain_layer, write_geojson, write_manifest, write_rows
from phusong.i18n import number, percent
from phusong.maps import NothingToDrawError
from phusong.pipeline import write_report_template
from phusong.pipeline.outputs.folder import inputs_of
from phusong.pipeline.outputs.official import _recipients
from phusong.pipeline.outputs.official_petition import find_place, petition_body
from phusong.pipeline.outputs.official_plan import has_plan, plan_body
from phusong.pipeline.outputs.official_report import appendices, report_body
from phusong.pipeline.outputs.official_text import Told, commune_grid, table_in_words
from phusong.report.official import Grid, Paragraph
from phusong.report.word_template import BLOCK_FIELDS, TEXT_FIELDS
from phusong.study import Report, Target
from phusong.tables import RESULT_TABLES, SITING_TABLES

LETTER = """
[report]
superior = "Ủy ban nhân dân tỉnh Hà Giang"
issuer = "Sở Khoa học và Công nghệ"
code = "SKHCN"
unit = "BCVT"
numbers = { report = 7, petition = 123 }
place = "Hà Giang"
date = 2018-02-05
addressees = ["Ủy ban nhân dân tỉnh <b>{{body}}</b>"]
authority = "KT. Giám đốc"
position = "Phó Giám đốc"
signatory = "Nguyễn Văn A"
recipients = ["Như trên"]
archive = "VT, BCVT"
"""


@pytest.fixture(scope="module")
def home(pristine, tmp_path_factory):
    """Return the small study with a section about who signs, written after the run."""
    folder = tmp_path_factory.mktemp("official") / "study"
    shutil.copytree(pristine, folder)
    with (folder / "study.toml").open("a", encoding="utf-8") as file:
        file.write(LETTER)
    return folder


@pytest.fixture(scope="module")
def report(written, home, tmp_path_factory):
    """Return the report of the small study, one map behind it."""
    path = tmp_path_factory.mktemp("official") / "bao-cao.docx"
    phusong.write_report(written, path, maps=["gaps"], study_folder=home)
    return path


@pytest.fixture(scope="module")
def petition(written, tmp_path_factory):
    """Return an answer to the voters of a commune, written by the command."""
    path = tmp_path_factory.mktemp("official") / "tra-loi.docx"
    words = ["report", str(written), "--kind", "petition", "--commune", "Tả Thí", "--to", str(path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return path


def lines(path):
    body = Document(path).element.body
    return ["".join(t.text or "" for t in p.iter(qn("w:t"))) for p in body.iter(qn("w:p"))]


def test_page_margins_font_and_numbers_are_those_of_the_decree(report):
    document = Document(report)
    for section in document.sections:
        assert (round(section.page_width.mm), round(section.page_height.mm)) == (210, 297)
        assert 20 <= round(section.top_margin.mm, 1) <= 25
        assert 20 <= round(section.bottom_margin.mm, 1) <= 25
        assert 30 <= round(section.left_margin.mm, 1) <= 35
        assert 15 <= round(section.right_margin.mm, 1) <= 20
        assert section.different_first_page_header_footer
    first, later = document.sections[0].first_page_header, document.sections[0].header
    assert "".join(line.text for line in first.paragraphs) == ""
    number = later.paragraphs[0]
    assert number.alignment == WD_ALIGN_PARAGRAPH.CENTER
    assert [found.text for found in number._p.iter(qn("w:instrText"))] == ["PAGE"]
    assert {run.font.size.pt for run in number.runs} == {13}
    fonts = {run.get(qn("w:ascii")) for run in document.element.body.iter(qn("w:rFonts"))}
    assert fonts == {"Times New Roman"}
    sizes = {run.font.size.pt for line in document.paragraphs for run in line.runs
             if run.text.strip() and line.alignment == WD_ALIGN_PARAGRAPH.JUSTIFY}  # fmt: skip
    assert sizes <= {13, 14}


def test_head_has_state_bodies_number_and_day(report):
    cells = [cell.text for row in Document(report).tables[0].rows for cell in row.cells]
    assert cells[0].split("\n")[:2] == ["ỦY BAN NHÂN DÂN TỈNH HÀ GIANG", "SỞ KHOA HỌC VÀ CÔNG NGHỆ"]
    assert cells[1].split("\n")[:2] == [
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
    ]
    assert cells[2] == "Số: 07/BC-SKHCN"
    assert cells[3] == "Hà Giang, ngày 05 tháng 02 năm 2018"


def test_what_the_study_says_is_text_and_what_it_does_not_say_is_dotted(report, petition):
    told = lines(report)
    assert "Kính gửi: Ủy ban nhân dân tỉnh <b>{{body}}</b>" in told
    assert told.index("BÁO CÁO") < told.index("I. PHẠM VI VÀ NGUỒN SỐ LIỆU")
    at = told.index("Nơi nhận:")
    assert told[at + 1 : at + 5] == [
        "- Như trên;",
        "- Lưu: VT, BCVT.",
        "KT. GIÁM ĐỐC",
        "PHÓ GIÁM ĐỐC",
    ]
    assert "Nguyễn Văn A" in told
    blank = [cell.text for row in Document(petition).tables[0].rows for cell in row.cells]
    assert blank[0].split("\n")[0].strip("…") == ""
    assert blank[2].startswith("Số: ……/……-……\nV/v trả lời kiến nghị của cử tri xã Tả Thí")


def test_appendices_are_numbered_and_have_pages_of_their_own(report):
    told, document = lines(report), Document(report)
    labels = [line for line in told if re.fullmatch("Phụ lục [IVX]+", line)]
    assert labels == ["Phụ lục I", "Phụ lục II", "Phụ lục III", "Phụ lục IV", "Phụ lục V"]
    assert len(document.sections) == 6
    starts = [found.get(qn("w:start")) for found in document.element.body.iter(qn("w:pgNumType"))]
    assert starts == ["1"] * 5
    attached = (
        "(Kèm theo Báo cáo số 07/BC-SKHCN ngày 05 tháng 02 năm 2018 của Sở Khoa học và Công nghệ)"
    )
    assert told.count(attached) == 5
    assert "Mức thu và dịch vụ" in told, "the method is told"
    assert len(document.inline_shapes) == 2, "a chart and a map"


def test_every_share_of_the_board_has_denominator_and_definition(report, result):
    told = " ".join(lines(report)).replace("\u00a0", " ")
    province = result.province.iloc[0]
    share = percent(province["covered_population_share_mobile"], "vi")
    expected = percent(province["expected_covered_population_share_mobile"], "vi")
    people = number(province["population"], "vi")
    assert re.search(
        rf"cùng mẫu số {people} người .*{share} \[\d+\]; theo xác suất .*{expected}", told
    )
    low, high = (percent(province[f"share_{end}_mobile"], "vi") for end in ("low", "high"))
    assert f"khoảng 90 % từ {low} đến {high}" in told
    likely = round(100 * province["target_probability_mobile"])
    assert 5 < likely < 95
    assert (
        f"Xác suất đạt mục tiêu 98 % là {likely} %. "
        "Kết luận: ví dụ: chưa kết luận (sai số giả định)"
    ) in told
    for row in result.indicators.to_dict("records"):
        if row["status"] not in {"no_figure", "reported_only"}:
            assert row["definition_vi"].replace("\u00a0", " ") in told, row["indicator"]
    assert result.study.sample_notice.vi in told


def test_tables_repeat_their_headings(report):
    grids = [table for table in Document(report).tables if len(table.rows) > 4]
    assert grids
    for table in grids:
        assert table.rows[0]._tr.xpath("w:trPr/w:tblHeader")


def test_the_public_answer_holds_nothing_of_the_house(petition, result):
    with zipfile.ZipFile(petition) as packed:
        said = " ".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    assert "Bản công khai" in said
    kept = (
        {
            *result.village_list["reason"].dropna(),
            *result.stations["site_name"].dropna().unique(),
            *result.offices["name"],
        }
        - set(result.villages["name"])
        - set(result.communes["name"])
    )
    assert [one for one in kept if one in said] == []
    told = lines(petition)
    assert any(line.startswith("Trong 6 thôn của xã có 1 thôn trắng sóng") for line in told)
    assert not any("Nguyên nhân:" in line for line in told)


def test_an_answer_does_not_deny_a_rollout_that_its_readers_may_not_know(result):
    communes = pd.DataFrame(result.communes).drop(columns="geometry")
    said = {}
    for name, frame in {
        "known": communes.assign(service_year=[2018] + [None] * (len(communes) - 1)),
        "kept back": communes.drop(columns="service_year", errors="ignore"),
    }.items():
        told = Told(
            study=result.study, letter=Report(), marking="", program="phusong", notes=(),
            frames={"communes": frame}, definitions={"communes": result.tables["communes"][1]},
        )  # fmt: skip
        place = find_place(told, str(frame["commune_code"].iloc[-1]), None)
        said[name] = "".join(
            span.text
            for block in petition_body(told, place)
            if isinstance(block, Paragraph)
            for span in block.spans
        )
    denied = "không có lộ trình cho xã"
    assert {name: denied in words for name, words in said.items()} == {
        "known": True,
        "kept back": False,
    }
    assert "Hướng giải quyết về một cửa điện tử" in said["kept back"]


def test_an_answer_of_a_study_without_offices_leaves_no_room_for_them(result):
    study = result.study
    tables = {name: given for name, given in study.inputs.tables.items() if name != "offices"}
    without = study.model_copy(update={"inputs": study.inputs.model_copy(update={"offices": None})})
    assert set(without.inputs.tables) == set(tables)
    told = Told(
        study=without, letter=Report(), marking="", program="phusong", notes=(),
        frames={"communes": pd.DataFrame(result.communes).drop(columns="geometry")[
            ["commune_code", "name", "type", "district", "population"]
        ]}, definitions={"communes": result.tables["communes"][1]},
    )  # fmt: skip
    words = "".join(
        span.text
        for block in petition_body(told, find_place(told, "00715", None))
        if isinstance(block, Paragraph)
        for span in block.spans
    )
    assert "một cửa" not in words
    assert "Hướng giải quyết về phủ sóng" in words


def test_an_answer_about_a_village_tells_the_house_why(written, tmp_path):
    path = tmp_path / "thon.docx"
    phusong.write_report(written, path, kind="petition", village="00715-06", audience="internal")
    told = lines(path)
    assert any(line.startswith("Thôn Phia Dầu: trắng sóng") for line in told)
    assert any(line.startswith("Nguyên nhân: Khuất điểm cao 298 m") for line in told)
    first = path.read_bytes()
    phusong.write_report(
        written, path, kind="petition", village="00715-06", audience="internal", replace=True
    )
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("choices", "fault", "key"),
    [
        ({"kind": "letter"}, ExportError, "official.unknown_kind"),
        ({"kind": "plan"}, ExportError, "official.no_plan"),
        ({"kind": "petition"}, ExportError, "official.petition_needs"),
        ({"kind": "petition", "village": "Phia Dầu"}, ExportError, "official.ambiguous_place"),
        ({"kind": "petition", "village": "Không Có"}, ExportError, "official.unknown_place"),
        ({"kind": "petition", "commune": "99999"}, ExplainError, "explain.unknown_commune"),
        ({"commune": "00715"}, ExportError, "official.petition_only"),
        ({"audience": "press"}, ExportError, "editions.unknown_audience"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    written, tmp_path, choices, fault, key
):
    path = tmp_path / "van-ban.docx"
    with pytest.raises(fault) as refused:
        phusong.write_report(written, path, **{"maps": (), **choices})
    assert refused.value.message == key
    assert list(tmp_path.iterdir()) == []


def test_several_addressees_stand_under_the_colon_and_the_last_basis_ends_in_a_full_stop(
    written, home, tmp_path
):
    study, path = tmp_path / "study", tmp_path / "a.docx"
    shutil.copytree(home, study)
    toml = (study / "study.toml").read_text(encoding="utf-8")
    toml = re.sub("addressees = .*", 'addressees = ["Bộ A", "Sở B"]', toml)
    toml = re.sub("recipients = .*", 'recipients = ["Lưu trữ C"]', toml)
    toml += 'basis = ["Luật Viễn thông", "Nghị định D"]\n'
    (study / "study.toml").write_text(toml, encoding="utf-8")
    phusong.write_report(written, path, maps=(), study_folder=study)
    told = {line.text: line for line in Document(path).paragraphs}
    first, others = told["Kính gửi:"], [told["- Bộ A;"], told["- Sở B."]]
    dashes = {line.paragraph_format.left_indent + line.paragraph_format.first_line_indent
              for line in others}  # fmt: skip
    assert len(dashes) == 1
    assert 15 < (dashes.pop() - first.paragraph_format.left_indent) / 36_000 < 20, "mm: the colon"
    assert {"Luật Viễn thông;", "Nghị định D."} <= set(told)
    said = lines(path)
    assert said[said.index("Nơi nhận:") + 1 :][:2] == ["- Như trên;", "- Lưu trữ C;"]
    letter = Report(addressees=("Bộ A",), recipients=("Như trên", "Sở B"), archive="VT")
    copies = ["".join(span.text for span in one.spans) for one in _recipients(letter, "plan")]
    assert copies == ["Bộ A;", "Sở B;", "Lưu: VT."], "above a plan stands nobody"


def test_the_text_names_its_appendices_and_each_ends_with_the_mark(report):
    told = lines(report)
    named = next(line for line in told if line.startswith("Kèm theo Báo cáo này: "))
    titles = re.findall(r"Phụ lục [IVX]+, ([^;]+)[;.]", named)
    assert [one.upper() for one in titles] == [
        told[at + 1] for at, line in enumerate(told) if re.fullmatch("Phụ lục [IVX]+", line)
    ]
    maps = sum(title.startswith("Bản đồ") for title in titles)
    assert sum(line.endswith("./.") for line in told) == 1 + len(titles) - maps


def test_where_there_are_no_districts_no_column_is_kept_for_them(result):
    """As since July 2025."""
    service, told = result.study.services[0], {}
    for districts in (True, False):
        communes = pd.DataFrame(result.communes).drop(columns="geometry")
        if not districts:
            communes["district"] = None
        document = Told(
            study=result.study, letter=Report(), marking="", program="phusong", notes=(),
            frames={"communes": communes}, definitions={"communes": result.tables["communes"][1]},
        )  # fmt: skip
        grid = commune_grid(document, service, communes, "")
        assert len(grid.rows[0]) == len(grid.headings) == len(grid.widths)
        told[districts] = "Huyện, thành phố" in grid.headings
        words = table_in_words(document, "communes", ("name", "district"), (1, 1), "")
        assert len(words.headings) == (3 if districts else 2)
    assert told == {True: True, False: False}


def test_joined_communes_are_judged_by_the_map_and_the_text_says_so(result):
    """As a result carried to another edition has them: no estimates of most, and no board."""
    (service, *_), study = result.study.services, result.study
    communes = pd.DataFrame(result.communes).drop(columns="geometry")
    communes[f"target_verdict_{service.id}"] = "missed"
    joined = communes.index != 0
    estimated = [
        name
        for name in communes
        if name.startswith(("share_", "probability_share_", "confident_", "target_probability_"))
    ]
    assert f"confident_verdict_{service.id}" in estimated
    communes.loc[joined, estimated] = None
    aim = Target(service=service.id, share=0.98, denominator="population", scope="commune")
    study = study.model_copy(update={"targets": (aim,)})
    told = Told(
        study=study, letter=Report(), marking="", program="phusong", notes=(),
        frames={"communes": communes}, definitions={"communes": result.tables["communes"][1]},
    )  # fmt: skip
    grid = commune_grid(told, service, communes, "")
    assert sum(row[-1].endswith("(trên bản đồ)") for row in grid.rows) == joined.sum()
    assert grid.widths[-1] / sum(grid.widths) > 0.16, "or each verdict takes four lines"
    said = "\n".join(
        "".join(span.text for span in block.spans)
        for block in report_body(told)
        if isinstance(block, Paragraph)
    )
    assert f"{joined.sum()} xã chỉ so được tỷ lệ trên bản đồ" in said
    assert "[–]" not in said
    assert "Phụ lục “Định nghĩa”" in said
    assert "Định nghĩa" in [one.title for one in appendices(told, (), plan=False)]
    of_joined = replace(told, frames={"communes": communes[joined]})
    assert commune_grid(of_joined, service, communes[joined], "").headings[-1] == "So trên bản đồ"
    letter = petition_body(told, find_place(told, str(communes["commune_code"].iloc[-1]), None))
    assert any(
        re.search(
            r"chưa xét sai số: (ví dụ: )?không đạt", "".join(span.text for span in block.spans)
        )
        for block in letter
        if isinstance(block, Paragraph)
    )


def test_notes_of_the_run_that_are_kept_back_are_not_denied(report):
    assert "Kết quả không nêu hạn chế nào khác ngoài các định nghĩa." not in lines(report)
    assert any("chỉ có ở bản hạn chế" in line for line in lines(report))


def test_a_map_that_was_asked_for_is_never_left_out(written, tmp_path):
    with pytest.raises(NothingToDrawError, match="fibre"):
        phusong.write_report(written, tmp_path / "bao-cao.docx", audience="public", maps=["fibre"])


def test_the_page_tells_of_every_field_of_a_template(checkout):
    page = (checkout / "docs" / "van-ban.md").read_text(encoding="utf-8")
    assert {*TEXT_FIELDS, *BLOCK_FIELDS} <= set(re.findall(r"`(\w+)`", page))


def test_a_file_of_another_kind_is_refused(written, tmp_path):
    with pytest.raises(OutputError, match=r"\.docx"):
        phusong.write_report(written, tmp_path / "bao-cao.pdf")


def test_the_command_writes_a_template_to_edit_and_takes_it_back(written, tmp_path):
    own, path = tmp_path / "mau.docx", tmp_path / "tra-loi.docx"
    words = ["report", "--kind", "petition", "--template-to", str(own)]
    assert CliRunner().invoke(app, words).exit_code == 0
    document = Document(own)
    document.paragraphs[0].insert_paragraph_before("Mẫu riêng của {{issuer}}")
    document.save(own)
    phusong.write_report(written, path, kind="petition", commune="00715", template=own)
    assert any(line.startswith("Mẫu riêng của …") for line in lines(path))


def test_a_plan_sums_what_its_years_say(result):
    years = pd.DataFrame(
        {"year": [2018, 2019], "offices_no_works": [1, 1], "offices_entering": [2, 3],
         "offices_in_service": [2, 5], "budget_vnd": [5e9, 5e9], "spent_vnd": [4e9, 4.5e9],
         "crew_days": [300.0, 300.0], "crew_days_used": [200.0, 280.0],
         "cost_basis": ["Báo giá 2018"] * 2}
    )  # fmt: skip
    table = RESULT_TABLES["rollout_years"]
    told = Told(study=result.study, letter=Report(), marking="", program="phusong", notes=(),
                frames={"rollout_years": years}, definitions={"rollout_years": table})  # fmt: skip
    assert has_plan(told)
    blocks = plan_body(told, "một cửa điện tử")
    said = [
        "".join(span.text for span in one.spans) for one in blocks if isinstance(one, Paragraph)
    ]
    assert (
        "Từ 2018 đến 2019: 5 trụ sở bắt đầu phục vụ; chi 8.500.000.000 trong 10.000.000.000 đồng."
        in said
    )
    assert "Nguồn chi phí, ngày công và kinh phí: Báo giá 2018." in said
    grid = next(one for one in blocks if isinstance(one, Grid))
    assert grid.rows[1][:3] == ("2", "2019", "3")


@pytest.fixture
def sites(result, pristine, tmp_path):
    """Return a folder as `phusong site` writes it: one site, drawn for 98 %."""
    dark, hostile = "00715", "=Tả <b>Thí</b>{{body}}\u202e"
    place = result.villages[result.villages["commune_code"] == dark].geometry.iloc[:1]
    area = result.communes[result.communes["commune_code"] == dark].geometry
    frames = {
        "planned_sites": gpd.GeoDataFrame(
            {"work_id": ["w1"], "rank": [1], "site_id": ["s1"], "site_kind": ["new_mast"],
             "year": [2027], "commune_code": [dark], "commune": [hostile], "people": [128.4],
             "villages": [1], "village_names": ["Phia Dầu"], "antenna_vnd": [1.2e9],
             "total_vnd": [1.5e9]}, geometry=list(place), crs=place.crs),
        "site_communes": gpd.GeoDataFrame(
            {"service": ["mobile"], "commune_code": [dark], "name": [hostile],
             "population": [2000.0],
             "share_before": [0.932], "people": [128.4], "share_after": [0.9962]},
            geometry=list(area), crs=area.crs),
        "site_years": pd.DataFrame(
            {"year": [2027, 2028], "budget_vnd": [2e9, 1e9], "spent_vnd": [1.5e9, 0.0],
             "left_vnd": [0.5e9, 1e9], "people": [128.4, 128.4]}),
        "site_commune_years": pd.DataFrame(
            {"year": [2027], "commune_code": [dark], "name": [hostile], "new_masts": [1],
             "shared_masts": [0], "backhauls": [0], "cost_vnd": [1.5e9], "people": [128.4]}),
        "site_verdicts": pd.DataFrame(
            {"service": ["mobile"], "level": ["province"], "code": ["02"], "name": ["Hà Giang"],
             "population": [15597.0],
             "share_before": [0.99], "share_after": [0.999], "share_low": [0.95],
             "share_median": [0.995], "share_high": [1.0], "probability_before": [0.75],
             "target_probability": [0.82], "confident_verdict": ["undecided"]}),
    }  # fmt: skip
    folder = tmp_path / "plan"
    (folder / "geojson").mkdir(parents=True)
    (folder / "tables").mkdir()
    for name, frame in frames.items():
        layer = plain_layer(frame, SITING_TABLES[name].expand({}, {"run": result.study.errors}))
        if layer.shapes is None:
            write_rows(layer, folder / "tables" / f"{name}.json")
        else:
            write_geojson(layer, folder / "geojson" / f"{name}.geojson")
    aim = {"service": "mobile", "operator": "Viettel", "technology": "4G"}
    proof = {"gap": 0.0123, "optimal": False, "ran_out": True, "share": 0.98}
    inputs = inputs_of(phusong.open_study(pristine))
    write_manifest(folder, parameters={"site": [aim], "proof": proof}, inputs=inputs)
    return folder


def test_a_plan_of_sites_tells_works_money_people_proof_and_doubt(written, sites, tmp_path):
    path = tmp_path / "ke-hoach.docx"
    words = ["report", str(written), "--kind", "plan", "--plan", str(sites), "--to", str(path)]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    told = [line.replace("\u00a0", " ") for line in lines(path)]
    said = " ".join(told)
    assert "Xây dựng trạm phát sóng tỉnh Hà Giang, từ năm 2027 đến năm 2028" in told
    assert "Chọn vị trí trạm" in told, "the method of the plan is told"
    assert not any(line.startswith("Kính gửi") for line in told), "a plan addresses nobody"
    for sentence in (
        "1 vị trí được xây mới hoặc lắp thêm; chi 1.500.000.000 trong 3.000.000.000 đồng",
        "thêm 128 người có sóng theo ô lưới",
        "mẫu số 2.000 người: hiện nay 93,2 %, khi xong 99,6 %",
        "tốt hơn nhiều nhất 1,23 % về số người nhân số năm có sóng; việc tìm phương án dừng vì",
        "ước lượng tỷ lệ dân số có sóng khi xong là 99,5 %, khoảng 90 % từ 95,0 % đến 100,0 %",
        "Xác suất toàn tỉnh có 98 %: hiện nay 75 %, khi xong 82 %. Kết luận khi xong: ví dụ: chưa",
    ):
        assert sentence in said
    titles = {line for line in told if line.isupper()}
    assert {"VỊ TRÍ THEO THỨ TỰ LÀM", "CÔNG VIỆC THEO NĂM VÀ XÃ"} <= titles
    assert told.count(r"=Tả <b>Thí</b>{{body}}\u202e") == 2, "a name is text, turned by nothing"
    with pytest.raises(ExportError) as refused:
        phusong.write_report(written, path, kind="plan", plan=sites, audience="public",
                             replace=True)  # fmt: skip
    assert refused.value.message == "official.no_plan"


def test_a_plan_of_sites_that_does_not_tell_its_proof_is_refused(written, sites, tmp_path):
    manifest = json.loads((sites / "manifest.json").read_text(encoding="utf-8"))
    del manifest["parameters"]["proof"]
    (sites / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(InputError, match="another version"):
        phusong.write_report(written, tmp_path / "a.docx", kind="plan", plan=sites)
    with pytest.raises(ExportError) as refused:
        phusong.write_report(written, tmp_path / "a.docx", plan=sites)
    assert refused.value.message == "official.plan_only"


def test_what_a_policy_keeps_back_is_not_told_and_stops_nothing(written, sites, tmp_path):
    """A table without the columns that say what it is about is left out whole."""
    policy = tmp_path / "policy.toml"
    shipped = (
        files("phusong.pipeline.outputs").joinpath("audiences.toml").read_text(encoding="utf-8")
    )
    of_years = '[tables.site_years]\ninternal = ["*"]'
    assert of_years in shipped
    kept = shipped.replace('"name", "type", "district_code", "district",', '"district",', 1)
    policy.write_text(kept.replace(of_years, of_years.replace("*", "year")), encoding="utf-8")
    choices = {"audience": "internal", "policy": policy}
    for asked in ({"kind": "petition", "commune": "00715"}, {"kind": "plan", "plan": sites}):
        with pytest.raises(ExportError, match=r"no table of communes|no plan by year"):
            phusong.write_report(written, tmp_path / "a.docx", **choices, **asked)
    phusong.write_report(written, tmp_path / "a.docx", **choices, kind="appendix", maps=())
    assert not any(line.startswith("PHỦ SÓNG THEO XÃ") for line in lines(tmp_path / "a.docx"))


def test_how_secret_and_how_urgent_is_stamped_as_told_and_never_dropped(written, home, tmp_path):
    study, own, path = tmp_path / "study", tmp_path / "mau.docx", tmp_path / "a.docx"
    shutil.copytree(home, study)
    with (study / "study.toml").open("a", encoding="utf-8") as file:
        file.write('secrecy = "tối mật"\nurgency = "hỏa tốc"\n')
    choices = {"kind": "petition", "commune": "00715", "study_folder": study}
    with pytest.raises(ExportError) as refused:
        phusong.write_report(written, path, **choices)
    assert refused.value.message == "official.secret_to_public"
    phusong.write_report(written, path, **choices, audience="internal")
    number = Document(path).tables[0].rows[1].cells[0]
    assert [frame.cell(0, 0).text for frame in number.tables] == ["TỐI MẬT", "HỎA TỐC"]
    assert number._tc[-1].tag == qn("w:p"), "Word opens no cell that ends in a table"
    for frame, line in zip(number.tables, ("double", "single"), strict=True):
        (row,) = frame.rows
        (run,) = row.cells[0].paragraphs[0].runs
        assert (round(row.height.mm, 1), round(row.cells[0].width.mm, 1)) == (8, 30)
        assert (run.font.bold, run.font.size.pt, str(run.font.color.rgb)) == (True, 13, "FF0000")
        sides = frame._tbl.tblPr.find(qn("w:tblBorders"))
        assert {side.get(qn("w:val")) for side in sides} == {line}
    write_report_template(own, "petition")
    document = Document(own)
    cell = document.tables[0].rows[1].cells[0]
    cell._tc.remove(cell.paragraphs[-1]._p)
    document.save(own)
    with pytest.raises(InputError) as lacking:
        phusong.write_report(written, path, **choices, audience="internal", template=own,
                             replace=True)  # fmt: skip
    assert [one.key for one in lacking.value.problems] == ["urgency"]


def test_the_signature_never_stands_alone_on_a_page(petition):
    body = Document(petition).element.body
    *_, sentence, _, signature = [one for one in body if one.tag != qn("w:sectPr")]
    assert signature.tag == qn("w:tbl")
    kept = [one.find(qn("w:pPr")).find(qn("w:keepNext")) is not None for one in body
            if one.tag == qn("w:p")]  # fmt: skip
    assert kept[-3:] == [True] * 3
    assert "Trên đây" in "".join(one.text or "" for one in sentence.iter(qn("w:t")))


def test_libreoffice_opens_the_report_page_by_page(report, tmp_path):
    soffice = shutil.which("soffice")
    if soffice is None or not (Path(soffice).resolve().parent / "libswlo.so").exists():
        pytest.skip("no LibreOffice on this machine (Debian: libreoffice-writer-nogui)")
    subprocess.run(
        [soffice, "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(report)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    pdf = io.BytesIO((tmp_path / "bao-cao.pdf").read_bytes()).getvalue()
    pages = re.findall(rb"/Type\s*/Page\b(?!s)", pdf)
    boxes = {tuple(map(round, map(float, found.split()))) for found in
             re.findall(rb"/MediaBox\s*\[([^\]]*)\]", pdf)}  # fmt: skip
    assert len(pages) >= 6, "a page for the text and for each appendix"
    assert boxes == {(0, 0, 595, 842)}
