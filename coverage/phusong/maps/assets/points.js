"use strict";
/* Point symbols on the map's one canvas: shape tells layers apart where colour cannot. */
(function (app) {
  const outlines = {
    square: (r) => [[-r, -r], [r, -r], [r, r], [-r, r]],
    diamond: (r) => [[0, -1.3 * r], [1.3 * r, 0], [0, 1.3 * r], [-1.3 * r, 0]],
    triangle: (r) => [[0, -1.25 * r], [1.15 * r, 0.85 * r], [-1.15 * r, 0.85 * r]],
  };

  L.Canvas.include({
    /* At rest the canvas lies on whole pixels; a fraction would blur every line. */
    _updateTransform(centre, zoom) {
      L.Renderer.prototype._updateTransform.call(this, centre, zoom);
      if (zoom === this._zoom && centre.equals(this._center)) L.DomUtil.setPosition(this._container, this._bounds.min);
    },

    _updateSymbol(layer) {
      const outline = outlines[layer.options.shape];
      if (!outline) {
        this._updateCircle(layer);
        return;
      }
      if (!this._drawing || layer._empty()) return;
      const { x, y } = layer._point;
      this._ctx.beginPath();
      outline(layer._radius).forEach(([dx, dy]) => this._ctx.lineTo(x + dx, y + dy));
      this._ctx.closePath();
      this._fillStroke(this._ctx, layer);
    },
  });

  app.Symbol = L.CircleMarker.extend({
    _updatePath() {
      this._renderer._updateSymbol(this);
    },
  });

  /* The same symbols, lines and areas as small pictures for the legend. */
  const SVG = "http://www.w3.org/2000/svg";
  app.swatch = function (geometry, style) {
    const svg = document.createElementNS(SVG, "svg");
    const radius = geometry === "Point" ? Math.min(style.radius_px, 14) : 0;
    const [wide, high] = [Math.max(22, 2 * radius + 2), Math.max(16, 2 * radius + 2)];
    const attributes = { width: wide, height: high, viewBox: `${-wide / 2} ${-high / 2} ${wide} ${high}`, "aria-hidden": "true", class: "swatch" };
    for (const [name, value] of Object.entries(attributes)) svg.setAttribute(name, value);
    const add = (tag, given) => {
      const shape = document.createElementNS(SVG, tag);
      for (const [name, value] of Object.entries(given)) shape.setAttribute(name, value);
      svg.append(shape);
    };
    if (geometry === "LineString" || (geometry === "Polygon" && style.fill_opacity === 0)) {
      const stroke = geometry === "Polygon" ? style.outline : style.colour;
      add("line", { x1: -11, x2: 11, y1: 0, y2: 0, stroke, "stroke-width": Math.max(style.width_px, 1.2),
                    "stroke-dasharray": style.dash || "" });
    } else if (geometry === "Polygon") {
      add("rect", { x: -10, y: -6.5, width: 20, height: 13, fill: style.colour, "fill-opacity": style.fill_opacity,
                    stroke: style.outline, "stroke-width": 0.6 });
    } else {
      const paint = { fill: style.colour, stroke: style.outline, "stroke-width": style.width_px };
      if (outlines[style.shape]) add("polygon", { ...paint, points: outlines[style.shape](radius).join(" ") });
      else add("circle", { ...paint, r: radius });
    }
    return svg;
  };
})(phusong);
