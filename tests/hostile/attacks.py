"""Hostile texts by the name of the attack, and a study that has them in every field."""

import json
import unicodedata

import openpyxl
import pandas as pd

from phusong import tables
from synthetic import write_small_study

CANARY = "EXECUTED"
"""File that a command of a text would leave in the working folder."""
STOLEN = "window.stolen=1"

SHOWN = {
    "formula": "=1+1",
    "formula with plus": "+1+1",
    "formula with minus": "-1+cmd|' /C calc'!A0",
    "formula with at": "@SUM(1)",
    "formula with a full-width sign": "＝1+1",
    "jinja expression": f"{{{{ cycler.__init__.__globals__.os.popen('touch {CANARY}').read() }}}}",
    "jinja arithmetic": "{{ 7*7 }} nghìn",
    "jinja comment": "UBND {# tinh",
    "jinja statement": "{% raw %} {%",
    "jinja that ends the script": f"{{{{ '</script><script>{STOLEN}</script>' }}}}",
    "end of the script": f"</script><script>{STOLEN}</script>",
    "comment that swallows the page": "<!--<script>",
    "image with a handler": f"<img src=x onerror={STOLEN}>",
    "drawing with a handler": f"<svg onload={STOLEN}>",
    "handler out of an attribute": f"\"' onmouseover={STOLEN} x='",
    "javascript template": f"`${{{STOLEN}}}`",
    "address of a script": f"javascript:{STOLEN}",
    "name of a prototype": "__proto__",
    "format of python": "{0.__class__} {0} {lang} %s %(x)d %n",
    "sql": "'); DROP TABLE communes; --",
    "xml": "&lt;&#0;]]><![CDATA[",
    "expression of qgis": "[% env('HOME') %]",
    "entity of google earth": "$[name]",
    "mathtext": r"$x^2$ $\frac{1}{0}$ $",
    "markup of a terminal": "[bold red]đỏ[/] [link=file:///]",
    "path": "../../../x",
    "right to left": "\u202egnaig àH\u202c",
    "no width": "Xín\u200b\ufeff Mần",
    "new line": "Xín\nMần",
    "odd glyphs": "𠀀 🐃 \ufffd \ue000 é̂̃",
    "long": "x" * 8000,
}
REFUSED = {
    "escape of a terminal": "\x1b[31mđỏ\x1b[0m",
    "escape in one byte": "\x9b2J",
    "nul": "a\0b",
    "backspace": "abc\b\b\b",
    "delete": "a\x7f",
    "half of a pair": "\ud800",
    "no character": "\uffff",
    "far too long": "x" * 100_000,
}
IDENTIFIERS = {
    "cells": ("site_id", "station_id", "cell_id"),
    "offices": ("office_id",),
    "villages": ("village_id",),
    "nodes": ("id",),
    "spans": ("id", "start", "end"),
    "roads": ("road_id",),
    "rivers": ("river_id",),
    "places": ("place_id",),
}


def text_fields(table):
    """Return the names of the fields that hold free text."""
    return [
        field.name
        for field in table.fields
        if field.kind == "text" and not field.choices and not field.pattern
    ]


def as_read(text):
    """Return a text as readers hand it on: composed, without marks that take no room."""
    text = "".join(letter for letter in text if letter not in "\u200b\ufeff")
    return unicodedata.normalize("NFC", text.strip())


def all_attacks(parts):
    """Return every attack within so many texts, each text beginning with another."""
    texts = list(SHOWN.values())
    return [" ¦ ".join(texts[part::parts]) for part in range(parts)]


def hostile(frame, table):
    """Return a table with attacks in every field of free text; equal texts stay equal."""
    frame = frame.copy()
    for name in text_fields(table):
        if name not in frame or name == "antenna":
            continue
        identifies = name in IDENTIFIERS.get(table.name, ())
        values = list(dict.fromkeys(frame[name].dropna()))
        given = dict.fromkeys(values)
        # The ends of spans must go on meaning their nodes.
        texts = list(SHOWN.values())[:-1] if identifies else all_attacks(max(len(values), 1))
        for at, value in enumerate(values):
            at = int("".join(filter(str.isdigit, value)) or at) if identifies else at
            given[value] = f"{texts[at % len(texts)]} {value}" if identifies else texts[at]
        frame[name] = frame[name].map(given)
    return frame


def write_hostile_study(folder):
    """Write a complete study with attacks in every text; return its tables as they were given."""
    write_small_study(folder, communes=8, sites=2)
    given = {}
    for name, table in (("cells", tables.CELLS), ("villages", tables.VILLAGES)):
        frame = hostile(pd.read_csv(folder / f"{name}.csv", dtype=str), table)
        if name == "cells":
            frame.loc[frame["antenna"].notna(), "antenna"] = pattern_name()
        frame.to_csv(folder / f"{name}.csv", index=False)
        given[name] = frame
    offices = hostile(pd.read_csv(folder / "offices.csv", dtype=str), tables.OFFICES)
    write_sheet(folder / "offices.xlsx", offices)
    given["offices"] = offices
    for name in ("communes", "nodes", "spans", "roads", "rivers", "places"):
        table = getattr(tables, name.upper())
        document = json.loads((folder / f"{name}.geojson").read_text("utf-8"))
        rows = pd.DataFrame([feature["properties"] for feature in document["features"]])
        frame = hostile(rows, table).astype(object)
        frame = frame.where(frame.notna(), None)
        for feature, row in zip(document["features"], frame.to_dict("records"), strict=True):
            feature["properties"] = row
        (folder / f"{name}.geojson").write_text(json.dumps(document), "utf-8")
        given[name] = frame
    write_ofds(folder)
    write_themes(folder)
    write_pattern(folder)
    write_rules(folder)
    write_settings(folder)
    return given


def write_sheet(path, frame, title="offices"):
    """Write rows as a workbook of text cells."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row, values in enumerate([frame.columns, *frame.itertuples(index=False)], start=1):
        for column, value in enumerate(values, start=1):
            if not pd.isna(value):
                book.active.cell(row, column, str(value)).data_type = "s"
    book.save(path)


def write_ofds(folder):
    """Turn nodes and spans into one document of the Open Fibre Data Standard."""
    network = {"id": SHOWN["jinja arithmetic"], "name": SHOWN["jinja expression"]}
    for kind, shape in (("nodes", "location"), ("spans", "route")):
        document = json.loads((folder / f"{kind}.geojson").read_text("utf-8"))
        network[kind] = [
            {key: value for key, value in feature["properties"].items() if value is not None}
            | {shape: feature["geometry"]}
            for feature in document["features"]
        ]
        (folder / f"{kind}.geojson").unlink()
    for node in network["nodes"]:
        node["type"] = [node["type"]]
    for span in network["spans"]:
        span["deployment"] = [span["deployment"]]
        span["supplier"] = {"id": SHOWN["sql"], "name": span["supplier"]}
    (folder / "network.json").write_text(json.dumps(network), "utf-8")


def toml(text):
    """Write a text as a TOML string."""
    escaped = "".join(
        letter if letter.isprintable() and letter not in '"\\' else f"\\U{ord(letter):08x}"
        for letter in text
    )
    return f'"{escaped}"'


def write_themes(folder):
    """Write a theme of the study's own, every word of it an attack."""
    words = [toml(text) for text in all_attacks(6)]
    (folder / "maps").mkdir()
    (folder / "maps" / "hostile.toml").write_text(
        f"""base = "overview"
title = {{ vi = {words[0]}, en = {words[1]} }}
note = {{ vi = {words[2]}, en = {words[3]} }}
[[layers]]
id = "districts"
title = {{ vi = {words[4]}, en = {words[5]} }}
[[layers]]
id = "own"
table = "villages"
title = {{ vi = {words[1]}, en = {words[0]} }}
[layers.categories]
field = "name"
other = "#999999"
other_title = {{ vi = {words[2]}, en = {words[3]} }}
items = [
{{ value = {words[0]}, title = {{ vi = {words[4]}, en = {words[5]} }}, colour = "#ff0000" }},
]
""",
        "utf-8",
    )


def pattern_name():
    """Return a name that a line of a pattern file can hold."""
    return " ".join(SHOWN["jinja expression"].split())


def write_pattern(folder):
    """Write an antenna pattern whose texts are attacks."""
    (folder / "antennas").mkdir()
    cut = "\n".join(f"{angle} {min(12 * (min(angle, 360 - angle) / 65) ** 2, 30):.1f}"
                    for angle in range(360))  # fmt: skip
    comments = "\n".join(
        "COMMENT " + " ".join(text.split()) for text in SHOWN.values() if len(text) < 200
    )
    (folder / "antennas" / "a.msi").write_text(
        f"NAME {pattern_name()}\nMAKE {SHOWN['end of the script']}\n{comments}\nGAIN 17 dBi\n"
        f"HORIZONTAL 360\n{cut}\nVERTICAL 360\n{cut}\n",
        "utf-8",
    )


def write_rules(folder):
    """Write rules and works of the province's own, their words attacks."""
    words = all_attacks(3)
    rules = pd.DataFrame(
        {
            "level": [1, 2], "prerequisite": ["has_lan", "own"], "field": ["has_lan", "has_fibre"],
            "rule": "true", "minimum": None, "vi": words[0], "en": words[1],
            "legal_basis": words[2],
        }
    )  # fmt: skip
    works = pd.DataFrame(
        {"prerequisite": ["has_lan", "own"], "cost_vnd": 1e6, "crew_days": 1, "source": words[:2]}
    )
    write_sheet(folder / "rules.xlsx", rules, "readiness_rules")
    write_sheet(folder / "works.xlsx", works, "works")


def settings(texts):
    """Return the keys of study.toml that hold free text, with texts in turn."""
    keys = ("name", "name_en", "province", "edition", "services.1.name", "services.1.name_en",
            "egov.cost_basis", "egov.cost_basis_en", "egov.legal_basis", "published.1.source",
            "published.2.source", "published.2.name", "published.2.name_en",
            "egov.rollout.scenarios.1.name", "egov.rollout.scenarios.1.name_en")  # fmt: skip
    return {key: texts[at % len(texts)] for at, key in enumerate(keys)}


def write_settings(folder, given=None):
    """Rewrite the study.toml with a text of one's own in every key of free text."""
    told = settings(all_attacks(15)) if given is None else given
    words = {key: toml(text) for key, text in told.items()}
    scaffold = (folder / "study.toml").read_text("utf-8")
    lines = []
    for line in scaffold.splitlines():
        key = line.split(" = ")[0]
        if line.startswith(("name = ", "name_en = ", "province = ", "edition = ")):
            service = "services.1." if any("[[services]]" in one for one in lines) else ""
            line = f"{key} = {words[service + key]}"
        elif line.startswith(("spans = ", "rules = ")):
            continue
        elif line.startswith("nodes = "):
            line = 'ofds = "network.json"\nantennas = "antennas"\n' \
                   'readiness_rules = "rules.xlsx"\nworks = "works.xlsx"'  # fmt: skip
        elif line.startswith("offices = "):
            line = 'offices = "offices.xlsx"'
        elif line.startswith("resolution_m"):
            line = "resolution_m = 250"
        elif line.startswith("radius_km"):
            line = "radius_km = 6"
        lines.append(line)
    lines += [
        f"cost_basis = {words['egov.cost_basis']}",
        f"cost_basis_en = {words['egov.cost_basis_en']}",
        f"legal_basis = {words['egov.legal_basis']}",
        "[egov.rollout]",
        "years = [{ year = 2018, budget_vnd = 3e6, crew_days = 900 }]",
        "weights = { files_per_year = 1, population = 1, distance_to_centre_m = 0.5 }",
        "district_bonus = 0.2", "carry_over = false", "unknown_is_missing = true",
        "largest_gap = 0.01", "[[egov.rollout.scenarios]]", 'id = "half"',
        f"name = {words['egov.rollout.scenarios.1.name']}",
        f"name_en = {words['egov.rollout.scenarios.1.name_en']}", "budget_factor = 0.5",
        "[[published]]", 'indicator = "stations"', "value = 9",
        f"source = {words['published.1.source']}",
        "[[published]]", 'indicator = "own"', "value = 3.0", 'unit = "count"',
        f"name = {words['published.2.name']}", f"name_en = {words['published.2.name_en']}",
        f"source = {words['published.2.source']}",
    ]  # fmt: skip
    (folder / "study.toml").write_text("\n".join(lines) + "\n", "utf-8")
