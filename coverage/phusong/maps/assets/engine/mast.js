"use strict";
/* The margins of a mast's sectors, pixel by pixel: the twin of radio/masts.py, sites.py and of `compete`. */
(function (radio) {
  const { fround } = Math;
  const BETTER_THAN_FREE_DB = 10;
  const OPEN = { heightM: 0, equation: "2a" };

  /* How far a carrier could serve at most; `spare` is EIRP less what it takes to serve. */
  radio.farthestServedM = function (spareDb, frequencyMhz) {
    const distance = 1000 * 10 ** ((spareDb + BETTER_THAN_FREE_DB - 32.4 - 20 * Math.log10(frequencyMhz)) / 20);
    return 100 * Math.ceil(distance / 100);
  };

  function classAt({ land, classes, grid }, row, column) {
    const [i, j] = [Math.floor(row + 0.5), Math.floor(column + 0.5)];
    if (!land || i < 0 || i >= grid.rows || j < 0 || j >= grid.columns) return OPEN;
    return classes[land[i * grid.columns + j]];
  }

  /* What free space adds from a sample of a ray to a receiver at another distance, both `drop` below the antenna. */
  function carriedDb(sample, distance, drop) {
    const square = drop * drop;
    return (10 / Math.LN10) * Math.log((distance * distance + square) / (sample * sample + square));
  }

  /* Loss over bare ground, and the depression of every pixel, of one carrier of a mast. */
  radio.bareLoss = function (mast, link, conditions) {
    const { terrain, points } = mast;
    const sweep = radio.prepare(points, terrain.step / 1000, link);
    const work = radio.room(points);
    const room = radio.rayRoom(mast.way.degree);
    const [ground, height, loss] = [0, 1, 2].map(() => new Float64Array(points));
    const wanted = new Uint8Array(points);
    const bare = new Float32Array(mast.ray.length).fill(NaN);
    const depression = new Float32Array(mast.ray.length).fill(NaN);
    const antenna = mast.ground + link.transmitterHeightM;
    const bend = 1 / (2000 * radio.medianRadius(link.deltaN));
    for (let number = 0; number < mast.rays; number += 1) {
      const [from, to] = [mast.first[number], mast.first[number + 1]];
      if (from === to) continue;
      radio.sampleRay(mast, number, room, ground);
      for (let i = 0; i < points; i += 1) height[i] = fround(ground[i]);
      if (mast.surveyed !== undefined) height[0] = fround(mast.ground);
      wanted.fill(0);
      for (let k = from; k < to; k += 1) wanted[mast.point[mast.order[k]]] = 1;
      radio.lossAlongRay(height, wanted, sweep, work, loss);
      for (let k = from; k < to; k += 1) {
        const pixel = mast.order[k];
        const point = mast.point[pixel];
        const away = mast.distance[pixel];
        const drop = height[0] - height[point] + link.transmitterHeightM - link.receiverHeightM;
        bare[pixel] = loss[point];
        bare[pixel] += carriedDb(point * terrain.step, away, drop);
        const slope = (antenna - link.receiverHeightM - ground[point]) / away + away * bend;
        depression[pixel] = (Math.atan(slope) * 180) / Math.PI;
      }
    }
    return { bare, depression, link };
  };

  /* The loss with what clutter and the known mean error add. */
  radio.wholeLoss = function (mast, { bare, depression, link }, conditions) {
    const { terrain } = mast;
    const { clutterRule, meanErrorDb } = conditions;
    const loss = new Float32Array(bare);
    const frequency = link.frequencyMhz;
    if (terrain.land && clutterRule !== "none") {
      const { window, distance } = mast;
      const metres = Math.max(Math.ceil(mast.radius), Math.ceil(terrain.grid.resolution)) + 1;
      const atMast = radio.shareOfClutter(frequency, link.transmitterHeightM, classAt(terrain, mast.row, mast.column));
      const [freeSpace, clutter] = [new Float64Array(metres), new Float64Array(metres)];
      for (let metre = 1; metre < metres; metre += 1) {
        freeSpace[metre] = radio.levelFreeSpaceDb(frequency, metre);
        clutter[metre] = radio.terrestrialDb(frequency, metre);
      }
      const bySum = clutterRule === "sum";
      const added = Float64Array.from(terrain.classes, (each) => {
        if (bySum) return fround(radio.heightGainDb(frequency, link.receiverHeightM, each));
        return Math.hypot(radio.shareOfClutter(frequency, link.receiverHeightM, each), atMast);
      });
      for (let i = 0; i < window.height; i += 1) {
        for (let j = 0; j < window.width; j += 1) {
          const pixel = i * window.width + j;
          const own = bare[pixel];
          if (Number.isNaN(own)) continue;
          const here = added[terrain.land[(window.top + i) * terrain.grid.columns + window.left + j]];
          const at = distance[pixel];
          loss[pixel] = bySum ? own + here : radio.combined(own, depression[pixel], freeSpace[at], here * clutter[at]);
        }
      }
    }
    const known = fround(meanErrorDb);
    if (known) for (let pixel = 0; pixel < loss.length; pixel += 1) loss[pixel] += known;
    return loss;
  };

  /* The largest margin of the sectors at every pixel of the mast's window, dB; -Infinity where none reaches.
     A sector is {frequencyMhz, heightM, attenuation, neededDbm: number or null where it may not serve, eirpDbm}. */
  radio.margins = function (mast, sectors, conditions) {
    const best = new Float32Array(mast.ray.length).fill(-Infinity);
    const server = new Int16Array(mast.ray.length).fill(-1);
    const losses = new Map();
    sectors.forEach((sector, own) => {
      if (sector.neededDbm === null) return;
      const key = `${sector.heightM} ${sector.frequencyMhz}`;
      if (!losses.has(key)) {
        const link = { ...conditions.link, frequencyMhz: sector.frequencyMhz, transmitterHeightM: sector.heightM };
        const found = radio.bareLoss(mast, link, conditions);
        losses.set(key, { loss: radio.wholeLoss(mast, found, conditions), depression: found.depression });
      }
      const { loss, depression } = losses.get(key);
      const surplus = fround(sector.eirpDbm - sector.neededDbm);
      for (let pixel = 0; pixel < loss.length; pixel += 1) {
        if (mast.ray[pixel] < 0) continue;
        const attenuation = sector.attenuation(mast.azimuth[pixel], depression[pixel]);
        const margin = fround(fround(surplus - attenuation) - loss[pixel]);
        if (margin > best[pixel]) {
          best[pixel] = margin;
          server[pixel] = own;
        }
      }
    });
    return { best, server };
  };
})(radio);
