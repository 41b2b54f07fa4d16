"use strict";
/* P.1812 at the wanted points of a ray over bare ground: the twin of radio/_p1812_steps.py, _p1812_hull.py and
   _p1812_radial.py, where every step is explained; docs/methods/p1812.md says why it is the same number. */
(function (radio) {
  const { LOWEST_EFFECTIVE_NU, spherical, logBeta, anomalousTimeDb, notionalDb, slopeWeight, combinedDb } = radio;
  const TEN = Math.LN10;
  const LOG_HALF = Math.log10(50);
  const FULLY_TRANSHORIZON_MRAD = 2.7;
  const NEGLIGIBLE_GAP_DB = 40;
  const HIDDEN_EDGE = LOWEST_EFFECTIVE_NU ** 2;

  function lowestAnomalousDb(logP, logB0, d, bend) {
    const near = logP - logB0;
    const far = 40;
    const c = 1.2 + 3.7e-3 * d;
    const least = Math.min(near * radio.timeExponent(logB0, bend), far * radio.timeExponent(logP - far, bend));
    return Math.min(c * near - 12 + 12 * 10 ** least, c * far);
  }

  /* What all receivers of a sweep share; a row of each column belongs to the n-th receiver of every ray.
     Objects with so many fields are written out, here and below: made otherwise they are looked up like a table. */
  radio.prepare = function (points, stepKm, link) {
    const f = link.frequencyMhz / 1000;
    const p = link.timePercent;
    const ae = radio.medianRadius(link.deltaN);
    const ab = radio.rareRadius();
    const wave = radio.wavelengthM(f);
    const column = () => new Float64Array(points);
    const of = {
      points, stepKm, f, ae, ab,
      transmitterM: link.transmitterHeightM,
      receiverM: link.receiverHeightM,
      kLand: radio.admittance(f, link.polarization === "vertical"),
      fRoot: f ** (1 / 3),
      fSqrt: Math.sqrt(f),
      enhancement: 2.6 * Math.log10(p / 50),
      ductingDb: 102.45 + 20 * Math.log10(f) + radio.couplingDb(f),
      logP: Math.log10(p),
      median: p === 50,
      perMetre: 1 / (1000 * stepKm),
      parabola50: (500 / ae) * stepKm * stepKm,
      parabolaB: (500 / ab) * stepKm * stepKm,
      distanceKm: column(), inverse: column(), bulge50: column(), bulgeB: column(), nuScale: column(), excess: column(),
      clear50: column(), clearB: column(), freeSpaceDb: column(), scatterDb: column(), reach: column(), logB0: column(),
      fi: column(), inBetween: column(), fk: column(), alpha: column(), bend: column(), lowestApDb: column(),
    };
    for (let n = 1; n < points; n += 1) {
      const d = n * stepKm;
      const tau = radio.inlandFactor(d);
      const b0 = radio.ductingTime(link.latitudeDeg, d, d);
      const freeZone = 17.456 * Math.sqrt(wave * d);
      of.distanceKm[n] = d;
      of.inverse[n] = 1 / n;
      of.bulge50[n] = (500 / ae) * d * d;
      of.bulgeB[n] = (500 / ab) * d * d;
      of.nuScale[n] = (0.002 * d) / (wave * stepKm * stepKm);
      of.excess[n] = 10 + 0.02 * d;
      of.clear50[n] = 0.25 * (freeZone + 0.5 * of.bulge50[n]) ** 2;
      of.clearB[n] = 0.25 * (freeZone + 0.5 * of.bulgeB[n]) ** 2;
      of.freeSpaceDb[n] = 92.4 + 20 * Math.log10(f) + 20 * Math.log10(d);
      of.scatterDb[n] = radio.troposcatterDb(f, d, 0, link.n0, p);
      of.reach[n] = -Math.expm1(-d / 10);
      of.logB0[n] = Math.log10(b0);
      of.fi[n] = radio.timeWeight(p, b0);
      of.inBetween[n] = of.fi[n] < 1 && p !== 50 ? 1 : 0;
      of.fk[n] = radio.distanceWeight(d);
      of.alpha[n] = radio.pathExponent(d, tau);
      of.bend[n] = radio.pathBend(d);
      of.lowestApDb[n] = lowestAnomalousDb(Math.log10(p), of.logB0[n], d, of.bend[n]);
    }
    return of;
  };

  /* An upper hull as a stack: place, height, and slope of the edge from the vertex before. */
  function hullOf(points) {
    return { x: new Int32Array(points), z: new Float64Array(points), slope: new Float64Array(points) };
  }

  function tangent(hull, size, x, z) {
    let row = size - 1;
    let beyond = size;
    let stride = 1;
    while (hull.slope[row] * (x - hull.x[row]) < z - hull.z[row]) {
      beyond = row;
      row = Math.max(row - stride, 0);
      stride *= 2;
    }
    while (beyond - row > 1) {
      const middle = (row + beyond) >> 1;
      if (hull.slope[middle] * (x - hull.x[middle]) < z - hull.z[middle]) beyond = middle;
      else row = middle;
    }
    return row;
  }

  function farthest(hull, size, slope) {
    let row = 0;
    let beyond = size;
    while (beyond - row > 1) {
      const middle = (row + beyond) >> 1;
      if (hull.slope[middle] > slope) row = middle;
      else beyond = middle;
    }
    return row;
  }

  function highestOver(below, z, last, k, iT, slope) {
    let highest = -Infinity;
    for (let x = last; x > iT; x = below[x]) highest = Math.max(highest, z[x] + (k * x - slope) * x);
    return highest;
  }

  let closestAt = 0; // the point that `closest` found
  function closest(z, n, top, chord, aheadSlope, behindSlope, first, last, given) {
    let least = given;
    closestAt = last;
    for (let end = 0; end < 2; end += 1) {
      const i = end === 0 ? last : first;
      const clear = top + chord * i - z[i];
      if (clear * clear < least * (i * (n - i))) {
        least = (clear * clear) / (i * (n - i));
        closestAt = i;
      }
    }
    const ahead = aheadSlope * aheadSlope;
    const behind = behindSlope * behindSlope;
    let i = least < Infinity ? Math.min(Math.trunc((n * least) / (ahead + least)), n - 1) : n - 1;
    let end = Math.max(Math.trunc((n * behind) / (behind + least)), 1);
    while (i >= end) {
      const clear = top + chord * i - z[i];
      if (clear * clear < least * (i * (n - i))) {
        least = (clear * clear) / (i * (n - i));
        closestAt = i;
        end = Math.max(Math.trunc((n * behind) / (behind + least)), 1);
      }
      i -= 1;
    }
    return least;
  }

  function edgeLoss(nu, excess) {
    const x = nu - 0.1;
    const lu = 6.9 + (20 / TEN) * Math.log(Math.sqrt(x * x + 1) + x);
    return lu + (1 - Math.exp(-lu / 6)) * excess;
  }

  function gentlest(k, h, n) {
    const j = Math.min(Math.max(Math.trunc(Math.sqrt(h / k)), 1), n - 1);
    const other = Math.min(j + 1, n - 1);
    return Math.min(k * j + h / j, k * other + h / other);
  }

  function smoothClearance(k, ht, hr, n, i) {
    const across = i * (n - i);
    const clear = (ht * (n - i) + hr * i) / n - k * across;
    return (clear * clear) / across;
  }

  function closestToSmooth(k, ht, hr, n, where) {
    let i = Math.min(Math.max(Math.trunc(where), 1), n - 1);
    let least = smoothClearance(k, ht, hr, n, i);
    for (let turn = 1; turn >= -1; turn -= 2) {
      while (i + turn >= 1 && i + turn <= n - 1) {
        const value = smoothClearance(k, ht, hr, n, i + turn);
        if (value >= least) break;
        least = value;
        i += turn;
      }
    }
    return least;
  }

  function smoothExcess(n, ht, hr, a, s) {
    const sphere = spherical(s.distanceKm[n], ht, hr, a, s.f, s.fRoot, s.kLand);
    let closestKm = radio.closestKm;
    if (sphere <= 0) return 0;
    const k = (500 / a) * s.stepKm * s.stepKm;
    if (Number.isNaN(closestKm)) {
      const chord = (hr - ht) / n;
      const ahead = k * n - gentlest(k, ht, n) - chord;
      if (ahead >= 0) {
        const behind = k * n - gentlest(k, hr, n) + chord;
        const nu = Math.sqrt(Math.max(s.nuScale[n] * ahead * behind, 0));
        return Math.max(sphere - edgeLoss(nu, s.excess[n]), 0);
      }
      closestKm = (s.distanceKm[n] * Math.sqrt(ht)) / (Math.sqrt(ht) + Math.sqrt(hr));
    }
    const nu = -Math.sqrt(s.nuScale[n] * closestToSmooth(k, ht, hr, n, closestKm / s.stepKm));
    return nu > LOWEST_EFFECTIVE_NU ? Math.max(sphere - edgeLoss(nu, s.excess[n]), 0) : sphere;
  }

  const elevation = (slope) => 1000 * Math.atan(slope);

  function sightsOf(points) {
    const [floats, places] = [() => new Float64Array(points), () => new Int32Array(points)];
    return {
      chord: floats(), slope: floats(), slopeR: floats(), ahead: floats(), behind: floats(),
      first: places(), last: places(), below: places(),
    };
  }

  function flatten(h, known, k, z) {
    for (let i = 0; i < known; i += 1) z[i] = h[i] - k * i * i;
  }

  /* Puts points on the hull itself, and so does `diffraction`: a call for each would take longer than its work. */
  function look(h, z, bulge, s, asked, known, hull, at) {
    const { x: hullX, z: hullZ, slope: hullSlope } = hull;
    const { below } = at; // of every point the vertex that it was put on: the hull before any point can be walked later
    const { inverse } = s;
    const top = h[0] + s.transmitterM;
    let size = 0;
    let slope = -Infinity;
    let first = 0;
    let next = 0;
    while (next < asked.count && asked.points[next] < 2) next += 1;
    for (let n = 2; n < known; n += 1) {
      const i = n - 1;
      const high = z[i];
      while (size > 0 && hullSlope[size - 1] * (i - hullX[size - 1]) <= high - hullZ[size - 1]) size -= 1;
      hullSlope[size] = size > 0 ? (high - hullZ[size - 1]) / (i - hullX[size - 1]) : Infinity;
      below[i] = size > 0 ? hullX[size - 1] : 0;
      hullX[size] = i;
      hullZ[size] = high;
      size += 1;
      const above = (high - top) * inverse[i];
      if (above > slope) {
        slope = above;
        first = i;
      }
      if (asked.points[next] !== n) continue;
      next += 1;
      const end = h[n] + s.receiverM - bulge[n];
      const chord = (end - top) * s.inverse[n];
      const vertex = tangent(hull, size, n, end);
      const last = hull.x[vertex];
      const slopeR = (hull.z[vertex] - end) / (n - last);
      at.chord[n] = chord;
      at.slope[n] = slope;
      at.slopeR[n] = slopeR;
      at.ahead[n] = slope - chord;
      at.behind[n] = slopeR + chord;
      at.first[n] = first;
      at.last[n] = last;
    }
  }

  function bullington(z, top, at, asked, rare, s, loss) {
    for (let one = 0; one < asked.count; one += 1) {
      const n = asked.points[one];
      if (n === 1) continue;
      loss[n] = 0;
      if (!rare && s.fi[n] >= 1) continue;
      const square = s.nuScale[n] * at.ahead[n] * at.behind[n];
      if (at.ahead[n] >= 0) loss[n] = edgeLoss(Math.sqrt(Math.max(square, 0)), s.excess[n]);
      else if (square < HIDDEN_EDGE) {
        const hidden = HIDDEN_EDGE / s.nuScale[n];
        const least = closest(z, n, top, at.chord[n], at.ahead[n], at.behind[n], at.first[n], at.last[n], hidden);
        if (least < hidden) loss[n] = edgeLoss(-Math.sqrt(s.nuScale[n] * least), s.excess[n]);
      }
    }
  }

  function diffraction(h, s, asked, known, work) {
    const { hull, ld50, ldp, hst, hsr } = work;
    const { x: hullX, z: hullZ, slope: hullSlope } = hull;
    const top = h[0] + s.transmitterM;
    let slope = -Infinity;
    let taken = 1;
    let size = 0;
    let next = 0;
    let v1 = 0;
    let v2 = 0;
    while (next < asked.count && asked.points[next] < 2) next += 1;
    for (let n = 1; n < known; n += 1) {
      v1 += h[n] + h[n - 1];
      v2 += h[n] * (3 * n - 1) + h[n - 1] * (3 * n - 2);
      if (n === 1) continue;
      slope = Math.max(slope, (h[n - 1] - top) * s.inverse[n - 1]);
      if (asked.points[next] !== n) continue;
      next += 1;
      const inverse = s.inverse[n];
      const end = h[n] + s.receiverM;
      const straight = (end - top) * inverse;
      const smoothT = (2 * v1 * n - v2) * inverse * inverse;
      const smoothR = (v2 - v1 * n) * inverse * inverse;
      hst[n] = Math.min(smoothT, h[0]);
      hsr[n] = Math.min(smoothR, h[n]);
      let ht = top - hst[n];
      let hr = end - hsr[n];
      if (ht * hr <= Math.max(s.clear50[n], s.clearB[n]) && slope > straight) {
        for (; taken < n; taken += 1) {
          const high = h[taken];
          while (size > 0 && hullSlope[size - 1] * (taken - hullX[size - 1]) <= high - hullZ[size - 1]) size -= 1;
          hullSlope[size] = size > 0 ? (high - hullZ[size - 1]) / (taken - hullX[size - 1]) : Infinity;
          hullX[size] = taken;
          hullZ[size] = high;
          size += 1;
        }
        let v = farthest(hull, size, straight);
        const hobs = hull.z[v] - top - straight * hull.x[v];
        v = tangent(hull, size, n, end);
        const aot = slope - straight;
        const aor = (hull.z[v] - end) / (n - hull.x[v]) + straight;
        ht = top - Math.min(smoothT - (hobs * aot) / (aot + aor), h[0]);
        hr = end - Math.min(smoothR - (hobs * aor) / (aot + aor), h[n]);
      }
      if (s.fi[n] < 1 && ht * hr <= s.clear50[n]) ld50[n] += smoothExcess(n, ht, hr, s.ae, s);
      if (s.median) {
        ldp[n] = ld50[n];
        continue;
      }
      if (ht * hr <= s.clearB[n]) ldp[n] += smoothExcess(n, ht, hr, s.ab, s);
      if (s.fi[n] < 1) ldp[n] = ld50[n] + s.fi[n] * (ldp[n] - ld50[n]);
    }
  }

  /* Both horizons of the path at hand, of which there is one at a time. */
  const ends = { transhorizon: false, thetaT: 0, thetaR: 0, theta: 0, dlt: 0, dlr: 0, near: 0, exact: false };

  function horizons(n, straight, thetaMax, at, s) {
    ends.transhorizon = at.slope[n] > at.chord[n];
    ends.exact = ends.transhorizon;
    if (!ends.transhorizon) {
      const steep = Math.abs(straight * s.perMetre);
      ends.theta = (-1000 / 3) * steep * steep * steep;
      ends.thetaT = ends.thetaR = ends.dlt = ends.dlr = 0;
      ends.near = s.reach[n];
      return;
    }
    const d = s.distanceKm[n];
    ends.thetaT = thetaMax;
    ends.thetaR = elevation(at.slopeR[n] * s.perMetre - d / s.ae);
    ends.theta = (1000 * d) / s.ae + thetaMax + ends.thetaR;
    ends.dlt = at.first[n] * s.stepKm;
    ends.dlr = (n - at.last[n]) * s.stepKm;
    ends.near = s.median ? s.reach[n] : 1 - Math.exp(-(ends.dlt + ends.dlr) / 10);
  }

  function inSight(chord, s, d) {
    ends.thetaT = elevation(chord * s.perMetre);
    ends.thetaR = elevation(-chord * s.perMetre - d / s.ae);
    ends.theta = (1000 * d) / s.ae + ends.thetaT + ends.thetaR;
    ends.exact = true;
  }

  function ductingDb(s, d, dlt, dlr) {
    const skyT = Math.max(ends.thetaT - 0.1 * dlt, 0);
    const skyR = Math.max(ends.thetaR - 0.1 * dlr, 0);
    const shieldT = 1 + 0.361 * skyT * s.fSqrt * Math.sqrt(dlt);
    const shieldR = 1 + 0.361 * skyR * s.fSqrt * Math.sqrt(dlr);
    const bent = (1000 * d) / s.ae + Math.min(ends.thetaT, 0.1 * dlt) + Math.min(ends.thetaR, 0.1 * dlr);
    return s.ductingDb + (20 / TEN) * Math.log((dlt + dlr) * shieldT * shieldR) + s.fRoot * (0.264 * (skyT + skyR) + 5e-5 * s.ae * bent);
  }

  function lowestInSightDb(n, s) {
    const d = s.distanceKm[n];
    const bent = (1000 * d) / s.ae + Math.min(ends.thetaT, 0) + Math.min(ends.thetaR, 0);
    const shields = 0.264 * (Math.max(ends.thetaT, 0) + Math.max(ends.thetaR, 0));
    return s.ductingDb + (20 / TEN) * Math.log(d) + s.fRoot * (shields + 5e-5 * s.ae * bent) + s.lowestApDb[n];
  }

  function combinedLoss(n, chord, lbfs, ldp, ld50, lbda, s) {
    const lb0p = lbfs + s.enhancement * ends.near;
    const lbd = lb0p + ldp;
    let lbam = lbda;
    if ((lbda !== lbd || s.inBetween[n] > 0) && ends.theta < FULLY_TRANSHORIZON_MRAD) {
      let lminb0p = lbd;
      if (s.inBetween[n] > 0) {
        const lb0b = lbfs + 2.6 * (s.logB0[n] - LOG_HALF) * ends.near;
        lminb0p = lbfs + ld50 + (lb0b + ldp - lbfs - ld50) * s.fi[n];
      }
      lbam += (lminb0p - lbda) * slopeWeight(ends.theta);
    }
    let lbc = lbam;
    if (s.scatterDb[n] + 0.573 * ends.theta < lbam + NEGLIGIBLE_GAP_DB) {
      if (!ends.exact) inSight(chord, s, s.distanceKm[n]);
      lbc = combinedDb(s.scatterDb[n] + 0.573 * ends.theta, lbam);
    }
    return Math.max(lb0p, lbc);
  }

  function withDucting(n, given, hm, horizonsKm, top, end, lb0p, lbd, work, s) {
    const g = logBeta(
      s.logB0[n], s.distanceKm[n], horizonsKm, s.alpha[n], s.bulge50[n], top - work.hst[n], end - work.hsr[n], hm - work.hst[n],
    );
    const lba = given + anomalousTimeDb(s.logP, g, s.distanceKm[n], s.bend[n]);
    const lminbap = notionalDb(lba, lb0p);
    return lminbap > lbd ? lbd : lminbap + (lbd - lminbap) * s.fk[n];
  }

  function basicTransmission(h, z, asked, s, work, loss) {
    const { bare, ld50, ldp, hst, hsr } = work;
    const top = h[0] + s.transmitterM;
    let [first, thetaMax] = [0, 0];
    for (let one = 0; one < asked.count; one += 1) {
      const n = asked.points[one];
      const d = s.distanceKm[n];
      const end = h[n] + s.receiverM;
      const straight = (end - top) * s.inverse[n];
      const lbfs = s.freeSpaceDb[n] + (10 / TEN) * Math.log1p(straight * s.perMetre * (straight * s.perMetre));
      if (n === 1) {
        loss[n] = lbfs + s.enhancement * s.reach[n];
        continue;
      }
      if (bare.first[n] !== first) {
        first = bare.first[n];
        thetaMax = elevation(bare.slope[n] * s.perMetre);
      }
      horizons(n, straight, thetaMax, bare, s);
      const lb0p = lbfs + s.enhancement * ends.near;
      const lbd = lb0p + ldp[n];
      if (!ends.transhorizon && (ldp[n] > 0 || s.inBetween[n] > 0)) inSight(bare.chord[n], s, d);
      let lbda = lbd;
      if (ldp[n] > 0 && (ends.transhorizon || lowestInSightDb(n, s) <= lbd)) {
        let iT = bare.first[n];
        let { dlt, dlr } = ends;
        if (!ends.transhorizon) {
          closest(z, n, top, bare.chord[n], bare.ahead[n], bare.behind[n], bare.first[n], bare.last[n], Infinity);
          iT = closestAt;
          dlt = iT * s.stepKm;
          dlr = d - dlt;
        }
        const lba = ductingDb(s, d, dlt, dlr);
        if (lba + s.lowestApDb[n] <= lbd) {
          const slope = (hsr[n] - hst[n]) * s.inverse[n];
          let hm = h[iT] - slope * iT;
          if (ends.transhorizon) hm = Math.max(hm, highestOver(bare.below, z, bare.last[n], s.parabola50, iT, slope));
          lbda = withDucting(n, lba, hm, dlt + dlr, top, end, lb0p, lbd, work, s);
        }
      }
      loss[n] = combinedLoss(n, bare.chord[n], lbfs, ldp[n], ld50[n], lbda, s);
    }
  }

  /* Room for one ray, kept for the next. */
  radio.room = function (points) {
    const floats = () => new Float64Array(points);
    return {
      z: floats(), zRare: floats(), ld50: floats(), ldp: floats(), hst: floats(), hsr: floats(),
      hull: hullOf(points), bare: sightsOf(points), rare: sightsOf(points),
      asked: { points: new Int32Array(points + 1), count: 0 },
    };
  };

  /* Fill the loss at every wanted point of one ray, dB; NaN at the others. `h` are heights, NaN where it ends. */
  radio.lossAlongRay = function (h, wanted, s, work, loss) {
    const { asked } = work;
    loss.fill(NaN);
    let known = 0;
    while (known < s.points && !Number.isNaN(h[known])) known += 1;
    asked.count = 0;
    for (let n = 1; n < known; n += 1) {
      if (wanted && !wanted[n]) continue;
      asked.points[asked.count] = n;
      asked.count += 1;
    }
    if (!asked.count) return;
    asked.points[asked.count] = -1;
    known = asked.points[asked.count - 1] + 1;
    const top = h[0] + s.transmitterM;
    flatten(h, known, s.parabola50, work.z);
    look(h, work.z, s.bulge50, s, asked, known, work.hull, work.bare);
    bullington(work.z, top, work.bare, asked, false, s, work.ld50);
    if (!s.median) {
      flatten(h, known, s.parabolaB, work.zRare);
      look(h, work.zRare, s.bulgeB, s, asked, known, work.hull, work.rare);
      bullington(work.zRare, top, work.rare, asked, true, s, work.ldp);
    }
    diffraction(h, s, asked, known, work);
    basicTransmission(h, work.z, asked, s, work, loss);
  };
})(radio);
