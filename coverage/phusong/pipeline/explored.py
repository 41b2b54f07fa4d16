"""The page that computes, and its division where one page would be too large.

A district has a page of its own, and where there are no districts, or one is still too large, half
of its communes, and half of these. What a page tells is the whole: it carries the ground as far as
masts at home and their neighbours are heard.
"""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import geopandas as gpd

from .._version import program
from ..errors import PageTooLargeError
from ..export import check_output_file, output_file
from ..i18n import Bilingual, both, text, words
from ..maps import ExploreMap, render_html
from ..report import ReportPage, render_page
from .gathered import Gathered
from .outputs.maps import draw_explore
from .parts.coverage.count import required
from .parts.territory import TERRITORY
from .progress import Progress
from .questions.explore import computing
from .questions.what_if import scenario_of_text


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where masts may be tried on one page.

    Parameters
    ----------
    name : Bilingual
        Of the district; of communes where they are no whole district.
    communes : GeoDataFrame
    """

    name: Bilingual
    communes: gpd.GeoDataFrame

    def halves(self) -> Iterator["Home"]:
        """Yield the communes of either half along the longer side."""
        west, south, east, north = self.communes.total_bounds
        middle = self.communes.geometry.representative_point()
        along = middle.x if east - west > north - south else -middle.y
        order = along.sort_values(kind="stable").index
        half = len(order) // 2
        for some in (order[:half], order[half:]):
            communes = self.communes.loc[sorted(some)]
            yield Home(name=_named(communes), communes=communes)


def explored(
    gathered: Gathered,
    communes: Collection[str] | None = None,
    name: Bilingual | None = None,
    index: str | None = None,
) -> ExploreMap:
    """Return the page of a result, or of some communes; see `Result.explore`.

    One of several pages has a way back to their `index`, a file beside it.
    """
    found = computing(gathered, communes)
    if communes is not None:
        units, _ = required(gathered.found[TERRITORY])
        chosen = units.communes["commune_code"].isin([*communes])
        found["part"]["name"] = asdict(name or _named(units.communes[chosen]))
        found["part"]["index"] = index and quote(index)
    return draw_explore(gathered, found, partial(scenario_of_text, gathered))


def write_explored(
    gathered: Gathered,
    path: Path,
    *,
    divided: bool,
    replace: bool,
    on_progress: Progress,
) -> list[Path]:
    """Write the page of a result, or one page for each part of it; see `Result.write_explore`."""
    check_output_file(path, replace=replace)
    if not divided:
        try:
            page = render_html(explored(gathered))
        except PageTooLargeError:
            pass
        else:
            return [_written(path, page, replace=replace)]
    files: list[tuple[Path, Bilingual]] = []
    homes = _homes(gathered)
    while homes:
        home = homes.pop(0)
        on_progress("pipeline.step_explore", len(files), len(files) + len(homes) + 1)
        try:
            page = render_html(
                explored(gathered, home.communes["commune_code"], home.name, path.name)
            )
        except PageTooLargeError:
            if len(home.communes) < 2:
                raise
            homes[:0] = home.halves()
            continue
        file = path.with_name(f"{path.stem}-{len(files) + 1:02d}{path.suffix}")
        files.append((_written(file, page, replace=replace), home.name))
    on_progress("pipeline.step_explore", len(files), len(files))
    index = ReportPage(
        title=words("maps.explore_title"),
        about=(gathered.study.title,),
        program=program(),
        sample=gathered.study.sample_headline,
        notes=(words("maps.explore_divided"),),
        links=[(file.name, name) for file, name in files],
    )
    return [_written(path, render_page(index), replace=replace), *(file for file, _ in files)]


def _written(path: Path, page: str, *, replace: bool) -> Path:
    with output_file(path, replace=replace) as fresh:
        fresh.write_bytes(page.encode("utf-8"))
    return path


def _homes(gathered: Gathered) -> list[Home]:
    """Return the districts; without any, the whole province."""
    units, _ = required(gathered.found[TERRITORY])
    communes = units.communes
    if "district" not in communes or communes["district"].isna().any():
        whole = gathered.study.title
        return [*Home(name=whole, communes=communes).halves()] if len(communes) > 1 else [
            Home(name=whole, communes=communes)
        ]  # fmt: skip
    return [
        Home(name=Bilingual(str(name), str(name)), communes=own)
        for (_, name), own in communes.groupby(["district_code", "district"], sort=True)
    ]


def _named(communes: gpd.GeoDataFrame) -> Bilingual:
    """Return what some communes are called together."""
    names = communes["name"].fillna(communes["commune_code"])
    if len(names) == 1:
        return Bilingual(names.iloc[0], names.iloc[0])
    values = {"count": len(names), "first": names.iloc[0], "last": names.iloc[-1]}
    return both(lambda lang: text("maps.explore_communes", lang, **values))
