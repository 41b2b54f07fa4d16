"use strict";
/* What a new mast changes: its margins by the engine, and who gains by them. Draws nothing. */
(function (app) {
  const UNKNOWN = -32768;
  const STEPS_PER_DB = 20; // see maps/explore.py
  let given = null;
  let ways = null;

  /* Everything the engine reads, once; the packed texts are let go. */
  app.readExplore = async function () {
    const told = app.data.explore;
    const { count, unit, people } = told.people;
    const best = Object.keys(told.best);
    const packed = [told.heights.values, told.land, told.share, count, unit, people, ...best.map((id) => told.best[id])];
    const [values, land, share, counts, units, residents, ...margins] = await Promise.all(packed.map((one) => one && app.unpack(one)));
    const { near, grid } = told;
    const firsts = new Int32Array(counts.length + 1);
    for (let pixel = 0; pixel < counts.length; pixel += 1) firsts[pixel + 1] = firsts[pixel] + counts[pixel];
    given = {
      near, share, units, residents, firsts,
      best: Object.fromEntries(best.map((id, at) => [id, margins[at]])),
      terrain: {
        grid, land, step: told.step, classes: told.classes, pixels: radio.smooth(told.pixels),
        heights: { rows: told.heights.rows, columns: told.heights.columns, values: metres(values) },
      },
    };
    ways = { degrees: radio.smooth(told.degrees), metres: radio.smooth(told.metres) };
    told.people = told.best = told.share = told.land = told.heights = null;
  };

  function metres(values) {
    if (values instanceof Float32Array) return values;
    const found = new Float32Array(values.length);
    for (let i = 0; i < found.length; i += 1) found[i] = values[i] === UNKNOWN ? NaN : values[i];
    return found;
  }

  /* Places of the grid's system and of the earth. */
  app.placeOf = ({ lat, lng }) => ways.metres(lng, lat);
  app.latLngOf = function (x, y) {
    const [lng, lat] = ways.degrees(x, y);
    return L.latLng(lat, lng);
  };
  /* Row and column of the results' pixel that holds a place; null outside. */
  function pixelOf(x, y) {
    const { near, terrain: { grid } } = given;
    const row = Math.floor((grid.north - y) / grid.resolution) - near.top;
    const column = Math.floor((x - grid.west) / grid.resolution) - near.left;
    return row >= 0 && row < near.rows && column >= 0 && column < near.columns ? [row, column] : null;
  }
  app.insideGrid = (latlng) => pixelOf(...app.placeOf(latlng)) !== null;
  app.pixelM = () => given.terrain.grid.resolution;

  /* What `mast` {latlng, carrier, heightM, eirpDbm, azimuths, tiltDeg, beamwidthDeg} gives to a service:
     null where its carrier may not serve, `ground` false where the terrain is unknown. At a glance
     it is looked at along `thin` times fewer rays. */
  app.exploreMast = function (mast, service, thin = 1) {
    const told = app.data.explore;
    const { carrier } = mast;
    const neededDbm = carrier.needed[service];
    if (neededDbm === null) return null;
    const [x, y] = app.placeOf(mast.latlng);
    const spare = Math.max(...Object.values(carrier.needed).filter((one) => one !== null).map((one) => mast.eirpDbm - one));
    const { grid } = given.terrain;
    const radius = Math.min(Math.max(radio.farthestServedM(spare, carrier.frequencyMhz), grid.resolution), told.radius);
    const around = radio.around(given.terrain, x, y, radius, undefined, { thin });
    if (Number.isNaN(around.ground)) return { ground: false };
    const sectors = (mast.azimuths.length ? mast.azimuths : [null]).map((azimuthDeg) => ({
      frequencyMhz: carrier.frequencyMhz, heightM: mast.heightM, eirpDbm: mast.eirpDbm, neededDbm,
      attenuation: radio.parabolic({
        azimuthDeg, tiltDeg: mast.tiltDeg, beamwidthDeg: mast.beamwidthDeg,
        verticalBeamwidthDeg: azimuthDeg === null ? null : carrier.verticalBeamwidthDeg,
      }),
    }));
    const link = { ...told.link, latitudeDeg: ways.degrees(x, y)[1] };
    const { best } = radio.margins(around, sectors, { link, clutterRule: told.clutterRule, meanErrorDb: told.meanErrorDb });
    return { ground: true, around, margin: best, neededDbm, ...gained(around.window, best, service) };
  };

  /* Who is served by the mast and was not before. */
  function gained(window, margin, service) {
    const { near, share, units, residents, firsts, best, terrain: { grid } } = given;
    const before = best[service];
    const { communes, province, villages } = app.data.explore;
    const people = new Float64Array(communes.name.length + 1); // and what only the province counts
    const fresh = new Uint8Array(margin.length); // 1 served before too, 2 served anew
    let [pixels, all] = [0, 0];
    for (let i = 0; i < window.height; i += 1) {
      const row = window.top + i - near.top;
      if (row < 0 || row >= near.rows) continue;
      for (let j = 0; j < window.width; j += 1) {
        const column = window.left + j - near.left;
        const at = i * window.width + j;
        if (column < 0 || column >= near.columns || !(margin[at] >= 0)) continue;
        const pixel = row * near.columns + column;
        if (before[pixel] >= 0) {
          fresh[at] = 1;
          continue;
        }
        fresh[at] = 2;
        pixels += share[pixel];
        for (let k = firsts[pixel]; k < firsts[pixel + 1]; k += 1) {
          people[units[k]] += residents[k];
          all += residents[k];
        }
      }
    }
    const freshAt = (pixel) => {
      const row = Math.floor(pixel / near.columns) + near.top - window.top;
      const column = (pixel % near.columns) + near.left - window.left;
      return pixel >= 0 && row >= 0 && row < window.height && column >= 0 && column < window.width && fresh[row * window.width + column] === 2;
    };
    return {
      fresh,
      people: all,
      ofCommune: people.subarray(0, communes.name.length),
      km2: (pixels / province.pixels) * province.area_km2,
      villages: villages ? villages.pixel.flatMap((pixel, row) => (freshAt(pixel) ? [row] : [])) : [],
      pixelKm2: grid.resolution ** 2 / 1e6,
    };
  }

  /* At a place: the new mast's level and margin there, and the margin without it; null where nothing is known. */
  app.exploreAt = function (found, latlng, service) {
    const at = pixelOf(...app.placeOf(latlng));
    if (!at) return null;
    const { near, best } = given;
    const step = best[service][at[0] * near.columns + at[1]];
    const { window } = found.around;
    const [row, column] = [at[0] + near.top - window.top, at[1] + near.left - window.left];
    const inside = row >= 0 && row < window.height && column >= 0 && column < window.width;
    const margin = inside ? found.margin[row * window.width + column] : -Infinity;
    const reached = Number.isFinite(margin);
    return {
      margin: reached ? margin : null,
      level: reached ? Math.fround(margin + Math.fround(found.neededDbm)) : null,
      before: step === UNKNOWN ? null : step / STEPS_PER_DB,
    };
  };
})(phusong);
