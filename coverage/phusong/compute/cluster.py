"""Work that can be split, run by Dask: processes of this machine, or a scheduler of the office's.

Dask keeps the queue, begins anew what a lost worker had in hand, and moves what it has no memory
for to the disk; nothing of that is done here.
"""

import logging
import math
import os
import pickle
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from mmap import ACCESS_COPY, mmap
from pathlib import Path
from tempfile import TemporaryDirectory, mkstemp
from typing import TYPE_CHECKING, Any, TypeVar

import psutil

from ..errors import ClusterError

if TYPE_CHECKING:
    from distributed import Client, LocalCluster

Item = TypeVar("Item")
Found = TypeVar("Found")

OWN_SHARE = 0.3
"""Of the memory that is left when a cluster begins, what its workers leave to the run itself."""
ANSWERS_WITHIN_S = 30
"""How long a scheduler, and the first of its workers, are waited for."""
_ALIGNED = 64
"""Arrays begin at such multiples, as numpy's own do."""


class Cluster:
    """Processes that share out work; made by `cluster`.

    Parameters
    ----------
    client : distributed.Client
        Of the scheduler.
    address : str
        Its own, as messages show it.
    memory_bytes : int, optional
        That a worker may take before it is begun anew; None where others decide.
    folder : path, optional
        Seen by all workers under this name: what is alike for all items lies there once, and
        what is found of each until it is taken, and is mapped into memory. Without it both are
        sent through the network.
    """

    def __init__(
        self, client: "Client", address: str, memory_bytes: int | None, folder: Path | None
    ) -> None:
        self.client, self.address = client, address
        self.memory_bytes = memory_bytes
        self._folder = folder

    def completed(
        self, work: Callable[[Item], Found], items: Sequence[Item]
    ) -> Iterator[tuple[Item, Found]]:
        """Yield each item with what `work` returned for it, in the order in which they are done.

        Parameters
        ----------
        work : callable
            Takes one item; sent once. An item may be worked on more than once, where a worker
            is lost: what it returns must be the same each time.
        items : sequence

        Yields
        ------
        tuple
            An item, and what was found of it.

        Raises
        ------
        ClusterError
            If the scheduler, or too many workers, were lost.
        PhusongError
            What `work` raised.
        """
        from distributed import as_completed
        from distributed.client import FutureCancelledError
        from distributed.comm.core import CommClosedError
        from distributed.scheduler import KilledWorker

        sent = self._sent(work)
        try:
            futures = self.client.map(
                _worked, items, work=sent, folder=self._folder, pure=False, batch_size=100
            )
            of = dict(zip((future.key for future in futures), items, strict=True))
            done = as_completed(futures)
            del futures  # what was taken over need not be kept by workers
            for future in done:
                item = of.pop(future.key)
                found = future.result()
                if isinstance(found, _InFile):
                    try:
                        yield item, found.value
                    finally:
                        found.remove()
                else:
                    yield item, found
        except KilledWorker as fault:
            raise ClusterError("cluster.workers_lost", address=self.address) from fault
        except (FutureCancelledError, CommClosedError) as fault:
            raise ClusterError("cluster.scheduler_lost", address=self.address) from fault
        finally:
            if isinstance(sent, _InFile):
                sent.remove()

    def _sent(self, work: Callable[[Item], Found]) -> Any:
        """Bring what is alike for all items to where workers find it, later ones too."""
        if self._folder is None:
            # As a task of its own the scheduler keeps it, so that it outlives every worker.
            return self.client.submit(_same, work, pure=False)
        return _InFile.of(work, self._folder)


@contextmanager
def cluster(
    workers: int | None = None,
    *,
    scheduler: str | None = None,
    memory_bytes: int | None = None,
) -> Iterator[Cluster]:
    """Begin processes that share out the work of a run, or use those of a Dask scheduler.

    Parameters
    ----------
    workers : int, optional
        How many processes of one thread to begin on this machine; they end with the context.
    scheduler : str, optional
        Address of a running Dask scheduler instead, such as ``tcp://10.0.0.5:8786``. Its workers
        need the same version of phusong and its libraries.
    memory_bytes : int, optional
        That each process may take; by default an equal part of 0.7 of what is left. One that
        takes more is begun anew.

    Yields
    ------
    Cluster
        For the argument ``cluster`` of `phusong.run`.

    Raises
    ------
    ValueError
        Unless either `workers`, at least 1, or `scheduler` is given.
    ClusterError
        If Dask is not installed, or the scheduler or its workers do not answer.

    Examples
    --------
    >>> import phusong
    >>> with phusong.cluster(workers=4) as four:  # doctest: +SKIP
    ...     result = phusong.run(phusong.open_study("data/ha-giang"), cluster=four)
    """
    if (workers is None) == (scheduler is None) or (workers is not None and workers < 1):
        raise ValueError("expected a number of workers, at least 1, or the address of a scheduler")
    if find_spec("distributed") is None:
        raise ClusterError("cluster.not_installed")
    with ExitStack() as stack:
        if scheduler is not None:
            yield _of_scheduler(scheduler, stack)
        else:
            assert workers is not None
            yield _of_this_machine(workers, memory_bytes, stack)


def _of_this_machine(workers: int, memory_bytes: int | None, stack: ExitStack) -> Cluster:
    """Begin workers here; nobody else can speak to them."""
    import dask
    from distributed import Client, LocalCluster
    from distributed.security import Security
    from distributed.system import MEMORY_LIMIT

    folder = Path(stack.enter_context(TemporaryDirectory(prefix="phusong-")))
    if memory_bytes is None:
        room = min(psutil.virtual_memory().available, MEMORY_LIMIT)
        memory_bytes = int((1 - OWN_SHARE) * room / workers)
    # Dask has workers give memory back at once, so that each of our many short arrays is fetched
    # from the system anew: a fifth of the time of a prediction.
    begin = {"distributed.nanny.pre-spawn-environ": {"OMP_NUM_THREADS": 1, "MKL_NUM_THREADS": 1}}
    stack.enter_context(dask.config.set(begin))
    begun = LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        memory_limit=memory_bytes,
        host="127.0.0.1",
        protocol="tls://",
        security=Security.temporary(),
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        local_directory=str(folder),
        silence_logs=logging.CRITICAL,
    )
    stack.callback(_close, begun)
    client = stack.enter_context(Client(begun))
    return Cluster(client, begun.scheduler_address, memory_bytes, folder)


def _close(begun: "LocalCluster") -> None:
    """End workers and scheduler; Dask may stumble at the end over a worker that was lost."""
    with suppress(KeyError):
        begun.close()


def _of_scheduler(address: str, stack: ExitStack) -> Cluster:
    from distributed import Client

    try:
        client = stack.enter_context(Client(address, timeout=ANSWERS_WITHIN_S))
    except (OSError, ValueError) as fault:
        raise ClusterError("cluster.no_scheduler", address=address, detail=str(fault)) from fault
    try:
        client.wait_for_workers(1, timeout=ANSWERS_WITHIN_S)
    except TimeoutError as fault:
        raise ClusterError("cluster.no_workers", address=address) from fault
    return Cluster(client, address, None, None)


@dataclass(frozen=True)
class _InFile:
    """A value in a file, its arrays mapped from there, so that processes of a machine share them.

    Parameters
    ----------
    path : path
    arrays : tuple of (int, int)
        First and behind the last byte of each array; before them lies the rest of the value.
    """

    path: Path
    arrays: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, value: object, folder: Path) -> "_InFile":
        """Write a value."""
        import cloudpickle

        buffers: list[pickle.PickleBuffer] = []
        head = cloudpickle.dumps(value, protocol=5, buffer_callback=buffers.append)
        handle, name = mkstemp(dir=folder)
        arrays = []
        with os.fdopen(handle, "wb") as file:
            file.write(head)
            for buffer in buffers:
                start = _ALIGNED * math.ceil(file.tell() / _ALIGNED)
                file.seek(start)
                file.write(buffer.raw())
                arrays.append((start, file.tell()))
        return cls(Path(name), tuple(arrays))

    @property
    def value(self) -> Any:
        """The value, its arrays in pages of the file; what is changed stays in this process."""
        with self.path.open("rb") as file:
            content = memoryview(mmap(file.fileno(), 0, access=ACCESS_COPY))
        return pickle.loads(  # noqa: S301  of a process of this cluster, in a folder of its own
            content, buffers=[content[start:stop] for start, stop in self.arrays]
        )

    def remove(self) -> None:
        """Remove the file; a system that keeps it while it is mapped removes it with its folder."""
        with suppress(OSError):
            self.path.unlink()


@lru_cache(maxsize=1)
def _kept(there: _InFile) -> Any:
    """Return the value of the file that was asked for last."""
    return there.value


def _worked(item: Item, *, work: Any, folder: Path | None) -> Any:
    """Do the work on an item, in a worker."""
    found = (_kept(work) if isinstance(work, _InFile) else work)(item)
    return found if folder is None else _InFile.of(found, folder)


def _same(value: Item) -> Item:
    return value
