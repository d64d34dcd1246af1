// The keys of the page, and the dialog that lists them.

const helpDialog = h(
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

function focusItem(by) {
  if (shownTable?.rows.length) return shownTable.focusRow(by);
  const items = [...mainElement.querySelectorAll("[data-item], main details > summary")];
  items[items.indexOf(document.activeElement) + by]?.focus();
}

const KEY_ACTIONS = {
  "/": () => searchField.focus(),
  j: () => focusItem(1),
  k: () => focusItem(-1),
  n: () => currentView.neighbours?.[1] && navigate(currentView.neighbours[1]),
  p: () => currentView.neighbours?.[0] && navigate(currentView.neighbours[0]),
  o: () => navigate("#/"),
  m: () => navigate("#/matrix"),
  "?": () => helpDialog.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input, select, textarea");
  if (
    event.target === searchField &&
    (event.key === "Escape" || event.key === "ArrowDown" || event.key === "Enter")
  ) {
    event.preventDefault();
    searchField.blur();
    if (event.key !== "Escape") focusItem(1);
    return;
  }
  if (typing || helpDialog.open || !KEY_ACTIONS[event.key]) return;
  event.preventDefault();
  KEY_ACTIONS[event.key]();
});
