"use strict";
/* All that folium's own popups ask of jQuery: markup to nodes, and a call when the page is ready.
   The page's policy keeps handlers in such markup from running. */
window.$ = function (given) {
  if (typeof given !== "string") return { ready: (act) => act() };
  const template = document.createElement("template");
  template.innerHTML = given.trim();
  return template.content.children;
};
