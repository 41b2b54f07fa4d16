"""Administrative units of Vietnam: communes by edition, their names, and crosswalks."""

from .crosswalk import carry, check_crosswalk, share_out, shipped_crosswalk, successors
from .names import Named, Names, spelling
from .units import IN_FORCE, Link, Unit, links, list_of, recognise, units

__all__ = [
    "IN_FORCE",
    "Link",
    "Named",
    "Names",
    "Unit",
    "carry",
    "check_crosswalk",
    "links",
    "list_of",
    "recognise",
    "share_out",
    "shipped_crosswalk",
    "spelling",
    "successors",
    "units",
]
