"""The lists of villages that are white or patchy, by operator and for all, with the cause."""

from .part import VILLAGES

__all__ = ["VILLAGES"]
