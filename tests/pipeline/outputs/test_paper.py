"""Printed maps of a run: one sheet a theme in the output folder, any sheet on request."""

import re
from dataclasses import replace
from datetime import date

import pytest
from typer.testing import CliRunner

from phusong.cli import app
from phusong.errors import InputError, OutputError
from phusong.i18n import Bilingual
from phusong.maps import UnknownServiceError
from phusong.pipeline.outputs.maps import layers_of
from phusong.study.model import Imprint


def test_every_map_of_the_folder_has_its_sheet_and_the_landing_page_links_it(written):
    pages = {path.stem for path in (written / "maps").glob("*.html")}
    sheets = {path.stem for path in (written / "maps" / "print").glob("*.pdf")}
    assert {"overview", "coverage"} <= sheets <= pages
    landing = (written / "index.html").read_text(encoding="utf-8")
    assert all(f'href="maps/print/{name}.pdf"' in landing for name in sheets)


def test_a_sheet_is_written_where_and_as_asked(result, tmp_path):
    path = result.paper("overview", tmp_path / "map.svg", paper="A3", orientation="landscape")
    # 420 × 297 mm in points
    sizes = re.findall(r'<svg [^>]*width="(.*?)pt" height="(.*?)pt"', path.read_text("utf-8"))
    assert sizes == [("1190.551181", "841.889764")]


def test_the_study_names_who_issues_the_sheets(result):
    given = {
        "issuer": "Sở TT&TT", "signer": "Giám đốc", "date": date(2026, 11, 28), "scale": 500_000,
    }  # fmt: skip
    study = result.study.model_copy(update={"imprint": Imprint.model_validate(given)})
    found = layers_of(replace(result.gathered, study=study)).imprint
    assert found.issuer == Bilingual("Sở TT&TT", "Sở TT&TT")
    assert found.dated.vi == f"{study.province}, ngày 28 tháng 11 năm 2026"
    assert (found.signer.en, found.scale) == ("Giám đốc", 500_000)
    blank = study.model_copy(update={"imprint": Imprint(issuer="Sở TT&TT", place="Đồng Văn")})
    assert layers_of(replace(result.gathered, study=blank)).imprint.dated.vi.startswith(
        "Đồng Văn, ngày …"
    )
    assert layers_of(result.gathered).imprint is None


def test_an_unknown_theme_or_service_is_refused(result, tmp_path):
    with pytest.raises(InputError, match="no such map theme"):
        result.paper("absent", tmp_path / "map.pdf")
    with pytest.raises(UnknownServiceError, match="no service 9g"):
        result.paper("overview", tmp_path / "map.pdf", service="9g")


def test_the_command_writes_one_sheet(folder, tmp_path):
    done = CliRunner().invoke(
        app, ["paper", str(folder), "--theme", "overview", "--out", str(tmp_path / "map.pdf")]
    )
    assert done.exit_code == 0, done.stderr
    assert (tmp_path / "map.pdf").read_bytes().startswith(b"%PDF")


@pytest.mark.parametrize(
    ("theme", "name", "fault"),
    [
        ("overview", "map.docx", "must end in one of"),
        ("overview", "absent/map.pdf", "there is no folder"),
        ("absent", "map.pdf", "no such map theme"),
    ],
)
def test_the_command_refuses_before_it_computes(tmp_path, pristine, theme, name, fault):
    done = CliRunner().invoke(
        app,
        ["paper", str(pristine), "--theme", theme, "--out", str(tmp_path / name), "--lang", "en"],
    )
    assert done.exit_code == 2
    assert fault in " ".join(done.stderr.split())
    assert not (tmp_path / name).exists()


def test_a_full_disk_is_explained_and_the_old_sheet_stays(result, tmp_path, monkeypatch):
    def full(path, _):
        path.touch()
        raise OSError(28, "No space left on device")

    (tmp_path / "map.png").write_bytes(b"old")
    monkeypatch.setattr("pathlib.Path.write_bytes", full)
    with pytest.raises(OutputError, match="No space left on device"):
        result.paper("overview", tmp_path / "map.png", replace=True)
    assert [path.name for path in tmp_path.iterdir()] == ["map.png"]
    assert (tmp_path / "map.png").read_bytes() == b"old"
