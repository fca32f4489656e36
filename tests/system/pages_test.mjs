// The pages as HTTP: where forms lead, and that whatever is typed is shown as text.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { Person, query, run, startServer } from "./cardea.mjs";

const password = "correct horse battery";
const vectors = new URL("../../../shared/vectors/blns.json", import.meta.url);
let folder, server;

before(async () => {
  ({ folder, server } = await startServer("[throttle]\nenabled = false\n[password]\ncost = 4\n" +
    "[OAuth.providers.hostile]\ntitle = '<img src=x onerror=alert(1)>'\nissuer = \"https://hostile.invalid\"\nclient_id = \"x\"\nclient_secret = \"y\"\n"));
});
after(async () => {
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  folder.remove();
});

describe("forms", () => {
  it("are answered by 303 to a place of ours", async () => {
    const person = new Person(server);
    const led = (answer) => [answer.status, answer.headers.location];

    const signedUp = await person.submit("/sign-up", { email: "ada@example.com", password });
    assert.deepEqual(led(signedUp), [303, "/"]);
    assert.deepEqual(led(await person.submit("/sign-out")), [303, "/?notice=signed-out"]);
    assert.deepEqual(led(await person.submit("/sign-in", { email: "ada@example.com", password })), [303, "/"]);
    assert.deepEqual(led(await person.submit("/sign-in", { email: "ada@example.com", password, return_to: "/?tab=2" })), [303, "/?tab=2"]);
  });

  it("lead home where return_to would lead away", async () => {
    for (const target of ["//evil.example", "https://evil.example/", "/\\evil.example", "\\\\evil.example", "/\t/evil.example", "javascript:alert(1)", "/%2f%2fevil.example/.."]) {
      const answer = await new Person(server).submit("/sign-in", { email: "ada@example.com", password, return_to: target });
      assert.equal(answer.status, 303, target);
      assert.equal(new URL(answer.headers.location, server.origin).origin, server.origin, target);
      if (!target.startsWith("/%2f")) assert.equal(answer.headers.location, "/", target);
    }
  });
});

describe("what is typed", () => {
  /** Without what belongs to the page itself: then no text of ours may open a tag or end an attribute. */
  const assertEscaped = (page, text, where) => {
    const dangerous = /[<>"']/.test(text) && !/^[\s<>"']{1,3}$/.test(text) && text.trim().length > 3;
    if (dangerous) assert.ok(!page.includes(text), `${where}: ${text}`);
    assert.ok(!/<(img|svg|script|iframe|object|embed|math|video|audio|details|marquee|body on|a href="javascript)/i.test(page.replace(/<script src="\/assets[^>]*>/g, "")), `${where}: ${text}`);
    assert.ok(!/\son[a-z]+\s*=/i.test(page.replace(/="[^"]*"/g, "").replace(/>[^<]*</g, "><")), `${where}: ${text}`);
  };

  it("the vectors", { skip: existsSync(vectors) ? false : "blns.json is not here" }, async (test) => {
    const texts = JSON.parse(readFileSync(vectors, "utf8")).filter((text) => text.length > 0 && text.length < 4000);
    assert.ok(texts.length > 400);
    await test.test("stay text in the fields of a form that is shown again", async () => {
      for (const text of texts) {
        const answer = await new Person(server).submit("/sign-up", { email: text, password: text, return_to: text });
        assert.ok([303, 400, 422].includes(answer.status), `${answer.status} ${text}`);
        assertEscaped(answer.text, text, "sign-up");
      }
    });
    await test.test("stay text in the address bar", async () => {
      for (const text of texts) {
        const value = encodeURIComponent(text.toWellFormed?.() ?? text.replace(/[\ud800-\udfff]/g, ""));
        for (const path of [`/?notice=${value}`, `/?return_to=${value}`, `/sign-up?return_to=${value}`, `/auth/hostile?return_to=${value}`, `/auth/callback?error=${value}&error_description=${value}`]) {
          const answer = await server.send("GET", path, { headers: { Accept: "text/html" } });
          assert.ok(answer.status < 500 || [502, 504].includes(answer.status), `${answer.status} ${path}`);
          assertEscaped(answer.text, text, path);
        }
      }
    });
    await test.test("stay text as a name on the account page", async () => {
      const person = new Person(server);
      await person.submit("/sign-up", { email: "names@example.com", password });
      for (const text of texts) {
        const headers = { "Content-Type": "application/json", "Sec-Fetch-Site": "same-origin" };
        const changed = await person.ask("PATCH", "/v1/account", { headers, body: JSON.stringify({ name: text }) });
        assert.ok([200, 400].includes(changed.status), `${changed.status} ${text}`);
        if (changed.status === 200) assertEscaped((await person.open("/")).text, text, "account");
      }
    });
    await test.test("leave nothing but the account that was opened", () => {
      assert.equal(query(folder, "SELECT count(*) AS number FROM accounts WHERE email = 'names@example.com'")[0].number, 1);
    });
  });

  it("as a provider's title stays text", async () => {
    const { text } = await server.send("GET", "/");
    assert.match(text, /&lt;img src=x onerror=alert\(1\)&gt;/);
    assertEscaped(text, "<img src=x onerror=alert(1)>", "/");
    assert.equal(run(folder, ["provider", "list"]).code, 0);
  });
});
