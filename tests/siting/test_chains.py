"""Chains of hops against every chain that there is."""

from itertools import pairwise, permutations

import numpy as np
import pytest

from phusong.siting import Link, cheapest_chains

LEAST = 0.97


def every_chain(start, connected, links, relay_vnd, most_hops):
    """Try every simple chain of a small graph; return the best by price and hops, None if none."""
    prices = {}
    for link in links:
        pair = frozenset((link.one, link.other))
        prices.setdefault(pair, []).append((link.price_vnd, link.availability))
    found = []
    for length in range(most_hops):
        for relays in permutations(sorted(relay_vnd), length):
            for end in connected:
                path = (start, *relays, end)
                pairs = [frozenset(step) for step in pairwise(path)]
                if len(set(path)) < len(path) or any(pair not in prices for pair in pairs):
                    continue
                price = sum(prices[pair][0][0] for pair in pairs)
                price += sum(relay_vnd[relay] for relay in relays)
                holds = float(np.prod([prices[pair][0][1] for pair in pairs]))
                if holds >= LEAST:
                    found.append((price, len(pairs), -holds))
    return min(found, default=None)


@pytest.mark.parametrize("seed", range(60))
def test_the_chain_is_the_best_of_all(seed):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(4, 9))
    pairs = [(a, b) for a in range(count) for b in range(a) if rng.random() < 0.55]
    links = [
        Link(one=a, other=b, price_vnd=float(rng.integers(1, 6)),
             availability=float(rng.choice([0.98, 0.99, 0.995, 0.9999])))
        for a, b in pairs
    ]  # fmt: skip
    connected = [count - 1, count - 2]
    relays = {place: float(rng.integers(0, 4)) for place in range(count - 2) if rng.random() < 0.7}
    starts = list(range(count - 2))
    for most_hops in (1, 2, 3):
        found = cheapest_chains(
            starts, connected, links, relay_vnd=relays, most_hops=most_hops,
            least_availability=LEAST,
        )  # fmt: skip
        for start in starts:
            best = every_chain(start, connected, links, relays, most_hops)
            if best is None:
                assert start not in found
                continue
            chain = found[start]
            assert chain.places[0] == start
            assert chain.places[-1] in connected
            assert chain.price_vnd == pytest.approx(best[0])
            assert len(chain.places) - 1 == best[1]
            assert chain.availability == pytest.approx(-best[2])
