"""How far predictions lie from measured places, drawn for a notebook; computes no prediction."""

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from ..i18n import Language, text

IN_SIGHT, HIDDEN, SOFT = "#0072b2", "#d55e00", "#8c8c8c"


def draw_residuals(places: pd.DataFrame, lang: Language) -> Figure:
    """Draw predicted minus measured levels over distance, and how often each occurs.

    Parameters
    ----------
    places : DataFrame
        As `tables.MEASURED_PLACES`; those not compared or without a number are left out,
        censored ones are hollow: at least so much.
    lang : {"vi", "en"}

    Returns
    -------
    matplotlib.figure.Figure
        A notebook shows it.

    Examples
    --------
    >>> places = pd.DataFrame(
    ...     {"distance_m": [800.0, 2500.0], "residual_db": [3.0, -4.0], "censored": False,
    ...      "in_sight": [True, False], "used": True},
    ... )
    >>> draw_residuals(places, "en").axes[0].get_ylabel()
    'predicted minus measured, dB'
    """
    known = places[["distance_m", "residual_db"]].notna().all(axis=1)
    own = places[known & places["used"].astype(bool)]
    figure = Figure(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(figure)
    over, often = figure.subplots(1, 2, sharey=True, width_ratios=(3, 1))
    censored = own["censored"].astype(bool).to_numpy()
    sight = own["in_sight"].fillna(False).astype(bool).to_numpy()
    for seen, colour, key in ((True, IN_SIGHT, "in_sight"), (False, HIDDEN, "hidden")):
        for bound in (False, True):
            its = own[(sight == seen) & (censored == bound)]
            over.scatter(
                its["distance_m"] / 1000,
                its["residual_db"],
                s=14,
                facecolors="none" if bound else colour,
                edgecolors=colour,
                label=None if bound else text(f"report.residuals_{key}", lang),
            )
    over.set_xscale("log")
    over.axhline(0.0, color=SOFT, linewidth=0.8)
    over.set_xlabel(text("report.residuals_distance", lang))
    over.set_ylabel(text("report.residuals_error", lang))
    over.legend()
    errors = own["residual_db"].to_numpy(float)[~censored]
    bins = np.arange(np.floor(errors.min()), np.ceil(errors.max()) + 2, 2.0) if errors.size else 1
    often.hist(errors, bins=bins, orientation="horizontal", color=SOFT)
    often.set_xlabel(text("report.residuals_places", lang))
    return figure
