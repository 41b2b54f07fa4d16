"use strict";
/* The margins of a mast's sectors, pixel by pixel: the twin of radio/masts.py, sites.py and of `compete`. */
(function (radio) {
  const { fround } = Math;
  const BETTER_THAN_FREE_DB = 10;
  const TABLE_M = 5000;
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
  radio.bareLoss = function (mast, link) {
    const { terrain, points } = mast;
    const sweep = radio.prepare(points, terrain.step / 1000, link);
    const work = radio.room(points);
    const room = radio.rayRoom(mast.way.degree);
    const [ground, height, loss] = [0, 1, 2].map(() => new Float64Array(points));
    const wanted = new Uint8Array(points);
    const bare = radio.scratch("bare", Float32Array, mast.ray.length).fill(NaN);
    const depression = radio.scratch("depression", Float32Array, mast.ray.length).fill(NaN);
    const antenna = mast.ground + link.transmitterHeightM;
    const bend = 1 / (2000 * radio.medianRadius(link.deltaN));
    for (let number = 0; number < mast.rays; number += 1) {
      const [from, to] = [mast.first[number], mast.first[number + 1]];
      if (from === to) continue;
      wanted.fill(0);
      let last = 0;
      for (let k = from; k < to; k += 1) {
        const point = mast.point[mast.order[k]];
        wanted[point] = 1;
        if (point > last) last = point;
      }
      radio.sampleRay(mast, number, last, room, ground);
      for (let i = 0; i < points; i += 1) height[i] = fround(ground[i]);
      if (mast.surveyed !== undefined) height[0] = fround(mast.ground);
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

  /* Free space and P.2108 3.2 by whole metres, for each carrier once. */
  const byMetre = new Map();
  function tableByMetre(frequencyMhz, farthest) {
    const metres = Math.ceil((farthest + 1) / TABLE_M) * TABLE_M;
    const known = byMetre.get(frequencyMhz);
    if (known && known.freeSpace.length >= metres) return known;
    const found = { freeSpace: new Float64Array(metres), clutter: new Float64Array(metres) };
    for (let metre = 0; metre < metres; metre += 1) {
      found.freeSpace[metre] = radio.levelFreeSpaceDb(frequencyMhz, Math.max(metre, 1));
      found.clutter[metre] = radio.terrestrialDb(frequencyMhz, Math.max(metre, 1));
    }
    byMetre.set(frequencyMhz, found);
    return found;
  }

  /* The loss with what clutter and the known mean error add. */
  radio.wholeLoss = function (mast, { bare, depression, link }, conditions) {
    const { terrain } = mast;
    const { clutterRule, meanErrorDb } = conditions;
    const loss = radio.scratch("loss", Float32Array, bare.length);
    loss.set(bare);
    const frequency = link.frequencyMhz;
    if (terrain.land && clutterRule !== "none") {
      const { place, distance } = mast;
      const farthest = Math.max(Math.ceil(mast.radius), Math.ceil(terrain.grid.resolution));
      const atMast = radio.shareOfClutter(frequency, link.transmitterHeightM, classAt(terrain, mast.row, mast.column));
      const { freeSpace, clutter } = tableByMetre(frequency, farthest);
      const bySum = clutterRule === "sum";
      const added = Float64Array.from(terrain.classes, (each) => {
        if (bySum) return fround(radio.heightGainDb(frequency, link.receiverHeightM, each));
        return Math.hypot(radio.shareOfClutter(frequency, link.receiverHeightM, each), atMast);
      });
      for (let pixel = 0; pixel < loss.length; pixel += 1) {
        const own = bare[pixel];
        if (Number.isNaN(own)) continue;
        const here = added[terrain.land[place[pixel]]];
        const at = distance[pixel];
        loss[pixel] = bySum ? own + here : radio.combined(own, depression[pixel], freeSpace[at], here * clutter[at]);
      }
    }
    const known = fround(meanErrorDb);
    if (known) for (let pixel = 0; pixel < loss.length; pixel += 1) loss[pixel] += known;
    return loss;
  };

  /* The largest margin of the sectors at every pixel looked at, dB; -Infinity where none reaches. A sector is
     {frequencyMhz, heightM, attenuation, neededDbm: number or null where it may not serve, eirpDbm}. */
  radio.margins = function (mast, sectors, conditions) {
    const count = mast.ray.length;
    const best = new Float32Array(count).fill(-Infinity);
    const server = new Int16Array(count).fill(-1);
    const of = new Map(); // sectors of each loss, so that one is held at a time
    sectors.forEach((sector, own) => {
      if (sector.neededDbm === null) return;
      const key = `${sector.heightM} ${sector.frequencyMhz}`;
      of.set(key, [...(of.get(key) || []), own]);
    });
    for (const owns of of.values()) {
      const { frequencyMhz, heightM } = sectors[owns[0]];
      const link = { ...conditions.link, frequencyMhz, transmitterHeightM: heightM };
      const found = radio.bareLoss(mast, link);
      const loss = radio.wholeLoss(mast, found, conditions);
      owns.forEach((own) => compete(mast, found.depression, loss, sectors[own], own, best, server));
    }
    return { best, server };
  };

  function compete(mast, depression, loss, { eirpDbm, neededDbm, attenuation }, own, best, server) {
    const { azimuth } = mast;
    const surplus = fround(eirpDbm - neededDbm);
    for (let pixel = 0; pixel < loss.length; pixel += 1) {
      const most = fround(surplus - loss[pixel]);
      if (!(most > best[pixel])) continue; // what an antenna takes is never negative; unknown is NaN
      const margin = fround(fround(surplus - attenuation(azimuth[pixel], depression[pixel])) - loss[pixel]);
      if (margin > best[pixel]) {
        best[pixel] = margin;
        server[pixel] = own;
      }
    }
  }
})(radio);
