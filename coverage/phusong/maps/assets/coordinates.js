"use strict";
/* Coordinates as people write them: decimal degrees, degrees with minutes and seconds, metres of the
   study's system; with points or commas, in either order. In Vietnam the figures themselves tell which is which. */
(function (app) {
  const between = (low, high) => (value) => value >= low && value <= high;
  const DEGREES = [between(7, 25), between(101, 111)]; // latitude, longitude
  const METRES = [between(7e5, 2.8e6), between(5e4, 9.5e5)]; // northing, easting

  /* The place that a text names, as {lat, lng}; null if it names none. */
  app.placeIn = function (text) {
    const plain = text.replace(/[−–]/g, "-").replace(/[’‘´`]/g, "′").replace(/[”“]|''|′′/g, "″").trim();
    const degrees = angles(plain) || pair(plain, DEGREES);
    if (degrees) return L.latLng(degrees);
    const metres = app.data.readout && pair(plain, METRES);
    return metres ? L.latLng(app.unproject({ north: metres[0], east: metres[1] }, app.data.readout)) : null;
  };

  /* 22°49′12″B 104°58′48″Đ; or six, or four, plain numbers. */
  function angles(text) {
    const signed = [...text.matchAll(/(\d+(?:[.,]\d+)?)\s*°\s*(?:(\d+(?:[.,]\d+)?)\s*['′]\s*)?(?:(\d+(?:[.,]\d+)?)\s*["″]\s*)?/g)];
    if (signed.length === 2) return ordered(signed.map((parts) => total(parts.slice(1).map((part) => (part ? number(part) : 0)))), DEGREES);
    const plain = text.replace(/[^\d.,\s]/g, " ").replace(/,(?=\s|$)/g, " ").trim().split(/\s+/);
    if ((plain.length !== 6 && plain.length !== 4) || !plain.every((part) => /^\d+([.,]\d+)?$/.test(part))) return null;
    const half = plain.length / 2;
    const values = plain.map(number);
    return ordered([total(values.slice(0, half)), total(values.slice(half))], DEGREES);
  }
  const number = (text) => Number(text.replace(",", "."));
  const total = ([degrees, minutes = 0, seconds = 0]) => (minutes < 60 && seconds < 60 ? degrees + minutes / 60 + seconds / 3600 : NaN);

  /* Two numbers, whatever separates them, of which one is likely the first and one the second. */
  function pair(text, likely) {
    const bare = text.replace(/[\p{L}()=:°·]+/gu, " ").trim();
    const splits = [bare.split(/[\s;]+/), bare.split(/[\s;]*,[\s;]+/), bare.split(/[\s;,]+/), halves(bare.split(/[\s;]*,[\s;]*/)), halves(bare.split(/\s+/))];
    for (const tokens of splits) {
      const [first, second] = tokens.map((token) => readings(token.replace(/^[,;]+|[,;]+$/g, "")));
      if (tokens.length !== 2) continue;
      for (const a of first) {
        for (const b of second) {
          const found = ordered([a, b], likely);
          if (found) return found;
        }
      }
    }
    return null;
  }
  const halves = (parts) => (parts.length > 2 && parts.length % 2 === 0
    ? [parts.slice(0, parts.length / 2), parts.slice(parts.length / 2)].map((half) => (parts.length === 4 ? half.join(".") : half.join(""))) : parts);
  /* What a number may mean: a point or a comma before the decimals, the other mark between thousands. */
  const readings = (token) => [token, token.replace(",", "."), token.replace(/,/g, ""), token.replace(/\./g, "").replace(",", ".")]
    .filter((one) => /^\d+(\.\d+)?$/.test(one)).map(Number);
  const ordered = (values, [first, second]) =>
    [values, [values[1], values[0]]].find(([a, b]) => first(a) && second(b)) || null;
})(phusong);
