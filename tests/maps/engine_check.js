"use strict";
/* How far the page's engine is from what the Python engine found, by kind of case; Infinity where one of them knows nothing. */
function engineMisses(vectors) {
  const known = (value) => (value === null || value === undefined || !Number.isFinite(value) ? null : value);
  function miss(found, wanted) {
    if (found.length !== wanted.length) return Infinity;
    return wanted.reduce((worst, value, i) => {
      const [one, other] = [known(found[i]), known(value)];
      if (one === null || other === null) return one === other ? worst : Infinity;
      return Math.max(worst, Math.abs(one - other));
    }, 0);
  }
  const worst = (cases, of) => Math.max(...cases.map(of));
  const numbers = (values) => Float64Array.from(values, (value) => (value === null ? NaN : value));

  function ray({ link, stepM, heightM, lossDb }) {
    const [height, points] = [numbers(heightM), heightM.length];
    const [sweep, loss] = [radio.prepare(points, stepM / 1000, link), new Float64Array(points)];
    radio.lossAlongRay(height, null, sweep, radio.room(points), loss);
    return miss(loss, lossDb);
  }

  function antenna(one) {
    const attenuation = radio.parabolic(one);
    return miss(one.azimuth.map((azimuth, i) => attenuation(azimuth, one.depression[i])), one.attenuationDb);
  }

  /* Turned by its tilt in single precision, whose last bit is up to the mathematics library: 1e-4 dB count as 1e-6. */
  function pattern(one) {
    const cuts = Object.fromEntries(["horizontal", "front", "back"].map((name) => [name, Float32Array.from(one[name])]));
    const attenuation = radio.cuts({ ...one, ...cuts });
    return miss(one.azimuth.map((azimuth, i) => attenuation(Math.fround(azimuth), Math.fround(one.depression[i]))), one.attenuationDb) / (one.tiltDeg ? 100 : 1);
  }

  function clutter({ frequencyMhz, antennaM, classes, share, distanceM, terrestrialDb }) {
    return Math.max(
      miss(classes.map((each) => radio.shareOfClutter(frequencyMhz, antennaM, each)), share),
      miss(distanceM.map((distance) => radio.terrestrialDb(frequencyMhz, distance)), terrestrialDb),
    );
  }

  function mast(one) {
    const { rows, columns, values } = one.heights;
    const terrain = {
      grid: one.grid, step: one.step, raysApart: one.raysApart, pixels: radio.smooth(one.pixels), land: one.land, classes: one.classes,
      heights: { rows, columns, values: Float32Array.from(numbers(values)) },
    };
    const around = radio.around(terrain, one.x, one.y, one.radius, one.surveyed === null ? undefined : one.surveyed);
    const { top, left, height, width } = around.window;
    if (String([top, left, height, width]) !== String(one.window)) return Infinity;
    const sectors = one.sectors.map((sector) => ({ ...sector, attenuation: radio.parabolic(sector) }));
    return miss(radio.margins(around, sectors, one).best, one.marginDb);
  }

  return {
    rays: worst(vectors.rays, ray),
    antennas: worst(vectors.antennas, antenna),
    patterns: worst(vectors.patterns, pattern),
    clutter: worst(vectors.clutter, clutter),
    reaches: worst(vectors.reaches, ({ spareDb, frequencyMhz, reachM }) => miss([radio.farthestServedM(spareDb, frequencyMhz)], [reachM])),
    masts: worst(vectors.masts, mast),
  };
}
