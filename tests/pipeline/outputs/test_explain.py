"""A commune's figure traced back: what is shown adds up, and a folder tells what the run does."""

import json
import re

import numpy as np
import pytest
from typer.testing import CliRunner

import phusong
from phusong.cli import app
from phusong.errors import ExplainError
from phusong.export.manifest import digest_of


@pytest.fixture(scope="module")
def split(result):
    """Return the code of a commune that is covered in part."""
    communes = result.communes.set_index("commune_code")
    share = communes["covered_population_share_mobile"]
    return share[(share > 0) & (share < 1)].index[0]


@pytest.fixture(scope="module")
def explained(written, split):
    return phusong.open_result(written).explain(split)


def figure(cell):
    return int(cell.en.replace(",", ""))


def test_people_shown_by_margin_and_by_station_add_up_to_the_figure_shown(result, explained):
    unit = explained.commune
    pixels, _villages, stations = explained.page.tables[:3]
    people = [figure(row[1]) for row in pixels.rows]
    served, unserved, whole = (people[at] for at in sorted(pixels.totals))
    first, second, _ = sorted(pixels.totals)
    assert sum(people[:first]) == served == round(unit["covered_population_mobile"])
    assert sum(people[first + 1 : second]) == unserved
    assert served + unserved == whole == round(unit["population"])
    assert unserved > 0
    of_stations = [figure(row[4]) for row in stations.rows]
    assert sum(of_stations[:-1]) == of_stations[-1] == served
    assert len(of_stations) > 2
    estimate, other, on_map = explained.page.headlines[:3]
    assert estimate.verdict == unit["confident_verdict_mobile"]
    assert not other.verdict
    readings = [one.label.en.partition(",")[0] for one in (estimate, other)]
    assert readings == ["Residents covered", "Residents × probability of signal"]
    said = on_map.detail.en
    assert said.startswith(f"{served:,} of {whole:,} people")


def test_a_folder_explains_what_the_run_explains(result, explained, split):
    fresh = result.explain(split, "mobile")
    for lang in ("vi", "en"):
        assert list(fresh.page.lines(lang)) == list(explained.page.lines(lang))
        tables = [[table.shown(lang) for table in one.page.tables] for one in (fresh, explained)]
        assert tables[0] == tables[1]


def test_files_settings_and_program_are_those_of_the_run(explained, pristine, written):
    files = explained.files.set_index("file")
    expected = digest_of("cells.csv", pristine / "cells.csv")
    assert files.loc["cells.csv", "sha256"] == expected.sha256
    assert {"study.toml", "terrain.tif", "population.tif"} <= set(files.index)
    settings = explained.settings.set_index("setting")["value"]
    assert settings["services.mobile.threshold_dbm.4G"].startswith("-")
    assert "radio.receiver_height_m" in settings.index
    assert explained.program.startswith("phusong ")


def test_villages_without_signal_come_first(explained, result, split):
    shown = explained.villages
    own = result.villages[result.villages["commune_code"] == split]
    assert set(shown["village_id"]) == set(own["village_id"])
    assert shown["covered_mobile"].is_monotonic_increasing
    assert not shown["covered_mobile"].all()


def test_a_commune_is_named_by_code_or_by_name_and_a_wrong_one_is_told(result, explained, split):
    name = explained.commune["name"]
    assert result.explain(name.upper()).commune["commune_code"] == split
    with pytest.raises(ExplainError, match=rf"no commune “00\d99”.*{split}"):
        result.explain(split[:3] + "99")
    with pytest.raises(ExplainError, match=r"no service “9g”\. Services: mobile"):
        result.explain(split, "9g")


def test_a_result_without_coverage_says_why_nothing_is_explained(offices_alone):
    run = phusong.run(phusong.open_study(offices_alone), parts=["egov"])
    with pytest.raises(ExplainError, match="predicts no coverage"):
        run.explain("00700")


def test_the_command_prints_and_writes_a_page_in_both_languages(written, split, tmp_path):
    path = tmp_path / "page.html"
    words = ["explain", str(written), "--commune", split, "--to", str(path), "--lang", "en"]
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.stderr
    assert "From pixels to the share" in done.stdout
    page = path.read_text("utf-8")
    assert "Từ ô lưới đến tỷ lệ" in page
    assert "From pixels to the share" in page
    assert not re.search(r"(?:src|href)=[\"']?https?:", page)
    again = CliRunner().invoke(app, words)
    assert again.exit_code == 2
    assert "not overwritten" in again.stderr
    wrong = CliRunner().invoke(
        app, ["explain", str(written), "--commune", "Không có", "--lang", "en"]
    )
    assert wrong.exit_code == 2
    assert "no commune" in wrong.stderr


@pytest.fixture
def without_people(folder, without, small_losses):
    """Return the small study, computed by land where nobody tells how many live there."""
    without("population", "villages")
    file = folder / "communes.geojson"
    shapes = json.loads(file.read_text("utf-8"))
    for one in shapes["features"]:
        del one["properties"]["population"], one["properties"]["households"]
    file.write_text(json.dumps(shapes), encoding="utf-8")
    text = (folder / "study.toml").read_text("utf-8")
    text = text.replace('denominator = "population"', 'denominator = "area"')
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return phusong.run(
        phusong.open_study(folder), parts=["evidence"], threads=2, cache_folder=small_losses
    )


def test_where_nobody_is_counted_land_is_explained_and_judged(without_people, split):
    explained = without_people.explain(split)
    unit = explained.commune
    (headline,) = explained.page.headlines
    assert headline.verdict == unit["target_verdict_mobile"]
    assert headline.verdict in {"met", "missed"}
    covered, whole = unit["covered_area_km2_mobile"], unit["area_km2"]
    assert headline.detail.en.startswith(f"{covered:,.1f} of {whole:,.1f} km²; target 98")
    pixels, stations = explained.page.tables[:2]
    assert {row[1].en for row in pixels.rows} == {"–"}
    assert {row[4].en for row in stations.rows} == {"–"}
    shown = [float(row[3].en.replace(",", "")) for row in pixels.rows]
    first, second, last = sorted(pixels.totals)
    assert shown[last] == pytest.approx(shown[first] + shown[second])
    assert explained.html()


def test_text_of_files_is_escaped(explained):
    from dataclasses import replace

    unit = explained.commune.copy()
    unit["name"] = "<script>alert(1)</script>"
    page = replace(explained, commune=unit).html()
    assert "<script>alert" not in page
    assert np.char.count(page, "<script>") == 1
