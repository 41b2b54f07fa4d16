"""Whether loops run as written, where a write out of range is an error but all takes far longer.

What they compute is held to numbers where they are compiled; uncompiled, fewer examples take the
same loops.
"""

import os

UNCOMPILED = os.environ.get("NUMBA_DISABLE_JIT") == "1"
