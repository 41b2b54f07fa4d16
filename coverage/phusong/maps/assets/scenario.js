"use strict";
/* The scenario at hand: masts that are new or changed, step by step undone and redone, kept by name, in the address
   and in a file. Knows cells, computes nothing. */
(function (app) {
  const [MOST_STEPS, REST_MS] = [200, 300]; // steps that can be undone; the address follows a scenario at rest
  const EMPTY = { name: "", masts: [], active: -1 };
  let now = EMPTY;
  let [past, future] = [[], []];
  let kept = []; // named ones, to be compared
  let address = "";
  let resting = 0;
  const listeners = [];

  app.scenario = () => now;
  app.onScenario = (listener) => listeners.push(listener);
  app.keptScenarios = () => kept;
  app.keyOf = ({ id, mast }) => (mast === null ? `new ${id}` : mast); // a site of the study may have several places
  app.activeMast = () => now.masts[now.active] || null;

  /* Take a change. A gesture of many small ones is one step to be undone: all but its first are not `step`. */
  app.change = function (next, { step = true } = {}) {
    if (step) past = [...past, now].slice(-MOST_STEPS);
    future = [];
    set(next);
  };
  function set(next) {
    now = next;
    clearTimeout(resting);
    resting = setTimeout(remember, REST_MS);
    listeners.forEach((listener) => listener());
  }
  app.canUndo = () => past.length > 0;
  app.canRedo = () => future.length > 0;
  app.undo = function () {
    if (!past.length) return;
    future = [now, ...future];
    const before = past[past.length - 1];
    past = past.slice(0, -1);
    set(before);
  };
  app.redo = function () {
    if (!future.length) return;
    const [next, ...rest] = future;
    past = [...past, now];
    future = rest;
    set(next);
  };

  /* Put another mast in the place of the active one. */
  app.changeMast = (mast, given) => app.change({ ...now, masts: now.masts.map((one, at) => (at === now.active ? mast : one)) }, given);
  app.addMast = (mast) => app.change({ ...now, masts: [...now.masts, mast], active: now.masts.length });
  app.dropMast = (at) => app.change({ ...now, masts: now.masts.filter((_, own) => own !== at), active: now.active === at ? -1 : now.active - (now.active > at ? 1 : 0) });
  app.takeMast = (at) => set({ ...now, active: at });
  app.nameScenario = (name) => set({ ...now, name });

  app.keepScenario = function (name) {
    kept = [...kept.filter((one) => one.name !== name), { ...now, name }];
    set({ ...now, name });
  };
  app.dropScenario = function (name) {
    kept = kept.filter((one) => one.name !== name);
    set(now);
  };
  app.openScenario = (scenario) => app.change({ ...scenario, active: scenario.masts.length ? 0 : -1 });

  /* A name that no mast has. */
  app.newSite = function () {
    const taken = new Set([...app.data.explore.cells.columns.site_id, ...now.masts.map((mast) => mast.id)]);
    let number = 1;
    while (taken.has(`NEW-${number}`)) number += 1;
    return `NEW-${number}`;
  };

  /* ---- the address: what differs from the study, deflated ---- */
  const plain = ({ name, masts }) => ({
    name, masts: masts.map(({ id, mast, latlng, off, cells }) => ({ id, mast, at: latlng && [latlng.lng, latlng.lat], off, cells: mast === null || !same(cells, mast) ? cells : null })),
  });
  const same = (cells, mast) => JSON.stringify(cells) === JSON.stringify(app.mastOf(mast).cells);
  function whole({ name, masts }) {
    const numbers = new Set(app.mastNumbers());
    const read = masts.map(({ id, mast, at, off, cells }) => {
      if (mast !== null && !numbers.has(mast)) throw new Error("no mast of this study");
      const latlng = at && L.latLng(at[1], at[0]);
      const of = cells || app.mastOf(mast).cells;
      if (typeof id !== "string" || !of.length || !of.every((cell) => app.isOf(cell, mast) && app.isCell(cell)) || !app.isAtHome({ mast, latlng })) throw new Error("no mast of this study");
      return { id, mast, latlng, off: off === true, cells: of };
    });
    if (new Set(read.map(app.keyOf)).size < read.length) throw new Error("a mast twice");
    return { name: String(name || ""), masts: read, active: read.length ? 0 : -1 };
  }

  async function through(bytes, stream) {
    return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
  }
  async function remember() {
    const own = now;
    let text = "";
    if (own.masts.length) {
      const packed = await through(new TextEncoder().encode(JSON.stringify(plain(own))), new CompressionStream("deflate"));
      text = btoa(Array.from(packed, (one) => String.fromCharCode(one)).join("")).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
    }
    if (own !== now) return;
    address = text;
    app.keepAddress();
  }
  app.scenarioAddress = () => address;

  /* The scenario of an address, if it has one; whether it is one of this study. */
  app.restoreScenario = async function (text) {
    if (!text || text === address) return true;
    try {
      const packed = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
      set(whole(JSON.parse(new TextDecoder().decode(await through(packed, new DecompressionStream("deflate"))))));
      return true;
    } catch (_) {
      return false;
    }
  };

  /* ---- the file ---- */
  app.scenarioFile = () => JSON.stringify(app.cellsFile(now));
  app.saveScenario = function () {
    const url = URL.createObjectURL(new Blob([app.scenarioFile()], { type: "application/geo+json" }));
    app.el("a", { href: url, download: `${(now.name || "phusong").replace(/[^\p{L}\p{N} _.-]/gu, "_")}.geojson` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };
  app.readScenario = function (text, name) {
    let [file, masts] = [null, null];
    try {
      file = JSON.parse(text);
      masts = app.mastsOfFile(file);
    } catch (_) { /* told below, as any other file that is no scenario */ }
    if (!masts) return false;
    app.openScenario({ name: typeof file.name === "string" && file.name !== "phusong" ? file.name : name, masts, active: -1 });
    return true;
  };
})(phusong);
