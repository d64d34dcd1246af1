// Starts the page: measures the header, restores scroll positions, and shows the first view.

/** Elements that stick below the header are placed by its height. */
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
