// Runs the page's functions that read texts on the worst texts of 100 KB, and prints how many there
// were. It is ended from outside if one of them takes more than linear time.

import fs from "node:fs";
import vm from "node:vm";

const [root] = process.argv.slice(2);
const context = { h: (...words) => words, location: { hash: "" }, window: {}, setTimeout: () => 0 };
vm.createContext(context);
for (const name of ["parts/markup.js", "parts/scenario_steps.js", "parts/labels.js"])
  vm.runInContext(fs.readFileSync(`${root}/${name}`, "utf-8"), context);
const search = fs.readFileSync(`${root}/views/search.js`, "utf-8");
const [highlighted] = /^function highlighted[^]*?^\}/m.exec(search);
vm.runInContext(`let searchTerms = ["a", "bb", "not there", "!"]; ${highlighted}`, context);
const spec = fs.readFileSync(`${root}/views/spec.js`, "utf-8");
const [tableBlock] = /^function tableBlock[^]*?^\}/m.exec(spec);
vm.runInContext(tableBlock, context);

const WORST = {
  markup: [
    "`", "``a", "`a``b", "**a ", "***", "**", "*a ", "*a", "_a ", "_", "[", "[a](", "[a](b ", "[a",
    "(", " ", "a", "]", "**a** ", "`a` *b* _c_ ",
  ],
  codeMarkup: ["`", "``a", "`a``b", "`a` ", "a"],
  indentedJson: ['"', '\\"', "\\", "{", "[", " ", '"a":', "a"],
  shellQuoted: ["'", "\n", "\\", "a"],
  highlighted: ["a", "b", "ab", "!", " "],
  withBreaks: ["/", ".", "a", "/a"],
  tableBlock: ["|", "\\|", " ", "-", "|a", "|\n", "\n", "a"],
};
let count = 0;
for (const [name, repeated] of Object.entries(WORST))
  for (const each of repeated)
    for (const [before, behind] of [["", ""], ["[", "… ‹9 more characters›"], ['["', "x"]]) {
      context.words = before + each.repeat(100_000 / each.length) + behind;
      process.stderr.write(`${name} of ${JSON.stringify(each)}\n`);
      vm.runInContext(`${name}(words)`, context);
      count += 1;
    }
console.log(count);
