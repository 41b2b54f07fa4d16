"use strict";
/* The address keeps what is seen: place, pinned place, layers, service, language. Whoever opens it sees
   the same, and the links to the other pages carry on what means something there. */
(function (app) {
  const entries = () => [...app.rasters, ...app.layers];
  const given = () => new URLSearchParams(location.hash.slice(1));
  let links = [];

  /* Language and service, before anything is drawn. */
  app.readAddress = (wanted = given()) => {
    const lang = wanted.get("lang");
    if (lang === "vi" || lang === "en") app.lang = lang;
    const service = app.data.services.find((one) => one.id === wanted.get("service"));
    if (service) app.service = service.id;
  };

  /* The rest, once everything stands. What the page does not have is passed over. */
  function restore(wanted) {
    if (wanted.has("layers")) {
      const on = new Set(wanted.get("layers").split(","));
      entries().filter((one) => one.available && one.on !== on.has(one.spec.id)).forEach((one) => one.set(on.has(one.spec.id)));
    }
    const place = numbers(wanted.get("map"), 3);
    if (place) app.map.setView(place.slice(1), place[0], { animate: false });
    const pin = numbers(wanted.get("pin"), 2);
    if (pin) app.pin(L.latLng(pin));
    const [table, code] = (wanted.get("open") || "").split(/:(.*)/s);
    const row = code && Object.hasOwn(app.data.tables, table) ? app.rowOf(table, code) : -1;
    if (row >= 0) app.showRow(table, row);
  }
  function numbers(text, count) {
    const found = (text || "").split("/").map((part) => (part.trim() ? Number(part) : NaN));
    return found.length === count && found.every(Number.isFinite) ? found : null;
  }

  /* The row of a table with this code. */
  app.rowOf = function (table, code) {
    const key = app.data.keys[table];
    const column = key && app.data.tables[table].columns[key];
    return column ? column.indexOf(code) : -1;
  };

  const place = () => {
    const { lat, lng } = app.map.getCenter();
    return `${app.map.getZoom()}/${lat.toFixed(5)}/${lng.toFixed(5)}`;
  };
  const join = (parts) => "#" + parts.filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%(2F|2C|3A)/g, decodeURIComponent)}`).join("&");
  /* What another page of the folder understands, too. */
  const carried = () => [["map", place()], ["service", app.service], ["lang", app.lang]];

  function write() {
    const pin = app.pinned();
    const parts = [...carried(), ["layers", entries().filter((one) => one.on).map((one) => one.spec.id).join(",")],
      ["pin", pin && `${pin.lat.toFixed(6)}/${pin.lng.toFixed(6)}`], ["masts", app.scenarioAddress()]];
    history.replaceState(null, "", join(parts));
    links = links.filter((link) => link.node.isConnected);
    links.forEach(direct);
  }
  const direct = ({ node, file, more }) => { node.href = file + join([...carried(), ...more]); };

  /* A link to another page of the folder, which opens at what is seen here, or at a row. */
  app.linkTo = function (file, words, more = []) {
    const node = app.say(app.el("a"), words);
    links.push({ node, file, more });
    direct(links[links.length - 1]);
    return node;
  };

  app.buildPages = function () {
    const nav = document.querySelector(".pages");
    if (!nav) return;
    const others = app.data.pages.filter((page) => page.name !== app.data.page);
    nav.append(app.linkTo("../index.html", app.word("start_page")));
    if (others.length) {
      nav.append(app.el("details", {}, app.say(app.el("summary"), app.word("other_maps")),
        app.el("ul", {}, ...others.map((page) => app.el("li", {}, app.linkTo(`${page.name}.html`, page.title))))));
    }
  };

  app.buildAddress = function () {
    app.buildPages();
    restore(given());
    window.addEventListener("hashchange", () => {
      const wanted = given(); // each change writes the address anew
      app.readAddress(wanted);
      app.setService(app.service);
      app.setLanguage(app.lang);
      restore(wanted);
      if (app.restoreScenario) app.restoreScenario(wanted.get("masts"));
    });
    if (location.protocol === "about:") return; // a map inside a notebook has no address of its own
    app.keepAddress = write;
    app.map.on("moveend", write);
    app.onChange(write);
  };
  app.keepAddress = () => {};
  app.scenarioAddress = () => "";
})(phusong);
