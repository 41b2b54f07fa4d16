"""Small files that the tests of the input tables write and read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from phusong.errors import InputError, Problem
from phusong.inputs import Checked, Source, Witness, read_table
from phusong.tables import Table

PLACES = """place_id,name,kind,elevation_m,lon,lat
p1,Hà Giang,city,102,104.9911,22.8344
p2,Tây Côn Lĩnh,peak,2419,104.7872,22.8072
"""

Read = Callable[..., Checked]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Return a function that writes `content` as `name` and reads it as `table`."""

    def write_and_read(
        name: str,
        table: Table,
        content: str | bytes | None = None,
        *,
        set_aside_faulty: bool = False,
        crs: str = "EPSG:9209",
        source_crs: str | None = None,
        witness: Witness | None = None,
        **source: Any,
    ) -> Checked:
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(
            Source(path=path, shown=name, crs=source_crs, **source),
            table,
            crs=crs,
            set_aside_faulty=set_aside_faulty,
            witness=witness,
        )

    return write_and_read


@pytest.fixture
def problems(read: Read) -> Callable[..., list[Problem]]:
    """Return a function like `read` that expects a refusal and returns its problems."""

    def refused(*args: Any, **options: Any) -> list[Problem]:
        with pytest.raises(InputError) as refusal:
            read(*args, **options)
        return list(refusal.value.problems)

    return refused


@pytest.fixture
def places_csv() -> str:
    return PLACES
