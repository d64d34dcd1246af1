// Opens what is folded before the page is printed.

/** On paper nothing can be opened: there, the steps of each scenario of a requirement are shown. */
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
