"""A kept tile is the computed one, and is used only where nothing changed."""

from dataclasses import replace

import numpy as np
import pytest

from phusong.errors import OutputError
from phusong.grid import Grid
from phusong.radio import Diffraction, FreeSpace, Link, OkumuraHata
from phusong.radio.cache import TileCache
from phusong.radio.obstacles import obstacles_along_radials
from phusong.radio.sampling import Surroundings, Terrain
from phusong.radio.tiles import loss_tile, obstacle_tile, tile_key

GRID = Grid("EPSG:9209", 90.0, 0.0, 5400.0, 60, 60)
HEIGHT = np.random.default_rng(3).normal(300, 60, GRID.shape).astype(np.float32)
LINK = Link(frequency_mhz=900, transmitter_height_m=30, receiver_height_m=1.5)


def mast(height=HEIGHT, grid=GRID, clutter=None, **place):
    terrain = Terrain(grid=grid, height_m=height, clutter_m=clutter)
    place = {"x_m": 2700.0, "y_m": 2700.0, "radius_m": 1500.0, **place}
    return Surroundings(terrain=terrain, **place)


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


def test_kept_tile_is_used(tmp_path):
    cache, view = TileCache(tmp_path), mast()
    rows, columns = view.window
    shape = rows.stop - rows.start, columns.stop - columns.start
    planted = np.full(shape, 7.0, np.float32)
    cache.put(tile_key(view, LINK, FreeSpace()), planted)
    np.testing.assert_array_equal(loss_tile(view, LINK, model=FreeSpace(), cache=cache), planted)


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


def test_key_changes_with_everything_that_changes_a_loss():
    clutter = np.zeros(GRID.shape, np.float32)
    keys = [
        tile_key(mast(), LINK, OkumuraHata()),
        tile_key(mast(), LINK, OkumuraHata("urban")),
        tile_key(mast(), LINK, Diffraction()),
        tile_key(mast(x_m=2701.0), LINK, OkumuraHata()),
        tile_key(mast(y_m=2701.0), LINK, OkumuraHata()),
        tile_key(mast(radius_m=1501.0), LINK, OkumuraHata()),
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
    assert (rows.start, columns.stop) == (11, 49)


def test_cache_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        loss_tile(mast(), LINK, model=FreeSpace(), cache=TileCache(tmp_path / "file"))


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
