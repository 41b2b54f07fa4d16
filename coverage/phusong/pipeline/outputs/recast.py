"""The tables of a result for the communes of another administrative edition.

Counts are summed and split without loss, shares are quotients of the new counts, verdicts are
judged anew; what is neither, such as the distance from a centre that is one no longer, is left out
and told. Which is which, `tables` says field by field. Knows finished layers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from ...admin import carry, successors
from ...export import Layer
from ...export.layers import to_degrees
from ...export.plain import DECIMALS
from ...i18n import Bilingual, both
from ...service import verdicts
from ...service.units import EXPECTED_SHARE, SHARES
from ...study import Scope, Study, target_of
from ...tables import (
    COMMUNES_RESULT,
    DISTRICTS_RESULT,
    GAPS,
    INDICATORS,
    PROVINCE_RESULT,
    RESULT_TABLES,
    Field,
)
from ..records import Note
from .recast_target import CODE, SHOWN, Target

_UNIT_FIELDS = ("commune_code", "valid_from", "name", "type", "district_code", "district")
_SCALE = 10**DECIMALS

Row = Mapping[str, Any]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, kw_only=True)
class Recasted:
    """The layers of another edition, and what was left out of them.

    Parameters
    ----------
    layers : mapping of str to Layer
    notes : tuple of Note
    """

    layers: Mapping[str, Layer]
    notes: tuple[Note, ...]


def recast_layers(layers: Mapping[str, Layer], study: Study, target: Target) -> Recasted:
    """Return finished layers for the units of another edition.

    Parameters
    ----------
    layers : mapping of str to Layer
        Of a result, by name.
    study : Study
        Whose targets judge.
    target : Target

    Returns
    -------
    Recasted
    """
    moved = _Moved(target)
    fields = {name: _defined(name, study) for name in layers if name in RESULT_TABLES}
    # Several rows of a commune that split a figure of its own have no heir.
    of_communes = {
        name
        for name, layer in layers.items()
        if layer.shapes is None and CODE in layer.table.key and len(layer.table.key) > 1
    }
    of_rows = {
        name: moved.rows(layer)
        for name, layer in layers.items()
        if CODE in layer.table.columns and name not in of_communes and name != COMMUNES_RESULT.name
    }
    before = layers[COMMUNES_RESULT.name]
    counted = _counted(layers, of_rows, study, target)
    communes = _communes(before, fields[COMMUNES_RESULT.name], study, target, counted)
    found: dict[str, Layer] = {}
    for name, layer in layers.items():
        if name == COMMUNES_RESULT.name:
            found[name] = communes
        elif name in (DISTRICTS_RESULT.name, PROVINCE_RESULT.name):
            carried = {row[CODE] for row in before.rows} <= {*target.crosswalk["from_code"]}
            grouped = _grouped(layer, communes, fields[name], study, complete=carried)
            if grouped is not None:
                found[name] = grouped
        elif name == GAPS.name:
            found[name] = moved.lists(layer)
        elif name != INDICATORS.name and name not in of_communes:
            found[name] = of_rows.get(name, layer)
    gone = [layer.table.title for name, layer in layers.items() if name not in found]
    return Recasted(
        layers=found,
        notes=(
            *target.notes,
            *moved.notes(),
            *_listed("admin.tables_left_out", gone),
            *_listed("admin.columns_left_out", _lost(before, communes)),
            *_undecided(communes, study),
        ),
    )


def _listed(message: str, titles: Sequence[Bilingual]) -> list[Note]:
    if not titles:
        return []
    listed = both(lambda lang: "; ".join(title[lang] for title in titles))
    return [Note(message, {"count": len(titles), "names": listed})]


def _undecided(communes: Layer, study: Study) -> list[Note]:
    """Tell how many communes lost their verdict, where others kept theirs."""
    names = [f"confident_verdict_{service.id}" for service in study.services]
    known = [any(row.get(name) is not None for name in names) for row in communes.rows]
    if not any(known) or all(known):
        return []
    return [Note("admin.verdicts_left_out", {"count": known.count(False)})]


def _counted(
    layers: Mapping[str, Layer], moved: Mapping[str, Layer], study: Study, target: Target
) -> dict[str, pd.DataFrame]:
    """Return how divided communes' villages and stations, known one by one, go over."""
    wanted = {"villages": ("villages", ""), "stations": ("stations", "")}
    for service in study.services:
        wanted[f"covered_villages_{service.id}"] = ("villages", f"covered_{service.id}")
    if target.shapes is None:
        return {}
    found = {}
    for name, (table, flag) in wanted.items():
        if table in moved and (not flag or flag in layers[table].table.columns):
            rows = zip(layers[table].rows, moved[table].rows, strict=True)
            count = Counter((old[CODE], new[CODE]) for old, new in rows if not flag or old[flag])
            pairs = target.crosswalk.copy()
            of_rows = [
                float(count[key]) for key in zip(pairs["from_code"], pairs["to_code"], strict=True)
            ]
            any_rows = pd.Series(of_rows).groupby(pairs["from_code"]).transform("sum") > 0
            pairs["weight"] = pd.Series(of_rows).where(any_rows, pairs["weight"])
            found[name] = pairs
    return found


def _defined(name: str, study: Study) -> dict[str, Field]:
    """Return the fields of a result table with their rules, repeating ones written out."""
    errors = {"run": study.errors}
    table = RESULT_TABLES[name].expand({"service": [one.id for one in study.services]}, errors)
    return {field.name: field for field in table.fields}


def _lost(before: Layer, after: Layer) -> list[Bilingual]:
    """Return the titles of the columns that had values and have none any more."""

    def filled(layer: Layer, name: str) -> bool:
        return any(row[name] is not None for row in layer.rows)

    return [
        field.title
        for field in before.table.fields
        if filled(before, field.name) and not filled(after, field.name)
        and field.name not in ("district_code", "district")
    ]  # fmt: skip


def _aggregate(
    rows: Mapping[str, Row],
    fields: Mapping[str, Field],
    pairs: pd.DataFrame,
    counted: Mapping[str, pd.DataFrame],
) -> dict[str, dict[str, Any]]:
    """Return the values of the new units by the rule of each field; None where there is none.

    `counted` fields are of rows that are known one by one, and go by a crosswalk of their own.
    """
    parts: dict[str, list[str]] = defaultdict(list)
    for code, targets in successors(pairs).items():
        for new, _ in targets:
            parts[new].append(code)
    undivided = {code for code, targets in successors(pairs).items() if len(targets) == 1}
    made: dict[str, dict[str, Any]] = {new: dict.fromkeys(fields) for new in sorted(parts)}
    for name, field in fields.items():
        if field.recast == "sum":
            scale = 1 if field.kind == "integer" else _SCALE
            counts = {
                code: None if row.get(name) is None else round(row[name] * scale)
                for code, row in rows.items()
            }
            totals = carry(counts, counted.get(name, pairs))
            for new, row in made.items():
                total = totals.get(new, 0)
                row[name] = total if total is None or scale == 1 else total / scale
        elif field.recast == "whole":
            for new, codes in parts.items():
                if len(codes) == 1 and codes[0] in undivided:
                    made[new][name] = rows[codes[0]].get(name)
        elif field.recast == "alike":
            for new, codes in parts.items():
                values = {rows[code].get(name) for code in codes}
                mixed = "mixed" if "mixed" in field.choices else None
                made[new][name] = values.pop() if len(values) == 1 else mixed
    for name, field in fields.items():
        if field.recast == "share":
            part, whole = field.share_of
            for row in made.values():
                row[name] = _share(row.get(part), row.get(whole))
    return made


def _share(part: float | None, whole: float | None) -> float | None:
    if part is None or not whole:
        return None
    return round(min(part / whole, 1.0), DECIMALS)


def _judge(
    made: Mapping[str, dict[str, Any]], fields: Mapping[str, Field], study: Study, scope: Scope
) -> None:
    """Judge units anew by the targets; not by those of commune centres, which nobody knows yet."""
    for service in study.services:
        target = target_of(study.targets, service.id, scope)
        name = f"target_verdict_{service.id}"
        if target is None:
            for row in made.values():
                row[name] = "not_applicable"
        elif target.denominator in SHARES:
            read = EXPECTED_SHARE if target.reading == "probability" else SHARES[target.denominator]
            share = f"{read}_{service.id}"
            part, whole = fields[share].share_of
            counts = pd.DataFrame(list(made.values()), columns=[part, whole]).astype("float64")
            exact = counts[part] / counts[whole].where(counts[whole] > 0)
            judged = verdicts(
                gpd.GeoDataFrame({share: exact}),
                service.id,
                share=target.share,
                denominator=target.denominator,
                reading=target.reading,
            )
            for row, verdict in zip(made.values(), judged, strict=True):
                row[name] = verdict


def _communes(
    layer: Layer,
    fields: Mapping[str, Field],
    study: Study,
    target: Target,
    counted: Mapping[str, pd.DataFrame],
) -> Layer:
    rows: dict[str, Row] = {row[CODE]: row for row in layer.rows}
    made = _aggregate(rows, fields, target.crosswalk, counted)
    _judge(made, fields, study, "commune")
    for code, row in made.items():
        unit = target.units[code]
        own = (code, target.valid_from[code], unit.name, unit.type,
               unit.district_code or None, unit.district or None)  # fmt: skip
        row.update(zip(_UNIT_FIELDS, own, strict=True))
    return _layer(layer, made.values(), _outlines(layer, target, made))


def _outlines(layer: Layer, target: Target, codes: Iterable[str]) -> Shapes:
    """Return the outline of each new unit: as given, else its old ones joined."""
    if target.shapes is not None:
        return np.array([target.shapes[code] for code in codes], dtype=object)
    assert layer.shapes is not None
    of_old = {row[CODE]: shape for row, shape in zip(layer.rows, layer.shapes, strict=True)}
    parts: dict[str, list[Any]] = defaultdict(list)
    for old, targets in successors(target.crosswalk).items():
        for new, _ in targets:
            parts[new].append(of_old[old])
    joined = [shapely.union_all(parts[code]) for code in codes]
    return to_degrees(gpd.GeoSeries(joined, crs="EPSG:4326"))


def _layer(like: Layer, rows: Iterable[Row], shapes: Shapes | None) -> Layer:
    """Return rows as a layer, sorted by its key."""
    kept = [{name: row.get(name) for name in like.table.columns} for row in rows]
    order = sorted(
        range(len(kept)), key=lambda at: [str(kept[at][name]) for name in like.table.key]
    )
    return replace(
        like,
        rows=[kept[at] for at in order],
        shapes=None if shapes is None else shapes[order],
        vanished=(),
    )


def _grouped(
    layer: Layer, communes: Layer, fields: Mapping[str, Field], study: Study, *, complete: bool
) -> Layer | None:
    """Return districts or the province of the new communes; None where there are none.

    The province is the same as before where its communes are there `complete`.
    """
    is_province = layer.name == PROVINCE_RESULT.name
    key = layer.table.key[0]
    rows: dict[str, Row] = {row[CODE]: row for row in communes.rows}
    home = layer.rows[0][key] if is_province else None
    of_commune = {code: home or row["district_code"] for code, row in rows.items()}
    if None in of_commune.values():
        return None
    pairs = pd.DataFrame(
        {"from_code": list(of_commune), "to_code": list(of_commune.values()), "weight": 1.0}
    )
    made = _aggregate(rows, fields, pairs, {})
    _judge(made, fields, study, "province" if is_province else "district")
    names = {row["district_code"]: row["district"] for row in communes.rows}
    for code, row in made.items():
        row[key] = code
        row["communes"] = sum(unit == code for unit in of_commune.values())
        # A sum of communes has no verdict of theirs, whatever `_aggregate` found of a single one.
        same = layer.rows[0] if is_province and complete else {}
        row |= {each: same.get(each) for each, field in fields.items() if field.recast == "whole"}
        if is_province:
            row["province"] = layer.rows[0]["province"]
        else:
            row["district"] = names[code]
    assert communes.shapes is not None
    shapes = [
        shapely.union_all([
            shape for row, shape in zip(communes.rows, communes.shapes, strict=True)
            if of_commune[row[CODE]] == code
        ])
        for code in made
    ]  # fmt: skip
    return _layer(layer, made.values(), to_degrees(gpd.GeoSeries(shapes, crs="EPSG:4326")))


class _Moved:
    """Where rows that name a commune belong in the other edition."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._parts = {code: dict(pairs) for code, pairs in successors(target.crosswalk).items()}
        self._main = {
            code: max(parts, key=lambda new: (parts[new], new))
            for code, parts in self._parts.items()
        }
        self._unknown: set[str] = set()
        self._away = 0

    def _code(self, code: str, shape: Any = None) -> str | None:
        """Return the unit that takes over a row of a commune: the one it lies in, if several."""
        if code not in self._main:
            self._unknown.add(code)
            return None
        shapes = self._target.shapes
        if len(self._parts[code]) == 1 or shapes is None or shape is None:
            return self._main[code]
        inside = [new for new in sorted(self._parts[code]) if shapes[new].intersects(shape)]
        self._away += not inside
        return inside[0] if inside else self._main[code]

    def rows(self, layer: Layer) -> Layer:
        """Return a layer whose rows name the new communes."""
        nowhere = [None] * len(layer.rows)
        shapes = nowhere if layer.shapes is None else layer.shapes.tolist()
        moved = []
        for row, shape in zip(layer.rows, shapes, strict=True):
            code = None if row[CODE] is None else self._code(row[CODE], shape)
            row = {**row, CODE: code or (row[CODE] if layer.table[CODE].required else None)}
            unit = None if code is None else self._target.units[code]
            if "district_code" in row:
                row["district_code"] = None if unit is None else unit.district_code or None
            if "district" in row:
                row["district"] = None if unit is None else unit.district or None
            if "commune" in row and unit is not None:
                row["commune"] = unit.name
            moved.append(row)
        return replace(layer, rows=moved)

    def lists(self, layer: Layer) -> Layer:
        """Return the gaps with the new communes that they touch, in the same order."""
        moved = []
        for row in layer.rows:
            old = [code for code in (row["commune_codes"] or "").split(", ") if code]
            new = dict.fromkeys(filter(None, (self._code(code) for code in old)))
            named = [self._target.units[code].name for code in new]
            texts = (", ".join(new) or None, ", ".join(named) or None)
            moved.append({**row, **dict(zip(("commune_codes", "communes"), texts, strict=True))})
        return replace(layer, rows=moved)

    def notes(self) -> list[Note]:
        """Tell which rows kept a code that the crosswalk has not, and which lie outside."""
        notes = []
        if self._unknown:
            codes = ", ".join(sorted(self._unknown)[:SHOWN])
            notes.append(Note("admin.rows_elsewhere", {"codes": codes}))
        if self._away:
            notes.append(Note("admin.rows_away", {"count": self._away}))
        return notes
