"use strict";
/* The picture of a scenario: who gains and loses, the margin then, or the level of its masts. Computes no signal. */
(function (app) {
  const LATTICE = 16; // places between which a picture of the grid is bent, each way
  const COLOURS = { fresh: [0, 120, 50, 210], served: [90, 90, 90, 60], lost: [190, 20, 20, 200] };
  const INKS = [[0, 68, 27, 190], [35, 139, 69, 190], [161, 217, 155, 190], [253, 174, 97, 170], [200, 60, 40, 120]]; // from the best class on
  const LEVELS_DBM = [-75, -90, -105, -120];
  const classes = (edges) => [...edges, -Infinity].map((from, k) => [from, INKS[k]]);
  const marginClasses = () => classes([...app.data.explore.marginEdgesDb].reverse());
  let picture = null;

  app.viewKey = function (view) {
    const line = ([from, colour], unit, k, all) => [colour, Number.isFinite(from) ? `≥ ${app.number(from, app.lang, 0)} ${unit}` : `< ${app.number(all[k - 1][0], app.lang, 0)} ${unit}`];
    if (view === "margin") return marginClasses().map((one, k, all) => line(one, "dB", k, all));
    if (view === "level") return classes(LEVELS_DBM).map((one, k, all) => line(one, "dBm", k, all));
    return Object.entries(COLOURS).map(([key, colour]) => [colour, app.now(app.word(`mast_key_${key}`))]);
  };

  app.undraw = function () {
    if (picture) picture.remove();
    picture = null;
  };

  const inkOf = (colour) => new Uint32Array(Uint8ClampedArray.from(colour).buffer)[0];

  /* The part of the grid that a scenario touches, as {top, left, height, width} of the results' pixels. */
  function touched({ parts, rest }, { near, grid }) {
    let [top, left, bottom, right] = [Infinity, Infinity, -Infinity, -Infinity];
    const take = (row, column, rows, columns) => {
      top = Math.min(top, row);
      left = Math.min(left, column);
      bottom = Math.max(bottom, row + rows);
      right = Math.max(right, column + columns);
    };
    parts.forEach(({ window }) => take(window.top - grid.top, window.left - grid.left, window.height, window.width));
    rest.pixels.forEach((pixel) => {
      const row = Math.floor(pixel / near.columns);
      take(row, pixel - row * near.columns, 1, 1);
    });
    [top, left] = [Math.max(top, 0), Math.max(left, 0)];
    return { top, left, height: Math.min(bottom, near.rows) - top, width: Math.min(right, near.columns) - left };
  }

  /* Ink of every pixel of the window. */
  function inked(found, window, view, columns, grid) {
    const { top, left, height, width } = window;
    const ink = new Uint32Array(height * width);
    const local = (pixel) => {
      const row = Math.floor(pixel / columns);
      return (row - top) * width + pixel - row * columns - left;
    };
    const best = new Float32Array(height * width).fill(-Infinity); // of the scenario's masts
    const needed = new Float32Array(height * width);
    for (const { window: own, margin, server, sectors } of found.parts) {
      for (let i = 0; i < own.height; i += 1) {
        const row = own.top - grid.top + i - top;
        if (row < 0 || row >= height) continue;
        for (let j = 0; j < own.width; j += 1) {
          const column = own.left - grid.left + j - left;
          const at = i * own.width + j;
          const here = row * width + column;
          if (column < 0 || column >= width || !(margin[at] > best[here])) continue;
          best[here] = margin[at];
          if (view === "level") needed[here] = sectors[server[at]].neededDbm;
        }
      }
    }
    if (view === "level" || view === "margin") {
      const steps = (view === "level" ? classes(LEVELS_DBM) : marginClasses()).map(([from, colour]) => [from, inkOf(colour)]);
      const rest = new Float32Array(height * width);
      if (view === "margin") {
        for (let i = 0; i < height; i += 1) for (let j = 0; j < width; j += 1) rest[i * width + j] = found.margin((top + i) * columns + left + j);
        found.rest.pixels.forEach((pixel, k) => { rest[local(pixel)] = found.rest.margin[k]; });
      }
      for (let at = 0; at < ink.length; at += 1) {
        const value = view === "level" ? best[at] + needed[at] : Math.max(rest[at], best[at]);
        if (value > -Infinity) ink[at] = steps.find(([from]) => value >= from)[1];
      }
      return ink;
    }
    const [fresh, served, lost] = ["fresh", "served", "lost"].map((key) => inkOf(COLOURS[key]));
    for (let i = 0; i < height; i += 1) {
      for (let j = 0; j < width; j += 1) {
        const pixel = (top + i) * columns + left + j;
        const at = i * width + j;
        const [was, now] = [found.was(pixel), found.now(pixel)];
        if (now && !was) ink[at] = fresh;
        else if (was && !now) ink[at] = lost;
        else if (best[at] >= 0) ink[at] = served;
      }
    }
    return ink;
  }

  /* On the map's own projection: bent between a few exact places. */
  app.drawScenario = function (found, view) {
    const grid = app.gridOf();
    const near = { rows: grid.near.rows, columns: grid.near.columns };
    const frame = { ...grid, top: grid.near.top, left: grid.near.left };
    const window = touched(found, { near, grid: frame });
    if (!(window.height > 0 && window.width > 0)) {
      app.undraw();
      return;
    }
    const inks = inked(found, window, view, near.columns, frame);
    const { height, width } = window;
    const [top, left] = [window.top + frame.top, window.left + frame.left];
    const edge = (row, column) => app.latLngOf(grid.west + column * grid.resolution, grid.north - row * grid.resolution);
    const corners = [[top, left], [top, left + width], [top + height, left], [top + height, left + width]].map((at) => edge(...at));
    const bounds = L.latLngBounds(corners);
    const [northWest, southEast] = [bounds.getNorthWest(), bounds.getSouthEast()].map((one) => L.CRS.EPSG3857.project(one));
    const side = LATTICE + 1;
    const [rows, columns] = [new Float64Array(side ** 2), new Float64Array(side ** 2)];
    for (let i = 0; i < side; i += 1) for (let j = 0; j < side; j += 1) {
      const point = L.point(northWest.x + ((southEast.x - northWest.x) * j) / LATTICE, northWest.y + ((southEast.y - northWest.y) * i) / LATTICE);
      const [x, y] = app.placeOf(L.CRS.EPSG3857.unproject(point));
      rows[i * side + j] = (grid.north - y) / grid.resolution - top;
      columns[i * side + j] = (x - grid.west) / grid.resolution - left;
    }
    const canvas = picture ? picture.getElement() : app.el("canvas");
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    const brush = canvas.getContext("2d");
    const image = brush.createImageData(width, height);
    const ink = new Uint32Array(image.data.buffer);
    for (let i = 0; i < height; i += 1) {
      const v = ((i + 0.5) / height) * LATTICE;
      const a = Math.min(Math.floor(v), LATTICE - 1);
      const s = v - a;
      for (let j = 0; j < width; j += 1) {
        const u = ((j + 0.5) / width) * LATTICE;
        const b = Math.min(Math.floor(u), LATTICE - 1);
        const t = u - b;
        const at = a * side + b;
        const row = Math.floor((rows[at] * (1 - t) + rows[at + 1] * t) * (1 - s) + (rows[at + side] * (1 - t) + rows[at + side + 1] * t) * s);
        const column = Math.floor((columns[at] * (1 - t) + columns[at + 1] * t) * (1 - s) + (columns[at + side] * (1 - t) + columns[at + side + 1] * t) * s);
        if (row >= 0 && row < height && column >= 0 && column < width) ink[i * width + j] = inks[row * width + column];
      }
    }
    brush.putImageData(image, 0, 0);
    if (picture) picture.setBounds(bounds);
    else picture = L.svgOverlay(canvas, bounds, { pane: "mast", className: "raster", interactive: false }).addTo(app.map);
  };
})(phusong);
