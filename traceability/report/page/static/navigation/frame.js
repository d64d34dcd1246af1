// The frame of every view: the header with navigation and search field, and the footer.

searchField.addEventListener("input", () => {
  const inside = currentAddress().view === "search";
  navigate(hrefTo("search", "", { q: searchField.value }), inside);
});

document.getElementById("top").append(
  h(
    "a",
    { class: "brand", href: "#/" },
    verdictIcon(
      DATA.conformant ? "verified" : "failed",
      DATA.conformant
        ? "conformant"
        : DATA.acceptable
          ? "accepted, not conformant"
          : "not conformant",
    ),
    DATA.title,
  ),
  h(
    "nav",
    { "aria-label": "Views" },
    NAVIGATION.map(([view, words]) =>
      h(
        "a",
        { href: hrefTo(view), "data-view": view },
        words,
        view === "findings" && findings.length ? ` ${number(findings.length)}` : "",
      ),
    ),
  ),
  searchField,
);

document.body.append(
  h(
    "footer",
    null,
    h("p", null, "One file, nothing loaded. Press ", h("kbd", null, "?"), " for the keys."),
  ),
  helpDialog,
);

document.getElementById("skip").addEventListener("click", (event) => {
  event.preventDefault();
  mainElement.focus();
});
