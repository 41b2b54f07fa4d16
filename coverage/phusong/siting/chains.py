"""Chains of microwave hops to a connected mast: the cheapest that are in service enough.

Knows places by number, hops between them with a price and an availability, and what it costs
to relay at a place. Which hops there are is `hops`'s.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Link:
    """A hop that may be built.

    Parameters
    ----------
    one, other : int
        Places; it carries both ways.
    price_vnd : float
        Above zero.
    availability : float
        Share of the average year in which it works, 0 to 1.
    """

    one: int
    other: int
    price_vnd: float
    availability: float


@dataclass(frozen=True, kw_only=True)
class Chain:
    """Hops from a place to a connected one.

    Parameters
    ----------
    places : tuple of int
        From the first to the connected one, relays between.
    price_vnd : float
        Of its hops and relays.
    availability : float
        Product of those of its hops.
    """

    places: tuple[int, ...]
    price_vnd: float
    availability: float

    @property
    def order(self) -> tuple[float, int, float, tuple[int, ...]]:
        """What makes one chain better than another: price, hops, availability, places."""
        return self.price_vnd, len(self.places), -self.availability, self.places


def cheapest_chains(
    starts: Sequence[int],
    connected: Sequence[int],
    links: Sequence[Link],
    *,
    relay_vnd: Mapping[int, float],
    most_hops: int,
    least_availability: float,
) -> dict[int, Chain]:
    """Find the cheapest chain of each place.

    Parameters
    ----------
    starts : sequence of int
        Places that look for a way.
    connected : sequence of int
        Where chains may end.
    links : sequence of Link
    relay_vnd : mapping of int to float
        Places where a chain may be relayed, and for how much, zero or more.
    most_hops : int
    least_availability : float
        Of the whole chain, 0 to 1.

    Returns
    -------
    dict of int to Chain
        By start; those without a chain are left out. Of chains as cheap the one of fewer hops,
        then the one more often in service.

    Notes
    -----
    From the connected places back, hop by hop; at each place every chain is kept that no other
    beats in price, hops and availability at once, so the answer is exact.

    Examples
    --------
    Straight over the ridge one hop fails too often; two over its top hold.

    >>> links = [Link(one=0, other=9, price_vnd=1.0, availability=0.99),
    ...          Link(one=0, other=5, price_vnd=1.0, availability=0.9999),
    ...          Link(one=5, other=9, price_vnd=1.0, availability=0.9999)]
    >>> found = cheapest_chains([0], [9], links, relay_vnd={5: 0.5}, most_hops=3,
    ...                         least_availability=0.999)
    >>> found[0].places, found[0].price_vnd, round(found[0].availability, 5)
    ((0, 5, 9), 2.5, 0.9998)
    """
    beside: dict[int, list[tuple[int, Link]]] = {}
    for link in links:
        for here, there in ((link.one, link.other), (link.other, link.one)):
            beside.setdefault(there, []).append((here, link))
    ends, wanted = set(connected), set(starts)
    kept: dict[int, list[Chain]] = {}
    reached = [Chain(places=(end,), price_vnd=0.0, availability=1.0) for end in sorted(ends)]
    for _ in range(most_hops):
        longer = []
        for chain in reached:
            last = chain.places[0]
            relayed = len(chain.places) > 1
            if relayed and last not in relay_vnd:
                continue
            extra = relay_vnd[last] if relayed else 0.0
            for here, link in beside.get(last, []):
                onward = Chain(
                    places=(here, *chain.places),
                    price_vnd=chain.price_vnd + link.price_vnd + extra,
                    availability=chain.availability * link.availability,
                )
                usable = here not in ends and here not in chain.places
                if usable and onward.availability >= least_availability:
                    longer.append(onward)
        reached = []
        for chain in sorted(longer, key=lambda each: each.order):
            others = kept.setdefault(chain.places[0], [])
            # Those kept have no more hops; a beaten chain leads to no better one.
            if not any(
                other.price_vnd <= chain.price_vnd and other.availability >= chain.availability
                for other in others
            ):
                others.append(chain)
                reached.append(chain)
    return {
        start: min(kept[start], key=lambda each: each.order)
        for start in sorted(wanted & kept.keys())
    }
