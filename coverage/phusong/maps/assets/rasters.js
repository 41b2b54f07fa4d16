"use strict";
/* The signal of the chosen service: decoded from its planes, coloured as the layer asks, told at a place. */
(function (app) {
  const NEAR = 11; // from here on a pixel is seen as one, not mixed with its neighbours
  const [NOWHERE, NOBODY, FIRST] = [0, 1, 2]; // see planes.py
  app.rasters = [];
  const decoded = new Map();

  app.buildRasters = function () {
    app.rasters = app.data.rasters.map((spec) => ({ spec, available: spec.available && Boolean(app.data.planes), on: false, image: null }));
    app.rasters.forEach((raster) => { raster.on = raster.available && raster.spec.shown; });
    const sharpen = () => { app.map.getPane("rasters").style.imageRendering = app.map.getZoom() < NEAR ? "auto" : "pixelated"; };
    app.map.on("zoomend", sharpen);
    sharpen();
    app.onService(() => app.rasters.forEach(show));
    return Promise.all(app.rasters.map(show));
  };

  app.toggleRaster = function (raster, on) {
    raster.on = on;
    show(raster);
  };

  async function show(raster) {
    const service = app.service;
    if (!raster.on || !app.data.planes.services[service]) {
      if (raster.image) raster.image.remove();
      raster.image = null;
      return;
    }
    const planes = await planesOf(service, raster.spec.quantity === "margin_db" ? ["margin"] : raster.spec.quantity === "servers" ? ["servers"] : ["margin", "server_low", "server_high"]);
    if (!raster.on || service !== app.service) return; // switched meanwhile
    if (raster.image) raster.image.remove();
    raster.image = L.svgOverlay(paint(raster.spec, planes, service), app.data.planes.bounds, { pane: "rasters", className: "raster", interactive: false }).addTo(app.map);
  }

  /* Bytes of the planes named, each decoded once. */
  async function planesOf(service, names) {
    const places = app.data.planes.services[service];
    const found = await Promise.all(names.filter((name) => name in places).map(async (name) => {
      const place = places[name];
      if (!decoded.has(place)) decoded.set(place, bytes(app.data.planes.pictures[place]));
      return [name, await decoded.get(place)];
    }));
    return Object.fromEntries(found);
  }
  async function bytes(url) {
    const picture = new Image();
    picture.src = url;
    await picture.decode();
    const [width, height] = [picture.naturalWidth, picture.naturalHeight];
    const brush = app.el("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
    brush.drawImage(picture, 0, 0);
    const { data } = brush.getImageData(0, 0, width, height);
    const found = new Uint8Array(width * height);
    for (let i = 0; i < found.length; i += 1) found[i] = data[4 * i];
    return found;
  }

  /* The middle of what a byte stands for. */
  const zero = () => FIRST - app.data.planes.least_db / app.data.planes.step_db;
  const decibels = (code, step = app.data.planes.step_db) => (code - zero() + 0.5) * step;
  const neededOf = ({ levels, places }, cell) => levels[places[cell]];
  const serverAt = (planes, i, which = "server") => planes[`${which}_low`][i] + 256 * planes[`${which}_high`][i] - 1;
  const CLEAR = 0;
  const inked = (colour) => {
    const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));
    return new Uint32Array(Uint8ClampedArray.of(red, green, blue, 255).buffer)[0];
  };

  function paint(spec, planes, service) {
    const { width, height } = app.data.planes;
    const canvas = app.el("canvas", { width, height });
    const brush = canvas.getContext("2d", { willReadFrequently: true });
    const picture = brush.createImageData(width, height);
    const pixels = new Uint32Array(picture.data.buffer);
    const colourAt = painter(spec, planes, service);
    for (let i = 0; i < pixels.length; i += 1) pixels[i] = colourAt(i);
    brush.putImageData(picture, 0, 0);
    return canvas;
  }

  /* The colour of a pixel as a canvas keeps it; 0 where it stays clear. */
  function painter(spec, planes, service) {
    const colours = spec.classes.map((one) => inked(one.colour));
    const classed = (value) => {
      let place = 0;
      while (place < spec.breaks.length && value >= spec.breaks[place]) place += 1;
      return colours[place];
    };
    if (spec.quantity === "margin_db") {
      const table = Array.from({ length: 256 }, (_, code) => (code === NOWHERE ? CLEAR : code === NOBODY ? colours[0] : classed(decibels(code))));
      return (i) => table[planes.margin[i]];
    }
    if (spec.quantity === "servers") return (i) => (planes.servers[i] ? classed(planes.servers[i]) : CLEAR);
    if (spec.quantity === "level_dbm") {
      const needed = app.data.planes.services[service].needed_dbm;
      return (i) => {
        const cell = serverAt(planes, i);
        return cell < 0 ? CLEAR : classed(decibels(planes.margin[i]) + neededOf(needed, cell));
      };
    }
    const byCell = app.data.cells.cell_id.map((_, cell) => inked(colourOfCell(spec, cell)));
    // Only where it serves: elsewhere the strongest of signals that are too weak means little.
    return (i) => (decibels(planes.margin[i]) >= 0 && planes.margin[i] >= FIRST && serverAt(planes, i) >= 0 ? byCell[serverAt(planes, i)] : CLEAR);
  }
  function colourOfCell(spec, cell) {
    if (spec.categories) {
      const found = spec.categories.items.find((one) => one.value === app.data.cells[spec.categories.field][cell]);
      return found ? found.colour : spec.categories.other;
    }
    return app.data.patches[app.data.cells.patch[cell]];
  }

  /* Whether a click on open ground tells of the signal. */
  app.tellsSignal = () => Boolean(app.data.planes && app.data.planes.services[app.service]) && app.rasters.some((one) => one.on);

  /* What the chosen service is at a place; null outside the study area. */
  app.signalAt = async function ({ lat, lng }) {
    const { bounds: [[south, west], [north, east]], width, height, services } = app.data.planes;
    const told = services[app.service];
    const down = (degrees) => Math.asinh(Math.tan((degrees * Math.PI) / 180));
    const column = Math.floor(((lng - west) / (east - west)) * width);
    const row = Math.floor(((down(north) - down(lat)) / (down(north) - down(south))) * height);
    if (column < 0 || column >= width || row < 0 || row >= height) return null;
    const planes = await planesOf(app.service, ["margin", "server_low", "server_high", "second", "second_server_low", "second_server_high", "servers", "obstacle"]);
    const i = row * width + column;
    if (planes.margin[i] === NOWHERE) return null;
    const cell = planes.server_low && planes.margin[i] >= FIRST ? serverAt(planes, i) : -1;
    const margin = planes.margin[i] >= FIRST ? decibels(planes.margin[i]) : null;
    return {
      margin, cell, served: margin !== null && margin >= 0,
      level: cell >= 0 && told.needed_dbm ? margin + neededOf(told.needed_dbm, cell) : null,
      second: planes.second ? (planes.second[i] >= FIRST ? decibels(planes.second[i], app.data.planes.second_step_db) : null) : undefined,
      secondCell: planes.second_server_low ? serverAt(planes, i, "second_server") : -1,
      servers: planes.servers ? planes.servers[i] : undefined,
      obstacle: planes.obstacle && cell >= 0 ? planes.obstacle[i] * app.data.planes.obstacle_step_m : undefined,
    };
  };
})(phusong);
