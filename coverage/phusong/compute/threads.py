"""Work that can be split, run on the threads of this process."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from threading import Lock
from typing import Generic, TypeVar

__all__ = ["in_turn", "on_threads"]

Item = TypeVar("Item")
Found = TypeVar("Found")


def on_threads(
    work: Callable[[Iterable[Item]], Found],
    items: Iterable[Item],
    *,
    threads: int,
    on_done: Callable[[Item], None] | None = None,
) -> list[Found]:
    """Run `work` once on every thread, each over items that no other thread gets.

    A thread takes its next item when it is done with the one before, so that
    slow items do not hold up the rest. Which items meet on a thread is left to
    chance: `work` must be such that what it finds can be merged in any order.

    Parameters
    ----------
    work : callable
        Takes an iterable of items, which it goes through once.
    items : iterable
    threads : int
        How many run at a time, at least 1.
    on_done : callable, optional
        Called in the calling thread with each item that is done.

    Returns
    -------
    list
        What `work` returned, one a thread; without items, of one empty call.

    Raises
    ------
    ValueError
        If `threads` is less than 1.
    BaseException
        What `work` or `on_done` raised; items not begun are left.

    Examples
    --------
    >>> sum(on_threads(sum, [1, 2, 3], threads=2))
    6
    """
    if threads < 1:
        raise ValueError(f"{threads} threads: expected at least 1")
    given = list(items)
    shared = _Shared(given)
    running = max(min(threads, len(given)), 1)
    with ThreadPoolExecutor(running) as pool:
        futures = [pool.submit(shared.run, work) for _ in range(running)]
        try:
            while running:
                report = shared.reports.get()
                if report is None:
                    running -= 1
                elif on_done is not None:
                    on_done(report[0])
        finally:
            shared.stop()
    return [future.result() for future in futures]


def in_turn(work: Callable[[Item], Found], items: Iterable[Item], *, threads: int) -> list[Found]:
    """Do `work` on each item, several at a time.

    Parameters
    ----------
    work : callable
        Takes one item.
    items : iterable
    threads : int
        How many run at a time, at least 1.

    Returns
    -------
    list
        What `work` returned, in the order of the items.

    Raises
    ------
    BaseException
        What `work` raised.

    Examples
    --------
    >>> in_turn(abs, [-1, 2], threads=2)
    [1, 2]
    """
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, items))


class _Shared(Generic[Item]):
    """Items that threads take one by one, and reports of what became of them.

    A report is the item that is done, in a tuple, or None for a thread that ended.
    """

    def __init__(self, items: list[Item]) -> None:
        self.reports: SimpleQueue[tuple[Item] | None] = SimpleQueue()
        self._left = iter(items)
        self._lock = Lock()

    def stop(self) -> None:
        """Hand out no more items."""
        with self._lock:
            self._left = iter(())

    def run(self, work: Callable[[Iterable[Item]], Found]) -> Found:
        """Do `work` over the items that this thread takes; let all stop if it fails."""
        try:
            return work(self._taken())
        except BaseException:
            self.stop()
            raise
        finally:
            self.reports.put(None)

    def _taken(self) -> Iterator[Item]:
        while True:
            with self._lock:
                try:
                    item = next(self._left)
                except StopIteration:
                    return
            yield item
            self.reports.put((item,))
