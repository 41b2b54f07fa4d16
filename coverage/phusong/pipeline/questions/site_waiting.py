"""Who is not served yet by the services of a plan, and which centres of communes are not."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from scipy.sparse import csr_array, hstack

from ..._types import Flags, Floats, Labels
from ...grid import Grid, grid_of
from ...radio import served
from ...siting import Gap, unserved
from ..parts.territory.part import Units


@dataclass(frozen=True, kw_only=True, eq=False)
class Unserved:
    """Who is not served: a row is the people of one commune in one pixel, for one service.

    Parameters
    ----------
    services : tuple of str
        Ids; rows stand in this order.
    gaps : tuple of Gap
        Of each service, with the pixels of centres that are not served.
    people : ndarray, shape (rows,)
    once : ndarray, shape (rows,)
        Which share of them counts in the province: all but where communes overlap.
    service, commune, pixel : ndarray of int, shape (rows,)
        Positions of the service, the commune, and of the pixel on the grid, row by row.
    centre_served : ndarray of bool, shape (services, communes)
        Whether the centre of each commune is served now.
    centre_pixel : ndarray of int, shape (communes,)
        Position on the grid; -1 outside of it.
    """

    services: tuple[str, ...]
    gaps: tuple[Gap, ...]
    people: Floats
    once: Floats
    service: Labels
    commune: Labels
    pixel: Labels
    centre_served: Flags
    centre_pixel: Labels

    @classmethod
    def of(cls, units: Units, margins_db: Mapping[str, xr.DataArray]) -> "Unserved":
        """Return who is not served by services, of which the margins are known."""
        grid = grid_of(next(iter(margins_db.values())))
        people = units.residents.communes.people.tocsr()
        of_pixel = np.asarray(people.sum(axis=0)).reshape(grid.shape)
        row, column, inside = grid.index(units.centres.x, units.centres.y)
        centres = np.zeros(grid.shape, dtype=bool)
        centres[row[inside], column[inside]] = True
        gaps = tuple(
            unserved(grid, margin.to_numpy(), of_pixel, centres) for margin in margins_db.values()
        )
        parts = []
        for number, gap in enumerate(gaps):
            commune, pixel = people.nonzero()
            waits = gap.position.ravel()[pixel] >= 0
            commune, pixel = commune[waits], pixel[waits]
            counted = np.asarray(people[commune, pixel]).ravel()
            parts.append((np.full(len(pixel), number), commune, pixel, counted))
        service, commune, pixel, counted = (
            np.concatenate(each) for each in zip(*parts, strict=True)
        )
        return cls(
            services=tuple(margins_db),
            gaps=gaps,
            people=counted,
            once=_counted_once(people, units.residents.province.people.tocsr(), pixel),
            service=service,
            commune=commune,
            pixel=pixel,
            centre_served=np.array(
                [served(margin.to_numpy()[row, column]) & inside for margin in margins_db.values()]
            ),
            centre_pixel=np.where(inside, row * grid.width + column, -1),
        )

    @property
    def grid(self) -> Grid:
        """The grid of the pixels."""
        return self.gaps[0].grid

    def rows_of(self, number: int) -> slice:
        """Return the rows of a service, which stand together."""
        first, end = np.searchsorted(self.service, [number, number + 1]).tolist()
        return slice(first, end)

    @property
    def parts(self) -> list[slice]:
        """The rows of each service."""
        return [self.rows_of(number) for number in range(len(self.services))]

    def together(self, centres_of: Collection[str], least_people: float) -> Gap:
        """Return whom at least one service does not reach, each of them once.

        A centre that is to be served counts as `least_people`, so that places are looked for
        where nobody lives as well.
        """
        most = np.zeros(self.grid.shape)
        for number, (name, gap) in enumerate(zip(self.services, self.gaps, strict=True)):
            there = gap.position >= 0
            most[there] = np.maximum(most[there], gap.people)
            if name in centres_of:
                lost = self.centre_pixel[~self.centre_served[number]]
                most.ravel()[lost[lost >= 0]] += least_people
        return unserved(self.grid, np.full(self.grid.shape, np.nan), most)

    def by_row(self, covers: Sequence[csr_array]) -> csr_array:
        """Return whom works serve of the rows, from the cover sets of each service."""
        return csr_array(
            hstack(
                [
                    its[:, gap.position.ravel()[self.pixel[self.rows_of(number)]]]
                    for number, (its, gap) in enumerate(zip(covers, self.gaps, strict=True))
                ],
                format="csr",
            )
        )

    def by_centre(self, covers: Sequence[csr_array], number: int) -> csr_array:
        """Return which centres works would serve with a service, shape (works, communes).

        Of centres that are served now nothing is told, nor of those outside the grid.
        """
        its, position = covers[number], self.gaps[number].position.ravel()
        nowhere = csr_array((its.shape[0], 1), dtype=bool)
        at = np.where(self.centre_pixel >= 0, position[self.centre_pixel], -1)
        at = np.where(self.centre_served[number] | (at < 0), its.shape[1], at)
        return csr_array(hstack([its, nowhere], format="csr")[:, at])


def _counted_once(communes: Any, province: Any, pixel: Labels) -> Floats:
    """Return which share of its people a row counts for in the province: all but in overlaps."""
    of_communes = np.asarray(communes.sum(axis=0)).ravel()[pixel]
    of_province = np.asarray(province.sum(axis=0)).ravel()[pixel]
    once: Floats = np.minimum(of_province / of_communes, 1.0)
    return once
