"use strict";
/* The theme's layers on the map: which rows, in which colours, in which order. */
(function (app) {
  app.layers = [];

  app.buildLayers = function () {
    for (const spec of app.data.layers) {
      const table = app.data.tables[spec.table];
      const layer = { spec, table, available: spec.available, on: spec.available && spec.shown, paths: [], off: new Map(), hidden: new Set(), group: null };
      for (const field of spec.filters) layer.off.set(field, new Set());
      for (const drawing of Object.values(spec.drawings)) {
        drawing.looks = drawing.looks.map((look) => ({ ...spec.common, ...look }));
        if (typeof drawing.index === "number") drawing.index = new Array(table.length).fill(drawing.index);
      }
      app.layers.push(layer);
      if (layer.on) add(layer);
    }
    restack();
    let scale = symbolScale();
    app.map.on("zoomend", () => {
      const rescaled = scale !== symbolScale();
      scale = symbolScale();
      app.layers.filter((one) => one.on && (zoomed(one) || (rescaled && scaled(one)))).forEach((one) => {
        refresh(one);
        one.explain();
      });
    });
    app.onService(() => app.layers.filter((one) => one.on && served(one)).forEach(refresh));
  };

  /* Symbols shrink when the whole province is in view; clusters and places with names do not. */
  const symbolScale = () => [[9, 0.5], [10, 0.65], [11.5, 0.8], [Infinity, 1]].find(([zoom]) => app.map.getZoom() < zoom)[1];
  const scaled = ({ spec, group: made }) => spec.geometry === "Point" && !spec.labels && !(made && made.addLayers);
  app.scaleOf = (layer) => (scaled(layer) ? symbolScale() : 1);
  /* How the layer is drawn for the chosen service: its looks, and which of them each row has. */
  app.drawing = ({ spec }) => spec.drawings[app.service] || spec.drawings[""];
  app.lookOf = (layer, i) => app.drawing(layer).looks[app.drawing(layer).index[i]];
  /* What changes with the chosen service. */
  const served = ({ spec }) => !spec.drawings[""];
  const zoomed = (layer) => layer.group && app.drawing(layer).looks.some((look) => look.from_zoom > 0);

  app.toggle = function (layer, on) {
    layer.on = on;
    if (on) add(layer);
    else layer.group.remove();
    restack();
    app.labels.redraw();
  };
  /* Two layers of which one is shown instead of the other. */
  app.rivals = (layer) => [...app.rasters, ...app.layers].filter((one) =>
    one.spec.instead_of.includes(layer.spec.id) || layer.spec.instead_of.includes(one.spec.id));
  app.refresh = refresh;

  function add(layer) {
    layer.group = layer.group || group(layer);
    redraw(layer);
    layer.group.addTo(app.map);
  }

  function group(layer) {
    const crowded = layer.spec.geometry === "Point" && layer.table.length > layer.spec.cluster_above;
    const made = crowded ? new L.MarkerClusterGroup({
      chunkedLoading: true, showCoverageOnHover: false, maxClusterRadius: 60, disableClusteringAtZoom: 13,
      animate: false, iconCreateFunction: (cluster) => bubble(cluster, layer),
    }) : L.featureGroup();
    if (app.data.cards[layer.spec.table]) {
      made.on("click", (event) => app.clicked(event.latlng, () => opened(layer, row(event), event.latlng)));
      made.on("mouseover", (event) => hover(layer, row(event), event.latlng));
      made.on("mousemove", (event) => tip.setLatLng(event.latlng));
      made.on("mouseout", () => { tip.remove(); ring.clearLayers(); });
    }
    return made;
  }
  /* On the ground within an area the signal comes first where it is shown. */
  function opened(layer, i, latlng) {
    const { table } = layer.spec;
    const open = () => app.openCard(table, app.together(layer, i), latlng);
    if (layer.spec.geometry === "Polygon" && app.tellsSignal()) app.openSignal(latlng, [{ title: app.heading(table, i), open }]);
    else open();
  }
  const row = (event) => (event.propagatedFrom || event.layer || event.sourceTarget).row;

  function bubble(cluster, layer) {
    const count = cluster.getChildCount();
    const side = 24 + 6 * Math.min(4, Math.log10(count));
    const node = app.el("span", {}, app.number(count, app.lang, 0));
    node.style.background = app.drawing(layer).looks[0].colour;
    return L.divIcon({ html: node, className: "bubble", iconSize: [side, side] });
  }

  /* The rows that a layer is about, for the chosen service. */
  app.rowsOf = (layer) => [...app.drawing(layer).index.keys()].filter((i) => app.lookOf(layer, i));
  /* Those of them that the reader has not switched off. */
  app.visibleRows = (layer) => app.rowsOf(layer).filter((i) => !layer.hidden.has(app.switchOf(app.lookOf(layer, i)))
    && ![...layer.off].some(([field, hidden]) => hidden.has(app.value(layer.spec.table, i, field))));
  /* By its value, which keeps its meaning from one service to another. */
  app.switchOf = (look) => look.values[0];

  function refresh(layer) {
    redraw(layer);
    restack();
  }
  function redraw(layer) {
    const zoom = app.map.getZoom();
    const seen = app.visibleRows(layer).map((i) => [i, app.lookOf(layer, i)]).filter(([, style]) => style.from_zoom <= zoom);
    const paths = seen.map(([i, style]) => {
      const path = (layer.paths[i] = layer.paths[i] || draw(layer, i));
      path.options.shape = style.shape;
      if (path.setRadius) path.setRadius(style.radius_px * app.scaleOf(layer));
      path.setStyle(options(layer.spec, style));
      return path;
    });
    layer.group.clearLayers();
    if (layer.group.addLayers) layer.group.addLayers(paths);
    else paths.forEach((path) => layer.group.addLayer(path));
  }

  /* What is drawn of a row; the middle of a polygon that is drawn as a point. */
  const placeOf = ({ spec, table }, i) => (spec.as_points ? table.anchors : table.shapes)[i];

  function draw(layer, i) {
    const { spec, table } = layer;
    const given = { interactive: Boolean(app.data.cards[spec.table]), bubblingMouseEvents: false };
    const make = { Point: (shape) => new app.Symbol(shape, given), LineString: (shape) => L.polyline(shape, given),
                   Polygon: (shape) => L.polygon(shape, given) }[spec.geometry];
    const path = make(placeOf(layer, i));
    path.row = i;
    return path;
  }

  function options(spec, style) {
    const line = spec.geometry === "LineString";
    return {
      color: line ? style.colour : style.outline, weight: style.width_px, dashArray: style.dash || null, opacity: 1,
      stroke: style.width_px > 0, fill: !line && style.fill_opacity > 0, fillColor: style.colour, fillOpacity: style.fill_opacity,
      lineJoin: "round",
    };
  }

  /* Everything lies on one canvas, so that each layer hears the mouse; the theme's order is kept here. */
  function restack() {
    let veil = app.veil;
    for (const { spec, group, on } of app.layers) {
      if (veil && spec.geometry === "Point") {
        veil.bringToFront();
        veil = null; // symbols and all above them stay clear of it
      }
      if (on && group && !group.addLayers) group.eachLayer((path) => path.bringToFront());
    }
    if (ring) ring.eachLayer((path) => path.bringToFront());
  }

  /* All rows of the layer at the same place, the clicked one first. */
  app.together = function (layer, i) {
    if (layer.spec.geometry !== "Point") return [i];
    const [lat, lon] = placeOf(layer, i);
    const rest = app.visibleRows(layer).filter((j) => j !== i && placeOf(layer, j)[0] === lat && placeOf(layer, j)[1] === lon);
    return [i, ...rest];
  };

  let ring = null;
  const tip = L.tooltip({ className: "tip", direction: "top", offset: [0, -8] });
  app.buildHighlight = () => {
    ring = L.featureGroup().addTo(app.map);
    app.map.on("popupclose", () => ring.clearLayers());
  };

  app.highlight = function (table, i) {
    const shape = app.data.tables[table].shapes && app.data.tables[table].shapes[i];
    ring.clearLayers();
    if (!shape) return;
    const given = { interactive: false, color: "#000000", weight: 3, fill: false };
    const { geometry } = app.data.tables[table];
    const make = { Point: () => L.circleMarker(shape, { ...given, radius: 9 }), LineString: () => L.polyline(shape, { ...given, weight: 5, opacity: 0.6 }),
                   Polygon: () => L.polygon(shape, given) }[geometry];
    ring.addLayer(make());
  };

  /* A line from a place to the station that serves it. */
  app.drawRay = function (latlng, station) {
    const table = app.data.tables.stations;
    const i = table ? app.rowOf("stations", station) : -1;
    ring.clearLayers();
    if (i < 0) return;
    const mast = (table.shapes || table.points)[i];
    ring.addLayer(L.polyline([latlng, mast], { interactive: false, color: "#111111", weight: 2, dashArray: "4 4" }));
    ring.addLayer(L.circleMarker(mast, { interactive: false, color: "#111111", weight: 2, radius: 8, fill: false }));
  };

  function hover(layer, i, latlng) {
    if (app.measuring) return;
    app.highlight(layer.spec.table, i);
    const lines = [app.el("b", {}, app.heading(layer.spec.table, i))];
    const { paint, table, field } = layer.spec;
    if (paint === "classes") lines.push(app.el("br"), app.show(table, i, field));
    tip.setContent(app.el("span", {}, ...lines)).setLatLng(latlng).addTo(app.map);
  }

  /* Where to look for a row, and how near. */
  app.showRow = function (table, i) {
    const { geometry, shapes, points } = app.data.tables[table];
    const shape = (shapes || points)[i];
    if (!shape) return;
    if (geometry === "Point" || !shapes) {
      app.map.setView(shape, Math.max(app.map.getZoom(), 12), { animate: false });
      app.openCard(table, [i], L.latLng(shape));
      return;
    }
    const bounds = L.polyline(geometry === "Polygon" ? shape.flat() : shape).getBounds();
    app.map.fitBounds(bounds, { maxZoom: 12, padding: [40, 40], animate: false });
    const anchor = app.data.tables[table].anchors && app.data.tables[table].anchors[i];
    app.openCard(table, [i], anchor ? L.latLng(anchor) : bounds.getCenter());
  };

  /* Sources for the labels, the topmost layer first. */
  app.labelSources = () => app.layers.filter(({ spec }) => spec.labels).reverse().map((layer) => (zoom) => {
    const { spec, table } = layer;
    if (!layer.on || zoom < spec.labels.from_zoom) return [];
    return app.visibleRows(layer).map((i) => [i, app.lookOf(layer, i)]).filter(([, style]) => style.from_zoom <= zoom)
      .map(([i, style]) => ({
        latlng: L.latLng(table.anchors ? table.anchors[i] : table.shapes[i]),
        text: String(app.value(spec.table, i, spec.labels.field) || ""), size: style.label_px,
        colour: spec.labels.colour, italic: spec.labels.italic, offset: spec.geometry === "Point" ? style.radius_px + 4 : 0,
      })).sort((a, b) => b.size - a.size);
  });
})(phusong);
