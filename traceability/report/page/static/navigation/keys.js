// Everything that can be done without a mouse.

const help = h(
  "dialog",
  { class: "help" },
  h("h2", null, "Keys"),
  h(
    "dl",
    null,
    [
      ["/", "search everything"],
      ["j, k", "next and previous row"],
      ["n, p", "next and previous requirement or example"],
      ["o, m", "overview, matrix"],
      ["Esc", "leave the search"],
      ["?", "this help"],
    ].map(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)]),
  ),
  h("form", { method: "dialog" }, h("button", null, "Close")),
);

function moveItem(by) {
  if (shownTable?.rows.length) return shownTable.move(by);
  const items = [...main.querySelectorAll("[data-item], main details > summary")];
  items[items.indexOf(document.activeElement) + by]?.focus();
}

const KEYS = {
  "/": () => search.focus(),
  j: () => moveItem(1),
  k: () => moveItem(-1),
  n: () => shown.near?.[1] && go(shown.near[1]),
  p: () => shown.near?.[0] && go(shown.near[0]),
  o: () => go("#/"),
  m: () => go("#/matrix"),
  "?": () => help.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea");
  if (
    event.target === search &&
    (event.key === "Escape" || event.key === "ArrowDown" || event.key === "Enter")
  ) {
    event.preventDefault();
    search.blur();
    if (event.key !== "Escape") moveItem(1);
    return;
  }
  if (typing || help.open || !KEYS[event.key]) return;
  event.preventDefault();
  KEYS[event.key]();
});
