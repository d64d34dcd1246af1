// Starts the page: the height of the header, the places scrolled to, and the first view.

/** What sticks below the head of the page has to know how high it is. */
new ResizeObserver(([{ target }]) => {
  const sticks = getComputedStyle(target).position === "sticky";
  document.documentElement.style.setProperty("--top", sticks ? `${target.offsetHeight}px` : "0px");
}).observe(document.getElementById("top"));

history.scrollRestoration = "manual";
let scrollTimer = 0;
window.addEventListener(
  "scroll",
  () => {
    clearTimeout(scrollTimer);
    scrollTimer = setTimeout(
      () => history.replaceState({ ...history.state, y: window.scrollY }, ""),
      120,
    );
  },
  { passive: true },
);
window.addEventListener("popstate", () => {
  clearTimeout(scrollTimer);
  showView();
});
showView();
