"use strict";
/* How far below its beam axis an antenna radiates: the twin of `parabolic` in radio/_kernels.py and of
   `project_cuts` in radio/_cut_kernels.py. Single precision, as there. */
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

  /* An antenna as its pattern file has it: cuts in equal steps, `horizontal` from 0 to 360, `front` and `back` from
     -90 to 90 degrees. */
  radio.cuts = function ({ azimuthDeg, tiltDeg, horizontal, front, back }) {
    const [pointing, tilt] = [fround(azimuthDeg), fround(tiltDeg)];
    const around = fround((horizontal.length - 1) / 360);
    const upright = fround((front.length - 1) / 180);
    const behind = horizontal[(horizontal.length - 1) >> 1];
    const [cosine, sine] = [fround(Math.cos(fround(tilt * RADIANS))), fround(Math.sin(fround(tilt * RADIANS)))];
    const between = (cut, left, at) => fround(cut[left] + fround(fround(cut[left + 1] - cut[left]) * at));
    return function (azimuth, depression) {
      let [off, down] = [fround(azimuth - pointing), depression];
      if (tilt !== 0) {
        const [phi, theta] = [fround(off * RADIANS), fround(down * RADIANS)];
        const level = fround(Math.cos(theta));
        let low = fround(Math.sin(theta));
        let ahead = fround(level * fround(Math.cos(phi)));
        const across = fround(level * fround(Math.sin(phi)));
        [ahead, low] = [fround(fround(ahead * cosine) + fround(low * sine)), fround(fround(low * cosine) - fround(ahead * sine))];
        off = fround(fround(Math.atan2(across, ahead)) * DEGREES);
        const flat = fround(Math.sqrt(fround(fround(ahead * ahead) + fround(across * across))));
        down = fround(fround(Math.atan2(low, flat)) * DEGREES);
      }
      if (off < 0) off = fround(off + TURN);
      const share = fround(Math.min(off, fround(TURN - off)) / 180);
      let at = fround(off * around);
      let left = Math.min(Math.trunc(at), horizontal.length - 2);
      const side = between(horizontal, left, fround(at - left));
      at = fround(fround(down + 90) * upright);
      left = Math.min(Math.max(Math.trunc(at), 0), front.length - 2);
      at = fround(at - left);
      const [before, after] = [between(front, left, at), between(back, left, at)];
      return Math.max(fround(fround(side + before) + fround(share * fround(fround(after - behind) - before))), 0);
    };
  };
})(radio);
