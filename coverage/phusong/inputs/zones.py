"""In which VN-2000 zone metres are, by the communes that their rows lie in.

Knows the zones of Vietnam and the witness of communes; no file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from .._types import Flags
from ..admin import Names, Unit
from ..grid import operation
from ..i18n import fold
from ..tables import COMMUNES
from .headings import names_of, normal
from .source import Cells, Fault, Raw

NATIONAL_ZONES = tuple(f"EPSG:{code}" for code in (5896, 5897, 5898, 3405, 3406))
PROVINCIAL_ZONES = tuple(f"EPSG:{code}" for code in (5899, *range(9205, 9219)))
"""The zones of VN-2000: of the whole country (three degrees, and UTM), and of provinces."""
_TWINS = {"EPSG:3405": "EPSG:5897", "EPSG:5897": "EPSG:3405"}
"""UTM and three degrees around one meridian: scales of 0.9996 and 0.9999, 750 m of northing."""

_TM = {
    "Latitude of natural origin": 0.0,
    "Scale factor at natural origin": 0.9999,
    "False easting": 500_000.0,
    "False northing": 0.0,
}
"""What all three-degree zones of VN-2000 have in common (EPSG method 9807)."""


def vn2000_twin(system: CRS) -> str | None:
    """Return the zone of VN-2000 that a projection on the datum WGS 84 is in all but the datum.

    Parameters
    ----------
    system : CRS

    Returns
    -------
    str or None
        None for any other system; also for UTM, which both datums have.

    Examples
    --------
    >>> vn2000_twin(CRS("+proj=tmerc +lon_0=105.5 +k=0.9999 +x_0=500000 +datum=WGS84"))
    'EPSG:9209'
    >>> vn2000_twin(CRS("EPSG:9209")) is vn2000_twin(CRS("EPSG:32648")) is None
    True
    """
    datum = system.geodetic_crs and system.geodetic_crs.datum
    if not system.is_projected or system.is_bound or datum is None:
        return None
    given = _parameters(system)
    if "World Geodetic System 1984" not in datum.name or any(
        abs(given.get(name, np.inf) - value) > 1e-9 for name, value in _TM.items()
    ):
        return None
    return next(
        (
            zone
            for zone in (*NATIONAL_ZONES, *PROVINCIAL_ZONES)
            if _parameters(CRS.from_user_input(zone)) == given
        ),
        None,
    )


def _parameters(system: CRS) -> dict[str, float]:
    way = system.coordinate_operation
    return {} if way is None else {one.name: float(one.value) for one in way.params}


LOOKED_AT = 2000  # rows spread over the file; more tell nothing new
STRONG, WEAK = 0.9, 0.5  # of the rows: a zone that explains them, and one that does not
_TOLD_APART, _ODDS = 8, 10
"""Rows that lie in their commune in one zone alone, and how many times those of the other: eight
would all be on one side by chance once in 256 times."""
FAR_M, FEW = 10_000.0, 0.2  # rows so far off are slips, as long as no more than this share are
OUTLINES_M = 250.0  # how coarsely communes are drawn


@dataclass(frozen=True)
class Witness:
    """The communes that a file's rows lie in.

    Parameters
    ----------
    communes : GeoDataFrame
        With ``commune_code``, ``name`` and geometry, in a projected CRS.
    """

    communes: gpd.GeoDataFrame
    _by_word: Mapping[str, list[int]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        words: dict[str, list[int]] = {}
        for name in ("commune_code", "name"):
            for at, word in enumerate(self.communes[name].map(_word)):
                words.setdefault(word, []).append(at)
        object.__setattr__(self, "_by_word", words)

    @cached_property
    def names(self) -> Names:
        """What the communes are called."""
        text = self.communes.reindex(columns=_OF_UNIT).astype("str").fillna("")
        return Names(
            Unit(code, name, kind, district_code, district, province_code="")
            for code, name, kind, district_code, district in text.itertuples(index=False, name=None)
        )

    @cached_property
    def districts(self) -> frozenset[str]:
        """What their districts are called, without accents and capitals."""
        names = self.communes["district"].dropna() if "district" in self.communes else ()
        return frozenset(fold(str(name)) for name in names)

    def named(self, raw: Raw) -> list[list[int]]:
        """Return the communes that each row of a file may mean.

        Parameters
        ----------
        raw : Raw

        Returns
        -------
        list of list of int, length n
            Positions in `communes`; empty where a row names none that is there.
        """
        found: list[list[int]] = [[] for _ in raw.rows]
        names = columns_called(raw, NAME_HEADINGS)
        for at in columns_called(raw, _HEADINGS):
            for i, cell in enumerate(raw.columns[at]):
                if not found[i] and cell is not None:
                    found[i] = self._by_word.get(_word(cell), [])
                    if not found[i] and at in names:  # codes are many, and no spelling helps them
                        found[i] = self._spelt(cell)
        return found

    def _spelt(self, cell: object) -> list[int]:
        """Return the commune of a name spelt in another way."""
        code = self.names.find(cell).code if isinstance(cell, str) else None
        return [] if code is None else self._by_word[_word(code)]

    def inside(
        self, x: NDArray[np.float64], y: NDArray[np.float64], named: list[list[int]]
    ) -> Flags:
        """Tell which places lie in the commune that their row names, or in any if it names none.

        Parameters
        ----------
        x, y : ndarray of float64, shape (n,)
            In the CRS of the communes.
        named : list of list of int, length n
            As `named` gives it.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        points = shapely.points(x, y)
        rows, hits = self.communes.sindex.query(points, predicate="dwithin", distance=OUTLINES_M)
        inside = np.zeros(len(points), dtype=bool)
        for row, hit in zip(rows.tolist(), hits.tolist(), strict=True):
            inside[row] |= not named[row] or hit in named[row]
        return inside

    def away_m(self, places: Cells, named: list[list[int]]) -> NDArray[np.float64]:
        """Return how far each place lies from the commune that its row names.

        Parameters
        ----------
        places : object array of points, shape (n,)
            In the CRS of the communes; None where unknown.
        named : list of list of int, length n
            As `named` gives it.

        Returns
        -------
        ndarray of float64, shape (n,)
            Metres, from the nearest of those it may mean; NaN where nothing tells.
        """
        outlines = np.asarray(self.communes.geometry)
        rows = np.array([i for i, which in enumerate(named) for _ in which], dtype=np.intp)
        which = np.array([at for its in named for at in its], dtype=np.intp)
        away = np.full(len(places), np.nan)
        np.fmin.at(away, rows, shapely.distance(places[rows], outlines[which]))
        return away


_OF_UNIT = ["commune_code", "name", "type", "district_code", "district"]
NAME_HEADINGS = frozenset(
    {"commune", "xa", "ten_xa", "xa_phuong", "phuong_xa", "xa_phuong_thi_tran", "ten_xa_phuong",
     "thuoc_xa", "don_vi_hanh_chinh", "commune_name"}
)  # fmt: skip
"""Headings under which files name communes, as `normal` has them."""
_HEADINGS = frozenset(
    NAME_HEADINGS | {name for names in names_of(COMMUNES["commune_code"]) for name in names}
)


def columns_called(raw: Raw, headings: Collection[str]) -> list[int]:
    """Return the columns of a file whose headings are some of those, as `normal` has them.

    Examples
    --------
    >>> raw = Raw(headings=("STT", "Xã"), columns=(), rows=np.array([], dtype=np.int64))
    >>> columns_called(raw, NAME_HEADINGS)
    [1]
    """
    return [at for at, heading in enumerate(raw.headings) if normal(heading) in headings]


def _word(cell: object) -> str:
    """Reduce a commune's code or name to what is compared, without what it is called before it."""
    word = fold(str(cell))
    for kind in ("xa ", "phuong ", "thi tran ", "tt ", "p. ", "x. "):
        word = word.removeprefix(kind)
    return word


@dataclass(frozen=True)
class Evidence:
    """How many rows lie in their commune in each zone.

    Parameters
    ----------
    rows : int
        Rows looked at.
    at : mapping of str to ndarray of bool, shape (rows,)
        Zones, best first: which rows lie in their commune.
    """

    rows: int
    at: Mapping[str, Flags]

    @property
    def inside(self) -> dict[str, int]:
        """How many rows lie in their commune, best zone first."""
        return {zone: int(rows.sum()) for zone, rows in self.at.items()}

    @property
    def strong(self) -> str | None:
        """The one zone that explains the rows, which none of the others may be as well."""
        (best, most), *others = self.inside.items()
        alone = all(self.beats(best, zone) for zone, _ in others)
        return best if most >= STRONG * self.rows and alone else None

    def beats(self, zone: str, other: str) -> bool:
        """Tell whether the other zone can be ruled out beside this one.

        It explains less than half of the rows, or of the rows that tell the two apart
        almost none.
        """
        here, there = self.at[zone], self.at[other]
        alone, other_alone = int((here & ~there).sum()), int((there & ~here).sum())
        apart = alone >= max(_TOLD_APART, _ODDS * other_alone)
        return bool(there.sum() <= WEAK * self.rows) or apart


def evidence(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    raw: Raw,
    witness: Witness,
    *,
    taken: str,
) -> Evidence:
    """Count the rows that lie in their commune in each zone that their metres may be in.

    Parameters
    ----------
    x, y : ndarray of float64, shape (n,)
        Eastings and northings in metres; NaN where unknown.
    raw : Raw
        The file, whose rows may name their communes.
    witness : Witness
    taken : str
        The zone they are taken to be in; where it explains the rows only one of the same
        meridian is tried.

    Returns
    -------
    Evidence
    """
    at = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    at = at[:: max(1, -(-len(at) // LOOKED_AT))]
    named = witness.named(raw)
    named = [named[i] for i in at]
    explained, inside = False, dict[str, Flags]()
    for zone in dict.fromkeys((taken, *PROVINCIAL_ZONES, *NATIONAL_ZONES)):
        if explained and zone != _TWINS.get(taken):
            continue
        moved = x[at], y[at]
        way = operation(zone, str(witness.communes.crs))
        if way is not None:
            moved = way.transform(*moved)
        inside[zone] = witness.inside(*moved, named)
        if zone == taken:
            explained = bool(inside[zone].sum() >= STRONG * len(at))
    return Evidence(len(at), dict(sorted(inside.items(), key=lambda found: -found[1].sum())))


def far_from_commune(
    shapes: Cells, raw: Raw, witness: Witness, column: str | None
) -> tuple[list[Fault], int]:
    """Find rows far outside the commune they name, where the others bear out what is named.

    Parameters
    ----------
    shapes : object array of points, shape (n,)
        In the CRS of the communes; None where unknown.
    raw : Raw
        The file, whose rows may name their communes.
    witness : Witness
    column : str, optional
        What to name as the column of the fault.

    Returns
    -------
    list of Fault
    int
        Rows that lie far away where they are so many that the names may be wrong instead.
    """
    away_m = witness.away_m(shapes, witness.named(raw))
    far = away_m > FAR_M
    if far.sum() > FEW * np.isfinite(away_m).sum():
        return [], int(far.sum())
    return [Fault(far, "commune_far", column, {"distance_km": away_m / 1000})], 0
