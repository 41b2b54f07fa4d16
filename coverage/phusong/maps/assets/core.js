"use strict";
/* Words, numbers and rows: what every other part of the page asks for. Draws nothing. */
const phusong = {};
(function (app) {
  app.lang = "vi";
  app.service = "";
  const LOOK_MS = 5;
  const changed = [];
  const served = [];

  app.read = function (id) {
    app.data = JSON.parse(document.getElementById(id).textContent);
    app.service = app.data.services.length ? app.data.services[0].id : "";
    app.readAddress();
    document.documentElement.lang = app.lang;
    app.data.area = app.data.area && app.data.area.map(unpack);
    for (const table of Object.values(app.data.tables)) {
      if (table.shapes && table.geometry !== "Point") table.shapes = table.shapes.map(unpack);
    }
  };

  /* What lies behind the page, which may still be on its way: it is whole once anything follows it. */
  app.block = async function (number) {
    for (;;) {
      const element = document.getElementById(`phusong-${number}`);
      if (element && (element.nextSibling || document.readyState !== "loading")) return element;
      if (!element && document.readyState !== "loading") throw new Error(`the page lacks its block ${number}`);
      await new Promise((done) => { setTimeout(done, LOOK_MS); });
    }
  };

  /* From whole steps of 1e-5 degrees to [latitude, longitude], as deep as the lists go. */
  function unpack(shape) {
    if (shape === null || typeof shape[0] !== "number") return shape && shape.map(unpack);
    const line = [];
    let [lat, lon] = [0, 0];
    for (let i = 0; i < shape.length; i += 2) {
      lat += shape[i];
      lon += shape[i + 1];
      line.push([lat / 1e5, lon / 1e5]);
    }
    return line;
  }

  /* Called after the language or the service has changed. */
  app.onChange = (listener) => changed.push(listener);
  /* Called before those, after the service has changed. */
  app.onService = (listener) => served.push(listener);
  const announce = () => changed.forEach((listener) => listener());

  app.setLanguage = function (lang) {
    app.lang = lang;
    document.documentElement.lang = lang;
    document.querySelectorAll("[data-vi]").forEach(translate);
    announce();
  };
  app.setService = function (id) {
    app.service = id;
    served.forEach((listener) => listener());
    announce();
  };

  function translate(node) {
    const text = node.dataset[app.lang];
    if (node.dataset.into) node.setAttribute(node.dataset.into, text);
    else node.textContent = text;
  }

  /* Give a node its words in both languages, as text or into an attribute. */
  app.say = function (node, words, attribute) {
    node.dataset.vi = words.vi;
    node.dataset.en = words.en;
    if (attribute) node.dataset.into = attribute;
    translate(node);
    return node;
  };
  app.word = (key) => app.data.words[key];
  app.now = (words) => words[app.lang];
  app.fill = (words, values) => {
    const put = (text, lang) =>
      text.replace(/\{(\w+)\}/g, (_, name) => {
        const value = values[name];
        return value !== null && typeof value === "object" ? value[lang] : value;
      });
    return { vi: put(words.vi, "vi"), en: put(words.en, "en") };
  };

  /* Make an element; children are nodes or plain text, never markup. */
  app.el = function (tag, attributes, ...children) {
    const node = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
      if (name === "on") for (const [type, act] of Object.entries(value)) node.addEventListener(type, act);
      else if (value === true) node.setAttribute(name, "");
      else if (value !== false && value !== null) node.setAttribute(name, value);
    }
    node.append(...children.filter((child) => child !== null && child !== undefined));
    return node;
  };

  app.number = function (value, lang, decimals) {
    const [whole, part] = Math.abs(value).toFixed(decimals).split(".");
    const sign = value < 0 ? "−" : "";
    const [group, point] = lang === "vi" ? [".", ","] : [",", "."];
    return sign + whole.replace(/\B(?=(\d{3})+$)/g, group) + (part ? point + part : "");
  };

  /* A share that misses the target is never rounded up to it. */
  app.percent = function (share, lang, target) {
    let decimals = 1;
    if (target !== null && target !== undefined && share < target) {
      while (decimals < 4 && Number((100 * share).toFixed(decimals)) >= 100 * target) decimals += 1;
    }
    return app.number(100 * share, lang, decimals) + " %";
  };

  app.field = (table, name) => app.data.tables[table].fields[name];

  app.value = function (table, row, name, service) {
    const { fields, columns } = app.data.tables[table];
    const field = fields[name];
    if (!field) return null;
    const column = columns[field.perService ? `${name}_${service || app.service}` : name];
    return column && column[row] !== undefined ? column[row] : null;
  };

  const word = (code) => (Object.hasOwn(app.data.values, code) ? app.now(app.data.values[code]) : code);

  /* Write a value as a person reads it, in the language of the page. */
  app.show = function (table, row, name, service) {
    if (app.lang === "en" && app.field(table, `${name}_en`)) name = `${name}_en`;
    const value = app.value(table, row, name, service);
    const field = app.field(table, name);
    if (value === null || value === "") return "–";
    if (typeof value === "boolean") return app.now(app.word(value ? "yes" : "no"));
    if (field.coded) return word(value);
    if (field.listed) return value.split(/,\s*/).map(word).join(", ");
    if (field.kind === "date" && app.lang === "vi") return value.split("-").reverse().join("/");
    if (name === "commune_code" && table !== "communes") return communeName(value);
    if (name === "service") return app.now((app.data.services.find((s) => s.id === value) || { title: { vi: value, en: value } }).title);
    if (typeof value !== "number") return field.unit.vi ? `${value} ${app.now(field.unit)}` : value;
    if (field.kind === "year") return String(value);
    if (field.percent) return app.percent(value, app.lang, targetOf(service));
    return measure(value, field);
  };

  /* Long distances and sums of money in the unit a person would say. */
  const SAID = { m: [[1e4, 1e3, "kilometres", 1]], "đồng": [[1e9, 1e9, "billions", 2], [1e6, 1e6, "millions", 1]] };
  function measure(value, { kind, unit }) {
    const larger = (SAID[unit.vi] || []).find(([least]) => value >= least);
    if (larger) return `${app.number(value / larger[1], app.lang, larger[3])} ${app.now(app.word(larger[2]))}`;
    let decimals = kind === "integer" ? 0 : unit.vi === "" ? (Number.isInteger(value) ? 0 : 2) : /^km|^dB/.test(unit.vi) ? 1 : 0;
    /* What lies just below a limit never looks as if it lay on it. */
    while (unit.vi === "dB" && value < 0 && decimals < 3 && Number(value.toFixed(decimals)) === 0) decimals += 1;
    const plain = app.number(value, app.lang, decimals);
    return unit.vi ? `${plain} ${app.now(unit)}` : plain;
  }

  /* "part / whole" of a share, or empty where either is unknown. */
  app.fraction = function (table, row, name, service) {
    const { share } = app.field(table, name);
    const [part, whole] = [share.part, share.whole].map((one) => app.value(table, row, one, service));
    if (part === null || whole === null) return "";
    const field = app.field(table, share.whole);
    const decimals = field.unit.vi === "km²" ? 1 : 0;
    return [part, whole].map((one) => app.number(one, app.lang, decimals)).join(" / ");
  };

  const targetOf = (service) => {
    const found = app.data.services.find((one) => one.id === (service || app.service));
    return found ? found.target : null;
  };

  let communes = null;
  function communeName(code) {
    const table = app.data.tables.communes;
    if (!table || !table.columns.commune_code || !table.columns.name) return code;
    communes = communes || new Map(table.columns.commune_code.map((one, row) => [one, row]));
    const row = communes.get(code);
    if (row === undefined) return code;
    const { type, name, district } = table.columns;
    return [type && type[row], name[row]].filter(Boolean).join(" ") + (district ? `, ${district[row]}` : "");
  }

  /* Plain lower-case letters, as phusong.i18n.fold makes them. */
  app.fold = (text) =>
    text.toLowerCase().replace(/đ/g, "d").normalize("NFD").replace(/\p{M}/gu, "").split(/\s+/).filter(Boolean).join(" ");
})(phusong);
