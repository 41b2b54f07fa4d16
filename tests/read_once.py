"""Reads the files of studies once for all tests of a session.

Most tests run a copy of one small study in which they change a file, or none; three tenths of
their time would go into reading the same bytes again. Reading itself is tested in `tests/inputs`,
where nothing is kept.
"""

from dataclasses import replace

import pytest

from phusong.pipeline import load

# Formats of one file, without others beside it.
_ALONE = {".csv", ".xlsx", ".geojson"}
_OF_UNIT = ["commune_code", "name", "type", "district_code", "district"]


def _key(source, made, crs, set_aside_faulty, witness, operators):
    """Return all that decides what reading gives; where the file lies does not."""
    communes = None
    if witness is not None:
        table = witness.communes
        words = table.reindex(columns=_OF_UNIT).astype("str").fillna("").to_numpy()
        communes = str(table.crs), *words.flat, *table.geometry.to_wkb()
    return (
        source.path.suffix, source.path.read_bytes(), repr(replace(source, path="")), made, crs,
        set_aside_faulty, communes, *operators._spelling.items(),
    )  # fmt: skip


def _once(read, kept):
    """Return a reader that gives again what it gave of the same bytes, but refuses anew."""

    def reading(source, made, *, crs, set_aside_faulty, witness, operators, on_read):
        def without_memory(hear):
            return read(
                source, made, crs=crs, set_aside_faulty=set_aside_faulty, witness=witness,
                operators=operators, on_read=hear,
            )  # fmt: skip

        if source.database or source.path.suffix not in _ALONE or not source.path.is_file():
            return without_memory(on_read)
        read_as = made.name if read is _READERS["read_table"] else repr(made.values.table.to_dict())
        key = _key(source, read_as, crs, set_aside_faulty, witness, operators)
        if key in kept:
            checked, heard, spelling = kept[key]
            operators._spelling.update(spelling)
            for one in heard:
                on_read(replace(one, path=source.path))
        else:
            heard = []
            try:
                checked = without_memory(heard.append)
            finally:
                for one in heard:
                    on_read(one)
            if "assumed" in checked.table and checked.table["assumed"].notna().any():
                return checked  # it asked in what terrain the sites stand
            kept[key] = checked, heard, dict(operators._spelling)
        return replace(
            checked,
            table=checked.table.copy(deep=False),
            rejected=checked.rejected.copy(deep=False),
        )

    return reading


_READERS = {name: getattr(load, name) for name in ("read_table", "read_cells")}


@pytest.fixture(scope="session", autouse=True)
def tables_read_once():
    """Let studies be loaded from what was read before."""
    with pytest.MonkeyPatch.context() as patch:
        for name, read in _READERS.items():
            patch.setattr(load, name, _once(read, {}))
        yield
