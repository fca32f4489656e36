// Administration: API keys, providers, shutdown; and who may not.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bearer, run, startServer, withinASecond } from "./cardea.mjs";

let folder, server, admin;

const key = (...scopes) => {
  const args = ["--json", "key", "add", "test"];
  for (const scope of scopes) args.push("--scope", scope);
  const result = run(folder, args);
  assert.equal(result.code, 0, result.stderr);
  return JSON.parse(result.stdout).token;
};

before(async () => {
  ({ folder, server } = await startServer());
  const result = run(folder, ["account", "add", "root@example.com", "--admin"], { input: "a very long admin password\n" });
  assert.equal(result.code, 0, result.stderr);
  admin = (await server.signIn("root@example.com", "a very long admin password")).json.token;
});
after(async () => {
  await server.stop();
  folder.remove();
});

describe("the administration", () => {
  const routes = [["GET", "/v1/admin/api-keys"], ["GET", "/v1/admin/providers"], ["POST", "/v1/admin/shutdown"]];
  it("is closed to strangers, people and keys of other scopes", async () => {
    const person = (await server.signUp("person@example.com")).token;
    for (const [method, path] of routes) {
      assert.equal((await server.send(method, path)).status, 401, path);
      assert.equal((await server.send(method, path, { headers: bearer(person) })).status, 403, path);
      assert.equal((await server.send(method, path, { headers: bearer(key("accounts:read")) })).status, 403, path);
    }
  });

  it("opens to a key that the command line has just made", async () => {
    assert.equal((await server.send("GET", "/v1/admin/api-keys", { headers: bearer(key("admin")) })).status, 200);
  });
});

describe("API keys", () => {
  it("are shown once, work, and are dead when removed", async () => {
    const made = await server.send("POST", "/v1/admin/api-keys", { json: { name: "billing", scopes: ["accounts:read"] }, headers: bearer(admin) });
    assert.equal(made.status, 201);
    assert.match(made.json.token, /^cak_/);
    const { account } = await server.signUp("read@example.com");
    const read = await server.send("GET", `/v1/accounts/${account.id}`, { headers: bearer(made.json.token) });
    assert.equal(read.json.email, "read@example.com");
    const found = await server.send("GET", "/v1/accounts?email=read%40example.com", { headers: bearer(made.json.token) });
    assert.equal(found.json.items[0].id, account.id);
    const listed = await server.send("GET", "/v1/admin/api-keys", { headers: bearer(admin) });
    assert.ok(!listed.text.includes(made.json.token));

    const removed = await server.send("DELETE", `/v1/admin/api-keys/${made.json.api_key.id}`, { headers: bearer(admin) });

    assert.equal(removed.status, 204);
    assert.equal((await server.send("GET", `/v1/accounts/${account.id}`, { headers: bearer(made.json.token) })).status, 401);
  });

  it("need a scope that exists and do no more than it says", async () => {
    const wrong = await server.send("POST", "/v1/admin/api-keys", { json: { name: "x", scopes: ["everything"] }, headers: bearer(admin) });
    assert.deepEqual([wrong.status, wrong.json.reason], [400, "api_key.scope_unknown"]);
    const limited = key("connections:read");
    const { account } = await server.signUp("limited@example.com");
    assert.equal((await server.send("GET", `/v1/accounts/${account.id}`, { headers: bearer(limited) })).status, 403);
    assert.equal((await server.send("GET", `/v1/accounts/${account.id}/connections`, { headers: bearer(limited) })).status, 200);
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(limited) })).status, 403);
  });
});

describe("providers", () => {
  const row = { name: "acme", issuer: "https://id.acme.example", client_id: "abc", client_secret: "canary-client-secret" };

  it("are added, shown without their secret, changed and removed, at once", async () => {
    const added = await server.send("POST", "/v1/admin/providers", { json: row, headers: bearer(admin) });
    assert.equal(added.status, 201, added.text);
    assert.ok(!added.text.includes("canary-client-secret"));
    assert.ok((await server.send("GET", "/v1/providers")).text.includes("acme"));
    assert.match((await server.send("GET", "/")).text, /href="\/auth\/acme"/);

    const changed = await server.send("PATCH", "/v1/admin/providers/acme", { json: { title: "Acme Login" }, headers: bearer(admin) });
    assert.equal(changed.json.title, "Acme Login");
    assert.equal((await server.send("POST", "/v1/admin/providers", { json: row, headers: bearer(admin) })).status, 409);

    assert.equal((await server.send("DELETE", "/v1/admin/providers/acme", { headers: bearer(admin) })).status, 204);
    assert.ok(!(await server.send("GET", "/v1/providers")).text.includes("acme"));
  });

  it("added by the command line are offered by the running server", async () => {
    const result = run(folder, ["provider", "add", "later", "--issuer", "https://id.later.example", "--client-id", "x", "--client-secret-stdin"], { input: "s3cret\n" });
    assert.equal(result.code, 0, result.stderr);

    await withinASecond("offered", async () => (await server.send("GET", "/v1/providers")).text.includes("later"));
  });

  it("with endpoints on this machine or in the local network are refused", async () => {
    for (const issuer of ["http://id.example", "https://127.0.0.1", "https://169.254.169.254", "file:///etc/passwd", "https://localhost"]) {
      const answer = await server.send("POST", "/v1/admin/providers", { json: { name: "inner", issuer, client_id: "x", client_secret: "y" }, headers: bearer(admin) });
      if (answer.status === 201) {
        const begun = await server.send("GET", "/auth/inner", { headers: { Accept: "application/json" } });
        assert.ok(begun.status >= 400, `${issuer} ${begun.status}`);
        await server.send("DELETE", "/v1/admin/providers/inner", { headers: bearer(admin) });
      } else {
        assert.deepEqual([answer.status, answer.json.reason], [422, "oauth.provider_invalid"], `${issuer} ${answer.text}`);
      }
    }
  });

  it("that are down give a page or a 502, and the next try is possible", async () => {
    await server.send("POST", "/v1/admin/providers", { json: { ...row, name: "down", issuer: "https://down.invalid" }, headers: bearer(admin) });
    const forProgram = await server.send("GET", "/auth/down", { headers: { Accept: "application/json" } });
    assert.ok([502, 504].includes(forProgram.status), forProgram.text);
    const forPerson = await server.send("GET", "/auth/down", { headers: { Accept: "text/html" } });
    assert.match(forPerson.headers["content-type"], /text\/html/);
    assert.ok([502, 504].includes(forPerson.status));
  });
});

describe("shutdown", () => {
  it("answers first and stops after", async () => {
    const answer = await server.send("POST", "/v1/admin/shutdown", { headers: bearer(admin) });

    assert.equal(answer.status, 202);
    assert.deepEqual(await server.ended, { code: 0, signal: null });
  });
});
