// The address decides what is shown; everything else only changes the address.

const VIEWS = {
  "": overview,
  matrix: matrixView,
  requirement: requirementView,
  scenario: scenarioView,
  spec: specView,
  features: featuresView,
  feature: featureView,
  source: sourceView,
  endpoints: endpointsView,
  endpoint: endpointView,
  findings: findingsView,
  search: searchView,
};
const PLACES = [
  ["", "Overview"],
  ["matrix", "Matrix"],
  ["spec", "Spec"],
  ["features", "Features"],
  ["source", "Source"],
  ["endpoints", "Endpoints"],
  ["findings", "Findings"],
];
const WITHIN = {
  requirement: "matrix",
  scenario: "features",
  feature: "features",
  endpoint: "endpoints",
};

const main = document.getElementById("main");
const search = h("input", {
  type: "search",
  id: "search",
  placeholder: "Search  /",
  "aria-label": "Search everything",
  autocomplete: "off",
  spellcheck: "false",
});
let shown = { key: null };

function current() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?([^]*)/);
  const [view, ...rest] = path.split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // A mangled address is looked up as it stands, and said not to be there.
  }
  return { view, argument, parameters: new URLSearchParams(query) };
}

function go(hash, replace = false) {
  if (hash === location.hash) return;
  if (replace) history.replaceState({ y: 0 }, "", hash);
  else history.pushState(null, "", hash);
  show();
}

function show() {
  const { view, argument, parameters } = current();
  const key = `${view}/${argument}`;
  const fresh = shown.key !== key;
  if (fresh) {
    shownTable = null;
    const make = VIEWS[view] ?? (() => missingView("This address leads nowhere."));
    shown = { key, ...make(argument, parameters) };
    main.replaceChildren(shown.node);
    document.title = `${shown.title} · ${DATA.title}`;
  }
  // With the new content in place, so that a table can measure where it stands.
  if (fresh) window.scrollTo(0, history.state?.y ?? 0);
  shown.update?.(parameters);
  if (fresh) window.scrollTo(0, history.state?.y ?? 0);
  if (view === "search" && document.activeElement !== search)
    search.value = parameters.get("q") ?? "";
  if (view !== "search" && document.activeElement !== search) search.value = "";
  for (const link of document.querySelectorAll("#top nav a")) {
    const here = link.dataset.view === (WITHIN[view] ?? view);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (fresh && document.activeElement !== search)
    main.querySelector("h1")?.focus({ preventScroll: true });
}
