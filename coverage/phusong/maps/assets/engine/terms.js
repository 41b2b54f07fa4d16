"use strict";
/* P.1812 formulas on single numbers: the twin of radio/_p1812_terms.py, in the same order and units. */
const radio = {};
(function (radio) {
  const TEN = Math.LN10; // powers in what every receiver takes are products: ** is a call of its own
  const EARTH_KM = 6371;
  const ROUGHNESS_FREE_M = 10;
  const LOWEST_HEIGHT_GAIN = 10 ** 0.1;
  radio.LOWEST_EFFECTIVE_NU = -0.78;

  radio.medianRadius = (deltaN) => (EARTH_KM * 157) / (157 - deltaN);
  radio.rareRadius = () => 3 * EARTH_KM;
  radio.wavelengthM = (f) => 0.2998 / f;
  radio.inlandFactor = (dlm) => -Math.expm1(-4.12e-4 * dlm ** 2.41);

  radio.ductingTime = function (latitude, dtm, dlm) {
    const phi = Math.abs(latitude);
    const tau = radio.inlandFactor(dlm);
    const mu1 = Math.min((10 ** (-dtm / (16 - 6.6 * tau)) + 10 ** (-5 * (0.496 + 0.354 * tau))) ** 0.2, 1);
    if (phi <= 70) return 10 ** (1.67 - 0.015 * phi) * mu1 * mu1 ** (0.0176 * phi - 0.935);
    return 4.17 * mu1 * mu1 ** 0.3;
  };

  function depthGainDb(x) {
    const ln = Math.log(x);
    if (x >= 1.6) return 11 + (10 / TEN) * ln - 17.6 * x;
    return (-20 / TEN) * ln - 5.6488 * Math.exp(1.425 * ln);
  }

  function heightGainsDb(bt, br, lowest) {
    let gains = 0;
    let near = 1;
    for (let end = 0; end < 2; end += 1) {
      const b = end === 0 ? bt : br;
      if (b > 2) {
        const gain = 17.6 * Math.sqrt(b - 1.1) - (5 / TEN) * Math.log(b - 1.1) - 8;
        gains += Math.max(gain, (20 / TEN) * Math.log(lowest));
      } else near *= Math.max(b + 0.1 * b * b * b, lowest);
    }
    return gains + (20 / TEN) * Math.log(near);
  }

  /* Over land. */
  radio.admittance = function (f, vertical) {
    const [eps, sigma] = [22, 0.003];
    const s = (18 * sigma) / f;
    const k = 0.036 * f ** (-1 / 3) * ((eps - 1) ** 2 + s * s) ** -0.25;
    return vertical ? k * Math.sqrt(eps * eps + s * s) : k;
  };

  function firstTermDb(k, a, d, ht, hr, fRoot) {
    const root = Math.exp(-Math.log(a) / 3);
    const ownK = k * root;
    const k2 = ownK * ownK;
    const beta = (1 + 1.6 * k2 + 0.67 * k2 * k2) / (1 + 4.5 * k2 + 1.53 * k2 * k2);
    const x = 21.88 * beta * fRoot * root * root * d;
    const y = 0.9575 * beta * fRoot * fRoot * root;
    const lowest = LOWEST_HEIGHT_GAIN * ownK;
    return -depthGainDb(x) - heightGainsDb(beta * y * ht, beta * y * hr, lowest);
  }

  /* Ldsph; the closest point, NaN beyond sight, is left in radio.closestKm. */
  radio.spherical = function (d, ht, hr, a, f, fRoot, kLand) {
    let adft = a;
    let clear = 0;
    radio.closestKm = NaN;
    const rootSum = Math.sqrt(ht) + Math.sqrt(hr);
    const sight = d < Math.sqrt(0.002 * a) * rootSum;
    if (sight) {
      const c = (ht - hr) / (ht + hr);
      const m = (250 * d * d) / (a * (ht + hr));
      const cube = (m + 1) * (m + 1) * (m + 1);
      const turn = Math.acos(Math.min(Math.max(1.5 * c * Math.sqrt((3 * m) / cube), -1), 1));
      const b = 2 * Math.sqrt((m + 1) / (3 * m)) * Math.cos(Math.PI / 3 + turn / 3);
      const d1 = 0.5 * d * (1 + b);
      const d2 = d - d1;
      radio.closestKm = d1;
      const hse = ((ht - (500 * d1 * d1) / a) * d2 + (hr - (500 * d2 * d2) / a) * d1) / d;
      const hreq = 17.456 * Math.sqrt((d1 * d2 * radio.wavelengthM(f)) / d);
      if (hse > hreq) return 0;
      adft = 500 * (d / rootSum) * (d / rootSum);
      clear = hse / hreq;
    }
    const lf = firstTermDb(kLand, adft, d, ht, hr, fRoot);
    return sight ? (1 - clear) * Math.max(lf, 0) : lf;
  };

  function quantile(share) {
    const x = Math.min(Math.max(share, 1e-6), 0.999999);
    const t = Math.sqrt(-2 * Math.log(Math.min(x, 1 - x)));
    const c = ((0.010328 * t + 0.802853) * t + 2.515516698) / (((0.001308 * t + 0.189269) * t + 1.432788) * t + 1);
    return x <= 0.5 ? t - c : c - t;
  }

  radio.timeWeight = (p, b0) => (p > b0 ? quantile(p / 100) / quantile(b0 / 100) : 1);

  radio.troposcatterDb = function (f, d, theta, n0, p) {
    const lf = 25 * Math.log10(f) - 2.5 * Math.log10(f / 2) ** 2;
    const rare = 10.125 * Math.log10(50 / p) ** 0.7;
    return 190.1 + lf + 20 * Math.log10(d) + 0.573 * theta - 0.15 * n0 - rare;
  };

  radio.couplingDb = (f) => (f < 0.5 ? 45.375 - 137 * f + 92.5 * f * f : 0);
  radio.pathExponent = (d, tau) => Math.max(-0.6 - 3.5e-9 * d ** 3.1 * tau, -3.4);
  radio.pathBend = (d) => 1e-6 * d ** 1.13;
  radio.timeExponent = (g, bend) => 1.076 * Math.exp(-1.012 * Math.log(2.0058 - g) - (9.51 - 4.8 * g + 0.198 * g * g) * bend);

  radio.logBeta = function (logB0, d, dl, alpha, bulge, hte, hre, hm) {
    const rootSum = Math.sqrt(hte) + Math.sqrt(hre);
    const mu2Base = bulge / (rootSum * rootSum);
    let g = logB0 + Math.min((alpha / TEN) * Math.log(mu2Base), 0);
    if (hm > ROUGHNESS_FREE_M) g -= (4.6e-5 / TEN) * (hm - ROUGHNESS_FREE_M) * (43 + 6 * Math.min(d - dl, 40));
    return g;
  };

  radio.anomalousTimeDb = function (logP, g, d, bend) {
    const x = logP - g;
    return (1.2 + 3.7e-3 * d) * x - 12 + 12 * Math.exp(TEN * x * radio.timeExponent(g, bend));
  };

  radio.notionalDb = (lba, lb0p) => Math.max(lba, lb0p) + 2.5 * Math.log1p(Math.exp(-Math.abs(lba - lb0p) / 2.5));
  radio.slopeWeight = (theta) => 0.5 - 0.5 * Math.tanh((2.4 * (theta - 0.3)) / 0.3);
  radio.distanceWeight = (d) => 0.5 - 0.5 * Math.tanh((1.5 * (d - 20)) / 20);
  radio.combinedDb = function (lbs, lbam) {
    const gap = Math.abs(lbs - lbam);
    return Math.min(lbs, lbam) - (5 / TEN) * Math.log1p(Math.exp(-0.2 * TEN * gap));
  };
})(radio);
