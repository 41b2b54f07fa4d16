"""A path under the glass: every term sums up, every model answers, faults say what to mend."""

import geopandas as gpd
import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from phusong.errors import ModelRangeError, PathError
from phusong.grid import Grid
from phusong.radio import (
    MODELS,
    P1812,
    Link,
    OkumuraHata,
    Profile,
    Refractivity,
    ServiceRule,
    Settings,
    inspect_path,
    model,
    predict,
)
from phusong.radio.inspect import Verdict
