// One browser for many looks. A line in: {url, scheme, width, large?, ungoverned?, password?, barriers?, screenshot?}. A line out: what was
// seen, and with `barriers` what keeps somebody from reading it.
import { createInterface } from "node:readline";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packages] = process.argv.slice(2);
const chrome = join(packages, ".chromium");
const required = createRequire(join(packages, "x.js"));
const { chromium } = required("playwright-core");
const axe = readFileSync(required.resolve("axe-core/axe.min.js"), "utf8");
const STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"];

// Playwright gives every browser a new and empty profile of its own.
const browser = await chromium.launch({
  executablePath: join(chrome, "chromium"),
  env: { ...process.env, LD_LIBRARY_PATH: join(chrome, "lib"), FONTCONFIG_FILE: join(chrome, "fonts.conf") },
  args: [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
  ],
});

async function look(wanted) {
  const context = await browser.newContext({
    colorScheme: wanted.scheme,
    viewport: { width: wanted.width, height: 800 },
    // Without the policy of the answer, only what is in the page itself keeps a script from running.
    bypassCSP: wanted.ungoverned,
    httpCredentials: wanted.password ? { username: "x", password: wanted.password } : undefined,
  });
  const page = await context.newPage();
  const said = [];
  page.on("console", (message) => said.push(message.text()));
  page.on("dialog", (dialog) => said.push(dialog.message()) && dialog.dismiss());
  page.on("pageerror", (error) => said.push(String(error)));
  const answer = await page.goto(wanted.url);
  // Twice the size of text, as by a reader's own setting.
  if (wanted.large) await page.evaluate(() => (document.documentElement.style.fontSize = "200%"));
  const seen = await page.evaluate(() => ({
    title: document.title,
    scripts: document.scripts.length,
    handlers: [...document.querySelectorAll("*")].flatMap((element) =>
      [...element.attributes].filter((one) => one.name.startsWith("on")).map((one) => one.name),
    ),
    ran: "ran" in window,
    paper: getComputedStyle(document.body).backgroundColor,
    overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    text: document.body.innerText,
  }));
  if (wanted.screenshot) await page.screenshot({ path: wanted.screenshot, fullPage: true });
  let found = [];
  if (wanted.barriers) {
    await page.evaluate(axe);
    found = (await page.evaluate((tags) => axe.run({ runOnly: tags }), STANDARD)).violations;
  }
  await context.close();
  const barriers = found.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)}`));
  return { ...seen, status: answer.status(), said, barriers };
}

for await (const line of createInterface({ input: process.stdin })) {
  const seen = await look(JSON.parse(line)).catch((error) => ({ error: String(error.stack) }));
  process.stdout.write(`${JSON.stringify(seen)}\n`);
}
await browser.close();
