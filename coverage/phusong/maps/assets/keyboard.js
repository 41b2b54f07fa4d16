"use strict";
/* The map without a mouse: a cross marks the centre; keys act on what lies there. */
(function (app) {
  app.buildKeyboard = function (map) {
    const container = map.getContainer();
    const said = app.el("p", { class: "unseen", role: "status" });
    container.after(app.el("div", { class: "cross", "aria-hidden": "true" }), said);
    app.byKeyboard = () => document.activeElement === container && container.matches(":focus-visible");
    app.announce = (text) => { said.textContent = text; };
    const describe = app.say(app.el("p", { class: "unseen", id: "map-keys" }), app.word("keys"));
    container.after(describe);
    container.setAttribute("aria-describedby", "map-keys");

    container.addEventListener("keydown", (event) => {
      if (event.target !== container) return;
      const act = {
        Enter: () => (app.measuring ? app.measureAt(map.getCenter()) : app.openAt(map.getCenter())),
        " ": () => app.pin(map.getCenter()),
        Backspace: () => app.measuring && app.undoMeasure(),
        Escape: () => (app.measuring ? app.stopMeasure() : app.unpin()),
      }[event.key];
      if (!act) return;
      event.preventDefault();
      act();
    });
  };

  /* The card of the topmost shape at a place; says so if there is none. */
  app.openAt = function (latlng) {
    const point = app.map.latLngToLayerPoint(latlng);
    for (const layer of [...app.layers].reverse()) {
      if (!layer.on || !app.data.cards[layer.spec.table]) continue;
      const hit = layer.group.getLayers().reverse().find((path) => path._containsPoint && path._map && path._containsPoint(point));
      if (hit && layer.spec.geometry === "Polygon" && app.tellsSignal()) break;
      if (hit) {
        app.openCard(layer.spec.table, app.together(layer, hit.row), latlng);
        document.querySelector(".leaflet-popup-content").focus({ preventScroll: true });
        return;
      }
    }
    if (app.tellsSignal()) app.openSignal(latlng);
    else app.announce(app.now(app.word("nothing_here")));
  };
})(phusong);
