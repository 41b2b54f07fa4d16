/* The page that computes in a cell of a notebook: what anywidget runs there. The page is a stranger to the notebook;
   it is asked to tell each scenario at rest, and what it tells is text to Python. */
async function unpacked(view) {
  const stream = new Blob([view]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).text();
}

async function render({ model, el }) {
  const frame = document.createElement("iframe");
  frame.setAttribute("sandbox", "allow-scripts allow-downloads allow-modals");
  frame.title = model.get("title");
  Object.assign(frame.style, { width: "100%", height: "640px", border: "0" });
  const take = (event) => {
    if (event.source !== frame.contentWindow || typeof event.data?.followed !== "string") return;
    model.set("scenario", event.data.followed);
    model.save_changes();
  };
  window.addEventListener("message", take);
  frame.addEventListener("load", () => frame.contentWindow.postMessage({ follow: true }, "*"));
  frame.srcdoc = await unpacked(model.get("page"));
  el.append(frame);
  return () => window.removeEventListener("message", take);
}

export default { render };
