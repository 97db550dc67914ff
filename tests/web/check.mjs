// Checks web pages as a validator, a screen reader's auditor (axe) and a phone see them: node check.mjs TOOLS PAGE...
// TOOLS is the folder that holds node_modules. Prints each fault; ends with 1 if there is one.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [tools, ...pages] = process.argv.slice(2);
const require = createRequire(join(resolve(tools), "package.json"));
const puppeteer = require("puppeteer-core");
const { HtmlValidate } = require("html-validate");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const BROWSER = process.env.CHROMIUM ?? "/usr/bin/chromium";
const QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
const VIEWS = [
  { width: 360, scheme: "light" },
  { width: 1280, scheme: "dark" },
  { width: 1500, scheme: "light" },
];

async function validator(html) {
  const plain = html.replace(/data:[a-z+/]+;base64,[A-Za-z0-9+/=]+/g, "data:,"); // figures say nothing to it
  const report = await new HtmlValidate({ extends: ["html-validate:standard"] }).validateString(plain);
  return report.results.flatMap(({ messages }) => messages.map((m) => `validator: line ${m.line}: ${m.message} (${m.ruleId})`));
}

// In the browser: what sticks out of the window, and formulas of which a part cannot be scrolled to by keyboard.
function layoutFaults() {
  const width = document.documentElement.clientWidth;
  const found = [];
  if (document.documentElement.scrollWidth > width) found.push(`the page is ${document.documentElement.scrollWidth} px wide`);
  for (const formula of document.querySelectorAll("math")) {
    const { left, right } = formula.getBoundingClientRect();
    if (left >= 0 && right <= width) continue;
    const scroller = formula.closest(".formula, .long, .scroll");
    const reached = scroller && getComputedStyle(scroller).overflowX === "auto" && scroller.tabIndex >= 0;
    const start = left + (scroller?.scrollLeft ?? 0);
    if (!reached || start < 0) found.push(`a formula cannot be reached: ${formula.textContent.slice(0, 60)}`);
  }
  return found;
}

async function seen(browser, file, { width, scheme }) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 800 });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.goto(pathToFileURL(file).href);
  const layout = await page.evaluate(layoutFaults);
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
  await page.close();
  const view = `${width} px, ${scheme}`;
  const told = violations.flatMap((rule) => rule.nodes.slice(0, 3).map((node) => `${rule.id}: ${node.html.slice(0, 160)}`));
  return [...layout, ...told.map((fault) => `axe: ${fault}`)].map((fault) => `${view}: ${fault}`);
}

const browser = await puppeteer.launch({ executablePath: BROWSER, args: QUIET });
let faults = 0;
for (const file of pages) {
  const found = await validator(readFileSync(file, "utf8"));
  for (const view of VIEWS) found.push(...(await seen(browser, resolve(file), view)));
  for (const fault of found) console.log(`${file}: ${fault}`);
  if (!found.length) console.log(`${file}: the validator and axe find nothing, nothing sticks out, all formulas can be reached`);
  faults += found.length;
}
await browser.close();
process.exit(faults ? 1 : 0);
