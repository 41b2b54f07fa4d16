"use strict";
/* The card of a place on the ground: how the chosen service is there, from which cell, and how to look closer. */
(function (app) {
  const told = (word, values) => app.now(values ? app.fill(app.word(word), values) : app.word(word));
  const db = (value) => `${value > 0 ? "+" : ""}${app.number(value, app.lang, 0)} dB`;

  /* Open it; `also` are rows that lie there too, each told by a button. */
  app.openSignal = async function (latlng, also = []) {
    const found = await app.signalAt(latlng);
    if (!found) {
      if (also.length) also[0].open();
      return;
    }
    const body = app.el("div", { class: "card signal" });
    const fill = () => body.replaceChildren(...contents(found, latlng, also));
    fill();
    app.openPopup(latlng, body, fill);
    if (found.cell >= 0) app.drawRay(latlng, app.data.cells.station_id[found.cell]);
  };

  function contents(found, latlng, also) {
    const service = app.data.services.find((one) => one.id === app.service);
    const line = (word, value) => (value === null ? [] : [app.el("dt", {}, told(word)), app.el("dd", { "data-signal": word }, value)]);
    const { cell } = found;
    return [
      app.el("h2", { class: found.served ? "met" : "missed" }, told(found.served ? "signal_served" : found.margin === null ? "signal_none" : "signal_weak")),
      app.el("p", { class: "where" }, app.now(service.title)),
      app.el("dl", {},
        ...line("signal_margin", found.margin === null ? null : db(found.margin)),
        ...line("signal_level", found.level === null ? null : `${app.number(found.level, app.lang, 0)} dBm`),
        ...(cell >= 0 && app.data.cells ? server(cell, line) : []),
        ...line("signal_second", second(found)),
        ...line("signal_second_server", found.secondCell >= 0 && app.data.cells ? secondServer(found.secondCell) : null),
        ...line("signal_servers", found.servers === undefined ? null : found.servers < app.data.planes.most_servers ? app.number(found.servers, app.lang, 0)
          : told("signal_or_more", { most: found.servers })),
        ...line("signal_obstacle", found.obstacle === undefined ? null : found.obstacle === 0 ? told("signal_in_sight")
          : told("signal_hidden", { distance: { vi: kilometres(found.obstacle, "vi"), en: kilometres(found.obstacle, "en") } }))),
      ...(cell >= 0 && app.data.cells ? [command(cell, latlng)] : []),
      ...also.map(({ title, open }) => app.el("p", { class: "also" }, app.el("button", { type: "button", on: { click: open } }, title))),
    ];
  }
  const kilometres = (metres, lang) => (metres < 1000 ? `${app.number(metres, lang, 0)} m` : `${app.number(metres / 1000, lang, 1)} km`);

  function server(cell, line) {
    const { cell_id, operator, technology, azimuth_deg } = app.data.cells;
    const facing = azimuth_deg[cell] === null ? told("signal_all_round") : told("signal_facing", { azimuth: app.number(azimuth_deg[cell], app.lang, 0) });
    return [...line("signal_server", `${operator[cell]} · ${technology[cell]} · ${facing}`), ...line("signal_cell", cell_id[cell])];
  }

  function secondServer(cell) {
    const { cell_id, operator, technology } = app.data.cells;
    return `${operator[cell]} · ${technology[cell]} · ${cell_id[cell]}`;
  }

  function second({ second: margin, served }) {
    if (margin === undefined || !served) return null;
    if (margin === null) return told("signal_second_none");
    return told(margin >= 0 ? "signal_second_serves" : "signal_second_weak", { margin: db(margin) });
  }

  /* The profile needs the terrain, which the page does not carry: the command that draws it, ready to paste. */
  function command(cell, { lat, lng }) {
    const words = `phusong profile . --cell ${quoted(app.data.cells.cell_id[cell])} --to ${lng.toFixed(5)},${lat.toFixed(5)} --out profile.png`;
    return app.el("div", { class: "command" }, app.el("p", {}, told("signal_profile")), app.el("code", {}, words),
      app.el("button", { type: "button", on: { click: () => app.copyText(words) } }, told("copy_command")));
  }
  /* As a shell and the Windows prompt take it; other marks cannot be trusted in a command line. */
  const quoted = (code) => (/^[\w.+-]+$/.test(code) ? code : `"${code.replace(/[^\p{L}\p{N} _.,:+/-]/gu, "?")}"`);
})(phusong);
