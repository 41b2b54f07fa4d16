"""The page that computes as a widget of a notebook: it shows itself and gives its scenario back.

A page of some megabytes is more than Jupyter lets a cell put out, but not more than a widget may
open with. Imported where a notebook asks for it alone: anywidget is no dependency of the rest.
"""

import zlib
from importlib.resources import files
from typing import Any

import anywidget
import traitlets


class PageWidget(anywidget.AnyWidget):
    """A page in a cell.

    Parameters
    ----------
    html : str
        The page.
    title : str
        What it is called for those who do not see it.
    """

    _esm = files(__package__).joinpath("assets", "notebook.js").read_text(encoding="utf-8")
    page = traitlets.Bytes(help="The page, deflated.").tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    scenario = traitlets.Unicode(
        help="The file of the scenario at hand as the page would save it; empty without masts."
    ).tag(sync=True)

    def __init__(self, html: str, title: str, **given: Any) -> None:
        super().__init__(page=zlib.compress(html.encode("utf-8")), title=title, **given)
