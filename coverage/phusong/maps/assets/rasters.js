"use strict";
/* The signal of the chosen service: decoded from its planes, coloured as the layer asks, told at a place. */
(function (app) {
  const NEAR = 11; // from here on a pixel is seen as one, not mixed with its neighbours
  const [NOWHERE, NOBODY, FIRST] = [0, 1, 2]; // see planes.py
  const COARSE_PX = 1.5; // a pixel of the whole picture that takes more of the screen than this gives way to tiles
  const MOST_DECODED = 400; // planes of tiles, a quarter of a megabyte each
  app.rasters = [];
  const decoded = new Map();
  const ofTiles = new Map();

  app.buildRasters = function () {
    app.rasters = app.data.rasters.map((spec) => ({ spec, available: spec.available && Boolean(app.data.planes), on: false, image: null, tiles: new Map() }));
    app.rasters.forEach((raster) => { raster.on = raster.available && raster.spec.shown; });
    const sharpen = () => { app.map.getPane("rasters").style.imageRendering = app.map.getZoom() < NEAR ? "auto" : "pixelated"; };
    app.map.on("zoomend", sharpen);
    sharpen();
    app.map.on("moveend", () => app.rasters.forEach(refine));
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
      clear(raster);
      return;
    }
    const planes = await planesOf(app.data.planes.services[service], neededBy(raster), whole);
    if (!raster.on || service !== app.service) return; // switched meanwhile
    if (raster.image) raster.image.remove();
    clear(raster);
    raster.image = overlay(paint(raster.spec, planes, service, app.data.planes), app.data.planes.bounds);
    await refine(raster);
  }
  const neededBy = ({ spec }) => (spec.quantity === "margin_db" ? ["margin"] : spec.quantity === "servers" ? ["servers"] : ["margin", "server_low", "server_high"]);
  const overlay = (canvas, bounds) => L.svgOverlay(canvas, bounds, { pane: "rasters", className: "raster", interactive: false }).addTo(app.map);

  function clear(raster) {
    raster.tiles.forEach((tile) => tile.remove());
    raster.tiles.clear();
  }

  /* Where the whole picture has become coarse, tiles with every pixel in place of it. */
  async function refine(raster) {
    const { tiles } = app.data.planes || {};
    const { image } = raster;
    if (!tiles || !image) return;
    const wanted = isCoarse() ? inView(tiles) : [];
    for (const [number, tile] of raster.tiles) {
      if (!wanted.includes(number)) {
        tile.remove();
        raster.tiles.delete(number);
      }
    }
    const service = app.service;
    await Promise.all(wanted.filter((number) => !raster.tiles.has(number) && tiles.at[number]).map(async (number) => {
      const planes = await planesOf(tiles.at[number][service], neededBy(raster), ofTile);
      if (raster.image === image && !raster.tiles.has(number)) raster.tiles.set(number, overlay(paint(raster.spec, planes, service, sizeOf(tiles, number)), boundsOf(tiles, number)));
    }));
    if (raster.image !== image) return; // switched meanwhile, and drawn anew
    image.getElement().style.visibility = isCoarse() ? "hidden" : "visible";
  }

  const down = (degrees) => Math.asinh(Math.tan((degrees * Math.PI) / 180));
  const up = (way) => (Math.atan(Math.sinh(way)) * 180) / Math.PI;
  const across = ({ width, side }) => Math.ceil(width / side);

  /* Column and row of a place in what lies in these bounds, with parts of a pixel. */
  function pixelAt({ bounds: [[south, west], [north, east]], width, height }, { lat, lng }) {
    return [((lng - west) / (east - west)) * width, ((down(north) - down(lat)) / (down(north) - down(south))) * height];
  }
  function placeAt({ bounds: [[south, west], [north, east]], width, height }, column, row) {
    return [up(down(north) - (row / height) * (down(north) - down(south))), west + (column / width) * (east - west)];
  }
  function isCoarse() {
    const { bounds, width } = app.data.planes;
    const [left, right] = [0, 1].map((at) => app.map.project(L.latLng(bounds[0][0], bounds[at][1])).x);
    return (right - left) / width > COARSE_PX;
  }
  function inView(tiles) {
    const seen = app.map.getBounds();
    const [left, top] = pixelAt(tiles, seen.getNorthWest());
    const [right, bottom] = pixelAt(tiles, seen.getSouthEast());
    const found = [];
    for (let row = Math.max(Math.floor(top / tiles.side), 0); row <= Math.min(bottom, tiles.height - 1) / tiles.side; row += 1) {
      for (let column = Math.max(Math.floor(left / tiles.side), 0); column <= Math.min(right, tiles.width - 1) / tiles.side; column += 1) found.push(row * across(tiles) + column);
    }
    return found;
  }
  function cornerOf(tiles, number) {
    return [(number % across(tiles)) * tiles.side, Math.floor(number / across(tiles)) * tiles.side];
  }
  function sizeOf(tiles, number) {
    const [column, row] = cornerOf(tiles, number);
    return { width: Math.min(tiles.side, tiles.width - column), height: Math.min(tiles.side, tiles.height - row) };
  }
  function boundsOf(tiles, number) {
    const [column, row] = cornerOf(tiles, number);
    const { width, height } = sizeOf(tiles, number);
    return [placeAt(tiles, column, row), placeAt(tiles, column + width, row + height)];
  }

  /* Bytes of the planes named, as `read` finds them by their number. */
  async function planesOf(places, names, read) {
    const found = await Promise.all(names.filter((name) => name in places).map(async (name) => [name, await read(places[name])]));
    return Object.fromEntries(found);
  }
  function whole(place) {
    if (!decoded.has(place)) decoded.set(place, bytes(app.data.planes.pictures[place]));
    return decoded.get(place);
  }
  /* Those last asked for are kept. */
  function ofTile(place) {
    const found = ofTiles.get(place) || app.block(place).then((block) => bytes(`data:image/png;base64,${block.textContent}`));
    ofTiles.delete(place);
    ofTiles.set(place, found);
    if (ofTiles.size > MOST_DECODED) ofTiles.delete(ofTiles.keys().next().value);
    return found;
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

  function paint(spec, planes, service, { width, height }) {
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
  app.signalAt = async function (latlng) {
    const { tiles, services } = app.data.planes;
    const told = services[app.service];
    const grid = tiles || app.data.planes;
    let [column, row] = pixelAt(grid, latlng).map(Math.floor);
    if (column < 0 || column >= grid.width || row < 0 || row >= grid.height) return null;
    let { width } = grid;
    let [places, read] = [told, whole];
    if (tiles) {
      const number = Math.floor(row / tiles.side) * across(tiles) + Math.floor(column / tiles.side);
      if (!tiles.at[number]) return null;
      [places, read] = [tiles.at[number][app.service], ofTile];
      [{ width }, column, row] = [sizeOf(tiles, number), column % tiles.side, row % tiles.side];
    }
    const planes = await planesOf(places, ["margin", "server_low", "server_high", "second", "second_server_low", "second_server_high", "servers", "obstacle"], read);
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
