"use strict";
/* What trees and houses at both ends take: the twin of radio/p2108.py, clutter.py and _clutter_kernels.py. */
(function (radio) {
  const STREET_WIDTH_M = 27;
  const FAR_KM = 2;
  const [PHONE_HEIGHT_M, RURAL] = [1.5, { heightM: 10, equation: "2a" }];
  const HEIGHT_GAIN_MHZ = [30, 3000];
  const TERRESTRIAL_MHZ = [500, 67000];
  const TERRESTRIAL_FROM_M = 250;
  const SMALL_RAD = 0.3;
  const LIGHT_M_S = 299792458;

  const within = (value, [least, most]) => Math.min(Math.max(value, least), most);

  /* P.2108 3.1; 0 at the clutter's top or above. */
  radio.heightGainDb = function (frequencyMhz, antennaM, { heightM, equation }) {
    if (antennaM >= heightM) return 0;
    const f = within(frequencyMhz, HEIGHT_GAIN_MHZ) / 1000;
    if (equation === "2b") return -(21.8 + 6.2 * Math.log10(f)) * Math.log10(antennaM / heightM);
    const below = heightM - antennaM;
    const angle = (Math.atan(below / STREET_WIDTH_M) * 180) / Math.PI;
    const nu = 0.342 * Math.sqrt(f) * Math.sqrt(below * angle);
    return 6.9 + 20 * Math.log10(Math.sqrt((nu - 0.1) ** 2 + 1) + nu - 0.1) - 6.03;
  };

  /* Of P.2108 3.2, the share that an antenna loses. */
  radio.shareOfClutter = function (frequencyMhz, antennaM, land) {
    const phone = radio.heightGainDb(frequencyMhz, PHONE_HEIGHT_M, RURAL);
    return Math.min(radio.heightGainDb(frequencyMhz, antennaM, land) / phone, 1);
  };

  function terrestrial(f, km) {
    const logF = Math.log10(f);
    const far = -2 * Math.log10(10 ** (-5 * logF - 12.5) + 10 ** -16.5);
    const near = 32.98 + 23.9 * Math.log10(km) + 3 * logF;
    return -5 * Math.log10(10 ** (-0.2 * far) + 10 ** (-0.2 * near));
  }

  /* The median of P.2108 3.2. */
  radio.terrestrialDb = function (frequencyMhz, distanceM) {
    const f = within(frequencyMhz, TERRESTRIAL_MHZ) / 1000;
    return Math.min(terrestrial(f, Math.max(distanceM, TERRESTRIAL_FROM_M) / 1000), terrestrial(f, FAR_KM));
  };

  radio.levelFreeSpaceDb = (frequencyMhz, distanceM) =>
    20 * Math.log10((4 * Math.PI * distanceM) / (LIGHT_M_S / (frequencyMhz * 1e6)));

  radio.slantDb = function (depressionDeg) {
    const angle = (depressionDeg * Math.PI) / 180;
    if (Math.abs(angle) > SMALL_RAD) return -20 * Math.log10(Math.cos(angle));
    const square = angle * angle;
    return (20 / Math.LN10) * square * (0.5 + square * (1 / 12 + square / 45));
  };

  /* A loss with clutter by the rule "combined". */
  radio.combined = function (bare, depressionDeg, freeSpaceDb, clutterDb) {
    const terrain = bare - freeSpaceDb - radio.slantDb(depressionDeg);
    if (terrain <= 0) return bare + clutterDb;
    return bare + (Math.sqrt(terrain * terrain + clutterDb * clutterDb) - terrain);
  };
})(radio);
