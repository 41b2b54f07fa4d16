"use strict";
/* How a mast sees the terrain: the twin of radio/sampling.py, heights.py and the loops in radio/_kernels.py. */
(function (radio) {
  const { fround } = Math;
  const LARGEST_MISS_PX = 0.002;
  const HIGHEST_DEGREE = 7;
  const SIDE = 10;
  const NODES = Array.from({ length: SIDE }, (_, i) => Math.cos((Math.PI * (i + 0.5)) / SIDE));
  const BETWEEN = Array.from({ length: SIDE }, (_, i) => -1 + (2 * i) / (SIDE - 1));

  /* Chebyshev's polynomials T0 … Tdegree at x. */
  function chebyshev(x, degree) {
    const t = [1, x];
    for (let k = 2; k <= degree; k += 1) t.push(2 * x * t[k - 1] - t[k - 2]);
    return t;
  }

  /* A smooth function of a place, as maps/smooth.py fits it: one number a component. */
  radio.smooth = function ({ middle, half, degree, coefficients }) {
    return function (x, y) {
      const [u, v] = [chebyshev((x - middle[0]) / half[0], degree), chebyshev((y - middle[1]) / half[1], degree)];
      return coefficients.map((rows) => {
        let sum = 0;
        for (let i = 0; i <= degree; i += 1) {
          let row = 0;
          for (let j = 0; j <= degree; j += 1) row += rows[i][j] * v[j];
          sum += row * u[i];
        }
        return sum;
      });
    };
  };

  /* Powers of x in T0 … T7, lowest first. */
  const POWERS = [[1], [0, 1]];
  for (let k = 2; k <= HIGHEST_DEGREE; k += 1) {
    const next = [0, ...POWERS[k - 1].map((one) => 2 * one)];
    POWERS[k - 2].forEach((one, i) => { next[i] -= one; });
    POWERS.push(next);
  }

  /* The polynomial of least squares over the nodes: these make Chebyshev's polynomials orthogonal. */
  function fitted(values, degree) {
    const powers = Array.from({ length: degree + 1 }, () => new Float64Array(degree + 1));
    const t = NODES.map((x) => chebyshev(x, degree));
    for (let i = 0; i <= degree; i += 1) {
      for (let j = 0; j <= degree - i; j += 1) {
        let sum = 0;
        for (let a = 0; a < SIDE; a += 1) for (let b = 0; b < SIDE; b += 1) sum += values[a][b] * t[a][i] * t[b][j];
        const own = (sum * (i ? 2 : 1) * (j ? 2 : 1)) / SIDE ** 2;
        POWERS[i].forEach((p, k) => POWERS[j].forEach((q, l) => { powers[k][l] += own * p * q; }));
      }
    }
    return powers.map((row) => row.map((one) => Math.round(one * 1e8) / 1e8));
  }

  function valueOf(powers, u, v) {
    let sum = 0;
    for (let i = powers.length - 1; i >= 0; i -= 1) {
      let row = 0;
      for (let j = powers.length - 1; j >= 0; j -= 1) row = row * v + powers[i][j];
      sum = sum * u + row;
    }
    return sum;
  }

  /* From distances around a place to pixels of the heights; `pixels` tells these of places in the grid's CRS. */
  function wayOf(pixels, x, y, reach) {
    const [row, column] = pixels(x, y);
    const [top, left] = [Math.floor(row), Math.floor(column)];
    const at = (us, vs) =>
      us.map((u) => vs.map((v) => {
        const [r, c] = pixels(x + reach * u, y + reach * v);
        return [r - top, c - left];
      }));
    const [nodes, compared] = [at(NODES, NODES), at(BETWEEN, BETWEEN)];
    for (let degree = 1; degree <= HIGHEST_DEGREE; degree += 1) {
      const coefficients = [0, 1].map((axis) => fitted(nodes.map((line) => line.map((one) => one[axis])), degree));
      let miss = 0;
      BETWEEN.forEach((u, a) => BETWEEN.forEach((v, b) => [0, 1].forEach((axis) => {
        miss = Math.max(miss, Math.abs(valueOf(coefficients[axis], u, v) - compared[a][b][axis]));
      })));
      if (miss <= LARGEST_MISS_PX) return { top, left, coefficients, scale: reach, degree };
    }
    throw new Error("the terrain's coordinates are not smooth here");
  }

  /* The polynomial of the step along a ray, lowest power first. */
  function along(powers, east, north, degree, into) {
    into.fill(0);
    let e = 1;
    for (let i = 0; i <= degree; i += 1) {
      let n = 1;
      for (let j = 0; j <= degree - i; j += 1) {
        into[i + j] += powers[i][j] * e * n;
        n *= north;
      }
      e *= east;
    }
  }

  radio.interpolated = function ({ values, rows, columns }, top, left, row, column) {
    let [i, j] = [Math.floor(row), Math.floor(column)];
    let [down, across] = [row - i, column - j];
    i += top;
    j += left;
    if (i === -1 && down >= 0.5) [i, down] = [0, 0];
    else if (i === rows - 1 && down <= 0.5) down = 0;
    if (j === -1 && across >= 0.5) [j, across] = [0, 0];
    else if (j === columns - 1 && across <= 0.5) across = 0;
    if (i < 0 || j < 0 || i + (down > 0) >= rows || j + (across > 0) >= columns) return NaN;
    const [bottom, right] = [Math.min(i + 1, rows - 1), Math.min(j + 1, columns - 1)];
    const upper = values[i * columns + j] * (1 - across) + values[i * columns + right] * across;
    const lower = values[bottom * columns + j] * (1 - across) + values[bottom * columns + right] * across;
    return upper * (1 - down) + lower * down;
  };

  /* Arrays of the mast at hand, kept for the next: making them anew takes longer than filling them. */
  const kept = new Map();
  radio.scratch = function (name, Type, length) {
    const known = kept.get(name);
    if (!known || known.length < length) kept.set(name, new Type(Math.ceil(length * 1.2)));
    return kept.get(name).subarray(0, length);
  };

  /* The terrain around a mast, out to the farthest receiver. `terrain` has `grid` {west, north, resolution, rows,
     columns}, `heights` {values, rows, columns}, `pixels`, `step` and `raysApart` at the
     rim; `surveyed` is the ground under the mast, if told.
     `wanted`: `pixels` of the grid instead of the whole window, and how many times fewer rays (`thin`) for a glance.
     Its arrays hold until the next mast is looked at. */
  radio.around = function (terrain, x, y, radius, surveyed, { pixels = null, thin = 1 } = {}) {
    const { grid, heights, step } = terrain;
    const resolution = grid.resolution;
    const least = Math.max(Math.floor(resolution / (2 * step) + 0.5), 1);
    const nearest = Math.max(Math.floor(resolution / 2 + 0.5), 1);
    const points = Math.max(Math.floor(radius / step + 0.5), least) + 1;
    const rays = Math.ceil((2 * Math.PI * radius) / terrain.raysApart / thin);
    const way = wayOf(terrain.pixels, x, y, Math.max(radius, (points - 1) * step));
    const found = radio.interpolated(heights, way.top, way.left, way.coefficients[0][0][0], way.coefficients[1][0][0]);
    const ground = surveyed === undefined || Number.isNaN(found) ? found : surveyed;
    const row = (grid.north - y) / resolution - 0.5;
    const column = (x - grid.west) / resolution - 0.5;
    const reach = radius / resolution;
    const span = (at, size) => [Math.max(Math.ceil(at - reach), 0), Math.min(Math.floor(at + reach) + 1, size)];
    const [[top, bottom], [left, right]] = [span(row, grid.rows), span(column, grid.columns)];
    const [height, width] = [Math.max(bottom - top, 0), Math.max(right - left, 0)];
    const count = pixels ? pixels.length : height * width;
    const place = radio.scratch("place", Int32Array, count); // pixels of the grid
    const mast = {
      terrain, x, y, radius, surveyed, ground, way, rays, points, row, column, place,
      window: { top, left, height, width },
      azimuth: radio.scratch("azimuth", Float32Array, count),
      ray: radio.scratch("ray", Int32Array, count).fill(-1),
      point: radio.scratch("point", Int32Array, count),
      distance: radio.scratch("distance", Int32Array, count),
    };
    const perPixel = resolution / step;
    const { azimuth, ray, point, distance } = mast;
    const see = (pixel, i, j) => {
      place[pixel] = i * grid.columns + j;
      const [down, across] = [i - row, j - column];
      const away = fround(Math.sqrt(down * down + across * across));
      if (away > reach) return;
      let degrees = (Math.atan2(across, -down) * 180) / Math.PI;
      if (degrees < 0) degrees += 360;
      azimuth[pixel] = degrees;
      ray[pixel] = Math.trunc((azimuth[pixel] * rays) / 360 + 0.5) % rays;
      point[pixel] = Math.max(Math.trunc(away * perPixel + 0.5), least);
      distance[pixel] = Math.max(Math.floor(fround(fround(away * resolution) + 0.5)), nearest);
    };
    if (pixels) pixels.forEach((at, pixel) => see(pixel, Math.floor(at / grid.columns), at % grid.columns));
    else for (let i = 0, pixel = 0; i < height; i += 1) for (let j = 0; j < width; j += 1, pixel += 1) see(pixel, top + i, left + j);
    orderByRay(mast);
    return mast;
  };

  /* Where each ray's pixels begin, and these pixels, one ray after another. */
  function orderByRay(mast) {
    const { ray, rays } = mast;
    const first = new Int32Array(rays + 1);
    let count = 0;
    for (let pixel = 0; pixel < ray.length; pixel += 1) {
      if (ray[pixel] < 0) continue;
      first[ray[pixel] + 1] += 1;
      count += 1;
    }
    for (let r = 0; r < rays; r += 1) first[r + 1] += first[r];
    const place = first.slice();
    mast.order = radio.scratch("order", Int32Array, count);
    for (let pixel = 0; pixel < ray.length; pixel += 1) {
      if (ray[pixel] < 0) continue;
      mast.order[place[ray[pixel]]] = pixel;
      place[ray[pixel]] += 1;
    }
    mast.first = first;
  }

  /* Ground along one ray at every step to the last one wanted, unrounded; from the first unknown point on NaN. */
  radio.sampleRay = function (mast, number, last, room, ground) {
    const { way, rays } = mast;
    const { values, rows: height, columns: width } = mast.terrain.heights;
    const { degree, top, left } = way;
    const azimuth = (2 * Math.PI * number) / rays;
    const step = mast.terrain.step / way.scale;
    const [east, north] = [Math.sin(azimuth) * step, Math.cos(azimuth) * step];
    along(way.coefficients[0], east, north, degree, room.rows);
    along(way.coefficients[1], east, north, degree, room.columns);
    const { rows, columns } = room;
    ground.fill(NaN);
    for (let point = 0; point <= last; point += 1) {
      let row = rows[degree];
      let column = columns[degree];
      for (let power = degree - 1; power >= 0; power -= 1) {
        row = row * point + rows[power];
        column = column * point + columns[power];
      }
      let i = Math.floor(row);
      let j = Math.floor(column);
      const down = row - i;
      const across = column - j;
      i += top;
      j += left;
      let found;
      if (i >= 0 && i < height - 1 && j >= 0 && j < width - 1) {
        const at = i * width + j;
        const upper = values[at] * (1 - across) + values[at + 1] * across;
        const lower = values[at + width] * (1 - across) + values[at + width + 1] * across;
        found = upper * (1 - down) + lower * down;
      } else found = radio.interpolated(mast.terrain.heights, top, left, row, column);
      if (Number.isNaN(found)) break;
      ground[point] = found;
    }
  };

  radio.rayRoom = (degree) => ({ rows: new Float64Array(degree + 1), columns: new Float64Array(degree + 1) });
})(radio);
