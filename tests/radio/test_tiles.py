"""A kept tile is the computed one, and is used only where nothing changed."""

import shutil
import sys
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

from phusong._cache import TileCache
from phusong.grid import Grid
from phusong.radio import Diffraction, FreeSpace, Link, OkumuraHata, tiles
from phusong.radio.heights import Heights
from phusong.radio.models import MODELS
from phusong.radio.obstacles import obstacles_along_radials
from phusong.radio.sampling import Surroundings, Terrain
from phusong.radio.tiles import digest_of_code, loss_tiles, obstacle_tile, tile_key

GRID = Grid("EPSG:9209", 90.0, 0.0, 5400.0, 60, 60)
HEIGHT = np.random.default_rng(3).normal(300, 60, GRID.shape).astype(np.float32)
LINK = Link(frequency_mhz=1500, transmitter_height_m=30, receiver_height_m=1.5)
IGNORED = shutil.ignore_patterns("__pycache__")


def mast(height=HEIGHT, grid=GRID, clutter=None, step_m=None, **place):
    heights = Heights.on_grid(grid, height)
    terrain = Terrain(grid=grid, heights=heights, step_m=step_m, clutter_m=clutter)
    place = {"x_m": 2700.0, "y_m": 2700.0, "radius_m": 1500.0, **place}
    return Surroundings(terrain=terrain, **place)


def loss_tile(view, link, **how):
    (found,) = loss_tiles(view, [link], **how)
    return found


def changed(array, row, column):
    array = array.copy()
    array[row, column] += 1
    return array


def test_kept_tile_is_the_computed_one(tmp_path):
    cache = TileCache(tmp_path)
    computed = loss_tile(mast(), LINK, model=Diffraction(), cache=None)
    first = loss_tile(mast(), LINK, model=Diffraction(), cache=cache)
    again = loss_tile(mast(), LINK, model=Diffraction(), cache=cache)
    np.testing.assert_array_equal(first, computed)
    np.testing.assert_array_equal(again, computed)
    assert again.dtype == computed.dtype == np.float32
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) == 1


@pytest.mark.parametrize("step_m", [10.0, 90.0])
def test_free_space_is_that_of_the_pixels_own_distance_whatever_the_step(step_m):
    plain = mast(np.zeros_like(HEIGHT), step_m=step_m, x_m=2710.0, y_m=2675.0)
    found = loss_tile(plain, LINK, model=FreeSpace(), cache=None)
    rows, columns = plain.window
    away = np.hypot(GRID.x_m[None, columns] - 2710.0, GRID.y_m[rows, None] - 2675.0)
    whole = np.maximum(np.round(away), 45)  # metres; half a pixel at least
    expected = 20 * np.log10(4 * np.pi * np.hypot(whole, 28.5) * 1500e6 / 299_792_458)
    np.testing.assert_allclose(found, np.where(away <= 1500, expected, np.nan), atol=1e-4)


@pytest.mark.parametrize("model", [kind() for kind in MODELS.values()], ids=list(MODELS))
def test_on_flat_land_the_loss_does_not_depend_on_the_profiles_step(model):
    carrier = 1800.0 if model.name == "cost231_hata" else 900.0
    link = replace(LINK, frequency_mhz=carrier, transmitter_height_m=60.0)
    place = {"x_m": 2710.0, "y_m": 2675.0, "radius_m": 2600.0}
    fine, usual, coarse = (
        loss_tile(
            mast(np.zeros_like(HEIGHT), step_m=step_m, **place), link, model=model, cache=None
        )
        for step_m in (10.0, 30.0, 90.0)
    )
    assert np.isfinite(fine).sum() > 2600
    for other in (usual, coarse):
        np.testing.assert_allclose(other, fine, rtol=0, atol=0.25)


@pytest.mark.parametrize("model", [kind() for kind in MODELS.values()], ids=list(MODELS))
@pytest.mark.parametrize("clutter", [None, np.float32(8) * (HEIGHT > 300)], ids=["bare", "clutter"])
def test_kept_tile_is_used(tmp_path, monkeypatch, model, clutter):
    monkeypatch.setattr("phusong.radio.tiles.PROBES", 500)
    cache = TileCache(tmp_path)
    link = replace(LINK, frequency_mhz=1800.0 if model.name == "cost231_hata" else 900.0)
    corner = {"x_m": 1000.0, "y_m": 5000.0, "clutter": clutter}  # a window that the grid cuts
    computed = loss_tile(mast(**corner), link, model=model, cache=cache)
    obstacles = obstacle_tile(mast(**corner), link, cache=cache)
    monkeypatch.setattr(TileCache, "put", lambda *_: pytest.fail("was computed anew"))
    again = loss_tile(mast(**corner), link, model=model, cache=cache)
    np.testing.assert_array_equal(again, computed)
    np.testing.assert_array_equal(obstacle_tile(mast(**corner), link, cache=cache), obstacles)


@pytest.mark.parametrize(
    "damage",
    [
        lambda sound: b"",
        lambda sound: sound[:-4],
        lambda sound: sound + b"xxxx",
        lambda sound: sound[:100] + bytes([sound[100] ^ 1]) + sound[101:],
        lambda sound: bytes([sound[0] ^ 1]) + sound[1:],
    ],
)
def test_damaged_tile_is_computed_anew_and_mended(tmp_path, damage):
    cache = TileCache(tmp_path)
    computed = loss_tile(mast(), LINK, model=FreeSpace(), cache=cache)
    (kept,) = tmp_path.rglob("*.loss")
    sound = kept.read_bytes()
    kept.write_bytes(damage(sound))
    np.testing.assert_array_equal(loss_tile(mast(), LINK, model=FreeSpace(), cache=cache), computed)
    assert kept.read_bytes() == sound


@pytest.mark.parametrize("model", [kind() for kind in MODELS.values()], ids=list(MODELS))
def test_carriers_computed_together_lose_what_each_alone_does(model, tmp_path):
    carriers = (1800.0, 1500.0, 2000.0) if model.name == "cost231_hata" else (900.0, 600.0, 1500.0)
    links = [replace(LINK, frequency_mhz=carrier) for carrier in carriers]
    clutter = np.float32(8) * (HEIGHT > 300)
    alone = [loss_tile(mast(clutter=clutter), one, model=model, cache=None) for one in links]
    cache = TileCache(tmp_path)
    loss_tile(mast(clutter=clutter), links[1], model=model, cache=cache)  # one of them is kept
    for where in (None, cache, TileCache(tmp_path)):
        together = loss_tiles(mast(clutter=clutter), links, model=model, cache=where)
        np.testing.assert_array_equal(together, alone)
    assert len(list(tmp_path.rglob("*.loss"))) == len({each.tobytes() for each in alone}) == 3


def forged(like, value):
    return np.full_like(like, value)


@pytest.mark.parametrize("value", [0, 7, np.nan, np.inf])
def test_forged_loss_with_a_sound_digest_is_computed_anew(tmp_path, value):
    cache = TileCache(tmp_path)
    computed = loss_tile(mast(), LINK, model=FreeSpace(), cache=cache)
    cache.put(tile_key(mast(), LINK, FreeSpace()), forged(computed, value))
    for _ in range(2):
        found = loss_tile(mast(), LINK, model=FreeSpace(), cache=cache)
        np.testing.assert_array_equal(found, computed)


@pytest.mark.parametrize("value", [0, 7])
def test_forged_obstacles_with_a_sound_digest_are_computed_anew(tmp_path, value):
    cache = TileCache(tmp_path)
    computed = obstacle_tile(mast(), LINK, cache=cache)
    (kept,) = tmp_path.rglob("*.obstacle")
    cache.put(kept.name, forged(computed, value))
    np.testing.assert_array_equal(obstacle_tile(mast(), LINK, cache=cache), computed)


def test_exchanged_tiles_are_computed_anew(tmp_path):
    cache, low, high = TileCache(tmp_path), LINK, replace(LINK, frequency_mhz=1800.0)
    computed = [loss_tile(mast(), link, model=FreeSpace(), cache=cache) for link in (low, high)]
    one, other = tmp_path.rglob("*.loss")
    content = one.read_bytes(), other.read_bytes()
    one.write_bytes(content[1])
    other.write_bytes(content[0])
    for link, expected in zip((low, high), computed, strict=True):
        found = loss_tile(mast(), link, model=FreeSpace(), cache=cache)
        np.testing.assert_array_equal(found, expected)
    assert (one.read_bytes(), other.read_bytes()) == content


def test_key_changes_with_everything_that_changes_a_loss():
    clutter = np.zeros(GRID.shape, np.float32)
    keys = [
        tile_key(mast(), LINK, OkumuraHata()),
        tile_key(mast(), LINK, OkumuraHata("urban")),
        tile_key(mast(), LINK, Diffraction()),
        tile_key(mast(x_m=2701.0), LINK, OkumuraHata()),
        tile_key(mast(y_m=2701.0), LINK, OkumuraHata()),
        tile_key(mast(radius_m=1501.0), LINK, OkumuraHata()),
        tile_key(mast(step_m=29.0), LINK, OkumuraHata()),
        tile_key(mast(changed(HEIGHT, 30, 30)), LINK, OkumuraHata()),
        tile_key(mast(clutter=clutter), LINK, OkumuraHata()),
        tile_key(mast(clutter=changed(clutter, 30, 30)), LINK, OkumuraHata()),
        *(
            tile_key(mast(), replace(LINK, **{name: value}), OkumuraHata())
            for name, value in {
                "frequency_mhz": 1800.0,
                "transmitter_height_m": 31.0,
                "receiver_height_m": 2.0,
                "time_percent": 10.0,
                "polarization": "horizontal",
                "latitude_deg": 23.0,
                "delta_n_per_km": 46.0,
                "n0": 326.0,
            }.items()
        ),
    ]
    assert len(set(keys)) == len(keys)


def test_key_ignores_terrain_out_of_reach_and_where_the_grid_begins():
    same = tile_key(mast(), LINK, FreeSpace())
    assert tile_key(mast(changed(HEIGHT, 0, 0)), LINK, FreeSpace()) == same
    wider = Grid("EPSG:9209", 90.0, -180.0, 5490.0, 64, 63)
    height = np.pad(HEIGHT, ((1, 2), (2, 2)))
    assert tile_key(mast(height, wider), LINK, FreeSpace()) == same
    np.testing.assert_array_equal(
        loss_tile(mast(height, wider), LINK, model=FreeSpace(), cache=None),
        loss_tile(mast(), LINK, model=FreeSpace(), cache=None),
    )


def test_every_terrain_pixel_that_a_ray_reads_is_in_the_key():
    view = mast()
    rows, columns = view.footprint
    outside = np.full(GRID.shape, np.nan, np.float32)
    outside[view.footprint] = HEIGHT[view.footprint]
    np.testing.assert_array_equal(mast(outside).radials.height_m, view.radials.height_m)
    assert (rows.start, columns.stop) == (10, 50)


def test_key_changes_with_the_source_of_a_kernel_and_not_with_its_place(tmp_path):
    here = Path(tiles.__file__).parents[1]
    kernel = Path("radio", "_p1812_terms.py")

    def copied(name, change):
        shutil.copytree(here / "radio", tmp_path / name / "radio", ignore=IGNORED)
        source = (tmp_path / name / kernel).read_bytes()
        (tmp_path / name / kernel).write_bytes(change(source))
        return digest_of_code(tmp_path / name, (tmp_path / name).rglob("*.py"))

    same = digest_of_code(here, (here / "radio").rglob("*.py"))
    assert copied("elsewhere", lambda source: source) == same
    assert copied("windows", lambda source: source.replace(b"\n", b"\r\n")) == same
    assert copied("changed", lambda source: source.replace(b"20.0", b"20.1")) != same
    (tmp_path / "elsewhere" / kernel).rename(tmp_path / "elsewhere" / "radio" / "_p1812_word.py")
    moved = tmp_path / "elsewhere"
    assert digest_of_code(moved, moved.rglob("*.py")) != same


def test_key_holds_sources_of_every_module_that_computes_a_loss_and_versions(monkeypatch):
    key = tile_key(mast(), LINK, FreeSpace())
    asked = []
    monkeypatch.setattr(tiles, "digest_of_code", lambda _, files: str(asked.extend(files)))
    tiles.digest_of_engine.cache_clear()
    assert tile_key(mast(), LINK, FreeSpace()) != key
    loaded = {Path(m.__file__) for n, m in sys.modules.items() if n.startswith("phusong.radio.")}
    assert loaded <= set(asked)
    monkeypatch.undo()
    for library in ("numba", "numpy"):
        monkeypatch.setattr(
            tiles, "version", lambda name, of=library: version(name) + (name == of) * "x"
        )
        tiles.digest_of_engine.cache_clear()
        assert tile_key(mast(), LINK, FreeSpace()) != key
        monkeypatch.undo()
    tiles.digest_of_engine.cache_clear()
    assert tile_key(mast(), LINK, FreeSpace()) == key


def test_kept_obstacles_are_the_computed_ones_and_shared_by_carriers(tmp_path):
    cache, view = TileCache(tmp_path), mast()
    computed = obstacle_tile(view, LINK, cache=None)
    assert computed.dtype == np.uint16
    assert computed.max() == obstacles_along_radials(view.radials, LINK).max() > 0
    for link in (LINK, replace(LINK, frequency_mhz=2600.0)):
        np.testing.assert_array_equal(obstacle_tile(view, link, cache=cache), computed)
        assert len(list(tmp_path.rglob("*.obstacle"))) == 1
    for link in (
        replace(LINK, transmitter_height_m=31.0),
        replace(LINK, receiver_height_m=3.0),
        replace(LINK, delta_n_per_km=60.0),
    ):
        obstacle_tile(view, link, cache=cache)
    assert len(list(tmp_path.rglob("*.obstacle"))) == 4


def test_damaged_obstacles_are_computed_anew(tmp_path):
    cache = TileCache(tmp_path)
    computed = obstacle_tile(mast(), LINK, cache=cache)
    (kept,) = tmp_path.rglob("*.obstacle")
    kept.write_bytes(kept.read_bytes()[:-2])
    np.testing.assert_array_equal(obstacle_tile(mast(), LINK, cache=cache), computed)
