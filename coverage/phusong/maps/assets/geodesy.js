"use strict";
/* Places and lengths on the ellipsoid, in degrees and metres. Knows no map. */
(function (app) {
  const RAD = Math.PI / 180;
  const A = 6378137; // WGS 84, which is VN-2000's ellipsoid too
  const F = 1 / 298.257223563;
  const E2 = F * (2 - F);
  const N = F / (2 - F);

  /* Longitude and latitude to the study's system: the steps of the pinned transformation. */
  app.project = function ([lat, lon], { helmert, projection }) {
    const [phi, lambda] = helmert ? geographic(shift(geocentric(lat * RAD, lon * RAD), helmert)) : [lat * RAD, lon * RAD];
    return transverseMercator(phi, lambda, projection);
  };

  function geocentric(phi, lambda) {
    const nu = A / Math.sqrt(1 - E2 * Math.sin(phi) ** 2);
    return [nu * Math.cos(phi) * Math.cos(lambda), nu * Math.cos(phi) * Math.sin(lambda), nu * (1 - E2) * Math.sin(phi)];
  }

  /* Seven parameters for small angles; EPSG method 1033 (position vector), its reverse if `inverse`. */
  function shift([X, Y, Z], { x, y, z, rx, ry, rz, s, inverse }) {
    const [a, b, c] = [rx, ry, rz].map((seconds) => (seconds / 3600) * RAD);
    const scale = 1 + s * 1e-6;
    if (!inverse) return [x + scale * (X - c * Y + b * Z), y + scale * (c * X + Y - a * Z), z + scale * (-b * X + a * Y + Z)];
    const [U, V, W] = [X - x, Y - y, Z - z].map((one) => one / scale);
    return [U + c * V - b * W, -c * U + V + a * W, b * U - a * V + W];
  }

  function geographic([X, Y, Z]) {
    const p = Math.hypot(X, Y);
    let phi = Math.atan2(Z, p * (1 - E2));
    for (let i = 0; i < 5; i += 1) phi = Math.atan2(Z + (E2 * A * Math.sin(phi)) / Math.sqrt(1 - E2 * Math.sin(phi) ** 2), p);
    return [phi, Math.atan2(Y, X)];
  }

  /* Krüger's series to the fourth order: below 0.1 mm within the zones used. */
  const ALPHA = [
    N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
    (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
    (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
    (49561 / 161280) * N ** 4,
  ];
  const RECTIFYING = (A / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
  function transverseMercator(phi, lambda, { lon_0, k, x_0, y_0 }) {
    const e = Math.sqrt(E2);
    const t = Math.sinh(Math.atanh(Math.sin(phi)) - e * Math.atanh(e * Math.sin(phi)));
    const dl = lambda - lon_0 * RAD;
    const xi = Math.atan2(t, Math.cos(dl));
    const eta = Math.atanh(Math.sin(dl) / Math.hypot(1, t));
    const sum = (make) => ALPHA.reduce((total, alpha, j) => total + alpha * make(2 * (j + 1)), 0);
    return {
      east: x_0 + k * RECTIFYING * (eta + sum((m) => Math.cos(m * xi) * Math.sinh(m * eta))),
      north: y_0 + k * RECTIFYING * (xi + sum((m) => Math.sin(m * xi) * Math.cosh(m * eta))),
    };
  }

  /* And back: the same steps in reverse, to [latitude, longitude]. */
  app.unproject = function ({ east, north }, { helmert, projection }) {
    const [phi, lambda] = fromTransverseMercator(east, north, projection);
    const back = helmert && geographic(shift(geocentric(phi, lambda), { ...helmert, inverse: !helmert.inverse }));
    return (back || [phi, lambda]).map((angle) => angle / RAD);
  };

  const BETA = [
    N / 2 - (2 / 3) * N ** 2 + (37 / 96) * N ** 3 - (1 / 360) * N ** 4,
    (1 / 48) * N ** 2 + (1 / 15) * N ** 3 - (437 / 1440) * N ** 4,
    (17 / 480) * N ** 3 - (37 / 840) * N ** 4,
    (4397 / 161280) * N ** 4,
  ];
  function fromTransverseMercator(east, north, { lon_0, k, x_0, y_0 }) {
    const e = Math.sqrt(E2);
    const [xi, eta] = [(north - y_0) / (k * RECTIFYING), (east - x_0) / (k * RECTIFYING)];
    const sum = (make) => BETA.reduce((total, beta, j) => total + beta * make(2 * (j + 1)), 0);
    const x = xi - sum((m) => Math.sin(m * xi) * Math.cosh(m * eta));
    const y = eta - sum((m) => Math.cos(m * xi) * Math.sinh(m * eta));
    const conformal = Math.atanh(Math.sin(x) / Math.cosh(y));
    let phi = 0;
    for (let i = 0; i < 8; i += 1) phi = Math.asin(Math.tanh(conformal + e * Math.atanh(e * Math.sin(phi))));
    return [phi, lon_0 * RAD + Math.atan2(Math.sinh(y), Math.cos(x))];
  }

  /* Length of the geodesic, metres: Vincenty's inverse formula (1975), to well below a millimetre. */
  app.distance = function ([lat1, lon1], [lat2, lon2]) {
    const [u1, u2] = [lat1, lat2].map((lat) => Math.atan((1 - F) * Math.tan(lat * RAD)));
    const L = (lon2 - lon1) * RAD;
    let [lambda, before, sin, cos, sigma, cos2, mid] = [L, NaN, 0, 0, 0, 0, 0];
    for (let i = 0; i < 100 && !(Math.abs(lambda - before) < 1e-13); i += 1) {
      sin = Math.hypot(Math.cos(u2) * Math.sin(lambda), Math.cos(u1) * Math.sin(u2) - Math.sin(u1) * Math.cos(u2) * Math.cos(lambda));
      if (sin === 0) return 0;
      cos = Math.sin(u1) * Math.sin(u2) + Math.cos(u1) * Math.cos(u2) * Math.cos(lambda);
      sigma = Math.atan2(sin, cos);
      const azimuth = (Math.cos(u1) * Math.cos(u2) * Math.sin(lambda)) / sin;
      cos2 = 1 - azimuth ** 2;
      mid = cos2 === 0 ? 0 : cos - (2 * Math.sin(u1) * Math.sin(u2)) / cos2;
      const C = (F / 16) * cos2 * (4 + F * (4 - 3 * cos2));
      before = lambda;
      lambda = L + (1 - C) * F * azimuth * (sigma + C * sin * (mid + C * cos * (-1 + 2 * mid ** 2)));
    }
    const uu = (cos2 * E2) / (1 - E2);
    const P = 1 + (uu / 16384) * (4096 + uu * (-768 + uu * (320 - 175 * uu)));
    const Q = (uu / 1024) * (256 + uu * (-128 + uu * (74 - 47 * uu)));
    const turn = Q * sin * (mid + (Q / 4) * (cos * (-1 + 2 * mid ** 2) - (Q / 6) * mid * (-3 + 4 * sin ** 2) * (-3 + 4 * mid ** 2)));
    return (1 - F) * A * P * (sigma - turn);
  };

  /* Area within a ring, m²: spherical excess on the sphere of the ellipsoid's area. */
  const areal = (sine, e = Math.sqrt(E2)) => (1 - E2) * (sine / (1 - E2 * sine ** 2) + Math.atanh(e * sine) / e);
  const RADIUS2 = (A ** 2 * areal(1)) / 2;
  app.area = function (ring) {
    const half = ring.map(([lat]) => Math.tan(Math.asin(areal(Math.sin(lat * RAD)) / areal(1)) / 2));
    const excess = ring.reduce((sum, [, lon], i) => {
      const j = (i + 1) % ring.length;
      return sum + 2 * Math.atan2(Math.tan(((ring[j][1] - lon) * RAD) / 2) * (half[i] + half[j]), 1 + half[i] * half[j]);
    }, 0);
    return RADIUS2 * Math.abs(excess);
  };
})(phusong);
