"""Texts that no output could hold: refused where they are read, with place and reason."""

import json

import pandas as pd
import pytest

import phusong
from phusong import tables
from phusong.errors import InputError, StudyError
from phusong.fibre import read_ofds
from phusong.inputs import Source, read_table
from phusong.maps import open_theme
from phusong.radio import read_pattern
from phusong.study import new_study, open_study
from phusong.tables import INPUT_TABLES
from synthetic import write_small_study

from .attacks import (
    REFUSED,
    SHOWN,
    settings,
    text_fields,
    toml,
    write_settings,
)

KINDS = {name: "too_long" if "long" in name else "unprintable" for name in REFUSED}
TABLES = [name for name, table in sorted(INPUT_TABLES.items()) if text_fields(table)]


def place_of(geometry):
    shapes = {
        "Point": [105.0, 22.8],
        "LineString": [[105.0, 22.8], [105.1, 22.8]],
        "Polygon": [[[105.0, 22.8], [105.1, 22.8], [105.1, 22.9], [105.0, 22.8]]],
    }
    return {"type": geometry, "coordinates": shapes[geometry]}


def sound(field):
    """Return a value that a field takes."""
    if field.choices:
        return field.choices[0]
    if field.kind == "text":
        return "00001" if "5" in field.pattern else "a" if field.pattern else "Xín Mần"
    return {"boolean": True, "date": "2017-01-01"}.get(field.kind, field.minimum or 1)


@pytest.mark.parametrize("name", TABLES)
def test_every_text_field_of_every_table_refuses_them_with_row_and_column(name, tmp_path):
    table = INPUT_TABLES[name]
    cases = [(field, attack) for field in text_fields(table) for attack in REFUSED]
    rows = []
    for at, (field, attack) in enumerate(cases):
        row = {one.name: sound(one) for one in table.fields}
        row |= {key: f"{at}" for key in table.key if key in text_fields(table)}
        rows.append(row | {field: REFUSED[attack]})
    if table.geometry is None:
        path = tmp_path / "table.csv"
        # UTF-8 cannot hold the one; the other makes the whole file no text, which is refused too.
        keep = [at for at, one in enumerate(cases) if one[1] not in {"half of a pair", "nul"}]
        pd.DataFrame([rows[at] for at in keep]).to_csv(path, index=False)
        cases = [cases[at] for at in keep]
    else:
        path = tmp_path / "table.geojson"
        features = [
            {"type": "Feature", "properties": row, "geometry": place_of(table.geometry)}
            for row in rows
        ]
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    source = Source(path=path, shown=path.name)
    with pytest.raises(InputError) as caught:
        read_table(source, table, crs="EPSG:9209", set_aside_faulty=False)
    first = 2 if table.geometry is None else 1
    found = {(p.row, p.column, p.message.removeprefix("inputs.")) for p in caught.value.problems}
    # The texts in place of keys and numbers break further rules, too.
    assert {one for one in found if one[2] in KINDS.values()} == {
        (first + at, field, KINDS[attack]) for at, (field, attack) in enumerate(cases)
    }
    assert not {*str(caught.value)} & {"\x1b", "\x9b", "\0", "\b", "\x7f", "\ud800"}


@pytest.mark.parametrize("attack", sorted({*REFUSED} - {"half of a pair"}))  # no TOML can hold it
def test_every_text_of_study_toml_refuses_them_with_its_key(attack, tmp_path):
    keys = settings([REFUSED[attack][:20_000]])  # all of them within a file of 1 MB
    new_study(tmp_path, province="Cao Bằng")
    write_settings(tmp_path, keys)
    with pytest.raises(StudyError) as caught:
        open_study(tmp_path)
    found = {p.key for p in caught.value.problems if p.message == f"study.{KINDS[attack]}"}
    assert found == set(keys)


@pytest.mark.parametrize("attack", sorted({*REFUSED} - {"half of a pair", "far too long"}))
def test_a_theme_refuses_them_with_line_and_key(attack, tmp_path):
    words = f"{{ vi = {toml(REFUSED[attack])}, en = {toml(REFUSED[attack])} }}"
    (tmp_path / "own.toml").write_text(f'base = "overview"\ntitle = {words}\nnote = {words}\n')
    with pytest.raises(InputError) as caught:
        open_theme(tmp_path / "own.toml")
    assert {(p.key, p.line) for p in caught.value.problems} >= {
        (f"{key}.{lang}", line)
        for key, line in (("title", 2), ("note", 3))
        for lang in ("vi", "en")
    }


@pytest.mark.parametrize("attack", sorted(REFUSED))
def test_an_open_fibre_document_refuses_them_in_every_text(attack):
    bad = REFUSED[attack]
    providers = [{"name": bad}]
    network = {
        "id": "n",
        "nodes": [{"id": f"a{bad}", "name": bad, "type": [bad], "networkProviders": providers}],
        "spans": [{"id": f"s{bad}", "name": bad, "status": "operational", "start": bad,
                   "end": {"id": bad}, "supplier": {"name": bad},
                   "networkProviders": providers}],
    }  # fmt: skip
    with pytest.raises(InputError) as caught:
        read_ofds(network, file="network.json")
    columns = [
        p.column for p in caught.value.problems if p.message == f"fibre.ofds_{KINDS[attack]}"
    ]
    assert sorted(columns) == sorted(
        ["nodes.id", "nodes.name", "nodes.type", "nodes.networkProviders", "spans.id",
         "spans.name", "spans.start", "spans.end", "spans.supplier", "spans.networkProviders"]
    )  # fmt: skip


@pytest.mark.parametrize("attack", ["escape of a terminal", "escape in one byte", "delete",
                                    "far too long"])  # fmt: skip
def test_the_name_of_a_pattern_refuses_them_with_its_line(attack, tmp_path):
    cut = "\n".join(f"{angle} 0" for angle in range(360))
    path = tmp_path / "a.msi"
    path.write_text(
        f"MAKE x\nNAME a{REFUSED[attack]}b\nHORIZONTAL 360\n{cut}\nVERTICAL 360\n{cut}\n", "utf-8"
    )
    with pytest.raises(InputError) as caught:
        read_pattern(path, shown="a.msi")
    (problem,) = caught.value.problems
    assert (problem.message, problem.line) == (f"radio.pattern_name_{KINDS[attack]}", 2)


def test_a_command_shows_what_it_refuses_without_obeying_it(tmp_path, told):
    write_small_study(tmp_path, sites=1)
    text = (tmp_path / "villages.csv").read_text("utf-8")
    (tmp_path / "villages.csv").write_text(
        text.replace("Nà Cáy", REFUSED["escape of a terminal"] + "\u202e", 1), "utf-8"
    )
    said = told("check", tmp_path)
    assert said.exit_code == 2
    assert r"\x1b[31mđỏ\x1b[0m" in said.output
    assert "\u202e" not in said.output


def test_a_prerequisite_that_would_become_a_column_is_a_plain_code(tmp_path):
    rules = tables.READINESS_RULES
    row = {field.name: sound(field) for field in rules.fields}
    rows = [row | {"prerequisite": text} for text in SHOWN.values()]
    pd.DataFrame(rows).to_csv(tmp_path / "rules.csv", index=False)
    source = Source(path=tmp_path / "rules.csv", shown="rules.csv")
    with pytest.raises(InputError) as caught:
        read_table(source, rules, crs="EPSG:9209", set_aside_faulty=False)
    assert {p.column for p in caught.value.problems} == {"prerequisite"}
    assert len(caught.value.problems) == len(SHOWN)


@pytest.mark.parametrize(
    "name", ["a\"b\n[c]\n'.json", "\\1\\g<0>.json", "{{ 7 }} # x.json", "\x7f"]
)
def test_a_scaffold_names_any_file_as_one_text(name, tmp_path):
    (tmp_path / name).write_text("{}", "utf-8")
    path = new_study(
        tmp_path / "study", province="Cao Bằng", ofds=tmp_path / name, sheets={"offices": name}
    )
    keys = phusong._settings.read_toml(path, room="study", largest_bytes=10**6)[1]
    assert keys["inputs"]["ofds"] == name
    assert keys["inputs"]["offices"] == {"path": name, "sheet": "offices"}
