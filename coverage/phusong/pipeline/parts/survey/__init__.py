"""What places drawn by chance and measured prove of a service, beside the map."""

from .part import SURVEY

__all__ = ["SURVEY"]
