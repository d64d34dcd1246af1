// The address alone decides which view is shown; links, keys and the search only change it.

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
const NAVIGATION = [
  ["", "Overview"],
  ["matrix", "Matrix"],
  ["spec", "Spec"],
  ["features", "Features"],
  ["source", "Source"],
  ["endpoints", "Endpoints"],
  ["findings", "Findings"],
];
const PARENT_VIEW = {
  requirement: "matrix",
  scenario: "features",
  feature: "features",
  endpoint: "endpoints",
};

const mainElement = document.getElementById("main");
const searchField = h("input", {
  type: "search",
  id: "search",
  placeholder: "Search  /",
  "aria-label": "Search everything",
  autocomplete: "off",
  spellcheck: "false",
});
let currentView = { key: null };

function currentAddress() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split(/\?([^]*)/);
  const [view, ...rest] = path.split("/");
  let argument = rest.join("/");
  try {
    argument = decodeURIComponent(argument);
  } catch {
    // An address that cannot be decoded is looked up as it is; the view says that it is unknown.
  }
  return { view, argument, parameters: new URLSearchParams(query) };
}

function navigate(hash, replace = false) {
  if (hash === location.hash) return;
  if (replace) history.replaceState({ y: 0 }, "", hash);
  else history.pushState(null, "", hash);
  showView();
}

function showView() {
  const { view, argument, parameters } = currentAddress();
  const key = `${view}/${argument}`;
  const changed = currentView.key !== key;
  if (changed) {
    shownTable = null;
    const make = VIEWS[view] ?? (() => notFoundView("This address leads nowhere."));
    currentView = { key, ...make(argument, parameters) };
    mainElement.replaceChildren(currentView.node);
    document.title = `${currentView.title} · ${DATA.title}`;
  }
  // A table measures its position when it is updated, so the view is scrolled to its place before.
  if (changed) window.scrollTo(0, history.state?.y ?? 0);
  currentView.update?.(parameters);
  if (changed) window.scrollTo(0, history.state?.y ?? 0);
  if (view === "search" && document.activeElement !== searchField)
    searchField.value = parameters.get("q") ?? "";
  if (view !== "search" && document.activeElement !== searchField) searchField.value = "";
  for (const link of document.querySelectorAll("#top nav a")) {
    const here = link.dataset.view === (PARENT_VIEW[view] ?? view);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  if (changed && document.activeElement !== searchField)
    mainElement.querySelector("h1")?.focus({ preventScroll: true });
}
