"""Compiled loops of the sweep and the fold: plain arrays in, filled arrays out, no checks.

Positions are in pixels, the centre of the grid's first pixel at row 0, column 0;
azimuths in degrees from grid north, clockwise.
"""

import math

import numpy as np

from .._compiled import compiled
from .._types import Flags, Floats, Labels
from .margin import served_compiled

NOWHERE = -1
"""Of a pixel beyond the radius in `nearest_sample`, and of nobody in `server`."""


@compiled
def interpolated(values: Floats, row: float, column: float) -> float:
    """Return the value between four pixel centres; NaN outside, or if one of the four is."""
    height, width = values.shape
    if not (-0.5 <= row <= height - 0.5 and -0.5 <= column <= width - 0.5):
        return math.nan
    # In the outer half of a rim pixel its own value stands.
    row, column = min(max(row, 0.0), height - 1.0), min(max(column, 0.0), width - 1.0)
    top, left = int(row), int(column)
    bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
    down, along = row - top, column - left
    upper = values[top, left] * (1.0 - along) + values[top, right] * along
    lower = values[bottom, left] * (1.0 - along) + values[bottom, right] * along
    return float(upper * (1.0 - down) + lower * down)


@compiled
def _direction(down: float, along: float) -> tuple[np.float32, np.float32]:
    """Return azimuth, 0 to 360, and distance in pixels of a place so far from the mast."""
    azimuth = math.degrees(math.atan2(along, -down)) % 360.0
    return np.float32(azimuth), np.float32(math.sqrt(down * down + along * along))


@compiled
def _ray(ray: int, rays: int) -> tuple[float, float]:
    """Return rows down and columns along to the next sample of a ray."""
    azimuth = 2.0 * math.pi * ray / rays
    return -math.cos(azimuth), math.sin(azimuth)


@compiled
def _nearest(azimuth: np.float32, distance: np.float32, rays: int) -> tuple[int, int]:
    """Return ray and point of the nearest sample.

    The mast's own pixel takes point 1, for no model knows distance 0.
    """
    ray = int(azimuth * rays / 360.0 + 0.5) % rays
    return ray, max(int(distance + 0.5), 1)


@compiled
def sample_heights(
    values: Floats, row: float, column: float, numbers: Labels, all_rays: int, rays: Floats
) -> None:
    """Fill rays out of a mast, a sample each pixel's length, NaN from the first unknown one on.

    `numbers` says which of `all_rays` they are.
    """
    rays[:] = math.nan
    for ray in range(rays.shape[0]):
        down, along = _ray(numbers[ray], all_rays)
        for point in range(rays.shape[1]):
            found = interpolated(values, row + point * down, column + point * along)
            if math.isnan(found):
                break
            rays[ray, point] = found


@compiled
def sample_clutter(
    values: Floats, row: float, column: float, numbers: Labels, all_rays: int, rays: Floats
) -> None:
    """Fill the same rays with the pixels they cross, 0 outside: clutter has edges."""
    height, width = values.shape
    rays[:] = 0.0
    for ray in range(rays.shape[0]):
        down, along = _ray(numbers[ray], all_rays)
        for point in range(rays.shape[1]):
            y = math.floor(row + point * down + 0.5)
            x = math.floor(column + point * along + 0.5)
            if 0 <= y < height and 0 <= x < width:
                rays[ray, point] = values[y, x]


@compiled
def directions(
    row: float, column: float, top: int, left: int, azimuth: Floats, distance: Floats
) -> None:
    """Fill a window with the azimuth, 0 to 360, and distance in pixels from the mast."""
    for i in range(azimuth.shape[0]):
        down = top + i - row
        for j in range(azimuth.shape[1]):
            azimuth[i, j], distance[i, j] = _direction(down, left + j - column)


@compiled
def nearest_sample(
    azimuth: Floats, distance: Floats, radius: float, sample: Labels, wanted: Flags
) -> None:
    """Fill a window with the nearest sample of the rays, and mark the samples in use.

    A sample's number is ray times points plus point.
    """
    rays, points = wanted.shape
    for i in range(sample.shape[0]):
        for j in range(sample.shape[1]):
            sample[i, j] = NOWHERE
            if distance[i, j] <= radius:
                ray, point = _nearest(azimuth[i, j], distance[i, j], rays)
                wanted[ray, point] = True
                sample[i, j] = ray * points + point


@compiled
def lay_on_grid(along_rays: Floats, sample: Labels, values: Floats) -> None:
    """Fill a window from its nearest samples; `values` stay as they are beyond the radius."""
    flat = along_rays.ravel()
    for i in range(sample.shape[0]):
        for j in range(sample.shape[1]):
            if sample[i, j] != NOWHERE:
                values[i, j] = flat[sample[i, j]]


@compiled
def depressions(
    ground: Floats, distance: Floats, pixel_m: float, drop_from_m: float, depression: Floats
) -> None:
    """Fill a window with the angle below the horizontal, degrees, from the antenna.

    `ground` is the window's; `drop_from_m` the antenna above sea level less the
    receiver above ground.
    """
    for i in range(ground.shape[0]):
        for j in range(ground.shape[1]):
            away = max(distance[i, j], 0.5) * pixel_m
            depression[i, j] = math.degrees(math.atan((drop_from_m - ground[i, j]) / away))


@compiled
def parabolic(
    azimuth: Floats,
    depression: Floats,
    pointing: np.float32,
    per_width: np.float32,
    cap: np.float32,
    tilt: np.float32,
    per_height: np.float32,
    vertical_cap: np.float32,
    attenuation: Floats,
) -> None:
    """Fill a window with the 3GPP parabolic pattern, dB below the beam axis.

    `per_width` and `per_height` are one over the 3 dB beamwidths, 0 for omni.
    Single precision throughout, which lets the loop be vectorised.
    """
    twelve, turn = np.float32(12.0), np.float32(360.0)
    for i in range(azimuth.shape[0]):
        for j in range(azimuth.shape[1]):
            off = abs(azimuth[i, j] - pointing)
            off = min(off, turn - off) * per_width
            above = (depression[i, j] - tilt) * per_height
            level = min(twelve * off * off, cap) + min(twelve * above * above, vertical_cap)
            attenuation[i, j] = min(level, cap)


@compiled
def compete(
    loss: Floats,
    attenuation: Floats,
    back: Labels,
    surplus: np.float32,
    cell: np.int32,
    margin: Floats,
    server: Labels,
    obstacle: Labels,
) -> None:
    """Let one cell serve its station's pixels where its margin is the largest.

    `surplus` is EIRP less threshold and allowances; `back` counts the steps from
    the receiver to its obstacle. Of equal margins the lower row wins, so that the
    order of the cells does not matter. `margin` is -inf and `server` `NOWHERE` where empty.
    """
    for i in range(loss.shape[0]):
        for j in range(loss.shape[1]):
            own = surplus - attenuation[i, j] - loss[i, j]
            # NaN never wins
            if own >= margin[i, j] and (own > margin[i, j] or cell < server[i, j]):
                margin[i, j], server[i, j], obstacle[i, j] = own, cell, back[i, j]


@compiled
def fold(
    margin: Floats,
    server: Labels,
    obstacle: Labels,
    best_margin: Floats,
    best_server: Labels,
    best_obstacle: Labels,
    second_margin: Floats,
    servers: Labels,
) -> None:
    """Let one station compete with those before it.

    Of equal margins the lower row wins. `second_margin` is the largest of the
    other stations, `servers` counts those that serve.
    """
    for i in range(margin.shape[0]):
        for j in range(margin.shape[1]):
            own, best = margin[i, j], best_margin[i, j]
            if served_compiled(own):
                servers[i, j] += 1
            if own > second_margin[i, j]:
                if own > best or (own == best and server[i, j] < best_server[i, j]):
                    second_margin[i, j] = best
                    best_margin[i, j], best_server[i, j] = own, server[i, j]
                    best_obstacle[i, j] = obstacle[i, j]
                else:
                    second_margin[i, j] = own
            elif own == best and server[i, j] < best_server[i, j]:
                best_server[i, j], best_obstacle[i, j] = server[i, j], obstacle[i, j]


@compiled
def merge(
    best_margin: Floats,
    best_server: Labels,
    best_obstacle: Labels,
    second_margin: Floats,
    servers: Labels,
    other_margin: Floats,
    other_server: Labels,
    other_obstacle: Labels,
    other_second: Floats,
    other_servers: Labels,
) -> None:
    """Fold what another thread found of other stations, by the rule of `fold`."""
    for i in range(best_margin.shape[0]):
        for j in range(best_margin.shape[1]):
            own, best = other_margin[i, j], best_margin[i, j]
            servers[i, j] += other_servers[i, j]
            if own > best or (own == best and other_server[i, j] < best_server[i, j]):
                second_margin[i, j] = max(best, other_second[i, j])
                best_margin[i, j], best_server[i, j] = own, other_server[i, j]
                best_obstacle[i, j] = other_obstacle[i, j]
            else:
                second_margin[i, j] = max(own, second_margin[i, j])


@compiled
def obstacle_grounds(
    values: Floats,
    back: Labels,
    server: Labels,
    row: Floats,
    column: Floats,
    rays: int,
    top: int,
    left: int,
    ground: Floats,
) -> None:
    """Fill the ground of each pixel's obstacle; `ground` stays as it is in sight.

    It lies `back` steps before the pixel's sample on the rays of its server;
    `row` and `column` place the cells, `top` and `left` the first pixel.
    """
    for i in range(back.shape[0]):
        for j in range(back.shape[1]):
            if back[i, j] > 0:
                y, x = row[server[i, j]], column[server[i, j]]
                azimuth, distance = _direction(top + i - y, left + j - x)
                ray, point = _nearest(azimuth, distance, rays)
                down, along = _ray(ray, rays)
                point -= back[i, j]
                ground[i, j] = interpolated(values, y + point * down, x + point * along)
