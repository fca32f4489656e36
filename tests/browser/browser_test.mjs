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

async function signIn(page, email, word = password) {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password").fill(word);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

/** From the account page to the provider, as somebody with that address there, and back. */
async function connect(page, email) {
  await page.getByRole("button", { name: /^Connect / }).first().click();
  await page.getByLabel("E-mail address").fill(email);
  await page.getByRole("button", { name: /continue|allow|sign in/i }).first().click();
  await page.getByRole("heading", { name: "Your account" }).waitFor();
}

const heading = (page, name) => page.getByRole("heading", { name, exact: true }).waitFor();

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

    it("signs in through the provider", async () => {
      const { context, page } = await open({ javaScriptEnabled });

      await signInThroughProvider(page);

      assert.equal(await page.getByText("Connected", { exact: true }).count(), 1);
      await context.close();
    });

    it("changes the password, which ends the other session", async () => {
      const email = `lovelace-${mark}@example.com`;
      const here = await open({ javaScriptEnabled });
      await register(here.page, email);
      const there = await open({ javaScriptEnabled });
      await signIn(there.page, email);
      await heading(there.page, "Your account");

      await here.page.getByLabel("Current password").fill(password);
      await here.page.getByLabel("New password").fill("another sentence of words");
      await here.page.getByRole("button", { name: "Change password" }).click();
      await here.page.waitForURL(/notice=password-changed/);

      await there.page.reload();
      await heading(there.page, "Sign in");
      await signIn(there.page, email);
      assert.equal(await there.page.getByRole("alert").count(), 1);
      await signIn(there.page, email, "another sentence of words");
      await heading(there.page, "Your account");
      await here.context.close();
      await there.context.close();
    });

    it("ends another session", async () => {
      const email = `noether-${mark}@example.com`;
      const here = await open({ javaScriptEnabled });
      await register(here.page, email);
      const there = await open({ javaScriptEnabled });
      await signIn(there.page, email);
      await heading(there.page, "Your account");

      await here.page.reload();
      await here.page.getByRole("button", { name: /^End the session/ }).click();
      await here.page.waitForURL(/notice=session-ended/);

      assert.equal(await here.page.getByRole("button", { name: /^End the session/ }).count(), 0);
      await there.page.reload();
      await heading(there.page, "Sign in");
      await here.context.close();
      await there.context.close();
    });

    it("connects the provider and removes it again", async () => {
      const { context, page } = await open({ javaScriptEnabled });
      await register(page, `curie-${mark}@example.com`);
      await connect(page, `curie-${mark}.elsewhere@example.com`);
      assert.equal(await page.getByText("Connected", { exact: true }).count(), 1);

      await page.getByRole("button", { name: /^Remove the connection/ }).click();
      await page.waitForURL(/notice=connection-removed/);

      assert.equal(await page.getByText("No provider is connected.").count(), 1);
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

  it("tells nobody the code: it is in no Referer and not in the address bar", async () => {
    const { context, page } = await open({});
    const seen = [];
    context.on("request", (request) => seen.push(request));

    await signInThroughProvider(page);
    await page.reload();
    await page.getByRole("button", { name: "Sign out" }).click();
    await heading(page, "Sign in");

    assert.ok(seen.some((request) => /[?&]code=/.test(request.url())), "the callback was opened");
    for (const request of seen) {
      const { referer = "" } = await request.allHeaders();
      assert.ok(!/[?&]code=|token=/.test(referer), `${request.url()} from ${referer}`);
      const toUs = request.url().startsWith(server.origin);
      assert.ok(!toUs || !/[?&]state=/.test(referer), `${request.url()} from ${referer}`);
    }
    await context.close();
  });
});

describe("the pages", () => {
  const focused = (page) => page.evaluate(() => {
    const element = document.activeElement;
    return element?.labels?.[0]?.textContent.trim() ?? element?.textContent.trim();
  });
  /** Goes on from field to button until that one has the focus; gives what was passed. */
  const tabTo = async (page, name) => {
    const passed = [];
    for (let i = 0; i < 40; ++i) {
      await page.keyboard.press("Tab");
      passed.push(await focused(page));
      if (passed.at(-1) === name) return passed;
    }
    return assert.fail(`${name} cannot be reached: ${passed.join(", ")}`);
  };

  it("can be used with the keyboard alone, in the order in which they are read", async () => {
    const { context, page } = await open({});

    const passed = await tabTo(page, "Create an account");
    assert.equal(passed[0], "Skip to the content");
    const places = ["E-mail address", "Password", "Sign in", "Create an account"].map((name) => passed.indexOf(name));
    assert.deepEqual(places, [...places].sort((a, b) => a - b));
    assert.ok(!places.includes(-1), passed.join(", "));

    await page.keyboard.press("Enter");
    await heading(page, "Create an account");
    await tabTo(page, "E-mail address");
    await page.keyboard.type("keys@example.com");
    await tabTo(page, "Password");
    await page.keyboard.type(password);
    await page.keyboard.press("Enter");
    await heading(page, "Your account");
    await tabTo(page, "Sign out");
    await page.keyboard.press("Enter");
    await heading(page, "Sign in");
    await context.close();
  });

  it("of the account fit a phone, with long names and a connection", async () => {
    const { context, page } = await open({ viewport: { width: 360, height: 740 } });
    await register(page, `${"long".repeat(15)}@${"domain".repeat(8)}.example.com`);
    await connect(page, `${"elsewhere".repeat(6)}@example.com`);

    const widest = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(widest <= 360, `${widest} px`);
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
