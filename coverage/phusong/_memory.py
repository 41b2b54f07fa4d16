"""How much memory this process may still take: the machine's, its container's, its own limit."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from .errors import MemoryLimitError

LEAST_ADDRESS_SPACE = 3_000_000_000
"""The smallest study, maps and sheets included, was seen to reserve 2.7 GB on two cores. With less,
libraries stop in the middle, or hang, where no fault can be caught."""
_RESERVED_UNUSED = 1_300_000_000
"""Of what a run reserves beyond what it holds in memory, after everything is imported."""
_CGROUPS = Path("/sys/fs/cgroup")
_UNLIMITED = 1 << 60
"""Version 1 writes a number near 2⁶³ where there is no limit."""


def available_bytes() -> int:
    """Return what may still be allocated before the system refuses, swaps or kills."""
    room = [psutil.virtual_memory().available, _in_container(), _in_address_space()]
    return max(int(min(each for each in room if each is not None)), 0)


@contextmanager
def without_collection() -> Iterator[None]:
    """Put off the search for garbage in cycles, which walks over every object of the process.

    What a result holds is so much that the search takes a fifth of a second now and then.
    """
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


def give_back() -> None:
    """Give the system back what was freed, which glibc keeps otherwise: some 0.2 GB of a province.

    It takes 0.02 s; where the C library is another one, nothing happens.
    """
    if sys.platform != "linux":
        return
    from ctypes import CDLL

    trim = getattr(CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def require_address_space() -> None:
    """Refuse to start under a limit (``ulimit -v``) that no computation fits in.

    Raises
    ------
    MemoryLimitError
        Naming the limit and what is needed.
    """
    limit = limited_address_space()
    if limit is not None and limit < LEAST_ADDRESS_SPACE:
        raise MemoryLimitError(
            "common.address_space",
            limit=f"{limit / 1e6:.0f}",
            needed=f"{LEAST_ADDRESS_SPACE / 1e6:.0f}",
        )


def limited_address_space() -> int | None:
    """Return the limit of ``ulimit -v`` in bytes; None without one."""
    if sys.platform == "win32":
        return None
    import resource

    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def _in_address_space() -> int | None:
    limit = limited_address_space()
    if limit is None:
        return None
    return limit - int(psutil.Process().memory_info().vms) - _RESERVED_UNUSED


def _in_container(root: Path = _CGROUPS, own: Path = Path("/proc/self/cgroup")) -> int | None:
    """Return what the tightest control group around this process leaves; None without any.

    What it holds of files in ``inactive_file`` is given back when needed.
    """
    try:
        lines = own.read_text("utf-8").splitlines()
    except OSError:  # not Linux
        return None
    room: list[int] = []
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            top, names = root, ("memory.max", "memory.current")
        elif "memory" in controllers.split(","):
            top, names = root / "memory", ("memory.limit_in_bytes", "memory.usage_in_bytes")
        else:
            continue
        group = top / path.lstrip("/")
        # Inside a container the path may be that of the host; then the top is its own group.
        for folder in (group, *group.parents):
            found = _room(folder, *names)
            room += [] if found is None else [found]
            if folder == top:
                break
    return min(room, default=None)


def _room(group: Path, limit: str, usage: str) -> int | None:
    try:
        most, used = ((group / name).read_text("ascii").strip() for name in (limit, usage))
        about = dict(
            line.split() for line in (group / "memory.stat").read_text("ascii").splitlines()
        )
    except (OSError, ValueError):
        return None
    if most == "max" or int(most) > _UNLIMITED:
        return None
    given_back = int(about.get("total_inactive_file", about.get("inactive_file", 0)))
    return int(most) - int(used) + given_back
