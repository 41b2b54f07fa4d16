"""Compiled loops of the sweep and the fold: plain arrays in, filled arrays out, no checks.

Positions are in pixels, the centre of the grid's first pixel at row 0, column 0;
azimuths in degrees from grid north, clockwise.
"""

import math

import numpy as np

from .._compiled import compiled
from .._types import Flags, Floats, Labels
from .margin import served_compiled

TEN = math.log(10.0)
NOWHERE = -1
"""Of a pixel beyond the radius in `nearest_sample`, and of nobody in `server`."""


@compiled
def interpolated(values: Floats, top: int, left: int, row: float, column: float) -> float:
    """Return the value between four pixel centres; NaN outside, or if one of the four is.

    `row` and `column` count from the pixel `top`, `left`.
    """
    height, width = values.shape
    i, j = math.floor(row), math.floor(column)
    down, along = row - i, column - j
    i, j = i + top, j + left
    # In the outer half of a rim pixel its own value stands.
    if i == -1 and down >= 0.5:
        i, down = 0, 0.0
    elif i == height - 1 and down <= 0.5:
        down = 0.0
    if j == -1 and along >= 0.5:
        j, along = 0, 0.0
    elif j == width - 1 and along <= 0.5:
        along = 0.0
    if i < 0 or j < 0 or i + (down > 0.0) >= height or j + (along > 0.0) >= width:
        return math.nan
    bottom, right = min(i + 1, height - 1), min(j + 1, width - 1)
    upper = values[i, j] * (1.0 - along) + values[i, right] * along
    lower = values[bottom, j] * (1.0 - along) + values[bottom, right] * along
    return float(upper * (1.0 - down) + lower * down)


@compiled
def _direction(down: float, along: float) -> tuple[np.float32, np.float32]:
    """Return azimuth, 0 to 360, and distance in pixels of a place so far from the mast."""
    azimuth = math.degrees(math.atan2(along, -down))
    if azimuth < 0.0:  # a remainder would cost as much again
        azimuth += 360.0
    return np.float32(azimuth), np.float32(math.sqrt(down * down + along * along))


@compiled
def _heading(ray: int, rays: int) -> tuple[float, float]:
    """Return how far east and north a ray goes for each metre."""
    azimuth = 2.0 * math.pi * ray / rays
    return math.sin(azimuth), math.cos(azimuth)


@compiled
def _nearest(
    azimuth: np.float32, distance: np.float32, rays: int, steps: float, least: int
) -> tuple[int, int]:
    """Return ray and point of the nearest sample; `steps` make a pixel, point `least` is the first.

    No model knows distance 0.
    """
    ray = int(azimuth * rays / 360.0 + 0.5) % rays
    return ray, max(int(distance * steps + 0.5), least)


@compiled
def _along(coefficients: Floats, east: float, north: float, ray: Floats) -> None:
    """Fill the polynomial of the step along a ray from one of the distances east and north.

    `east` and `north` are those of one step.
    """
    ray[:] = 0.0
    for i in range(ray.size):
        for j in range(ray.size - i):
            ray[i + j] += coefficients[i, j] * east**i * north**j


@compiled
def _at(polynomial: Floats, steps: int) -> float:
    """Return the value of a polynomial."""
    value = polynomial[-1]
    for power in range(polynomial.size - 2, -1, -1):
        value = value * steps + polynomial[power]
    return float(value)


@compiled
def sample_heights(
    values: Floats,
    top: int,
    left: int,
    coefficients: Floats,
    step: float,
    numbers: Labels,
    all_rays: int,
    ends: Labels,
    rays: Floats,
) -> None:
    """Fill rays out of a mast, a sample each step, NaN from the first unknown one on.

    `top`, `left` and `coefficients` are those of a `Way`, `step` is in units of its scale;
    `numbers` says which of `all_rays` the rays are, `ends` how many points of each are asked
    for; the rest are NaN.
    """
    (height, width), (size, points) = values.shape, (coefficients.shape[1], rays.shape[1])
    rows, columns, row, column = np.empty(size), np.empty(size), np.empty(points), np.empty(points)
    for ray in range(rays.shape[0]):
        east, north = _heading(numbers[ray], all_rays)
        _along(coefficients[0], east * step, north * step, rows)
        _along(coefficients[1], east * step, north * step, columns)
        end = ends[ray]
        row[:end], column[:end] = rows[-1], columns[-1]
        for power in range(size - 2, -1, -1):  # of many points at once: the loop is vectorised
            for point in range(end):
                row[point] = row[point] * point + rows[power]
                column[point] = column[point] * point + columns[power]
        rays[ray] = math.nan
        for point in range(end):
            i, j = math.floor(row[point]), math.floor(column[point])
            down, along = row[point] - i, column[point] - j
            i, j = i + top, j + left
            if 0 <= i < height - 1 and 0 <= j < width - 1:  # written out: a call costs as much
                upper = values[i, j] * (1.0 - along) + values[i, j + 1] * along
                lower = values[i + 1, j] * (1.0 - along) + values[i + 1, j + 1] * along
                found = upper * (1.0 - down) + lower * down
            else:
                found = interpolated(values, top, left, row[point], column[point])
            if math.isnan(found):
                break
            rays[ray, point] = np.float32(found)  # as the heights are


@compiled
def sample_clutter(
    values: Floats,
    row: float,
    column: float,
    step: float,
    numbers: Labels,
    all_rays: int,
    rays: Floats,
) -> None:
    """Fill the same rays with the pixels they cross, 0 outside: clutter has edges.

    `row`, `column` and `step` are in pixels of `values`.
    """
    height, width = values.shape
    rays[:] = 0.0
    for ray in range(rays.shape[0]):
        east, north = _heading(numbers[ray], all_rays)
        for point in range(rays.shape[1]):
            y = math.floor(row - point * step * north + 0.5)
            x = math.floor(column + point * step * east + 0.5)
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
def directions_to(
    row: float, column: float, rows: Labels, columns: Labels, azimuth: Floats, distance: Floats
) -> None:
    """Fill the same for single pixels."""
    for i in range(rows.size):
        azimuth[i], distance[i] = _direction(rows[i] - row, columns[i] - column)


@compiled
def nearest_sample(
    azimuth: Floats,
    distance: Floats,
    radius: float,
    rays: int,
    steps: float,
    least: int,
    ray: Labels,
    point: Labels,
) -> None:
    """Fill a window with the nearest sample of the rays: its ray and its point.

    `distance` and `radius` are in pixels, of which `steps` steps make one; no point is
    before `least`. The ray is `NOWHERE` beyond the radius.
    """
    for i in range(ray.shape[0]):
        for j in range(ray.shape[1]):
            ray[i, j], point[i, j] = NOWHERE, 0
            if distance[i, j] <= radius:
                ray[i, j], point[i, j] = _nearest(azimuth[i, j], distance[i, j], rays, steps, least)


@compiled
def order_by_ray(ray: Labels, first: Labels, order: Labels) -> None:
    """Fill the pixels of each ray, one ray after another; ray r has first[r] … first[r + 1] - 1."""
    first[:] = 0
    for each in ray:
        if each != NOWHERE:
            first[each + 1] += 1
    for r in range(first.size - 1):
        first[r + 1] += first[r]
    place = first.copy()
    for pixel in range(ray.size):
        if ray[pixel] != NOWHERE:
            order[place[ray[pixel]]] = pixel
            place[ray[pixel]] += 1


@compiled
def lay_on_grid(
    along_rays: Floats, sample: Labels, pixels: Labels, carried: Floats, values: Floats
) -> None:
    """Fill some pixels from their samples of flattened rays; add what is carried, if anything."""
    for k in range(pixels.size):
        values[pixels[k]] = along_rays[sample[k]]
    for k in range(carried.size):
        values[pixels[k]] += carried[k]


@compiled
def carried_db(sample_m: float, distance_m: float, drop_m: float) -> float:
    """Return what free space adds from a sample of a ray to a receiver at another distance.

    Both lie `drop_m` below the antenna.
    """
    square = drop_m * drop_m
    ratio = (distance_m * distance_m + square) / (sample_m * sample_m + square)
    return 10.0 / TEN * math.log(ratio)  # twice as fast as log10


@compiled
def carry_to_pixels(
    height_m: Floats,
    step_m: float,
    above_m: float,
    slant: bool,
    sample: Labels,
    distance_m: Labels,
    carried: Floats,
) -> None:
    """Fill what carries losses from samples to the own distance of their pixels.

    `height_m` is the ground along rays, of which `sample` counts all points, `above_m` by how
    much the mast's antenna is higher above ground than the receiver's. Free space runs from
    antenna to antenna, or along the ground where `slant` is false.
    """
    points = height_m.shape[1]
    for k in range(sample.size):
        ray = sample[k] // points
        point = sample[k] - ray * points
        drop_m = height_m[ray, 0] - height_m[ray, point] + above_m if slant else 0.0
        carried[k] = carried_db(point * step_m, distance_m[k], drop_m)


@compiled
def depressions(
    values: Floats,
    top: int,
    left: int,
    coefficients: Floats,
    step: float,
    antenna_m: float,
    receiver_m: float,
    bend: float,
    rays: int,
    ray: Labels,
    point: Labels,
    distance_m: Labels,
    depression: Floats,
) -> None:
    """Fill the angle below the horizontal, degrees, at which the antenna sees each pixel.

    The ground is that of the pixel's sample, the distance its own.

    The first five are those of `sample_heights`. `antenna_m` is above sea level,
    `receiver_m` above ground; `bend` is one over twice the radius of the effective earth,
    in metres. `ray` and `point` are those of `nearest_sample`, of so many `rays`;
    `depression` stays as it is beyond the radius.
    """
    (height, width), size = values.shape, coefficients.shape[1]
    rows = np.empty((rays, size))
    columns = np.empty_like(rows)
    for number in range(rays):
        east, north = _heading(number, rays)
        _along(coefficients[0], east * step, north * step, rows[number])
        _along(coefficients[1], east * step, north * step, columns[number])
    for pixel in range(ray.size):  # neighbours read ground side by side
        number, steps = ray[pixel], point[pixel]
        if number == NOWHERE:
            continue
        row, column = rows[number, size - 1], columns[number, size - 1]
        for power in range(size - 2, -1, -1):  # as `_at`, written out: a call costs as much
            row = row * steps + rows[number, power]
            column = column * steps + columns[number, power]
        i, j = math.floor(row), math.floor(column)
        down, along = row - i, column - j
        i, j = i + top, j + left
        if 0 <= i < height - 1 and 0 <= j < width - 1:  # as for `sample_heights`
            upper = values[i, j] * (1.0 - along) + values[i, j + 1] * along
            lower = values[i + 1, j] * (1.0 - along) + values[i + 1, j + 1] * along
            ground = upper * (1.0 - down) + lower * down
        else:
            ground = interpolated(values, top, left, row, column)
        away = float(distance_m[pixel])
        slope = (antenna_m - receiver_m - ground) / away + away * bend
        depression[pixel] = math.degrees(math.atan(slope))


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
def mark_rivals(
    loss: Floats, surplus: Floats, second_margin: Floats, pixels: Labels, rival: Flags
) -> None:
    """Mark the pixels where a cell could be one of the two best, had it no other loss.

    `surplus` is that of `compete` for every service, -inf where the cell may not serve;
    `loss` has one element for each of `pixels`, which are columns of `second_margin`.
    """
    for k in range(pixels.size):
        for i in range(surplus.size):
            most = surplus[i] - loss[k]
            if most > -math.inf and most >= second_margin[i, pixels[k]]:
                rival[pixels[k]] = True


@compiled
def fold(
    margin: Floats,
    server: Labels,
    obstacle: Labels,
    best_margin: Floats,
    best_server: Labels,
    best_obstacle: Labels,
    second_margin: Floats,
    second_server: Labels,
    servers: Labels,
) -> None:
    """Let one station compete with those before it.

    Of equal margins the lower row wins. `second_margin` and `second_server` are those of
    the best of the other stations, `servers` counts those that serve.
    """
    for i in range(margin.shape[0]):
        for j in range(margin.shape[1]):
            own = margin[i, j]
            if own == -math.inf:  # nothing is there: the rest need not be fetched
                continue
            second = second_margin[i, j]
            if served_compiled(own):
                servers[i, j] += 1
            if own > second or (own == second and server[i, j] < second_server[i, j]):
                best = best_margin[i, j]
                if own > best or (own == best and server[i, j] < best_server[i, j]):
                    second_margin[i, j], second_server[i, j] = best, best_server[i, j]
                    best_margin[i, j], best_server[i, j] = own, server[i, j]
                    best_obstacle[i, j] = obstacle[i, j]
                else:
                    second_margin[i, j], second_server[i, j] = own, server[i, j]


@compiled
def merge(
    best_margin: Floats,
    best_server: Labels,
    best_obstacle: Labels,
    second_margin: Floats,
    second_server: Labels,
    servers: Labels,
    other_margin: Floats,
    other_server: Labels,
    other_obstacle: Labels,
    other_second: Floats,
    other_second_server: Labels,
    other_servers: Labels,
) -> None:
    """Fold what another thread found of other stations, by the rule of `fold`."""
    for i in range(best_margin.shape[0]):
        for j in range(best_margin.shape[1]):
            own, best = other_margin[i, j], best_margin[i, j]
            cell, rival, rival_server = other_server[i, j], second_margin[i, j], second_server[i, j]
            servers[i, j] += other_servers[i, j]
            if own > best or (own == best and cell < best_server[i, j]):
                rival, rival_server = other_second[i, j], other_second_server[i, j]
                best_margin[i, j], own = own, best
                best_server[i, j], cell = cell, best_server[i, j]
                best_obstacle[i, j] = other_obstacle[i, j]
            if own > rival or (own == rival and cell < rival_server):
                rival, rival_server = own, cell
            second_margin[i, j], second_server[i, j] = rival, rival_server


@compiled
def obstacle_grounds(
    values: Floats,
    back: Labels,
    server: Labels,
    row: Floats,
    column: Floats,
    north: int,
    west: int,
    steps: float,
    least: int,
    rays: Labels,
    top: Labels,
    left: Labels,
    coefficients: Floats,
    step: Floats,
    ground: Floats,
) -> None:
    """Fill the ground of each pixel's obstacle; `ground` stays as it is in sight.

    It lies `back` steps before the pixel's sample on the rays of its server. One entry a
    cell: `row` and `column` place it on pixels of which `north` and `west` number the
    first, and `steps` steps make one; `rays` out of it, and the rest as for `sample_heights`.
    """
    rows, columns = np.empty(coefficients.shape[2]), np.empty(coefficients.shape[2])
    for i in range(back.shape[0]):
        for j in range(back.shape[1]):
            if back[i, j] > 0:
                cell = server[i, j]
                azimuth, distance = _direction(north + i - row[cell], west + j - column[cell])
                ray, point = _nearest(azimuth, distance, rays[cell], steps, least)
                to_east, to_north = _heading(ray, rays[cell])
                to_east, to_north = to_east * step[cell], to_north * step[cell]
                _along(coefficients[cell, 0], to_east, to_north, rows)
                _along(coefficients[cell, 1], to_east, to_north, columns)
                point -= back[i, j]
                ground[i, j] = interpolated(
                    values, top[cell], left[cell], _at(rows, point), _at(columns, point)
                )
