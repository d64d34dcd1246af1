// What frames every view: the header with navigation and search field, and the footer.

search.addEventListener("input", () => {
  const inside = current().view === "search";
  go(to("search", "", { q: search.value }), inside);
});

document.getElementById("top").append(
  h(
    "a",
    { class: "brand", href: "#/" },
    mark(
      DATA.conformant ? "verified" : "failed",
      DATA.conformant ? "conformant" : DATA.acceptable ? "accepted, not conformant" : "not conformant",
    ),
    DATA.title,
  ),
  h(
    "nav",
    { "aria-label": "Views" },
    PLACES.map(([view, words]) =>
      h(
        "a",
        { href: to(view), "data-view": view },
        words,
        view === "findings" && findings.length ? ` ${number(findings.length)}` : "",
      ),
    ),
  ),
  search,
);

document.body.append(
  h(
    "footer",
    null,
    h("p", null, "One file, nothing loaded. Press ", h("kbd", null, "?"), " for the keys."),
  ),
  help,
);

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
