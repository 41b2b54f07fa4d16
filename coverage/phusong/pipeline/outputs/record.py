"""What an output folder keeps of a run beside its tables: ``report/run.json``.

The notes in both languages, which columns were computed and in which order the rows
stood: with it a folder reads back as the result that it was written from.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ...errors import InputError, Problem
from ...export import Finished, Layer, understood
from ...export.json_text import write_json
from ...export.plain import plain_rows
from ...i18n import Bilingual, Language
from ...tables import Table
from ..records import Note

RECORD = "report/run.json"


@dataclass(frozen=True, kw_only=True)
class ToldNote(Note):
    """A note of a finished run, in the words that it was written with.

    Parameters
    ----------
    told : Bilingual
        What it says.
    """

    told: Bilingual

    def render(self, lang: Language) -> str:
        """Return the note in one language.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
        """
        return self.told[lang]


@dataclass(frozen=True, kw_only=True)
class Record:
    """What `write_record` wrote.

    Parameters
    ----------
    notes : tuple of Note
    columns : mapping of str to sequence of str
        Names of the columns that were computed, by table.
    positions : mapping of str to sequence of int
        Where each row of a table's file stood in the run, by table; absent where the
        order is that of the file.
    """

    notes: tuple[Note, ...]
    columns: Mapping[str, Sequence[str]]
    positions: Mapping[str, Sequence[int]]

    def restored(self, name: str, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a table as it stood in the run, from one in the order of its file."""
        if name not in self.positions:
            return frame
        return frame.iloc[np.argsort(self.positions[name])].reset_index(drop=True)


def write_record(
    out: Path,
    *,
    notes: Iterable[Note],
    tables: Mapping[str, pd.DataFrame],
    definitions: Mapping[str, Table],
    layers: Iterable[Layer] = (),
) -> None:
    """Write what `read_record` reads into an output folder; layers, if any, are of its tables."""
    known = {layer.name: layer.positions for layer in layers}
    content: dict[str, Any] = {
        "notes": [
            {
                "message": note.message,
                "vi": note.render("vi"),
                "en": note.render("en"),
                "by_choice": note.by_choice,
            }
            for note in notes
        ],
        "tables": {},
    }
    for name, table in definitions.items():
        frame = tables[name]
        told = {"columns": [column for column in table.columns if column in frame]}
        if table.geometry is not None:
            positions = known.get(name)
            if positions is None:
                of_key = replace(table, fields=tuple(table[one] for one in table.key))
                positions = plain_rows(pd.DataFrame(frame[list(table.key)]), of_key)[0]
            if (np.diff(positions) < 0).any():
                told["positions"] = positions.tolist()
        content["tables"][name] = told
    write_json(content, out / RECORD)


def read_record(finished: Finished) -> Record:
    """Return what a folder keeps of its run.

    Raises
    ------
    InputError
        If it was written before folders kept it, or is not what this version writes.
    """
    if RECORD not in finished.files:
        raise InputError([Problem(message="export.no_record", file=RECORD)])
    with understood(RECORD):
        content = json.loads((finished.folder / RECORD).read_bytes())
        tables = content["tables"]
        return Record(
            notes=tuple(
                ToldNote(
                    message=str(one["message"]),
                    values={},
                    by_choice=bool(one["by_choice"]),
                    told=Bilingual(str(one["vi"]), str(one["en"])),
                )
                for one in content["notes"]
            ),
            columns={name: tables[name]["columns"] for name in finished.tables},
            positions={
                name: told["positions"] for name, told in tables.items() if "positions" in told
            },
        )
