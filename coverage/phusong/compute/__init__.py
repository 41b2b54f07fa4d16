"""Work that can be split, run on threads or by Dask: the only room that knows what runs where.

An engine offers a function of some items and an order-free merge of what it
finds; it has no executor in its signature. Knows nothing of what is computed.
"""

from .cluster import Cluster, cluster
from .threads import in_turn, on_threads

__all__ = ["Cluster", "cluster", "in_turn", "on_threads"]
