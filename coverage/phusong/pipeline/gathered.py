"""What a run found, by name: the findings of its parts brought together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import pandas as pd

from ..i18n import Bilingual, both, words
from ..study import Study
from ..tables import INDICATORS, RESULT_TABLES, Kind, Table
from .indicators import board
from .load import Loaded
from .parts.part import Found, Later, Part
from .parts.uncertainty import UNCERTAINTY
from .records import Note, Raster

_CAVEATS = ("pipeline.no_people", "pipeline.communes_without_people", "pipeline.cells_assumed")
"""Notes without which no share of residents may stand."""

DTYPES: Mapping[Kind, str] = {
    "text": "str",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[us]",
}
"""How the columns of every result table are kept, of a run and of a folder read back."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Gathered:
    """Everything that a run found.

    Parameters
    ----------
    study : Study
    asked : tuple of str
        Names of the parts that were to be computed, had they inputs or not.
    loaded : Loaded
        The checked input tables.
    found : Found
        The findings of each part, typed.
    tables : mapping of str to DataFrame
        The finished result tables, in the order of `tables.RESULT_TABLES`,
        their columns in the order of their definitions.
    definitions : mapping of str to Table
        What their columns mean, repeating fields written out.
    rasters : sequence of Raster
    remarks : tuple of Note
        What was told before the parts were computed.
    rejected : mapping of str to DataFrame
        Input rows that were not used, by table.
    """

    study: Study
    asked: tuple[str, ...]
    loaded: Loaded
    found: Found
    tables: Mapping[str, pd.DataFrame]
    definitions: Mapping[str, Table]
    rasters: Sequence[Raster] = ()
    remarks: tuple[Note, ...] = ()
    rejected: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @property
    def notes(self) -> tuple[Note, ...]:
        """All that the reader of the result must know."""
        told = list(self.remarks)
        for each in self.found.findings.values():
            told += each.notes
            for later in each.later.values():
                told += later.notes
        return tuple(told)

    @property
    def caveat(self) -> Bilingual | None:
        """What must stand beside every share of residents; None if nothing need be said.

        That they are spread over communes where no data places them, or that nobody knows them
        or those of some communes, how many cells have an assumed power or height, and that the
        prediction is calibrated.
        """
        notes = [note for each in self.found.findings.values() for note in each.notes]
        told = [
            words("pipeline.indicative")
            for note in notes
            if note.message == "pipeline.people_from_communes"
        ]
        told += [
            words(note.message, **note.values)
            for note in (*self.remarks, *notes)
            if note.message in _CAVEATS
        ]
        if self.loaded.calibration is not None:
            told.append(words("pipeline.calibrated_by", places=self.loaded.calibration.places))
        return both(lambda lang: " ".join(one[lang] for one in told)) if told else None

    def table_notice(self, table: Table) -> Bilingual | None:
        """Return what must stand in the file of a table.

        That it is a sample's, the caveat, and whence the errors of its estimates are known.
        """
        holds_estimates = any(one.estimate_of for one in table.fields)
        is_judged = holds_estimates and UNCERTAINTY.name in self.found
        said = (
            self.study.sample_notice,
            self.caveat,
            errors_notice(self.study) if is_judged else None,
        )
        told = [one for one in said if one is not None]
        return both(lambda lang: " ".join(one[lang] for one in told)) if told else None


def errors_notice(study: Study) -> Bilingual:
    """Return what a file of tables says of the estimates in it."""
    return words("pipeline.estimates_notice", errors=study.errors)


class _Tables(Mapping[str, pd.DataFrame]):
    """Tables by name, some of which are made when they are first asked for."""

    def __init__(
        self,
        made: Mapping[str, pd.DataFrame],
        later: Mapping[str, Later],
        definitions: Mapping[str, Table],
    ) -> None:
        self._made, self._later, self._definitions = dict(made), later, definitions

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._made and name in self._later:
            self._made[name] = in_order(self._later[name].table, self._definitions[name])
        return self._made[name]

    def __contains__(self, name: object) -> bool:
        return name in self._definitions

    def __iter__(self) -> Iterator[str]:
        return iter(self._definitions)

    def __len__(self) -> int:
        return len(self._definitions)


def gather(
    study: Study,
    loaded: Loaded,
    parts: Sequence[Part[Any, Any]],
    found: Found,
    notes: Sequence[Note] = (),
    asked: Sequence[str] = (),
) -> Gathered:
    """Bring the findings of the parts together.

    Parameters
    ----------
    study : Study
    loaded : Loaded
    parts : sequence of Part
        Every part there is: their indicators make the board.
    found : Found
        What those that were computed found.
    notes : sequence of Note
        Further notes, put before those of the parts.
    asked : sequence of str
        Names of the parts that were to be computed; those in `found`, if none is named.
    """
    findings = found.findings.values()
    whole = {name: table for each in findings for name, table in each.tables.items()}
    for each in findings:
        for name, columns in each.columns.items():
            if name in whole:  # a province may have no districts
                whole[name] = _with_columns(whole[name], columns)
    whole[INDICATORS.name] = board(study, parts, found)
    repeats = {group: names for each in findings for group, names in each.repeats.items()}
    later = {name: table for each in findings for name, table in each.later.items()}
    definitions = {
        name: table.expand(repeats, {"run": study.errors})
        for name, table in RESULT_TABLES.items()
        if name in whole or name in later
    }
    rejected = dict(loaded.rejected)
    for each in findings:
        for name, rows in each.rejected.items():
            rejected[name] = (
                pd.concat([rejected[name], rows], ignore_index=True) if name in rejected else rows
            )
    return Gathered(
        study=study,
        asked=tuple(asked or found.findings),
        loaded=loaded,
        found=found,
        tables=_Tables(
            {
                name: in_order(whole[name], table)
                for name, table in definitions.items()
                if name not in later
            },
            later,
            definitions,
        ),
        definitions=definitions,
        rasters=[raster for each in findings for raster in each.rasters],
        remarks=tuple(notes),
        rejected=rejected,
    )


def _with_columns(table: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    """Join columns to the rows that their index names; they replace those of the same name."""
    return table.drop(columns=table.columns.intersection(columns.columns)).join(
        columns, on=str(columns.index.name)
    )


def in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Keep the columns that the table defines, in its order; what was not computed stays absent."""
    shape = [frame.geometry.name] if isinstance(frame, gpd.GeoDataFrame) else []
    fields = [field for field in table.fields if field.name in frame]
    kept = frame[[*(field.name for field in fields), *shape]]
    given = kept.dtypes  # made anew each time it is asked for
    dtypes = {field.name: DTYPES[field.kind] for field in fields}
    others = {name: dtype for name, dtype in dtypes.items() if given[name] != dtype}
    return kept.astype(others) if others else kept
