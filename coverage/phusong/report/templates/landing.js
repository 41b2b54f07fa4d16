"use strict";
const page = document.documentElement;

function press(buttons, value) {
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.value === value));
}

const languages = document.querySelectorAll(".languages button");
function speak(language) {
  page.lang = language;
  document.title = page.dataset[language];
  press(languages, language);
}
for (const button of languages) button.addEventListener("click", () => speak(button.value));
if (location.hash === "#en") speak("en");

const services = document.querySelectorAll(".services button");
for (const button of services) {
  button.addEventListener("click", () => {
    press(services, button.value);
    for (const table of document.querySelectorAll("[data-service]")) {
      table.hidden = table.dataset.service !== button.value;
    }
  });
}
