"use strict";
/* Rasters of the chosen service between the relief and the layers. */
(function (app) {
  const NEAR = 11; // from here on a pixel is seen as one, not mixed with its neighbours
  app.rasters = [];

  app.buildRasters = function () {
    app.rasters = app.data.rasters.map((spec) => ({ spec, available: spec.available, on: spec.available && spec.shown, image: null }));
    app.rasters.forEach(show);
    const sharpen = () => { app.map.getPane("rasters").style.imageRendering = app.map.getZoom() < NEAR ? "auto" : "pixelated"; };
    app.map.on("zoomend", sharpen);
    sharpen();
    app.onService(() => app.rasters.forEach(show));
  };

  app.toggleRaster = function (raster, on) {
    raster.on = on;
    show(raster);
  };

  function show(raster) {
    if (raster.image) raster.image.remove();
    const picture = raster.spec.pictures[app.service];
    raster.image = raster.on && picture
      ? L.imageOverlay(picture.url, picture.bounds, { pane: "rasters", className: "raster", interactive: false }).addTo(app.map) : null;
  }
})(phusong);
