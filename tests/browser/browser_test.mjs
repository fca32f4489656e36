// The whole path in a real browser: register, sign out, sign in, sign in through the development
// provider, see the connection; once with scripts and once without.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { chromium } from "playwright-core";
import { startServer } from "./server.mjs";

// ./test finds it in the PATH.
const executablePath = process.env.CARDEA_CHROMIUM || "/usr/bin/chromium";
const launch = {
  executablePath,
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"],
};
const password = "a sentence of a few words";
let server, browser;

before(async () => {
  assert.ok(existsSync(executablePath), `no browser at ${executablePath}`);
  server = await startServer();
  browser = await chromium.launch(launch);
});

after(async () => {
  await browser?.close();
  const result = await server?.stop();
  assert.deepEqual(result, { code: 0, signal: null });
});

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const violations = [];
  page.on("console", (message) => {
    if (/Content Security Policy/i.test(message.text())) violations.push(message.text());
  });
  await page.goto(server.origin + "/");
  return { context, page, violations };
}

async function register(page, email) {
  await page.getByRole("link", { name: "Create an account" }).click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
}

async function signInThroughProvider(page) {
  await page.getByRole("link", { name: /Continue with/ }).first().click();
  await page.getByRole("button", { name: /continue|allow|sign in/i }).first().click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
}

for (const javaScriptEnabled of [true, false]) {
  describe(javaScriptEnabled ? "with scripts" : "without scripts", () => {
    const mark = javaScriptEnabled ? "with" : "without";

    it("registers, signs out and signs in", async () => {
      const { context, page, violations } = await open({ javaScriptEnabled });
      const email = `ada-${mark}@example.com`;

      await register(page, email);
      assert.equal(await page.getByText(email).count() > 0, true);
      await page.getByRole("button", { name: "Sign out" }).click();
      await page.getByRole("heading", { name: "Sign in" }).waitFor();
      await page.getByLabel("E-mail address").fill(email);
      await page.getByLabel("Password").fill(password);
      await page.getByRole("button", { name: "Sign in" }).click();

      await page.getByRole("heading", { name: "Your account" }).waitFor();
      assert.deepEqual(violations, []);
      await context.close();
    });

    it("says beside the field what is wrong", async () => {
      const { context, page } = await open({ javaScriptEnabled });

      await page.getByRole("link", { name: "Create an account" }).click();
      await page.getByLabel("E-mail address").fill(`short-${mark}@example.com`);
      await page.getByLabel("Password").fill("short");
      await page.getByRole("button", { name: "Create account" }).click();

      const field = page.getByLabel("Password");
      await field.waitFor();
      assert.equal(await field.getAttribute("aria-invalid"), "true");
      assert.equal(await page.getByLabel("E-mail address").inputValue(), `short-${mark}@example.com`);
      await context.close();
    });
  });
}

describe("through the development provider", () => {
  it("signs in and shows the connection", async () => {
    const { context, page, violations } = await open({});

    await signInThroughProvider(page);

    assert.equal(await page.getByText("Connected", { exact: true }).count(), 1);
    assert.equal(new URL(page.url()).search, "");
    assert.deepEqual(violations, []);
    await context.close();
  });

  it("comes back to our own words when the person refuses", async () => {
    const { context, page } = await open({});

    await page.getByRole("link", { name: /Continue with/ }).first().click();
    await page.getByRole("button", { name: /deny|cancel|refuse/i }).click();

    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    assert.equal(await page.getByRole("alert").count(), 1);
    await context.close();
  });

  it("connects the provider to an account that has a password", async () => {
    const { context, page } = await open({});
    await register(page, "grace@example.com");

    await page.getByRole("button", { name: /^Connect / }).first().click();
    const who = page.locator("input[type=email], input[name=email]").first();
    if (await who.count()) await who.fill("grace.elsewhere@example.com");
    const subject = page.locator("input[name=sub], input[name=subject]").first();
    if (await subject.count()) await subject.fill("grace-elsewhere");
    await page.getByRole("button", { name: /continue|allow|sign in/i }).first().click();

    await page.getByRole("heading", { name: "Your account" }).waitFor();
    assert.equal(await page.getByText("grace@example.com").count() > 0, true);
    assert.equal(await page.getByText("Connected", { exact: true }).count(), 1);
    await context.close();
  });
});

describe("the pages", () => {
  it("can be used with the keyboard alone", async () => {
    const { context, page } = await open({});

    await page.keyboard.press("Tab");
    const first = await page.evaluate(() => document.activeElement?.textContent);
    assert.equal(first, "Skip to the content");
    await context.close();
  });

  it("fit a phone in both colour schemes", async () => {
    for (const colorScheme of ["light", "dark"]) {
      const { context, page } = await open({ viewport: { width: 360, height: 740 }, colorScheme });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
      assert.equal(overflow, false);
      if (process.env.CARDEA_SCREENSHOTS) {
        await page.screenshot({ path: `${process.env.CARDEA_SCREENSHOTS}/sign-in-${colorScheme}.png`, fullPage: true });
      }
      await context.close();
    }
  });

  it("cannot be framed", async () => {
    const { context, page } = await open({});
    await page.goto("about:blank");
    await page.setContent(`<iframe src="${server.origin}/"></iframe>`);

    await page.waitForFunction(() => document.querySelector("iframe") !== null);
    const frame = page.frames()[1];
    await frame.waitForURL(/^chrome-error:/, { timeout: 10_000 });
    assert.equal(await frame.getByLabel("Password").count(), 0);
    await context.close();
  });

  it("shows the account with a connection and sessions", async () => {
    const { context, page } = await open({ viewport: { width: 900, height: 1100 } });
    await signInThroughProvider(page);
    assert.equal(await page.getByRole("heading", { name: "Sessions" }).count(), 1);
    if (process.env.CARDEA_SCREENSHOTS) {
      await page.screenshot({ path: `${process.env.CARDEA_SCREENSHOTS}/account.png`, fullPage: true });
    }
    await context.close();
  });
});
