"use strict";
/* Distance and area of a line the reader draws, by pointer or by keyboard, on the ellipsoid. */
(function (app) {
  let points = [];
  let drawn = null;
  app.measuring = false;

  app.buildMeasure = function (map) {
    map.createPane("measure").style.zIndex = 450;
    drawn = L.featureGroup().addTo(map);
    const renderer = L.svg({ pane: "measure" });
    const start = app.say(app.el("button", { type: "button", class: "tool", "aria-pressed": "false", on: { click: () => turn(!app.measuring) } },
      ruler()), app.word("measure"), "aria-label");
    app.say(start.appendChild(app.el("span", { class: "hint", "aria-hidden": "true" })), app.word("measure"));
    const figures = app.el("dl");
    const button = (word, act) => app.say(app.el("button", { type: "button", on: { click: act } }), app.word(word));
    const box = app.el("div", { class: "measure", hidden: true },
      app.say(app.el("p"), app.word("measure_hint")), app.el("div", { role: "status" }, figures),
      app.el("p", { class: "buttons" }, button("measure_add", () => app.measureAt(map.getCenter())), button("measure_undo", undo),
        button("measure_clear", () => set([])), button("measure_done", () => turn(false))));
    const control = L.control({ position: "topleft" });
    control.onAdd = () => {
      const node = app.el("div", { class: "leaflet-bar" }, start, box);
      L.DomEvent.disableClickPropagation(node);
      return node;
    };
    control.addTo(map);

    function turn(on) {
      app.measuring = on;
      start.setAttribute("aria-pressed", String(on));
      box.hidden = !on;
      document.body.classList.toggle("measuring", on);
      map.doubleClickZoom[on ? "disable" : "enable"]();
      map.closePopup();
      set([]);
      if (!on) start.focus({ preventScroll: true });
    }
    function set(next) {
      points = next;
      const given = { renderer, pane: "measure", interactive: false };
      drawn.clearLayers();
      if (points.length > 2) drawn.addLayer(L.polygon(points, { ...given, stroke: false, fillColor: "#111111", fillOpacity: 0.15 }));
      if (points.length > 1) {
        drawn.addLayer(L.polyline(points, { ...given, color: "#ffffff", weight: 6, opacity: 0.9 }));
        drawn.addLayer(L.polyline(points, { ...given, color: "#111111", weight: 2.5 }));
      }
      points.forEach((point) => drawn.addLayer(L.circleMarker(point, { ...given, radius: 4.5, color: "#111111", weight: 2, fillColor: "#ffffff", fillOpacity: 1 })));
      tell();
    }
    function tell() {
      const line = (word, value) => [app.el("dt", {}, app.now(app.word(word))), app.el("dd", { "data-measure": word }, value)];
      const legs = points.slice(1).map((point, i) => app.distance(points[i], point));
      const total = legs.reduce((sum, leg) => sum + leg, 0);
      figures.replaceChildren(
        ...line("distance", length(total)),
        ...(legs.length > 1 ? line("last_leg", length(legs[legs.length - 1])) : []),
        ...(points.length > 2 ? line("area", surface(app.area(points))) : []));
    }
    function undo() {
      set(points.slice(0, -1));
    }
    app.undoMeasure = undo;
    app.stopMeasure = () => turn(false);
    app.measureAt = function ({ lat, lng }) {
      const last = points[points.length - 1];
      if (!last || last[0] !== lat || last[1] !== lng) set([...points, [lat, lng]]);
    };
    app.onChange(tell);
  };

  const length = (metres) => (metres < 1000 ? `${app.number(metres, app.lang, 0)} m` : `${app.number(metres / 1000, app.lang, 2)} km`);
  const surface = (m2) => (m2 < 1e6 ? `${app.number(m2 / 1e4, app.lang, 2)} ha` : `${app.number(m2 / 1e6, app.lang, 2)} km²`);

  function ruler() {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    for (const [name, value] of Object.entries({ viewBox: "0 0 20 20", width: 18, height: 18, "aria-hidden": "true" })) svg.setAttribute(name, value);
    path.setAttribute("d", "M1 14 14 1l5 5L6 19zM5 10l2 2M8 7l3 3M11 4l2 2");
    for (const [name, value] of Object.entries({ fill: "none", stroke: "currentColor", "stroke-width": 1.6 })) path.setAttribute(name, value);
    svg.append(path);
    return svg;
  }
})(phusong);
