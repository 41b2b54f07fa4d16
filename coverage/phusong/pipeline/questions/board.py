"""The indicator board as it is asked for: of a result as words, of a folder read back."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ..._types import Language
from ...export import MANIFEST, open_finished, understood
from ...i18n import Bilingual, text
from ...report import board_rows
from ...tables import INDICATORS


def display_board(indicators: pd.DataFrame, lang: Language, *, sample: bool) -> pd.DataFrame:
    """Return the board as formatted text under headings of one language."""
    columns = ("indicator", "published", "computed", "target", "verdict", "source")
    rows = [
        (row.label, row.published, row.computed, row.target, row.verdict, row.source)
        for row in board_rows(indicators, lang, sample=sample)
    ]
    return pd.DataFrame(rows, columns=[text(f"pipeline.column_{name}", lang) for name in columns])


@dataclass(frozen=True, kw_only=True)
class Board:
    """The board of a finished output folder.

    Parameters
    ----------
    title : Bilingual
        The study's name.
    sample : Bilingual, optional
        That the data are invented, and which.
    indicators : DataFrame
        Rows as `tables.INDICATORS`.
    districts : DataFrame, optional
        Rows as `tables.DISTRICTS_RESULT`, without their shapes.
    """

    title: Bilingual
    sample: Bilingual | None
    indicators: pd.DataFrame
    districts: pd.DataFrame | None


def read_board(folder: Path) -> Board:
    """Return the board of an output folder.

    Parameters
    ----------
    folder : Path
        What ``phusong run --out`` wrote.

    Returns
    -------
    Board

    Raises
    ------
    InputError
        If phusong did not write the folder, or a file was altered since.

    Examples
    --------
    Of the sample's communes alone, which takes a moment.

    >>> import tempfile
    >>> import phusong
    >>> study = phusong.open_study(phusong.sample_folder())
    >>> inputs = type(study.inputs)(communes=study.inputs.communes)
    >>> result = phusong.run(study.model_copy(update={"inputs": inputs}), parts=["territory"])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = result.write(Path(folder) / "out")
    ...     board = read_board(Path(folder) / "out")
    >>> board.title.en, len(board.districts)
    ('Hà Giang province, end of 2017 (sample data)', 11)
    """
    finished = open_finished(folder)
    figures = dict.fromkeys(("published", "computed", "computed_most", "target"), "float64")
    board = finished.layer("indicators")
    with understood(MANIFEST):
        return Board(
            title=Bilingual(finished.parameters["name"], finished.parameters["name_en"]),
            sample=board.notice,
            indicators=pd.DataFrame(board.rows, columns=list(INDICATORS.columns)).astype(figures),
            districts=pd.DataFrame(finished.layer("districts").rows)
            if "districts" in finished.tables
            else None,
        )
