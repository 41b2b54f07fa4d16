"""Plausible provinces: the committed sample study and the small study of the tests.

What is published about a real province enters through `facts`; everything else
is drawn from explicit seeds, and the sample's README says which layer is which.
"""

from .sample import build_sample
from .small import write_small_study

__all__ = ["build_sample", "write_small_study"]
