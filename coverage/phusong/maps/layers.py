"""What a map is drawn from: finished tables, rasters and the words of the services."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, Literal

import geopandas as gpd
import shapely
import xarray as xr

from ..i18n import Bilingual
from .geometry import united


@dataclass(frozen=True, kw_only=True)
class ServiceInfo:
    """A service as the map names it.

    Parameters
    ----------
    id : str
        Suffix of the columns that repeat for each service.
    title : Bilingual
        Name.
    definition : Bilingual
        One line: technologies, thresholds, operators, probability, model,
        administrative edition and date.
    target_share : float, optional
        The communes' target, 0 to 1; None where none is set.
    target_denominator : {"population", "expected_population", "area", "villages"}
        What the target is a share of.
    """

    id: str
    title: Bilingual
    definition: Bilingual
    target_share: float | None = None
    target_denominator: Literal["population", "expected_population", "area", "villages"] = (
        "population"
    )


@dataclass(frozen=True, kw_only=True)
class PageLink:
    """One of the map pages that lie in a folder together and link to each other.

    Parameters
    ----------
    name : str
        Of its file, without ``.html``.
    title : Bilingual
    tables : tuple of str
        The tables of whose rows the page tells.
    """

    name: str
    title: Bilingual
    tables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """What a printed map says of who issues it.

    Parameters
    ----------
    issuer : Bilingual
    dated : Bilingual
        Place and day of signing, or room to write the day.
    signer : Bilingual, optional
        Office of the one who signs.
    scale : int, optional
        Denominator of the scale; where the study area does not fit the sheet at it,
        the next round one at which it does.
    """

    issuer: Bilingual
    dated: Bilingual
    signer: Bilingual | None = None
    scale: int | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class MapData:
    """Finished tables and rasters of one study; what the study lacks is absent.

    Several maps drawn from one `MapData` share what costs time: simplified
    geometry, relief, pictures of rasters.

    Parameters
    ----------
    title : Bilingual
        The study's name.
    as_of : date, optional
        Day that the figures are about.
    imprint : Imprint, optional
        Who issues the printed maps.
    boundaries : Bilingual, optional
        Source, edition and date of the units' outlines.
    attributions : tuple of str
        Whom the data are from, in the words that their licences ask for.
    sample : Bilingual, optional
        One line for a map of invented data; verdicts are then worded as examples.
    sample_notice : Bilingual, optional
        The same at length.
    explained : mapping of field to Bilingual
        What the values of a field mean in this study, such as its levels; told
        where a layer is painted by it.
    errors : mapping of str to Bilingual
        What titles of estimates say of their errors, by run, as `tables.Field.called` takes it.
    services : tuple of ServiceInfo
        The first is shown when the page opens.
    tables : mapping of name to GeoDataFrame
        As `tables` names and defines them, in the study's CRS. Absent columns
        switch off what needs them.
    rasters : mapping of quantity to mapping of service id to DataArray
        ``{"margin_db": {"4g": …}}``, shape (y, x), with CRS and transform, all on
        one grid; NaN where unknown. As the fields of `pipeline.ServiceRasters`.
    cells : GeoDataFrame, optional
        The cells whose rows ``best_server`` names, as `tables.CELLS`.
    hillshade : DataArray of uint8, shape (y, x), optional
        Brightness of the terrain, 0 to 255, with a CRS.
    terrain : DataArray, shape (y, x), optional
        Elevation in metres on the same grid, for the tint; NaN where unknown.
    """

    title: Bilingual
    as_of: date | None = None
    imprint: Imprint | None = None
    boundaries: Bilingual | None = None
    attributions: tuple[str, ...] = ()
    sample: Bilingual | None = None
    sample_notice: Bilingual | None = None
    explained: Mapping[str, Bilingual] = field(default_factory=dict)
    errors: Mapping[str, Bilingual] = field(default_factory=dict)
    services: tuple[ServiceInfo, ...] = ()
    tables: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)
    rasters: Mapping[str, Mapping[str, xr.DataArray]] = field(default_factory=dict)
    cells: gpd.GeoDataFrame | None = None
    hillshade: xr.DataArray | None = None
    terrain: xr.DataArray | None = None
    _made: dict[Hashable, Any] = field(default_factory=dict, init=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return what `make` gives, made once for all maps of these layers.

        Parameters
        ----------
        key : hashable
            What it is known by.
        make : callable
            Called without arguments, the first time.

        Returns
        -------
        object
        """
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]

    def area_of(self, name: str) -> Any:
        """Return the union of a table's polygons, in its CRS, made once for all maps.

        Parameters
        ----------
        name : str
            Of the table.

        Returns
        -------
        shapely geometry
        """
        polygons = self.tables[name].geometry.to_numpy()
        return self.once(
            ("area of", name),
            lambda: united(polygons, coverage=len(polygons) > 1 and self.is_coverage(name)),
        )

    def is_coverage(self, name: str) -> bool:
        """Tell whether a table's polygons share their borders and nowhere overlap.

        Parameters
        ----------
        name : str
            Of the table.

        Returns
        -------
        bool
        """
        polygons = self.tables[name].geometry.to_numpy()
        known: bool = self.once(("coverage", name), partial(shapely.coverage_is_valid, polygons))
        return known
