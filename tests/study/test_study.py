"""A study.toml is read whole or refused with every fault, its key and a remedy."""

import datetime
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from phusong.errors import OutputError, StudyError
from phusong.study import Study, new_study, open_study
from phusong.study._checks import translate

SCAFFOLD_FILES = (
    "communes.geojson", "cells.csv", "terrain.tif", "population.tif", "villages.csv",
    "offices.csv", "spans.geojson", "nodes.geojson", "roads.geojson", "rivers.geojson",
    "places.geojson",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a scaffold whose files are there (their content is not the study's concern)."""
    new_study(tmp_path, province="Hà Giang", as_of=datetime.date(2017, 12, 31))
    for name in SCAFFOLD_FILES:
        (tmp_path / name).touch()
    return tmp_path


def edit(folder: Path, old: str, new: str) -> None:
    path = folder / "study.toml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def faults(folder: Path) -> list[tuple[str, str | None]]:
    with pytest.raises(StudyError) as caught:
        open_study(folder)
    return [(problem.message, problem.key) for problem in caught.value.problems]


def test_scaffold_opens_once_its_files_are_there(folder):
    study = open_study(folder)
    assert study.as_of == datetime.date(2017, 12, 31)
    assert study.services[0].threshold_dbm["4G"] == -115
    assert [name for name, _ in study.inputs.files][:2] == ["cells", "communes"]


def test_scaffold_names_every_file_that_is_not_there(tmp_path):
    new_study(tmp_path, province="Cao Bằng")
    assert {key for _, key in faults(tmp_path)} == {
        "inputs.communes", "inputs.cells", "inputs.terrain", "inputs.population",
        "inputs.villages", "inputs.offices", "inputs.spans", "inputs.nodes", "inputs.roads",
        "inputs.rivers", "inputs.places",
    }  # fmt: skip


def test_scaffold_never_overwrites_a_study(folder):
    with pytest.raises(StudyError, match=r"already has a study\.toml"):
        new_study(folder, province="Cao Bằng")


def test_crs_defaults_to_the_province(folder):
    edit(folder, 'crs = "EPSG:9209"', "")
    assert open_study(folder).crs == "EPSG:9209"
    edit(folder, 'province_code = "02"', 'province_code = "04"')
    assert open_study(folder).crs == "EPSG:9210"


def test_crs_of_a_merged_province_must_be_named(folder):
    edit(folder, 'crs = "EPSG:9209"', "")
    edit(folder, 'province_code = "02"', 'province_code = "08"')
    edit(folder, "as_of = 2017-12-31", "as_of = 2025-07-01")
    assert faults(folder) == [("study.missing_key", "crs")]


def test_degrees_are_refused_as_the_study_crs(folder):
    edit(folder, "EPSG:9209", "EPSG:4326")
    assert faults(folder) == [("study.not_metric_crs", "crs")]


def test_unknown_key_names_the_nearest_one(folder):
    edit(folder, "radius_km = 15", "radius_m = 15")
    with pytest.raises(StudyError, match=r"radio\.radius_m: No such key.*Most alike: radius_km"):
        open_study(folder)


def test_all_faults_of_the_file_are_told_at_once(folder):
    edit(folder, "resolution_m = 90", 'resolution_m = "ninety"')
    edit(folder, "location_probability = 0.9", "location_probability = 90")
    edit(folder, 'environment = "outdoor"', 'environment = "forest"')
    assert sorted(faults(folder)) == [
        ("study.choice", "services.1.environment"),
        ("study.not_number", "resolution_m"),
        ("study.too_big", "services.1.location_probability"),
    ]


@pytest.mark.parametrize("path", ["../cells.csv", "/etc/passwd", "a/../../cells.csv"])
def test_path_out_of_the_folder_is_refused(folder, path):
    edit(folder, 'cells = "cells.csv"', f'cells = "{path}"')
    assert faults(folder) == [("study.outside", "inputs.cells")]


def test_link_out_of_the_folder_is_refused(folder, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "cells.csv"
    elsewhere.touch()
    (folder / "cells.csv").unlink()
    (folder / "cells.csv").symlink_to(elsewhere)
    assert faults(folder) == [("study.outside", "inputs.cells")]


def test_backslash_in_a_path_says_what_to_write_instead(folder):
    edit(folder, '"cells.csv"', r'"du lieu\cells.csv"')
    with pytest.raises(StudyError, match=r"trong đường dẫn dùng / thay cho \\"):
        open_study(folder)


def test_missing_file_names_the_nearest_one(folder):
    edit(folder, '"cells.csv"', '"cell.csv"')
    with pytest.raises(StudyError, match=r"'cell\.csv'.*most alike: cells\.csv"):
        open_study(folder)


def test_each_technology_needs_its_threshold(folder):
    edit(folder, "2G = -98, ", "")
    assert faults(folder) == [("study.thresholds", "services.1")]


def test_target_must_name_a_service(folder):
    edit(folder, 'service = "mobile"', 'service = "4g"')
    assert faults(folder) == [("study.unknown_service", None)]


def test_centre_scope_goes_with_centre_denominator(folder):
    edit(folder, 'scope = "province"', 'scope = "commune_centre"')
    assert faults(folder) == [("study.centre_target", "targets.1")]


def test_two_services_may_not_share_an_id(folder):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    service = text[text.index("\n[[services]]") : text.index("# Mục tiêu")]
    edit(folder, "# Mục tiêu", service + "# Mục tiêu")
    assert faults(folder) == [("study.repeated", "services")]


def test_cells_without_radio_settings_are_refused(folder):
    text = (folder / "study.toml").read_text(encoding="utf-8")
    start, end = text.index("[radio]"), text.index("[gaps]")
    (folder / "study.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    with pytest.raises(StudyError, match=r"\[radio\] is missing"):
        open_study(folder)


def test_offices_alone_are_a_study(folder):
    (folder / "study.toml").write_text(
        """
        name = "A"
        name_en = "A"
        province = "Hà Giang"
        province_code = "02"
        edition = "2017"
        as_of = 2017-12-31
        resolution_m = 90
        [inputs]
        offices = "offices.csv"
        [egov]
        legal_basis = "x"
        prerequisites = [{ name = "has_lan" }]
        """,
        encoding="utf-8",
    )
    named = open_study(folder).inputs.model_dump(exclude_none=True, exclude_defaults=True)
    assert list(named) == ["offices"]


def test_folder_may_not_be_set_from_the_file(folder):
    edit(folder, 'name = "', 'folder = "/"\nname = "')
    assert faults(folder) == [("study.unknown_key", "folder")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"name = ", "study.syntax"),
        (b"\xff\xfen\x00", "study.not_utf8"),
        (b"#" * 1_000_001, "study.too_large"),
        (b"a = " + b"[" * 5000, "study.syntax"),
    ],
)
def test_unreadable_file_is_one_clear_fault(folder, content, message):
    (folder / "study.toml").write_bytes(content)
    assert faults(folder) == [(message, None)]


def test_folder_without_study_says_how_to_make_one(tmp_path):
    with pytest.raises(StudyError, match="phusong new"):
        open_study(tmp_path)


_toml_values = st.one_of(
    st.booleans(), st.integers(-5, 500), st.floats(allow_nan=True), st.text(max_size=8),
    st.lists(st.integers(), max_size=2), st.dictionaries(st.text(max_size=3), st.integers()),
)  # fmt: skip


@given(
    st.dictionaries(
        st.sampled_from(["name", "crs", "as_of", "inputs", "services", "targets", "radio", "x"]),
        _toml_values,
    )
)
def test_any_wrong_content_becomes_problems_with_words(values):
    from pydantic import ValidationError

    with pytest.raises(ValidationError) as caught:
        Study.model_validate({**values, "folder": Path()})
    for error in caught.value.errors():
        assert translate(error, Study, values).render("vi")
        assert translate(error, Study, values).render("en")


@pytest.mark.parametrize("crs", ["EPSG:3857", "EPSG:4978"])
def test_metres_that_are_none_on_the_ground_are_refused(folder, crs):
    edit(folder, "EPSG:9209", crs)
    assert faults(folder) == [("study.not_metric_crs", "crs")]


def test_files_that_lie_in_the_folder_are_named_where_none_is_called_alike(folder):
    for path in folder.iterdir():
        if path.name not in {"study.toml", "cells.csv"}:
            path.unlink()
    (folder / "cells.csv").rename(folder / "tram.xlsx")
    with pytest.raises(StudyError) as refused:
        open_study(folder)
    (told,) = [one for one in refused.value.problems if one.key == "inputs.cells"]
    assert "trong thư mục có: tram.xlsx)" in told.render("vi")
    (folder / "tram.xlsx").unlink()
    with pytest.raises(StudyError) as refused:
        open_study(folder)
    assert "(most alike: none)" in refused.value.problems[0].render("en")


def test_a_constant_may_be_a_date_and_is_no_list(folder):
    given = 'communes = { path = "communes.geojson", constants = { valid_from = %s } }'
    edit(folder, 'communes = "communes.geojson"', given % "2018-01-01")
    assert open_study(folder).inputs.communes[0].constants == {"valid_from": "2018-01-01"}
    edit(folder, given % "2018-01-01", given % "[1]")
    assert faults(folder) == [("study.not_constant", "inputs.communes.constants.valid_from")]


@pytest.mark.parametrize("path", ["a" * 300, "a\\u0000b"])
def test_name_that_no_file_can_have_is_a_plain_fault(folder, path):
    edit(folder, 'cells = "cells.csv"', f'cells = "{path}"')
    assert faults(folder) == [("study.no_file", "inputs.cells")]


@pytest.mark.parametrize(
    ("named", "as_what"), [("cells.csv", "is_file"), ("antennas", "is_dir")], ids=["file", "folder"]
)
def test_what_may_not_be_opened_is_told_as_such(folder, antennas, monkeypatch, named, as_what):
    plain = getattr(Path, as_what)

    def locked(path):
        if path.name == named:
            raise PermissionError(13, "Permission denied")
        return plain(path)

    monkeypatch.setattr(Path, as_what, locked)
    assert faults(folder) == [("study.not_permitted", f"inputs.{named.removesuffix('.csv')}")]


def test_scaffold_where_a_file_stands_is_refused(tmp_path):
    (tmp_path / "taken").touch()
    with pytest.raises(OutputError, match="cannot be made"):
        new_study(tmp_path / "taken", province="Cao Bằng")


def test_raster_takes_a_path_only(folder):
    edit(folder, '["terrain.tif"]', '[{ path = "terrain.tif", crs = "EPSG:9209" }]')
    assert faults(folder) == [("study.raster_option", "inputs")]


@pytest.fixture
def antennas(folder: Path) -> Path:
    """Return a folder of two pattern files and a note, named in the study."""
    path = folder / "antennas"
    path.mkdir()
    for name in ("b.MSI", "a.pln", "readme.txt"):
        (path / name).touch()
    edit(folder, "[inputs]", '[inputs]\nantennas = "antennas"')
    return path


def test_pattern_files_are_those_of_the_antennas_folder(folder, antennas):
    assert list(open_study(folder).antenna_files) == ["antennas/a.pln", "antennas/b.MSI"]
    edit(folder, 'antennas = "antennas"\n', "")
    assert open_study(folder).antenna_files == {}


def test_antennas_folder_that_is_none_is_told(folder, antennas, tmp_path_factory):
    for path in antennas.glob("*.[pM]*"):
        path.unlink()
    assert faults(folder) == [("study.no_patterns", "inputs.antennas")]
    (antennas / "a.msi").symlink_to(tmp_path_factory.mktemp("away") / "a.msi")
    assert faults(folder) == [("study.no_patterns", "inputs.antennas")]
    target = tmp_path_factory.mktemp("away") / "b.msi"
    target.touch()
    (antennas / "b.msi").symlink_to(target)
    assert faults(folder) == [("study.outside", "inputs.antennas")]
    edit(folder, 'antennas = "antennas"', 'antennas = "cells.csv"')
    assert faults(folder) == [("study.no_folder", "inputs.antennas")]
    edit(folder, 'antennas = "cells.csv"', 'antennas = "../away"')
    assert faults(folder) == [("study.outside", "inputs.antennas")]
    edit(folder, 'antennas = "../away"', f'antennas = "{"a" * 5000}"')
    assert faults(folder) == [("study.no_folder", "inputs.antennas")]


@pytest.mark.parametrize(
    ("environment", "settings", "message"),
    [
        ("vehicle", "building_loss_db = 10", "study.no_loss_vehicle"),
        ("indoor", "vehicle_loss_db = 9", "study.no_loss_indoor"),
        ("outdoor", "", None),
        ("vehicle", "vehicle_loss_db = 9", None),
        ("indoor", "building_loss_db = 10", None),
        ("indoor", 'building_entry = "p2109_thermally_efficient"', None),
    ],
)
def test_environment_needs_its_loss(folder, environment, settings, message):
    edit(folder, 'environment = "outdoor"', f'environment = "{environment}"')
    edit(folder, "building_loss_db = 10", settings)
    if message is None:
        open_study(folder)
    else:
        assert faults(folder) == [(message, None)]


def test_two_building_losses_contradict(folder):
    entry = 'building_entry = "p2109_traditional"'
    edit(folder, "building_loss_db = 10", f"building_loss_db = 10\n{entry}")
    assert faults(folder) == [("study.two_building_losses", "radio")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("location_sd_db = 6", None),
        ("location_sd_db = { outdoor = 6, indoor = 9 }", None),
        ('location_sd = "p1812"', None),
        ("location_sd_db = { indoor = 9 }", ("study.no_location_sd", None)),
        ('location_sd_db = 8\nlocation_sd = "p1812"', ("study.one_location_sd", "radio")),
        ("", ("study.one_location_sd", "radio")),
        ("location_sd_db = 21", ("study.too_big", "radio.location_sd_db.outdoor")),
        ('location_sd_db = "8"', ("study.not_number", "radio.location_sd_db.outdoor")),
    ],
)
def test_location_variability_is_one_number_or_one_an_environment_or_that_of_p1812(
    folder, line, told
):
    edit(folder, "location_sd_db = 8", line + " #")
    if told is None:
        open_study(folder)
    else:
        found = faults(folder)
        assert found[0] == told
        assert {message for message, _ in found} == {told[0]}


def test_a_parameter_of_a_model_is_a_text_or_a_number(folder):
    edit(folder, "[gaps]", "[radio.parameters]\nsight = [1]\n\n[gaps]")
    assert faults(folder) == [("study.not_parameter", "radio.parameters.sight")]


def test_a_study_of_real_data_has_no_notice_of_a_sample(folder):
    real = open_study(folder)
    assert (real.sample_headline, real.sample_notice) == (None, None)


@pytest.mark.parametrize(
    ("invented", "headline", "named"),
    [
        (
            '["communes", "cells"]',
            "ranh giới không có giá trị pháp lý",
            "ranh giới xã, trạm phát sóng",
        ),
        ('["villages"]', "không phải số liệu thật", "thôn"),
    ],
)
def test_the_notice_says_which_layers_are_invented(folder, invented, headline, named):
    edit(folder, '# invented = ["communes", "cells"]', f"invented = {invented}")
    study = open_study(folder)
    assert study.sample_headline.vi == f"Dữ liệu mẫu – {headline}"
    assert study.sample_notice.vi == (
        f"Dữ liệu mẫu – {headline}. Mọi con số và kết luận đạt, không đạt chỉ là ví dụ. "
        f"Giả lập: {named}."
    )


def test_a_layer_that_the_study_lacks_makes_no_sample(folder):
    edit(folder, '# invented = ["communes", "cells"]', 'invented = ["clutter"]')
    assert open_study(folder).sample_notice is None


def test_a_misspelt_invented_layer_is_refused(folder):
    edit(folder, '# invented = ["communes"', 'invented = ["comunes"')
    assert faults(folder) == [("study.choice", "inputs.invented.1")]


def test_the_note_of_the_boundaries_names_source_edition_and_date(folder):
    assert open_study(folder).boundaries_note.vi == "Ranh giới: chưa nêu nguồn, địa giới 2017."
    edit(folder, "# boundaries = ", "boundaries = ")
    note = open_study(folder).boundaries_note
    assert note.vi == "Ranh giới: Bộ Nội vụ, địa giới 2017, ngày 31/12/2017."
    assert note.en == "Boundaries: Bộ Nội vụ, edition 2017, 2017-12-31."


def test_settings_are_replaced_by_their_keys(folder):
    study = open_study(folder)
    assert study.replace() == study
    other = study.replace(
        {
            "services.mobile.threshold_dbm.4G": -110,
            "services.1.name": "Khác",
            "targets.2.share": 0.5,
            "radio.vehicle_loss_db": 9,
            "fibre.hubs.province": ["N-1"],
        },
        resolution_m=200,
    )
    assert other.services[0].threshold_dbm["4G"] == -110
    assert other.services[0].name == "Khác"
    assert [target.share for target in other.targets] == [0.98, 0.5]
    assert (other.radio.vehicle_loss_db, other.resolution_m) == (9, 200)
    assert other.fibre.hubs.province == ("N-1",)
    assert study.resolution_m == 90  # the study itself stays


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("spacing_m", -1.0, "study.too_small"),
        ("spacing_m", float("nan"), None),
        ("spacing_by_type", {"phường": -1.0}, "study.too_small"),
        ("spacing_by_type", {"thành phố": 100.0}, "study.choice"),
        ("weights", {"border": -1.0}, "study.too_small"),
        ("weights", {"poor": 2.0}, "study.choice"),
        ("places", "none.csv", "study.no_file"),
        ("excluded", "../forest.gpkg", "study.outside"),
    ],
)
def test_what_a_plan_of_sites_cannot_be_asked_for_is_refused(folder, key, value, message):
    section = {
        "service": "mobile", "operator": "Viettel", "technology": "4G",
        "years": [{"year": 2027, "budget_vnd": 1e9}], "share_vnd": 1e8,
        "masts": [{"antenna_height_m": 30, "price_vnd": 1e9}],
    }  # fmt: skip
    study = open_study(folder)
    taken = study.replace(siting=section | {"spacing_m": 300, "spacing_by_type": {"phường": 100}})
    assert (taken.siting.spacing_m, taken.siting.spacing_by_type) == (300, {"phường": 100})
    with pytest.raises(StudyError) as refused:
        study.replace(siting=section | {key: value})
    (problem,) = refused.value.problems
    assert problem.key.startswith(f"siting.{key}")
    assert message in (None, problem.message)


@pytest.mark.parametrize(
    ("changes", "message", "key"),
    [
        ({"radio.radius": 3}, "study.unknown_key", "radio.radius"),
        ({"rado.radius_km": 3}, "study.unknown_key", "rado"),
        ({"services.mobil.name": "x"}, "study.no_entry", "services.mobil"),
        ({"targets.9.share": 1}, "study.no_entry", "targets.9"),
        ({"name.x": 1}, "study.unknown_key", "name.x"),
        ({"radio.radius_km": "far"}, "study.not_number", "radio.radius_km"),
        ({"resolution_m": 1}, "study.too_small", "resolution_m"),
        ({"services.mobile.technologies": ["4G"]}, "study.thresholds", "services.1"),
        ({"inputs.cells": "none.csv"}, "study.no_file", "inputs.cells"),
        ({"inputs.cells.path": "../x"}, "study.outside", "inputs.cells"),
        ({"folder": "x"}, "study.unknown_key", "folder"),
        ({"services": 3}, "study.not_list", "services"),
        ({"targets": {"a": 1}}, "study.not_list", "targets"),
        ({"radio": "far"}, "study.not_section", "radio"),
        ({"radio.parameters": 1}, "study.not_section", "radio.parameters"),
    ],
)
def test_a_replacement_that_no_study_could_have_is_refused(folder, changes, message, key):
    with pytest.raises(StudyError) as refused:
        open_study(folder).replace(changes)
    assert [(problem.message, problem.key) for problem in refused.value.problems] == [
        (message, key)
    ]


@pytest.mark.parametrize(
    ("changes", "example"),
    [
        ({"radio": {"radius_km": 12}}, "radio.radius_km"),
        ({"services.mobile": {"name": "x"}}, "services.mobile.name"),
        ({"fibre.links": {"count": 3}}, "fibre.links.count"),
    ],
)
def test_a_section_replaced_by_a_part_of_it_tells_how_to_change_one_key(folder, changes, example):
    study = open_study(folder)
    with pytest.raises(StudyError) as refused:
        study.replace(changes)
    assert {problem.message for problem in refused.value.problems} == {"study.missing_in_changed"}
    assert f'study.replace({{"{example}": …}})' in refused.value.render("en")
    (value,) = next(iter(changes.values())).values()
    study.replace({example: value})  # and that is true


@pytest.mark.parametrize("given", ["9209", "EPSG:9209", "epsg:9209", " EPSG 9209 "])
def test_a_code_of_a_crs_is_kept_with_its_authority(folder, given):
    edit(folder, 'crs = "EPSG:9209"', f'crs = "{given}"')
    assert open_study(folder).crs == "EPSG:9209"


@pytest.mark.parametrize("given", ["9209.0", "TM-3", "99999999", "-9209", ""])
def test_a_crs_that_is_none_is_told_as_it_was_given(folder, given):
    edit(folder, 'crs = "EPSG:9209"', f'crs = "{given}"')
    with pytest.raises(StudyError, match=f"Unknown coordinate system “(EPSG:)?{given}”") as refused:
        open_study(folder)
    assert len(refused.value.problems) == 1


@pytest.mark.parametrize("given", ["9210", "epsg:9210", None])
def test_a_new_study_keeps_the_authority_of_its_crs(tmp_path, given):
    path = new_study(tmp_path, province="Cao Bằng", crs=given)
    assert tomllib.loads(path.read_text(encoding="utf-8"))["crs"] == "EPSG:9210"


def test_a_new_study_refuses_a_crs_that_is_none(tmp_path):
    with pytest.raises(StudyError, match="--crs: Unknown coordinate system “”"):
        new_study(tmp_path, province="Cao Bằng", crs="")
    assert not [*tmp_path.iterdir()]


def test_table_may_be_several_files_each_with_its_own_settings(folder):
    shutil.copy(folder / "cells.csv", folder / "more.csv")
    text = (folder / "study.toml").read_text(encoding="utf-8")
    several = 'cells = ["cells.csv", { path = "more.csv", crs = "x" }]'
    (folder / "study.toml").write_text(
        text.replace('cells = "cells.csv"', several), encoding="utf-8"
    )
    assert faults(folder) == [("study.unknown_crs", "inputs.cells.2.crs")]
    (folder / "study.toml").write_text(
        text.replace('cells = "cells.csv"', several.replace('"x"', '"4326"')), encoding="utf-8"
    )
    study = open_study(folder)
    assert [one.path for one in study.inputs.tables["cells"]] == ["cells.csv", "more.csv"]
    assert study.replace({"inputs.villages.crs": "EPSG:9209"}).inputs.villages[0].crs == "EPSG:9209"
    assert study.replace({"inputs.cells.2.crs": "EPSG:4756"}).inputs.cells[1].crs == "EPSG:4756"
