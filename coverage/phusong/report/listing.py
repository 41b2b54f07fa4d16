"""Every file of an output folder with its size and what it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ..i18n import Bilingual, Language, both, number, text, words
from ..tables import INPUT_TABLES, RESULT_TABLES

_WHOLE_FOLDER = {
    "manifest.json": "report.file_manifest",
    "geojson/schema/dictionary.json": "report.file_dictionary",
    "report/indicators.json": "report.file_indicators",
    "report/indicators.schema.json": "report.file_indicators_schema",
    "report/tables.xlsx": "report.file_workbook",
}
_PER_TABLE = {
    ("geojson", ".geojson"): ("report.file_geojson", RESULT_TABLES),
    ("geojson/schema", ".schema.json"): ("report.file_schema", RESULT_TABLES),
    ("rejected", ".csv"): ("report.file_rejected", INPUT_TABLES),
}


@dataclass(frozen=True)
class Listed:
    """A file of the output folder.

    Parameters
    ----------
    path : str
        Relative to the folder, with slashes.
    meaning : Bilingual
        What it holds.
    size_bytes : int, optional
        Its size; None while it is not yet written.
    """

    path: str
    meaning: Bilingual
    size_bytes: int | None = None


def list_files(folder: Path, meanings: Mapping[str, Bilingual]) -> tuple[Listed, ...]:
    """List an output folder whose landing page and manifest are still to be written.

    Parameters
    ----------
    folder : Path
        The folder, with every other file in it.
    meanings : mapping
        Relative path → meaning, for the files that only the caller can name
        (rasters, maps).

    Returns
    -------
    tuple of Listed
        Sorted by path; the manifest comes last, without a size.

    Raises
    ------
    KeyError
        If the meaning of a file is not known.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "maps" / "gaps.html"
    ...     path.parent.mkdir()
    ...     _ = path.write_text("<html>")
    ...     listed = list_files(Path(folder), {"maps/gaps.html": Bilingual("Bản đồ", "Map")})
    >>> [(file.path, file.size_bytes) for file in listed]
    [('maps/gaps.html', 6), ('manifest.json', None)]
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    names = [path.relative_to(folder).as_posix() for path in paths]
    listed = [
        Listed(name, meanings.get(name) or _meaning(name), path.stat().st_size)
        for name, path in zip(names, paths, strict=True)
    ]
    return (*listed, Listed("manifest.json", words("report.file_manifest")))


def size_text(size_bytes: int, lang: Language) -> str:
    """Write a file's size for a person.

    Examples
    --------
    >>> size_text(1_234_567, "vi"), size_text(800, "en")
    ('1,2 MB', '1 kB')
    """
    if size_bytes >= 1e6:
        return f"{number(size_bytes / 1e6, lang, decimals=1)} MB"
    return f"{number(max(1, size_bytes / 1e3), lang)} kB"


def _meaning(name: str) -> Bilingual:
    if name in _WHOLE_FOLDER:
        return words(_WHOLE_FOLDER[name])
    path = PurePosixPath(name)
    suffix = "".join(path.suffixes)
    key, tables = _PER_TABLE[str(path.parent), suffix]
    table = tables[path.name.removesuffix(suffix)]
    return both(lambda lang: text(key, lang, table=table.title[lang]))
