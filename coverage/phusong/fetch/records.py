"""What was fetched, from whom and when: ``sources.json`` in the folder of a study."""

import json
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..errors import FetchError

RECORDS = "sources.json"
_LARGEST_BYTES = 10_000_000

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Download(_Record):
    """A file of a provider.

    Parameters
    ----------
    url : str
        Without the user's key.
    bytes : int
    sha256 : str
    fetched_on : str
    """

    url: str
    bytes: int
    sha256: Digest
    fetched_on: str


class Layer(_Record):
    """A layer that was made from downloads.

    Parameters
    ----------
    source, title, version, licence, licence_url, homepage, attribution : str
        As in the table of sources.
    downloads : tuple of Download
    files : dict of str to str
        SHA-256 of each file of the study, by its name.
    """

    source: str
    title: str
    version: str
    licence: str
    licence_url: str
    homepage: str
    attribution: str
    downloads: Annotated[tuple[Download, ...], Field(strict=False)]
    files: dict[str, Digest]


class Records(_Record):
    """All that is known of a fetched study.

    Parameters
    ----------
    province : str
    layers : dict of str to Layer
        By the layer's name.
    study : str, optional
        SHA-256 of the study.toml as it was written: one that the user changed stays.
    """

    province: str
    layers: dict[str, Layer] = Field(default_factory=dict)
    study: Digest | None = None


def read_records(folder: Path) -> Records | None:
    """Return what is known of the sources of a study; None if nothing is.

    Parameters
    ----------
    folder : path

    Returns
    -------
    Records or None

    Raises
    ------
    FetchError
        If the file is damaged.

    Examples
    --------
    >>> import phusong
    >>> read_records(phusong.sample_folder()) is None
    True
    """  # noqa: DOC501  what is raised inside becomes one
    path = folder / RECORDS
    if not path.is_file():
        return None
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ValueError("size")
        return Records.model_validate_json(path.read_bytes())
    except (ValidationError, ValueError):
        raise FetchError("fetch.records", name=RECORDS) from None


def write_records(folder: Path, records: Records) -> None:
    """Write what is known of the sources; the file appears whole or not at all.

    Parameters
    ----------
    folder : path
    records : Records
    """
    aside = folder / f"{RECORDS}.part"
    content = json.dumps(records.model_dump(), ensure_ascii=False, indent=2, sort_keys=True)
    aside.write_text(content + "\n", encoding="utf-8")
    aside.replace(folder / RECORDS)
