"""A microwave hop of a plan as a picture: ground, trees, Fresnel zone, and how much it works."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import shapely
from matplotlib.figure import Figure

from ...export import check_output_file, output_file
from ...fibre import hop_section
from ...i18n import Language, number, text
from ...maps import check_paper_file, write_paper
from ...report import BudgetLine, Outcome, Section, draw_section, section_png
from ...study import Study
from ..parts.coverage.inputs import Ground
from .site_backhaul import clutter_of


@dataclass(frozen=True, kw_only=True, repr=False)
class HopProfile:
    """A microwave hop over its ground; shown in a notebook, it draws itself.

    Parameters
    ----------
    study : Study
    hop : mapping
        Row of `tables.SITE_HOPS`.
    section : DataFrame
        As `phusong.fibre.hop_section`, at the earth factor at which the hop is least free.
    """

    study: Study
    hop: Mapping[str, Any]
    section: pd.DataFrame

    @classmethod
    def of(
        cls, study: Study, ground: Ground, hop: Mapping[str, Any], line: shapely.LineString
    ) -> "HopProfile":
        """Look at a hop.

        Parameters
        ----------
        study : Study
        ground : Ground
        hop : mapping
            Row of `tables.SITE_HOPS`.
        line : LineString

        Returns
        -------
        HopProfile
        """
        section = hop_section(
            line,
            ground.height_m,
            heights_m=(hop["from_height_m"], hop["to_height_m"]),
            frequency_ghz=hop["frequency_ghz"],
            earth_factor=hop["earth_factor"],
            clutter_m=clutter_of(ground),
        )
        return cls(study=study, hop=hop, section=section)

    def figure(self, lang: Language = "vi") -> Figure:
        """Draw the hop, 297 × 160 mm.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        matplotlib.figure.Figure
        """
        hop, headline = self.hop, self.study.sample_headline

        def shown(name: str, decimals: int = 1, times: float = 1.0) -> str:
            return number(times * float(hop[name]), lang, decimals=decimals)

        works = text("profile.hop_works", lang, percent=shown("availability", 3, 100.0))
        about = text(
            "profile.hop_subtitle", lang, length=shown("length_m", 2, 1e-3),
            frequency=shown("frequency_ghz", 0),
        )  # fmt: skip
        return draw_section(
            Section(
                lang=lang,
                title=text("profile.hop_title", lang, one=hop["from_site"], other=hop["to_site"]),
                subtitle=" · ".join([*([headline[lang]] if headline else []), about]),
                headline=text(
                    "profile.hop_free", lang, clearance=shown("clearance_m"),
                    away=shown("worst_at_m", 2, 1e-3),
                ),
                foot=text(
                    "profile.hop_foot", lang, study=self.study.title[lang],
                    factor=shown("earth_factor", 2),
                ),
                hidden=False,
                points=self.section,
                mast=text("profile.hop_end", lang, site=hop["from_site"],
                          height=shown("from_height_m")),
                receiver=text("profile.hop_end", lang, site=hop["to_site"],
                              height=shown("to_height_m")),
                obstacle=None,
                budget=[
                    BudgetLine(text("profile.hop_margin", lang), f"{shown('margin_db')} dB"),
                    BudgetLine(text("profile.hop_rain", lang), f"{shown('rain_percent', 4)} %"),
                    BudgetLine(text("profile.hop_fading", lang), f"{shown('fading_percent', 4)} %"),
                ],
                outcomes=[
                    Outcome(
                        name=text("profile.hop", lang),
                        detail=text("profile.hop_detail", lang),
                        margin=works,
                        served=True,
                    )
                ],
            )
        )  # fmt: skip

    def write(self, path: Path | str, *, lang: Language = "vi", replace: bool = False) -> Path:
        """Write the picture; the same hop gives the same bytes.

        Parameters
        ----------
        path : path
            Ending in ``.png``, ``.svg`` or ``.pdf``.
        lang : {"vi", "en"}
        replace : bool
            Whether a file of that name may be lost.

        Returns
        -------
        Path

        Raises
        ------
        OutputError
            If the file exists, cannot be written, or is of another kind.
        """
        path = Path(path)
        check_paper_file(path)
        check_output_file(path, replace=replace)
        with output_file(path, replace=replace) as fresh:
            write_paper(self.figure(lang), fresh)
        return path

    def __repr__(self) -> str:
        return f"<HopProfile {self.hop['from_site']} → {self.hop['to_site']}>"

    def _repr_png_(self) -> bytes:
        return section_png(self.figure())
