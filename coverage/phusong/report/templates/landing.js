"use strict";
const page = document.documentElement;
const languages = document.querySelectorAll(".languages button");
const services = document.querySelectorAll(".services button");
const given = new URLSearchParams(location.hash.slice(1));
const seen = { lang: page.lang, service: services.length ? services[0].value : given.get("service") || "" };

function press(buttons, value) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === value));
}

/* The maps open in the language and the service shown here. */
function direct() {
  const carried = new URLSearchParams(Object.entries(seen).filter(([, value]) => value)).toString();
  for (const link of document.querySelectorAll("[data-go]")) {
    link.setAttribute("href", link.dataset.go + (link.dataset.go.includes("#") ? "&" : "#") + carried);
  }
}
function keep() {
  direct();
  history.replaceState(null, "", `#lang=${seen.lang}${seen.service ? `&service=${encodeURIComponent(seen.service)}` : ""}`);
}

function speak(language) {
  page.lang = seen.lang = language;
  document.title = page.dataset[language];
  press(languages, language);
}
function choose(service) {
  seen.service = service;
  press(services, service);
  for (const table of document.querySelectorAll("[data-service]")) {
    table.hidden = table.dataset.service !== service;
  }
}
for (const button of languages) button.addEventListener("click", () => { speak(button.value); keep(); });
for (const button of services) button.addEventListener("click", () => { choose(button.value); keep(); });
if (given.get("lang") === "en" || location.hash === "#en") speak("en");
if ([...services].some((button) => button.value === given.get("service"))) choose(given.get("service"));
direct();

/* A click on a heading sorts by its column, the next one the other way round. */
for (const button of document.querySelectorAll(".sort")) {
  button.addEventListener("click", () => {
    const heading = button.parentElement;
    const body = heading.closest("table").tBodies[0];
    const column = [...heading.parentElement.children].indexOf(heading);
    const order = heading.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending";
    for (const other of heading.parentElement.children) other.setAttribute("aria-sort", "none");
    heading.setAttribute("aria-sort", order);
    const value = (row) => row.children[column].dataset.value;
    const compare = (a, b) => (heading.classList.contains("number") ? Number(value(a)) - Number(value(b)) : value(a).localeCompare(value(b), "vi"));
    const rows = [...body.rows].sort((a, b) => (order === "ascending" ? compare(a, b) : compare(b, a)));
    body.append(...rows);
  });
}
