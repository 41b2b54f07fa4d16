"use strict";
/* Where the pointer is, and the place last clicked: in WGS 84 and in the study's own system. */
(function (app) {
  let pinned = null;
  let mark = null;
  const listeners = [];

  app.buildPlace = function (map) {
    const lines = app.el("div", { class: "lines" });
    const copy = app.say(app.el("button", { type: "button", on: { click: () => copyText(plain(pinned)) } }), app.word("copy"));
    const drop = app.say(app.el("button", { type: "button", on: { click: () => app.unpin() } }, "×"), app.word("unpin"), "aria-label");
    const control = L.control({ position: "bottomright" });
    const box = app.say(app.el("div", { class: "place", role: "group", hidden: true }, lines, app.el("p", { hidden: true }, copy, " ", drop)),
      app.word("coordinates"), "aria-label");
    control.onAdd = () => {
      L.DomEvent.disableClickPropagation(box);
      return box;
    };
    control.addTo(map);
    mark = L.marker([0, 0], { interactive: false, keyboard: false, icon: L.divIcon({ className: "pin", iconSize: [22, 22] }) });

    const tell = (latlng) => {
      box.hidden = !latlng;
      if (latlng) lines.replaceChildren(...written(latlng).map((line) => app.el("div", {}, line)));
    };
    const follow = (latlng) => { if (!pinned) tell(latlng); };
    /* A finger does not hover: the box would come up under it and take the tap. */
    if (matchMedia("(hover: hover)").matches) map.on("mousemove", (event) => follow(event.latlng));
    map.on("mouseout", () => follow(null));
    map.on("moveend", () => { if (app.byKeyboard()) follow(map.getCenter()); });
    app.onChange(() => { if (pinned) tell(pinned); });

    app.pin = function (latlng) {
      pinned = latlng;
      box.lastChild.hidden = false;
      tell(latlng);
      mark.setLatLng(latlng).addTo(map);
      app.keepAddress();
      listeners.forEach((listener) => listener());
    };
    app.pinned = () => pinned;
    app.unpin = function () {
      pinned = null;
      box.lastChild.hidden = true;
      mark.remove();
      tell(null);
      app.keepAddress();
      listeners.forEach((listener) => listener());
    };
  };
  /* Called after a place was pinned or let go. */
  app.onPin = (listener) => listeners.push(listener);

  const degrees = (value, positive) => `${app.number(value, app.lang, 5)}° ${app.now(app.word(positive))}`;
  function written({ lat, lng }) {
    const lines = [`WGS 84: ${degrees(lat, "latitude")}, ${degrees(lng, "longitude")}`];
    const system = app.data.readout;
    if (system) {
      const { east, north } = app.project([lat, lng], system);
      const [x, y] = [north, east].map((metres) => app.number(metres, app.lang, 1));
      lines.push(`${app.now(system.title)}:`, app.now(app.fill(app.word("northing_easting"), { x, y })));
    }
    return lines;
  }

  /* For other programs: plain numbers with a point, northing before easting as in Vietnam. */
  function plain({ lat, lng }) {
    const lines = [`WGS 84\t${lat.toFixed(6)}\t${lng.toFixed(6)}`];
    const system = app.data.readout;
    if (system) {
      const { east, north } = app.project([lat, lng], system);
      lines.push(`${app.now(system.title)}\t${north.toFixed(2)}\t${east.toFixed(2)}`);
    }
    return lines.join("\n");
  }

  app.writtenPlace = written;

  /* By a hidden field: a page opened from a file may not use the clipboard's newer interface. */
  app.copyText = copyText;
  function copyText(text) {
    const field = app.el("textarea", { class: "unseen", readonly: true });
    field.value = text;
    document.body.append(field);
    const before = document.activeElement;
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    before.focus();
    app.announce(app.now(app.word(done ? "copied" : "not_copied")));
  }
})(phusong);
