"use strict";
/* How far below its beam axis an antenna radiates: the twin of `parabolic` in radio/_kernels.py and of
   radio/_cut_kernels.py. Single precision, as there. */
(function (radio) {
  const { fround } = Math;
  const [TWELVE, TURN, CAP, VERTICAL_CAP] = [12, 360, 25, 20];
  const RADIANS = fround(Math.PI / 180);
  const DEGREES = fround(180 / Math.PI);

  /* An antenna as a function of azimuth and depression, in degrees, both already single precision.
     {azimuthDeg: number or null, tiltDeg, beamwidthDeg, verticalBeamwidthDeg: number or null}. */
  radio.parabolic = function ({ azimuthDeg, tiltDeg, beamwidthDeg, verticalBeamwidthDeg }) {
    const pointing = fround(azimuthDeg === null ? 0 : azimuthDeg);
    const perWidth = fround(azimuthDeg === null ? 0 : 1 / beamwidthDeg);
    const tilt = fround(tiltDeg);
    const perHeight = fround(verticalBeamwidthDeg === null ? 0 : 1 / verticalBeamwidthDeg);
    return function (azimuth, depression) {
      let off = fround(Math.abs(fround(azimuth - pointing)));
      off = fround(Math.min(off, fround(TURN - off)) * perWidth);
      const above = fround(fround(depression - tilt) * perHeight);
      const around = Math.min(fround(fround(TWELVE * off) * off), CAP);
      const upright = Math.min(fround(fround(TWELVE * above) * above), VERTICAL_CAP);
      return Math.min(fround(around + upright), CAP);
    };
  };
})(radio);
