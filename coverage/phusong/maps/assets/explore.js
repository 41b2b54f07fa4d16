"use strict";
/* What a scenario changes: margins of its masts by the engine, what is left where masts go, and who gains or loses.
   Draws nothing. */
(function (app) {
  const UNKNOWN = -32768; // see maps/explore.py
  const LOW_DB = -1000; // some signal, below the lowest edge of classes
  const PART = 2; // of a pixel counts, see pipeline/questions/explore.py
  const BETTER_THAN_FREE_DB = 10;
  const given = { best: {}, masts: {} };
  let ways = null;
  let reaches = null; // of every mast of the study, made when first asked for
  const parts = new WeakMap();
  const rests = new Map();

  /* What the engine reads for the service at hand; the rest once it is asked for. */
  app.readExplore = async function () {
    const told = app.data.explore;
    const { count, unit, people } = told.people;
    const packed = [told.heights.values, told.land, told.share.kind, told.share.part, count, unit, people];
    const [[values, land, kind, part, counts, units, residents]] = await Promise.all([Promise.all(packed.map((one) => one && app.unpack(one))), read("best", app.service), app.readCells()]);
    const { near, grid } = told;
    const firsts = new Int32Array(counts.length + 1);
    for (let pixel = 0; pixel < counts.length; pixel += 1) firsts[pixel + 1] = firsts[pixel] + counts[pixel];
    Object.assign(given, {
      near, units, residents, firsts, share: shares(kind, part), firstServed: told.marginEdgesDb.indexOf(0) + 2,
      terrain: {
        grid, land, step: told.step, raysApart: told.raysApart, classes: told.classes, pixels: radio.smooth(told.pixels),
        heights: { rows: told.heights.rows, columns: told.heights.columns, values: metres(values) },
      },
    });
    ways = { degrees: radio.smooth(told.degrees), metres: radio.smooth(told.metres) };
  };
  async function read(plane, service) {
    given[plane][service] = await app.unpack(app.data.explore[plane][service]);
  }

  /* What a prediction for a service needs and is not read yet, as a promise of it; null if nothing is missing.
     Masts of the study need to be told apart once one of them changes. */
  app.unread = function (service, changesMasts) {
    const missing = (changesMasts ? ["best", "masts"] : ["best"]).filter((plane) => !given[plane][service]);
    return missing.length ? Promise.all(missing.map((plane) => read(plane, service))) : null;
  };

  /* The browser's own ways to copy and to search need not be compiled first, as a loop must be. */
  function shares(kind, part) {
    const found = new Float32Array(kind);
    let at = -1;
    for (const one of part) {
      at = kind.indexOf(PART, at + 1);
      found[at] = one;
    }
    return found;
  }

  function metres(values) {
    if (values instanceof Float32Array) return values;
    const found = new Float32Array(values);
    if (values.includes(UNKNOWN)) for (let i = 0; i < found.length; i += 1) if (values[i] === UNKNOWN) found[i] = NaN;
    return found;
  }

  /* Places of the grid's system and of the earth. */
  app.placeOf = ({ lat, lng }) => ways.metres(lng, lat);
  app.latLngOf = function (x, y) {
    const [lng, lat] = ways.degrees(x, y);
    return L.latLng(lat, lng);
  };
  /* The results' pixel that holds a place; -1 outside. */
  function pixelOf(x, y) {
    const { near, terrain: { grid } } = given;
    const row = Math.floor((grid.north - y) / grid.resolution) - near.top;
    const column = Math.floor((x - grid.west) / grid.resolution) - near.left;
    return row >= 0 && row < near.rows && column >= 0 && column < near.columns ? row * near.columns + column : -1;
  }
  /* Whether a mast may stand there: so far the page carries all that is heard of it. */
  app.atHome = function (latlng) {
    const pixel = pixelOf(...app.placeOf(latlng));
    const [top, left, rows, columns] = app.data.explore.home;
    const [row, column] = [Math.floor(pixel / given.near.columns) - top, (pixel % given.near.columns) - left];
    return pixel >= 0 && row >= 0 && row < rows && column >= 0 && column < columns;
  };
  app.gridOf = () => ({ ...given.terrain.grid, near: given.near });
  app.pixelM = () => given.terrain.grid.resolution;
  const onTerrain = (pixel) => {
    const { near, terrain: { grid } } = given;
    const row = Math.floor(pixel / near.columns);
    return (row + near.top) * grid.columns + (pixel - row * near.columns) + near.left;
  };

  /* How far the cells of a place may serve: what they need for any service counts. */
  function reachOf({ sectors }) {
    const { radius } = app.data.explore;
    const farthest = sectors.map(({ needed, eirpDbm, frequencyMhz }) =>
      radio.farthestServedM(eirpDbm - Math.min(...Object.values(needed).filter((one) => one !== null)), frequencyMhz));
    return Math.min(Math.max(Math.max(...farthest), given.terrain.grid.resolution), radius);
  }

  function look(place, service, wanted) {
    const { x, y, surveyed } = place;
    const told = app.data.explore;
    const sectors = place.sectors.map((sector) => ({ ...sector, neededDbm: sector.needed[service] }));
    const around = radio.around(given.terrain, x, y, reachOf(place), surveyed, wanted);
    if (Number.isNaN(around.ground)) return null;
    const link = { ...told.link, latitudeDeg: ways.degrees(x, y)[1] };
    const { best, server } = radio.margins(around, sectors, { link, clutterRule: told.clutterRule, meanErrorDb: told.meanErrorDb });
    return { window: around.window, margin: best, server, sectors };
  }

  app.lookMs = 0; // what looking along all rays of a mast took last
  /* What a mast gives to a service, place by place; `unknown` where one has no ground. At a glance along `thin` times
     fewer rays. */
  app.partsOf = function (mast, service, thin = 1) {
    const known = parts.get(mast) || parts.set(mast, new Map()).get(mast);
    if (known.has(service)) return known.get(service);
    const begun = performance.now();
    const found = app.sectorsOf(mast).filter(({ sectors }) => sectors.some(({ needed }) => needed[service] !== null))
      .map((place) => look(place, service, { thin }));
    const whole = { thin, unknown: found.includes(null), of: found.filter(Boolean) };
    if (thin === 1) {
      known.set(service, whole);
      app.lookMs = performance.now() - begun;
    }
    return whole;
  };

  /* ---- what is left where masts go ---- */
  const restKey = (masts, service) => `${service} ${masts.join(" ")}`;
  app.knowsRest = (masts, service) => !masts.length || rests.has(restKey(masts, service));

  /* The best of all other masts in the pixels that these served best: predicted anew, mast by mast. */
  function restOf(masts, service) {
    if (!masts.length) return { pixels: new Int32Array(0), margin: new Float32Array(0), mast: new Int32Array(0) };
    const key = restKey(masts, service);
    if (rests.has(key)) return rests.get(key);
    const [before, gone] = [restOf(masts.slice(0, -1), service), masts[masts.length - 1]];
    const own = [];
    given.masts[service].forEach((mast, pixel) => { if (mast === gone) own.push(pixel); });
    const again = [...own, ...before.pixels.filter((_, k) => before.mast[k] === gone)];
    const kept = [...before.pixels.keys()].filter((k) => before.mast[k] !== gone);
    const fresh = others(Int32Array.from(again), new Set(masts), service);
    const found = {
      pixels: Int32Array.from([...kept.map((k) => before.pixels[k]), ...again]),
      margin: Float32Array.from([...kept.map((k) => before.margin[k]), ...fresh.margin]),
      mast: Int32Array.from([...kept.map((k) => before.mast[k]), ...fresh.mast]),
    };
    if (rests.size > 40) rests.clear();
    rests.set(key, found);
    return found;
  }

  /* The best margin of masts of the study but some, at single pixels. What a mast could give at most over free space
     decides whether it is asked. */
  function others(pixels, without, service) {
    const { near, terrain: { grid } } = given;
    const [margin, mast] = [new Float32Array(pixels.length).fill(-Infinity), new Int32Array(pixels.length).fill(-1)];
    if (!pixels.length) return { margin, mast };
    const [xs, ys] = [new Float64Array(pixels.length), new Float64Array(pixels.length)];
    pixels.forEach((pixel, k) => {
      const row = Math.floor(pixel / near.columns);
      xs[k] = grid.west + (pixel - row * near.columns + near.left + 0.5) * grid.resolution;
      ys[k] = grid.north - (row + near.top + 0.5) * grid.resolution;
    });
    const middle = [xs, ys].map((values) => values.reduce((sum, one) => sum + one, 0) / values.length);
    reaches = reaches || app.mastNumbers().map((number) => ({ number, places: app.sectorsOf(app.mastOf(number)).map((place) => ({ ...place, radius: reachOf(place) })) }));
    const away = ({ places }) => Math.hypot(places[0].x - middle[0], places[0].y - middle[1]);
    const { meanErrorDb } = app.data.explore;
    for (const { number, places } of [...reaches].filter((one) => !without.has(one.number)).sort((a, b) => away(a) - away(b))) {
      for (const place of places) {
        const serving = place.sectors.filter(({ needed }) => needed[service] !== null);
        if (!serving.length) continue;
        const most = Math.max(...serving.map(({ needed, eirpDbm, frequencyMhz }) => eirpDbm - needed[service] - 32.4 - 20 * Math.log10(frequencyMhz))) + BETTER_THAN_FREE_DB - Math.min(meanErrorDb, 0);
        const asked = [];
        for (let k = 0; k < pixels.length; k += 1) {
          const distance = Math.max(Math.hypot(xs[k] - place.x, ys[k] - place.y), 1);
          if (distance <= place.radius + grid.resolution && most - 20 * Math.log10(distance / 1000) > margin[k]) asked.push(k);
        }
        if (!asked.length) continue;
        const found = look(place, service, { pixels: Int32Array.from(asked, (k) => onTerrain(pixels[k])) });
        if (found) asked.forEach((k, i) => {
          if (found.margin[i] > margin[k]) [margin[k], mast[k]] = [found.margin[i], number];
        });
      }
    }
    return { margin, mast };
  }

  /* ---- who gains and loses ---- */
  const memo = new Map(); // of a service: what the masts at rest make of it
  function eachPixel({ window: { top, left, height, width } }, act) {
    const { near } = given;
    for (let i = 0; i < height; i += 1) {
      const row = top + i - near.top;
      if (row < 0 || row >= near.rows) continue;
      for (let j = 0; j < width; j += 1) {
        const column = left + j - near.left;
        if (column >= 0 && column < near.columns) act(row * near.columns + column, i * width + j);
      }
    }
  }

  /* Served or not with all masts of a scenario but one, and what that changes. */
  function atRest(masts, active, service) {
    const still = masts.filter((mast) => mast !== active);
    const gone = masts.filter((mast) => mast.mast !== null).map((mast) => mast.mast);
    const known = memo.get(service);
    if (known && known.gone === String(gone) && known.still.length === still.length && known.still.every((one, k) => one === still[k])) return known;
    const { best: { [service]: best }, firstServed } = given;
    const served = new Uint8Array(best.length);
    for (let pixel = 0; pixel < served.length; pixel += 1) served[pixel] = best[pixel] >= firstServed ? 1 : 0;
    const rest = restOf(gone, service);
    rest.pixels.forEach((pixel, k) => { served[pixel] = rest.margin[k] >= 0 ? 1 : 0; });
    for (const mast of still) for (const part of app.partsOf(mast, service).of) eachPixel(part, (pixel, at) => { if (part.margin[at] >= 0) served[pixel] = 1; });
    const sums = newSums();
    for (let pixel = 0; pixel < served.length; pixel += 1) if (served[pixel] !== (best[pixel] >= firstServed ? 1 : 0)) add(sums, pixel, served[pixel] ? 1 : -1);
    const found = { gone: String(gone), still, served, rest, sums };
    memo.set(service, found);
    return found;
  }
  const newSums = () => ({ of: new Float64Array(app.data.explore.communes.name.length + 1), people: 0, pixels: 0 }); // and what only the province counts
  function add(sums, pixel, sign) {
    const { share, units, residents, firsts } = given;
    sums.pixels += sign * share[pixel];
    for (let k = firsts[pixel]; k < firsts[pixel + 1]; k += 1) {
      sums.of[units[k]] += sign * residents[k];
      sums.people += sign * residents[k];
    }
  }

  /* What a scenario {masts} makes of a service; `active` is the mast in hand, looked at along `thin` times fewer rays. */
  app.evaluate = function (masts, active, service, thin = 1) {
    const { communes, province, villages } = app.data.explore;
    const base = atRest(masts, active, service);
    const best = given.best[service];
    const lowestDb = [-Infinity, LOW_DB, ...app.data.explore.marginEdgesDb]; // by class
    const was = (pixel) => best[pixel] >= given.firstServed;
    const sums = { of: base.sums.of.slice(), people: base.sums.people, pixels: base.sums.pixels };
    const own = active ? app.partsOf(active, service, thin) : { unknown: false, of: [] };
    const reached = active ? radio.scratch("reached", Uint8Array, best.length).fill(0) : [];
    for (const part of own.of) {
      eachPixel(part, (pixel, at) => {
        if (!(part.margin[at] >= 0) || base.served[pixel] || reached[pixel]) return;
        reached[pixel] = 1;
        add(sums, pixel, 1);
      });
    }
    const now = (pixel) => base.served[pixel] === 1 || reached[pixel] === 1;
    const changed = (way) => (villages ? villages.pixel.flatMap((pixel, row) => (pixel >= 0 && now(pixel) !== was(pixel) && now(pixel) === way ? [row] : [])) : []);
    return {
      masts, service, thin, unknown: own.unknown || masts.some((mast) => mast !== active && app.partsOf(mast, service).unknown),
      serves: masts.some((mast) => mast === active ? own.of.length : app.partsOf(mast, service).of.length) || masts.some((mast) => mast.mast !== null),
      people: sums.people, ofCommune: sums.of.subarray(0, communes.name.length), km2: (sums.pixels / province.pixels) * province.area_km2,
      gained: changed(true), lost: changed(false),
      parts: masts.flatMap((mast) => (mast === active ? own : app.partsOf(mast, service)).of), rest: base.rest, now,
      was, margin: (pixel) => lowestDb[best[pixel]],
    };
  };

  /* Have the engine compiled, and what it reads of the study laid out, before a hand waits for its first mast. */
  app.rehearse = function (mast) {
    if (given.best[app.service]) app.evaluate([mast], mast, app.service);
  };

  /* The exact margins at a place: of the masts of a scenario, of all others, and before; null where nothing is known. */
  let pin = null;
  app.exploreAt = function (found, latlng) {
    const pixel = pixelOf(...app.placeOf(latlng));
    if (pixel < 0) return null;
    const { service, masts } = found;
    const gone = masts.filter((mast) => mast.mast !== null).map((mast) => mast.mast);
    const key = `${pixel} ${restKey(gone, service)}`;
    if (!pin || pin.key !== key) {
      const at = (without) => others(Int32Array.of(pixel), new Set(without), service).margin[0];
      pin = { key, before: at([]), rest: at(gone) };
    }
    let [best, needed] = [-Infinity, 0];
    const { near: { columns, top, left } } = given;
    const [row, column] = [Math.floor(pixel / columns) + top, (pixel % columns) + left];
    for (const { window, margin, server, sectors } of found.parts) {
      const [i, j] = [row - window.top, column - window.left];
      if (i < 0 || i >= window.height || j < 0 || j >= window.width) continue;
      const own = i * window.width + j;
      if (margin[own] > best) [best, needed] = [margin[own], sectors[server[own]].neededDbm];
    }
    const known = (value) => (Number.isFinite(value) ? value : null);
    return {
      margin: known(best), level: Number.isFinite(best) ? Math.fround(best + Math.fround(needed)) : null,
      before: known(pin.before), after: known(Math.max(pin.rest, best)),
    };
  };
})(phusong);
