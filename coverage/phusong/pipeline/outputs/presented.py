"""What a fresh result and a written folder have in common: tables, board, words, notes.

Knows finished tables alone; where they come from is told by what is derived from it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import xarray as xr

from ...errors import ExportError
from ...export import output_file, plain_layer, write_geojson
from ...export.manifest import FileDigest
from ...i18n import Bilingual, Language, both, text
from ...report import board_rows, in_words, result_html
from ...study import Study
from ...tables import INDICATORS, RESULT_TABLES, Table
from ..records import Note


class Presented(ABC):
    """Finished tables of a study, and how they are shown.

    Every table of `tables.RESULT_TABLES` is an attribute: ``result.communes``,
    ``result.gaps``. One whose inputs are absent is None. Tables are in the
    study's CRS; their columns are documented in `tables`.
    """

    def __getattr__(self, name: str) -> gpd.GeoDataFrame | None:
        """Return a result table by its name."""
        if name not in RESULT_TABLES:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return self._frames.get(name)

    def __dir__(self) -> Iterable[str]:
        """Return the names to complete, tables included."""
        return sorted({*super().__dir__(), *RESULT_TABLES})

    @property
    @abstractmethod
    def study(self) -> Study:
        """The study that was run."""

    @property
    @abstractmethod
    def notes(self) -> tuple[Note, ...]:
        """What was left out, spread or filled."""

    @property
    @abstractmethod
    def rejected(self) -> Mapping[str, pd.DataFrame]:
        """Input rows that were not used, with their reasons, by table."""

    @property
    @abstractmethod
    def rasters(self) -> tuple[str, ...]:
        """Names of the rasters, such as ``margin_db_mobile``."""

    @property
    @abstractmethod
    def parameters(self) -> Mapping[str, Any]:
        """The study's settings and the parts computed, as the manifest tells them."""

    @property
    @abstractmethod
    def files(self) -> pd.DataFrame:
        """The files it was made from: ``file``, ``bytes``, ``sha256``."""

    @property
    @abstractmethod
    def program(self) -> str:
        """Name, version and, where known, commit of what computed it."""

    @property
    @abstractmethod
    def _frames(self) -> Mapping[str, pd.DataFrame]: ...

    @property
    @abstractmethod
    def _definitions(self) -> Mapping[str, Table]: ...

    @abstractmethod
    def _notice(self, name: str) -> Bilingual | None:
        """Return what must stand in the file of a table."""

    @abstractmethod
    def raster(
        self, name: str, bounds: tuple[float, float, float, float] | None = None
    ) -> xr.DataArray:
        """Return a raster, or the part of it that covers some bounds.

        Parameters
        ----------
        name : str
            One of `rasters`.
        bounds : (float, float, float, float), optional
            West, south, east and north in the study's CRS, metres; all of it if absent.

        Returns
        -------
        DataArray, shape (y, x)
            In the study's CRS; pixels touched by the bounds.

        Raises
        ------
        KeyError
            If there is no such raster.
        ValueError
            If the bounds lie outside it.
        """

    @property
    def indicators(self) -> pd.DataFrame:
        """The indicator board, rows as `tables.INDICATORS`; empty where there is none."""
        found = self._frames.get(INDICATORS.name)
        return pd.DataFrame(columns=list(INDICATORS.columns)) if found is None else found

    @property
    def tables(self) -> dict[str, tuple[pd.DataFrame, Table]]:
        """Every finished table with the definition of its columns, by name."""
        return {name: (self._frames[name], table) for name, table in self._definitions.items()}

    @property
    def title(self) -> Bilingual:
        """The study's name."""
        return self.study.title

    def words(
        self, name: str, rows: pd.DataFrame | None = None, *, lang: Language = "vi"
    ) -> pd.DataFrame:
        """Return a result table as a person reads it: headings and choices in words.

        Parameters
        ----------
        name : str
            A table of `tables`.
        rows : DataFrame, optional
            Some of its rows and columns; all of them if absent.
        lang : {"vi", "en"}

        Returns
        -------
        DataFrame
            Shares are percentages, people and money whole numbers as text, what is missing
            an en dash; other numbers stay numbers. The geometry is left out.

        Raises
        ------
        KeyError
            If the result has no such table.
        """
        table = self._definitions[name]
        shown = pd.DataFrame(self._frames[name] if rows is None else rows)
        words = in_words(shown.drop(columns="geometry", errors="ignore"), table, lang)
        titles = {f"[{service.id}]": f"– {service.title[lang]}" for service in self.study.services}
        return words.rename(columns=lambda heading: _replaced(heading, titles))

    def board(self, lang: Language = "vi") -> pd.DataFrame:
        """Return the indicator board as words and formatted figures.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        DataFrame of str, one row an indicator
            Headings in that language; an absent figure is an en dash.
        """
        columns = ("indicator", "published", "computed", "target", "verdict", "source")
        sample = self.study.sample_notice is not None
        rows = [
            (row.label, row.published, row.computed, row.target, row.verdict, row.source)
            for row in board_rows(self.indicators, lang, sample=sample)
        ]
        return pd.DataFrame(
            rows, columns=[text(f"pipeline.column_{name}", lang) for name in columns]
        )

    def write_geojson(
        self,
        name: str,
        path: Path | str,
        *,
        rows: pd.Series | None = None,
        replace: bool = False,
    ) -> Path:
        """Write a table, or some of its rows, as GeoJSON in WGS 84, as in an output folder.

        ``result.villages.to_file(…)`` of geopandas keeps the study's CRS instead,
        which many programs take for degrees.

        Parameters
        ----------
        name : str
            A result table with places, such as ``"villages"``.
        path : path
            File to write.
        rows : Series of bool, optional
            Which rows, on the table's index; all if absent.
        replace : bool
            Whether a file of that name may be replaced.

        Returns
        -------
        Path
            The file written.

        Raises
        ------
        ExportError
            If the result has no such table, or it has no places.
        OutputError
            If the file exists, lies in a folder that phusong wrote, or cannot
            be written.

        Examples
        --------
        >>> import tempfile
        >>> import phusong
        >>> result = phusong.run(phusong.open_study(phusong.sample_folder()), parts=["egov"])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder) / "no-lan.geojson"
        ...     written = result.write_geojson(
        ...         "offices", path, rows=~result.offices["has_lan"].fillna(False).astype(bool)
        ...     )
        ...     gpd.read_file(written).crs.to_epsg()
        4326
        """
        placed = {
            known: table for known, table in self._definitions.items() if table.geometry is not None
        }
        if name not in placed:
            raise ExportError(
                "export.unknown_layer", layers=name, format="geojson", known=", ".join(placed)
            )
        frame = self._frames[name]
        chosen = frame if rows is None else frame[rows]
        layer = plain_layer(chosen, placed[name], notice=self._notice(name))
        with output_file(Path(path), replace=replace) as fresh:
            write_geojson(layer, fresh)
        return Path(path)

    def _repr_html_(self) -> str:
        """Show board, tables and notes in a notebook."""
        return result_html(
            self.title,
            sample=self.study.sample_notice,
            indicators=self.indicators,
            tables=self.tables,
            notes=[both(note.render) for note in self.notes],
        )

    def __repr__(self) -> str:
        counts = ", ".join(f"{name}: {len(frame)}" for name, (frame, _) in self.tables.items())
        return f"<{type(self).__name__} {self.study.name!r}: {counts}>"


def files_table(digests: Iterable[FileDigest]) -> pd.DataFrame:
    """Return digests as a table."""
    rows = [(one.path, one.size, one.sha256) for one in digests]
    return pd.DataFrame(rows, columns=["file", "bytes", "sha256"])


def _replaced(heading: str, titles: Mapping[str, str]) -> str:
    """Write the names of services for their ids."""
    for identifier, title in titles.items():
        heading = heading.replace(identifier, title)
    return heading
