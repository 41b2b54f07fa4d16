"""How sure the shares of coverage are: bands, and verdicts at the study's confidence."""

from .part import UNCERTAINTY

__all__ = ["UNCERTAINTY"]
