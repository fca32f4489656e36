// What an operator finds out about a sign-in at a provider that failed, by the reference its person quotes.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Person, run, startDevelopment } from "./cardea.mjs";

let folder, server;
before(async () => ({ folder, server } = await startDevelopment("[throttle]\nenabled = false\n")));
after(() => folder.remove());

const explain = (...args) => run(folder, ["--env", "data/.env", "explain", ...args]);
const explained = (reference) => JSON.parse(run(folder, ["--env", "data/.env", "--json", "explain", reference]).stdout);
const referenceOn = (answer) => /the reference ([0-9a-f]{10})\./.exec(answer.text)[1];

/** Up to the provider, and what it sent back; nothing was done with it yet. */
async function comeBack(person, options) {
  const real = person.open.bind(person);
  person.open = async (path) => (path.startsWith("/auth/callback") ? { held: true } : real(path));
  await person.signInWithDevelopmentProvider("ada@example.com", options);
  person.open = real;
}

describe("explain", () => {
  it("tells that the person said no, and at which provider", async () => {
    const person = new Person(server);
    const answer = await person.signInWithDevelopmentProvider("ada@example.com", { decision: "deny" });

    const told = explained(referenceOn(answer));

    assert.equal(told.events.length, 1);
    assert.equal(told.events[0].detail.reason, "oauth.denied");
    assert.equal(told.events[0].detail.method, "development");
    assert.match(told.events[0].detail.redirect_uri, /\/auth\/callback\/development$/);
    assert.match(told.meaning, /said no/);
  });

  it("tells that the cookie did not come", async () => {
    const person = new Person(server);
    await comeBack(person);
    const answer = await new Person(server).open(person.callback);

    const { code, stdout } = explain(referenceOn(answer));

    assert.equal(code, 0);
    assert.match(stdout, /reason: sign_in\.other_browser/);
    assert.match(stdout, /why: "no cookie came"/);
    assert.match(stdout, /cookies are blocked/);
  });

  it("tells that a state was used twice", async () => {
    const person = new Person(server);
    await person.signInWithDevelopmentProvider("ada@example.com");
    person.cookies.clear();
    const answer = await person.open(person.callback);

    const told = explained(referenceOn(answer));

    assert.ok(told.events.some(({ type }) => type === "session.opened"));
    assert.match(told.meaning, /It succeeded\. A second callback/);
  });

  it("gives programs the reference as a member of the problem", async () => {
    const person = new Person(server);
    await comeBack(person);
    const answer = await server.send("GET", person.callback, { headers: { Accept: "application/json" } });

    assert.equal(answer.json.reason, "sign_in.other_browser");
    assert.equal(explained(answer.json.reference).events.length, 1);
  });

  it("shows no secret", async () => {
    const person = new Person(server);
    await comeBack(person);
    const parameters = new URLSearchParams(person.callback.split("?")[1]);
    const answer = await new Person(server).open(person.callback);

    const { stdout } = explain(referenceOn(answer));

    for (const name of ["code", "state"]) assert.ok(!stdout.includes(parameters.get(name)), name);
    for (const value of person.cookies.values()) assert.ok(!stdout.includes(value));
  });

  it("knows nothing of what was never begun here, and says what it may have been", async () => {
    const answer = await new Person(server).open("/auth/callback/development?code=x&state=6f0c1f5e-0000-4000-8000-000000000000:development");

    const told = explained(referenceOn(answer));

    assert.deepEqual(told.events, []);
    assert.equal(told.begun_at, null);
    assert.match(told.meaning, /never begun here/);
  });

  it("refuses what is no reference", () => {
    for (const text of ["", "xyz", "3F9A0C51D2", "3f9a0c51d2 ", "' OR 1=1 --"]) {
      const { code, stderr } = explain(text);
      assert.equal(code, 84, text);
      assert.match(stderr, /reference/i, text);
    }
  });
});
