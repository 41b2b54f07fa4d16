"use strict";
/* Opens the page: map, base map, controls, print. */
(function (app) {
  const SNAP = 0.25;

  app.open = function (id) {
    app.read("phusong-data");
    app.buildPanel(); // first, so that the map knows the room left for it
    const bounds = L.latLngBounds(app.data.bounds);
    const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches; // as the reader's system asks
    const map = (app.map = L.map(id, {
      zoomAnimation: moves, fadeAnimation: moves, markerZoomAnimation: moves, inertia: moves,
      zoomControl: false, attributionControl: false, zoomSnap: SNAP, wheelPxPerZoomLevel: 90, maxZoom: 17,
      renderer: L.canvas({ padding: 0.2, tolerance: 3 }),
    }));
    map.fitBounds(bounds, { padding: [12, 12] });
    map.setMaxBounds(map.getBounds().pad(1.5)); // room to move any card into sight, also where the screen is higher than the province
    map.setMinZoom(map.getZoom() - 1);
    if (app.data.relief) {
      L.imageOverlay(app.data.relief.url, app.data.relief.bounds, { pane: "tilePane", className: "relief", interactive: false }).addTo(map);
    }
    veil(map);
    app.buildHighlight();
    app.labels = new app.Labels().from([]);
    app.buildKeyboard(map);
    map.createPane("rasters").style.zIndex = 250;
    const drawn = app.buildRasters();
    app.buildLayers();
    app.fillPanel();
    app.labels.from(app.labelSources()).addTo(map);
    controls(map);
    if (app.data.sample) map.getContainer().append(app.say(app.el("p", { class: "sample", role: "note" }), app.data.sample));
    app.buildPlace(map);
    app.onChange(() => app.labels.redraw());
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(map.getContainer());
    print(map);
    app.say(map.getContainer(), app.word("map"), "aria-label");
    map.getContainer().setAttribute("role", "region");
    app.buildAddress();
    Promise.all([drawn, app.data.explore ? app.buildExplore(map) : null]).then(() => { app.ready = true; });
    return map;
  };

  /* A click measures while the ruler is out; else it pins the place and tells what lies there. */
  app.clicked = function (latlng, open) {
    if (app.measuring) {
      app.measureAt(latlng);
      return;
    }
    app.pin(latlng);
    if (open) open();
    else if (app.tellsSignal()) app.openSignal(latlng);
  };

  /* What lies outside the study area steps back: the relief below the canvas, lines and areas on it. */
  function veil(map) {
    if (!app.data.area) return;
    map.createPane("veil").style.zIndex = 300;
    const world = [[-85, -180], [-85, 180], [85, 180], [85, -180]];
    const given = { interactive: false, stroke: false, fillColor: "#f4f5f1", fillOpacity: 0.6 };
    L.polygon([world, ...app.data.area], { ...given, pane: "veil", renderer: L.svg({ pane: "veil", padding: 0.5 }) }).addTo(map);
    app.veil = L.polygon([world, ...app.data.area], given).addTo(map);
  }

  function controls(map) {
    const zoom = L.control.zoom({ position: "topleft" }).addTo(map).getContainer();
    [["in", "zoom_in"], ["out", "zoom_out"]].forEach(([way, key]) => {
      const button = zoom.querySelector(`.leaflet-control-zoom-${way}`);
      button.removeAttribute("title");
      app.say(button, app.word(key), "aria-label");
    });
    const home = L.control({ position: "topleft" });
    home.onAdd = () => app.el("div", { class: "leaflet-bar" }, app.say(app.el("button", { type: "button", class: "tool", on: {
      click: (event) => { L.DomEvent.stop(event); map.fitBounds(app.data.bounds, { padding: [12, 12] }); },
      dblclick: L.DomEvent.stop,
    } }, "⌂"), app.word("whole"), "aria-label"));
    home.addTo(map);
    app.buildMeasure(map);
    map.on("click", (event) => app.clicked(event.latlng));
    const north = L.control({ position: "bottomleft" });
    north.onAdd = () => app.el("div", { class: "north" }, app.el("span", { "aria-hidden": "true" }, "▲"), app.say(app.el("span"), app.word("north")));
    L.control.scale({ position: "bottomleft", imperial: false, maxWidth: 140 }).addTo(map);
    north.addTo(map);
    const credit = L.control({ position: "bottomright" });
    credit.onAdd = () => app.el("div", { class: "credit" },
      app.data.boundaries ? app.say(app.el("p", { class: "boundaries" }), app.data.boundaries) : null,
      app.data.attributions ? app.say(app.el("p", { class: "attributions" }), app.data.attributions) : null,
      app.say(app.el("p"), app.word("credit")));
    credit.addTo(map);
  }

  /* A long legend is made smaller rather than cut off. */
  function shrink(body) {
    body.style.zoom = Math.min(1, body.clientHeight / body.scrollHeight);
  }

  /* The part of a view that lies in the study area, so that paper is not spent on its surroundings. */
  function seen(view) {
    const area = L.latLngBounds(app.data.bounds).pad(0.03);
    if (!view.intersects(area)) return view;
    return L.latLngBounds(
      [Math.max(view.getSouth(), area.getSouth()), Math.max(view.getWest(), area.getWest())],
      [Math.min(view.getNorth(), area.getNorth()), Math.min(view.getEast(), area.getEast())]);
  }

  /* The map takes the paper's shape before the browser draws it, and its own again afterwards. */
  function print(map) {
    let before = null;
    window.addEventListener("beforeprint", () => {
      before = { centre: map.getCenter(), zoom: map.getZoom(), bounds: map.getBounds() };
      map.closePopup();
      document.documentElement.classList.add("printing");
      map.invalidateSize({ animate: false });
      map.options.zoomSnap = 0;
      map.fitBounds(seen(before.bounds), { animate: false });
      shrink(document.getElementById("panel-body"));
    });
    window.addEventListener("afterprint", () => {
      document.documentElement.classList.remove("printing");
      document.getElementById("panel-body").style.zoom = "";
      map.options.zoomSnap = SNAP;
      map.invalidateSize({ animate: false });
      if (before) map.setView(before.centre, before.zoom, { animate: false });
    });
  }
})(phusong);
