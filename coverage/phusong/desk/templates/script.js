"use strict";
/* What a page of the desk does without being loaded anew: speak a language, take files, begin a
   task and follow it. Every text that comes from a file is shown as a text node. */
const page = document.documentElement;

function speak(language) {
  page.lang = language;
  document.title = page.dataset[language];
  for (const option of document.querySelectorAll("option[data-vi]")) option.textContent = option.dataset[language];
  for (const button of document.querySelectorAll(".languages button")) {
    button.setAttribute("aria-pressed", String(button.value === language));
  }
}
for (const button of document.querySelectorAll(".languages button")) {
  button.addEventListener("click", () => { localStorage.setItem("language", button.value); speak(button.value); });
}
if (localStorage.getItem("language") === "en") speak("en");

/* One text in both languages, of which the page shows one. */
function both(told) {
  const shown = document.createDocumentFragment();
  for (const language of ["vi", "en"]) {
    const words = document.createElement("bdi");
    words.lang = language;
    words.textContent = told[language];
    shown.append(words);
  }
  return shown;
}

const study = document.getElementById("study");
if (study) {
  const at = (path) => `${study.dataset.root}/${path}`;
  const work = document.getElementById("work");

  const list = (where, told, row) => {
    const items = told.map((one) => { const item = document.createElement("li"); row(item, one); return item; });
    work.querySelector(where).replaceChildren(...items);
  };
  function show(told) {
    work.hidden = told.state === "none";
    for (const words of work.querySelectorAll("[data-task]")) words.hidden = words.dataset.task !== told.task;
    for (const words of work.querySelectorAll("[data-state]")) words.hidden = words.dataset.state !== told.state;
    list(".steps", told.steps, (item, step) => {
      const bar = document.createElement("progress"), named = document.createElement("label");
      bar.max = 100;
      bar.value = step.percent;
      named.append(bar, " ", both(step));
      item.append(named);
    });
    list(".messages", told.messages, (item, message) => item.append(both(message)));
    document.getElementById("stop").hidden = told.state !== "at_work";
  }

  /* A full disk or a task at work is told where tasks are told; a desk that is gone, too. */
  async function ask(path, options) {
    try {
      const answer = await fetch(at(path), options);
      const told = answer.ok || answer.headers.get("content-type")?.includes("json") ? await answer.json() : { messages: [] };
      if (!answer.ok) show({ state: "refused", steps: [], messages: told.messages });
      return answer.ok ? told : null;
    } catch {
      show({ state: "broken", steps: [], messages: [] });
      return null;
    }
  }
  async function follow() {
    const told = await ask("progress");
    if (!told) return;
    show(told);
    if (told.state === "at_work") setTimeout(follow, 400);
    else if (waiting) {
      /* What the task wrote is on the page that is loaded now; how it ended is told again there. */
      sessionStorage.setItem("ended", study.dataset.root);
      location.reload();
    }
  }
  const BUTTONS = "[data-do], #begin button, #give button";
  let waiting = "followed" in study.dataset; // at work, or ended while no page was open
  async function begin(task, body) {
    for (const button of document.querySelectorAll(BUTTONS)) button.disabled = true;
    if (await ask(`do/${task}`, { method: "POST", body })) {
      waiting = true;
      work.hidden = false;
      work.scrollIntoView();
      follow();
    } else {
      for (const button of document.querySelectorAll(BUTTONS)) button.disabled = false;
    }
  }
  async function take(files) {
    const told = document.getElementById("upload");
    for (const file of files) {
      told.hidden = false;
      told.textContent = `${file.name} …`;
      const taken = await ask(`files/${encodeURIComponent(file.name)}`, { method: "PUT", body: file });
      told.hidden = true;
      if (!taken) return;
    }
    location.reload();
  }

  for (const button of document.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => begin(button.dataset.do, new URLSearchParams(button.dataset.options ?? "")));
  }
  for (const task of ["begin", "give"]) {
    document.getElementById(task)?.addEventListener("submit", (event) => {
      event.preventDefault();
      begin(task, new URLSearchParams(new FormData(event.target)));
    });
  }
  document.getElementById("stop").addEventListener("click", () => ask("stop", { method: "POST" }));
  for (const button of document.querySelectorAll("[data-remove]")) {
    button.addEventListener("click", async () => {
      if (await ask(`files/${encodeURIComponent(button.dataset.remove)}/remove`, { method: "POST" })) location.reload();
    });
  }
  const drop = document.getElementById("drop");
  document.getElementById("chosen").addEventListener("change", (event) => take([...event.target.files]));
  for (const kind of ["dragenter", "dragover"]) {
    drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });
  study.inert = false;
  if (waiting) follow();
  else if (sessionStorage.getItem("ended") === study.dataset.root) {
    sessionStorage.removeItem("ended");
    follow();
  }
}

/* The page that computes, in a frame: the scenario it hands over becomes the cells of the study. */
const explore = document.getElementById("explore");
if (explore) {
  const told = explore.querySelector("[role=status]");
  const tell = (messages) => {
    told.replaceChildren(...messages.map(both));
    told.hidden = false;
  };
  window.addEventListener("message", async (event) => {
    if (event.source !== explore.querySelector("iframe").contentWindow || typeof event.data?.scenario !== "string") return;
    if (!navigator.userActivation.isActive) return; // no page hands anything over by itself
    try {
      const answer = await fetch(`${explore.dataset.root}scenario`, { method: "POST", body: event.data.scenario });
      tell((await answer.json()).messages);
    } catch {
      tell([{ vi: explore.dataset.vi, en: explore.dataset.en }]);
    }
  });
}
