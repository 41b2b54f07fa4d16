"use strict";
/* Names on the map where there is room; earlier layers in the list win. */
(function (app) {
  const GAP = 2;
  const NEAR = 120; // a town and the commune named after it need one label, not two
  const ruler = document.createElement("canvas").getContext("2d");

  app.Labels = L.Layer.extend({
    onAdd(map) {
      this._pane = map.createPane("labels");
      this._pane.classList.add("labels");
      map.on("moveend zoomend resize", this.redraw, this);
      this.redraw();
    },

    /* sources: functions that yield {latlng, text, size, colour, italic, offset}, most important first */
    from(sources) {
      this._sources = sources;
      return this;
    },

    redraw() {
      const map = this._map;
      if (!map) return;
      const view = map.getBounds().pad(0.1);
      const family = getComputedStyle(map.getContainer()).fontFamily;
      const taken = [];
      const placed = [];
      for (const source of this._sources) {
        for (const label of source(map.getZoom())) {
          if (!view.contains(label.latlng)) continue;
          ruler.font = `${label.italic ? "italic " : ""}${label.size}px ${family}`;
          const width = ruler.measureText(label.text).width;
          const point = map.latLngToLayerPoint(label.latlng);
          const free = (box) => !taken.some((other) => overlap(box, other) || repeats(box, other, label.text));
          const spot = candidates(point, width, label).find(free);
          if (!spot) continue;
          taken.push({ ...spot, text: label.text });
          placed.push(this._write(label, spot));
        }
      }
      this._pane.replaceChildren(...placed);
    },

    _write(label, box) {
      const node = app.el("span", { class: "label" }, label.text);
      node.style.fontSize = `${label.size}px`;
      node.style.fontStyle = label.italic ? "italic" : "normal";
      node.style.color = label.colour;
      L.DomUtil.setPosition(node, L.point(Math.round(box.left), Math.round(box.top)));
      return node;
    },
  });

  /* Centred on an area; right, left, above or below a point. */
  function candidates(point, width, { size, offset }) {
    const height = 1.15 * size;
    const at = (left, top) => ({ left, top, right: left + width, bottom: top + height });
    if (!offset) return [at(point.x - width / 2, point.y - height / 2)];
    const top = point.y - height / 2;
    return [
      at(point.x + offset, top),
      at(point.x - offset - width, top),
      at(point.x - width / 2, point.y - offset - height),
      at(point.x - width / 2, point.y + offset),
    ];
  }
  const overlap = (a, b) =>
    a.left < b.right + GAP && b.left < a.right + GAP && a.top < b.bottom + GAP && b.top < a.bottom + GAP;
  const repeats = (box, other, text) =>
    other.text === text && Math.hypot(box.left - other.left, box.top - other.top) < NEAR;
})(phusong);
