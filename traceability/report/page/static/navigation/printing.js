// Opens folded scenarios while the page is printed.

/** Nothing can be opened on paper, so the steps of every scenario are printed, up to this many. */
const OPENED_FOR_PRINT_AT_MOST = 60;
let openedForPrint = [];
window.addEventListener("beforeprint", () => {
  openedForPrint = [...mainElement.querySelectorAll("details.scenario:not([open])")];
  if (openedForPrint.length > OPENED_FOR_PRINT_AT_MOST) openedForPrint = [];
  for (const block of openedForPrint) {
    block.open = true;
    block.renderOnce();
  }
});
window.addEventListener("afterprint", () => {
  for (const block of openedForPrint) block.open = false;
});
