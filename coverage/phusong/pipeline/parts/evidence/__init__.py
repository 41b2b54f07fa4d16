"""What stands behind each commune's figure: see `part`."""

from .part import EVIDENCE

__all__ = ["EVIDENCE"]
