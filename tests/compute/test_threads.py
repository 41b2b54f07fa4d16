"""Every item is worked on once, by one thread; what goes wrong is passed on."""

import threading
from itertools import chain

import pytest

from phusong.compute import in_turn, on_threads


@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("count", [0, 1, 3, 100])
def test_every_item_goes_to_one_thread(threads, count):
    done = []
    found = on_threads(list, range(count), threads=threads, on_done=done.append)
    assert sorted(chain(*found)) == sorted(done) == list(range(count))
    assert len(found) == max(min(threads, count), 1)


def test_items_that_mean_nothing_are_items_too():
    assert sorted(on_threads(list, [None, None], threads=1)) == [[None, None]]


def test_slow_item_does_not_hold_up_the_rest():
    rest_done, left = threading.Event(), set(range(1, 10))

    def work(items):
        taken = []
        for item in items:
            taken.append(item)
            if item == 0:
                assert rest_done.wait(timeout=60)
        return taken

    def done(item):
        left.discard(item)
        if not left:
            rest_done.set()

    found = on_threads(work, range(10), threads=2, on_done=done)
    assert sorted(map(len, found)) == [1, 9]


def test_fault_of_one_thread_stops_the_others_and_is_raised():
    begun = []

    def work(items):
        for item in items:
            begun.append(item)
            if item == 3:
                raise ValueError("the fourth is bad")

    with pytest.raises(ValueError, match="the fourth is bad"):
        on_threads(work, range(100_000), threads=2)
    assert len(begun) < 100_000


def test_interruption_while_reporting_stops_the_work_and_is_raised():
    begun = []

    def work(items):
        begun.extend(items)

    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        on_threads(work, range(1_000_000), threads=2, on_done=stop)
    assert len(begun) < 1_000_000


def test_no_thread_is_refused():
    with pytest.raises(ValueError, match="0 threads"):
        on_threads(list, [], threads=0)


@pytest.mark.parametrize("threads", [1, 3])
def test_work_in_turn_keeps_the_order_of_its_items_and_passes_faults_on(threads):
    assert in_turn(str, range(10), threads=threads) == [*map(str, range(10))]
    with pytest.raises(ZeroDivisionError):
        in_turn(lambda item: 1 // item, [1, 0], threads=threads)
