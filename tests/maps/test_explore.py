"""The page that computes: what is packed comes back bit by bit, and too large a page is refused."""

import numpy as np
import pytest

from phusong.errors import ExploreError
from phusong.maps import explore, open_theme, render_html
from phusong.maps.explore import build_explore, in_blocks, pack
from phusong.maps.page import StudyMap
from phusong.maps.payload import resolve

RANDOM = np.random.default_rng(0)
ARRAYS = (
    RANDOM.integers(-900, 3000, (5, 7)).astype(np.int16),
    RANDOM.normal(800, 300, (4, 9)).astype(np.float32),
    np.array([[0.0, np.nan, -0.0, 1e30]], np.float32),
    RANDOM.integers(0, 255, (3, 3)).astype(np.uint8),
    RANDOM.integers(-128, 127, (4, 5)).astype(np.int8),
    RANDOM.normal(0, 1, 11),
    np.arange(300, dtype=np.uint16),
    np.empty(0, np.float64),
)


def test_arrays_come_back_in_the_page_bit_by_bit(visit, layers):
    packed, blocks = in_blocks([pack(values) for values in (*ARRAYS, ARRAYS[0])])
    assert len(blocks) == len(ARRAYS)  # the one given twice is there once
    content = {**resolve(open_theme("overview"), layers), "explore": None}
    html = render_html(StudyMap(content, blocks))
    for browser_is_of in (2026, 2024):  # the older one reads base64 by another way
        page = visit(html)
        if browser_is_of < 2025:
            page.evaluate("delete Uint8Array.fromBase64")
        found = page.evaluate(
            "(packed) => Promise.all(packed.map(async (one) => {"
            " const values = await phusong.unpack(one);"
            " return [values.constructor.name, [...new Uint8Array(values.buffer)]]; }))",
            packed,
        )
        for values, (kind, raw) in zip((*ARRAYS, ARRAYS[0]), found, strict=True):
            assert kind.lower() == f"{values.dtype.name}array"
            assert bytes(raw) == values.tobytes()


def test_a_page_too_large_is_refused(layers, monkeypatch):
    monkeypatch.setattr(explore, "LARGEST_PAGE_BYTES", 100_000)
    with pytest.raises(ExploreError, match="MB"):
        build_explore(open_theme("overview"), layers, {}, lambda text: None)
