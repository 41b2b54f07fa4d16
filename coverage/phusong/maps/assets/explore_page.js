"use strict";
/* The new mast on the map and in the panel: placed, dragged, turned; what it changes is told at once. */
(function (app) {
  const LATTICE = 16; // places between which a picture of the grid is bent, each way
  const COLOURS = { served: [90, 90, 90, 60], fresh: [0, 120, 50, 210] };
  const [DIRECT_MS, REST_MS, MOST_THIN] = [40, 120, 4]; // a glance takes so long; the mast rests; fewest rays
  const STEP_KEYS = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] };
  let mast = null;
  let found = null;
  let marker = null;
  let picture = null;
  let waiting = false;
  let resting = 0;
  let wholeMs = 0; // what a prediction along all rays took last
  let nodes = null;

  app.buildExplore = async function (map) {
    await app.readExplore();
    const { carriers, first, azimuths } = app.data.explore;
    mast = { latlng: null, azimuths: [...azimuths], ...lent(carriers[first]) };
    map.createPane("mast").style.zIndex = 260;
    nodes = build();
    document.getElementById("panel-body").prepend(nodes.section);
    app.onChange(() => { compute(); });
    app.onPin(tell);
    tell();
    performance.mark("mast-ready"); // read by benchmarks/explore.py
  };

  const lent = (carrier) => ({ carrier, heightM: carrier.heightM, eirpDbm: carrier.eirpDbm, tiltDeg: carrier.tiltDeg, beamwidthDeg: carrier.beamwidthDeg });
  const w = (key) => app.word(`mast_${key}`);

  function build() {
    const { carriers } = app.data.explore;
    const carrier = app.el("select", { id: "mast-carrier", on: { change: () => {
      Object.assign(mast, lent(carriers[carrier.selectedIndex]));
      fields.forEach((field) => field.show());
      compute();
    } } }, ...carriers.map((one) => app.el("option", { selected: one === mast.carrier }, `${one.operator} · ${one.technology} · ${one.frequencyMhz} MHz`)));
    const fields = [
      number("heightM", "height", 1, 300), number("eirpDbm", "power", -20, 90), sectors(), number("tiltDeg", "tilt", -90, 90), number("beamwidthDeg", "beamwidth", 1, 360),
    ];
    const place = app.say(app.el("button", { type: "button", on: { click: () => put(app.map.getCenter()) } }), w("place"));
    const remove = app.say(app.el("button", { type: "button", hidden: true, on: { click: drop } }), w("remove"));
    const results = app.el("div", { class: "results" });
    const section = app.el("section", { class: "mast-panel" },
      app.say(app.el("h2"), w("new")), app.say(app.el("p", { class: "note" }), w("how")),
      app.el("p", { class: "buttons" }, place, " ", remove),
      app.el("div", { class: "fields" }, app.say(app.el("label", { for: "mast-carrier" }), w("carrier")), carrier, ...fields.flatMap((one) => one.nodes)),
      results);
    return { section, place, remove, results };
  }

  /* A field is taken once it holds what is admissible; else it says that it does not. */
  function field(id, word, read, write, size) {
    const input = app.el("input", { id: `mast-${id}`, type: "text", inputmode: "decimal", size, autocomplete: "off", on: { change: () => {
      const value = read(input.value);
      input.setAttribute("aria-invalid", String(value === null));
      if (value === null) return;
      mast[id] = value;
      compute();
    } } });
    const show = () => {
      input.value = write(mast[id]);
      input.setAttribute("aria-invalid", "false");
    };
    show();
    return { nodes: [app.say(app.el("label", { for: `mast-${id}` }), w(word)), input], show };
  }
  const plain = (text) => (/^\s*[-−]?\d+([.,]\d+)?\s*$/.test(text) ? Number(text.trim().replace("−", "-").replace(",", ".")) : NaN);
  const number = (id, word, least, most) => field(id, word, (text) => {
    const value = plain(text);
    return value >= least && value <= most ? value : null;
  }, String, 8);
  const sectors = () => field("azimuths", "azimuths", (text) => {
    const values = text.split(/[;\s]+|,\s+/).filter(Boolean).map(plain);
    return values.length <= 12 && values.every((value) => value >= 0 && value <= 360) ? values : null;
  }, (values) => values.join("; "), 14);

  function put(latlng) {
    if (!app.insideGrid(latlng)) {
      app.announce(app.now(w("outside")));
      return;
    }
    mast.latlng = latlng;
    if (!marker) {
      marker = L.marker(latlng, { draggable: true, autoPan: true, keyboard: true, zIndexOffset: 1000, icon: L.divIcon({ className: "mast", iconSize: [26, 34], iconAnchor: [13, 34] }) }).addTo(app.map);
      app.say(marker.getElement(), w("new"), "aria-label");
      marker.on("drag", () => move(marker.getLatLng()));
      marker.on("dragend", () => { marker.setLatLng(mast.latlng); settle(); say(); });
      marker.getElement().addEventListener("keydown", step);
    }
    marker.setLatLng(latlng);
    nodes.remove.hidden = false;
    compute();
  }

  function drop() {
    mast.latlng = found = null;
    if (marker) marker.remove();
    if (picture) picture.remove();
    marker = picture = null;
    nodes.remove.hidden = true;
    nodes.place.focus();
    tell();
  }

  /* By a pixel of the grid a key, by ten with Shift. */
  function step(event) {
    const way = STEP_KEYS[event.key];
    if (event.key === "Delete") drop();
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const metres = app.pixelM() * (event.shiftKey ? 10 : 1);
    const [x, y] = app.placeOf(mast.latlng);
    const latlng = app.latLngOf(x + way[0] * metres, y + way[1] * metres);
    if (!app.insideGrid(latlng)) return;
    marker.setLatLng(latlng);
    move(latlng);
  }

  /* Once a picture of the screen: a hand is faster than the eye. Where all rays would take longer than feels
     direct, fewer give a glance, and the mast at rest the figures. */
  function move(latlng) {
    if (!app.insideGrid(latlng)) return;
    mast.latlng = latlng;
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      clearTimeout(resting);
      const thin = Math.min(Math.ceil(wholeMs / DIRECT_MS), MOST_THIN);
      compute(Math.max(thin, 1), "mast-move");
      if (thin > 1) resting = setTimeout(settle, REST_MS);
    });
  }
  function settle() {
    if (found && found.thin > 1) compute();
  }

  function compute(thin = 1, name = "mast-rest") {
    clearTimeout(resting);
    if (!mast.latlng) {
      tell();
      return;
    }
    const begun = performance.now();
    found = app.exploreMast(mast, app.service, thin);
    if (found) found.thin = thin;
    draw();
    tell();
    if (thin <= 1) wholeMs = performance.now() - begun;
    performance.measure(name, { start: begun }); // read by benchmarks/explore.py
  }

  /* The window of pixels on the map's own projection: bent between a few exact places. */
  function draw() {
    if (!found || !found.ground) {
      if (picture) picture.remove();
      picture = null;
      return;
    }
    const { window, terrain: { grid } } = found.around;
    const { width, height, top, left } = window;
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
    const [clear, served, fresh] = [[0, 0, 0, 0], COLOURS.served, COLOURS.fresh].map((colour) => new Uint32Array(Uint8ClampedArray.from(colour).buffer)[0]);
    const inks = [clear, served, fresh];
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
        if (row >= 0 && row < height && column >= 0 && column < width) ink[i * width + j] = inks[found.fresh[row * width + column]];
      }
    }
    brush.putImageData(image, 0, 0);
    if (picture) picture.setBounds(bounds);
    else picture = L.svgOverlay(canvas, bounds, { pane: "mast", className: "raster", interactive: false }).addTo(app.map);
  }

  const look = (key) => ({ colour: `rgb(${COLOURS[key].slice(0, 3).join(" ")})`, outline: "#6b6b6b", fill_opacity: COLOURS[key][3] / 255 });
  const target = () => (app.data.services.find((one) => one.id === app.service) || {}).target;
  const share = (part, whole) => (whole ? app.percent(Math.min(part / whole, 1), app.lang, target()) : "–");
  const whole = (value) => app.number(value, app.lang, 0);
  const decibels = (value, unit) => (value === null ? "–" : `${app.number(value, app.lang, 1)} ${unit}`);

  function tell() {
    if (!nodes) return;
    nodes.results.classList.toggle("glance", Boolean(found && found.thin > 1));
    nodes.results.replaceChildren(...lines());
  }
  function say() {
    if (found && found.ground) app.announce(`${app.now(w("people"))}: ${whole(found.people)}`);
  }

  function lines() {
    const note = (key) => [app.el("p", { class: "note" }, app.now(w(key)))];
    if (!mast.latlng) return [];
    if (!found) return note("other_service");
    if (!found.ground) return note("outside");
    const { communes, province, villages } = app.data.explore;
    const covered = province.covered[app.service];
    const line = (key, value) => [app.el("dt", {}, app.now(w(key))), app.el("dd", { "data-mast": key }, value)];
    const told = covered === null ? [] : [
      ...line("people", whole(found.people)),
      ...line("province", `${share(covered, province.population)} → ${share(covered + found.people, province.population)}`),
    ];
    const km2 = province.covered_km2[app.service];
    return [
      ...(found.thin > 1 ? note("glance") : []),
      app.el("dl", {}, ...told, ...line("area", `${app.number(found.km2, app.lang, 2)} km²`),
        ...line("area_after", `${app.number(km2 + found.km2, app.lang, 2)} km²`), ...here(line)),
      app.el("p", { class: "note key" }, ...["fresh", "served"].map((key) => app.el("span", {}, app.swatch("Polygon", look(key)), app.now(w(`key_${key}`))))),
      ...touched(communes), ...reached(villages), code(),
    ];
  }

  function here(line) {
    const at = app.pinned() && app.exploreAt(found, app.pinned(), app.service);
    if (!at) return [];
    return [...line("level_here", decibels(at.level, "dBm")), ...line("margin_here", decibels(at.margin, "dB")), ...line("margin_before", decibels(at.before, "dB"))];
  }

  function touched(communes) {
    const rows = [...found.ofCommune.keys()].filter((row) => found.ofCommune[row] > 0).sort((a, b) => found.ofCommune[b] - found.ofCommune[a]);
    if (!rows.length) return [];
    const covered = communes.covered[app.service];
    const cells = (row) => [
      [communes.type && communes.type[row], communes.name[row]].filter(Boolean).join(" "), whole(found.ofCommune[row]),
      share(covered[row], communes.population[row]), share(covered[row] + found.ofCommune[row], communes.population[row]),
    ];
    const heads = ["commune", "people", "before", "after"].map((key) => app.el("th", { scope: "col" }, app.now(w(key))));
    return [app.el("table", {}, app.el("thead", {}, app.el("tr", {}, ...heads)), app.el("tbody", {},
      ...rows.map((row) => app.el("tr", { "data-commune": communes.commune_code[row] }, ...cells(row).map((one, k) => app.el(k ? "td" : "th", k ? {} : { scope: "row" }, one))))))];
  }

  function reached(villages) {
    if (!found.villages.length) return [];
    return [app.el("h3", {}, app.now(w("villages"))), app.el("ul", { class: "villages" }, ...found.villages.map((row) => app.el("li", {}, villages.name[row])))];
  }

  /* The same question in Python, ready to paste: the whole prediction answers it. */
  function code() {
    const { lat, lng } = mast.latlng;
    const { operator, technology, frequencyMhz } = mast.carrier;
    const text = `more = result.with_mast(${lng}, ${lat}, operator=${JSON.stringify(operator)}, technology=${JSON.stringify(technology)}, azimuths_deg=[${mast.azimuths.join(", ")}], `
      + `frequency_mhz=${frequencyMhz}, antenna_height_m=${mast.heightM}, rs_eirp_dbm=${mast.eirpDbm}, tilt_deg=${mast.tiltDeg}, beamwidth_deg=${mast.beamwidthDeg}); phusong.what_if(result, more.cells)`;
    return app.el("div", { class: "command" }, app.el("p", {}, app.now(w("exact"))), app.el("code", {}, text),
      app.el("button", { type: "button", on: { click: () => app.copyText(text) } }, app.now(app.word("copy_command"))));
  }
})(phusong);
