// The audit trail: who did what, when and from where, by which request.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Person, bearer, query, run, startDevelopment } from "./cardea.mjs";

const data = "data/cardea.db";
let folder, server;
const cli = (...args) => {
  const result = run(folder, ["--env", "data/.env", "--json", ...args]);
  assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
  return result.stdout;
};

before(async () => ({ folder, server } = await startDevelopment("[throttle]\nenabled = false\n")));
after(() => folder.remove());

/** The only event of that type and actor says from where, and the same request id as the answer. */
function assertTold(type, answer, actor) {
  const found = query(folder, `SELECT * FROM events WHERE type = '${type}' AND actor = '${actor}'`, data);
  assert.equal(found.length, 1, `${type}: ${JSON.stringify(query(folder, `SELECT type, actor FROM events WHERE type = '${type}'`, data))}`);
  assert.equal(found[0].client_address, "127.0.0.1", type);
  assert.equal(found[0].request_id, answer.headers["x-request-id"], type);
  assert.ok(Math.abs(Date.now() - found[0].at) < 60_000, type);
}

const idOf = (email) => query(folder, `SELECT id FROM accounts WHERE email = '${email}'`, data)[0].id;

/** The only event of that type that the command line wrote. */
function assertToldByCommand(type) {
  assert.equal(query(folder, `SELECT type FROM events WHERE type = '${type}' AND actor = 'cli'`, data).length, 1, type);
}

describe("the trail tells", () => {
  let person, connection;
  before(async () => {
    person = new Person(server);
    assert.equal((await person.signInWithDevelopmentProvider("ada@example.com")).status, 303);
    connection = JSON.parse((await person.open("/v1/connections")).text).items[0];
  });

  it("who read a token", async () => {
    const key = JSON.parse(cli("key", "add", "reader", "--scope", "tokens:read"));
    assertToldByCommand("api_key.created");

    const read = await server.send("GET", `/v1/connections/${connection.id}/token`, { headers: bearer(key.token) });

    assert.equal(read.status, 200, read.text);
    const [{ id }] = query(folder, "SELECT id FROM api_keys WHERE name = 'reader'", data);
    assertTold("token.read", read, `key:${id}`);
    assert.ok(key.token.startsWith("cak_"));
  });

  it("which administrator made and removed keys and providers", async () => {
    run(folder, ["--env", "data/.env", "account", "add", "root@example.com", "--admin"], { input: "a very long admin password\n" });
    const signedIn = await server.signIn("root@example.com", "a very long admin password");
    const actor = idOf("root@example.com");
    const headers = bearer(signedIn.json.token);

    const made = await server.send("POST", "/v1/admin/api-keys", { json: { name: "x", scopes: ["accounts:read"] }, headers });
    assertTold("api_key.created", made, actor);
    const removed = await server.send("DELETE", `/v1/admin/api-keys/${made.json.api_key.id}`, { headers });
    assertTold("api_key.removed", removed, actor);
    const row = { name: "acme", issuer: "https://id.acme.example", client_id: "a", client_secret: "b" };
    const added = await server.send("POST", "/v1/admin/providers", { json: row, headers });
    assertTold("provider.added", added, actor);
    const dropped = await server.send("DELETE", "/v1/admin/providers/acme", { headers });
    assertTold("provider.removed", dropped, actor);
    assertTold("session.opened", signedIn, actor);
  });

  it("what the command line did", async () => {
    cli("provider", "add", "acme", "--issuer", "https://id.acme.example", "--client-id", "a");
    assertToldByCommand("provider.added");
    cli("provider", "remove", "acme");
    assertToldByCommand("provider.removed");
    cli("connection", "remove", connection.id);
    assertToldByCommand("connection.removed");
  });

  it("that a person refused, and the log does not call for help", async () => {
    const refused = await new Person(server).signInWithDevelopmentProvider("eve@example.com", { decision: "deny" });
    const [, query_] = person.callback.split("?");
    const forged = await server.send("GET", `/auth/callback/development?${query_}&error=access_denied&error_description=${"x".repeat(10_000)}`, { headers: { Accept: "text/html" } });

    assert.ok([303, 400, 403].includes(refused.status), `${refused.status}`);
    assert.ok(forged.status >= 400 && forged.status < 500);
    assert.ok(!forged.text.includes("xxxxxxxx"), "the provider's words are not ours");
    assert.deepEqual(server.output.split("\n").filter((line) => / error /.test(line)), []);
  });

  it("in order, and who ended the server", async () => {
    const signedIn = await server.signIn("root@example.com", "a very long admin password");
    const answer = await server.send("POST", "/v1/admin/shutdown", { headers: bearer(signedIn.json.token) });

    assert.equal(answer.status, 202);
    assert.deepEqual(await server.ended, { code: 0, signal: null });
    assertTold("server.shutdown", answer, idOf("root@example.com"));
    const times = query(folder, "SELECT at FROM events ORDER BY id", data).map((event) => event.at);
    assert.deepEqual(times, [...times].sort((a, b) => a - b));
  });
});
