// What holds on every route, taken from the description of the interface and the pages' forms:
// it answers, refuses other methods and other sites, and POST is not had by a trick.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bearer, describedRoutes, formType, run, startServer } from "./cardea.mjs";

const unsafe = (method) => !["GET", "HEAD"].includes(method);
const pages = [["GET", "/"], ["GET", "/sign-in"], ["GET", "/sign-up"], ["GET", "/auth/google"], ["GET", "/auth/callback"], ["GET", "/auth/callback/google"],
               ["GET", "/openapi.json"]];
const forms = [["POST", "/sign-in"], ["POST", "/sign-up"], ["POST", "/sign-out"], ["POST", "/account/password"], ["POST", "/account/sessions/nobody/end"],
               ["POST", "/account/connections/nobody/remove"], ["POST", "/auth/google/link"]];
// Their Origin is the provider's, and their proof the single-use state: other sites may.
const callbacks = [["POST", "/auth/callback"], ["POST", "/auth/callback/google"]];
let folder, server, admin, routes;

before(async () => {
  ({ folder, server } = await startServer("[throttle]\nenabled = false\n"));
  assert.equal(run(folder, ["account", "add", "root@example.com", "--admin"], { input: "a very long admin password\n" }).code, 0);
  admin = (await server.signIn("root@example.com", "a very long admin password")).json.token;
  routes = await describedRoutes(server);
});
after(async () => {
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  folder.remove();
});

describe("every path of openapi.json", () => {
  it("answers each of its methods, to strangers and administrators", async () => {
    assert.ok(routes.length > 25, String(routes.length));
    // The last would answer and end the server, the others would end the caller.
    const fatal = ["POST /v1/admin/shutdown", "DELETE /v1/session", "DELETE /v1/account", "DELETE /v1/sessions"];
    for (const [method, path] of routes) {
      const stranger = await server.send(method, path, { json: unsafe(method) ? {} : undefined });
      assert.ok(stranger.status < 500 || [501, 503].includes(stranger.status), `${method} ${path} ${stranger.status}`);
      assert.notEqual(stranger.status, 405, `${method} ${path}`);
      if (fatal.includes(`${method} ${path}`)) continue;
      const known = await server.send(method, path, { json: unsafe(method) ? {} : undefined, headers: bearer(admin) });
      assert.ok(known.status < 500 || [501, 503].includes(known.status), `${method} ${path} ${known.status} ${known.text}`);
    }
  });

  it("has a page for each reason that it names", async () => {
    const { json } = await server.send("GET", "/openapi.json");
    assert.match(json.openapi, /^3\.1/);
    const listed = (await server.send("GET", "/problems")).json;
    for (const { reason } of listed.items) {
      const page = await server.send("GET", `/problems/${reason}`);
      assert.deepEqual([page.status, page.json.reason], [200, reason]);
    }
  });
});

describe("methods", () => {
  const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "MKCOL", "COPY", "MOVE", "LOCK", "SEARCH"];

  it("that a path does not know are 405 with Allow or 501, on every path, and TRACE echoes nothing", async () => {
    const known = new Map();
    for (const [method, path] of [...routes, ...pages, ...forms, ...callbacks]) known.set(path, [...(known.get(path) ?? []), method]);
    for (const [path, own] of known) {
      for (const method of methods) {
        if (own.includes(method) || ["OPTIONS", "HEAD"].includes(method)) continue;
        const answer = await server.send(method, path, { headers: { "X-Canary": "canary-4711" } });
        assert.ok([405, 501].includes(answer.status), `${method} ${path} ${answer.status}`);
        if (answer.status === 405) for (const allowed of own) assert.ok(answer.headers.allow.includes(allowed), `${method} ${path} ${answer.headers.allow}`);
        assert.ok(!answer.text.includes("canary-4711"), `${method} ${path}`);
      }
      const options = await server.send("OPTIONS", path);
      assert.ok(options.status < 500, path);
    }
  });

  it("that only write cannot be had by reading or by an override", async () => {
    const overrides = { "X-HTTP-Method-Override": "POST", "X-HTTP-Method": "DELETE", "X-Method-Override": "PUT", ...bearer(admin) };
    const readable = new Set([...routes, ...pages].filter(([method]) => method === "GET").map(([, path]) => path));
    for (const [, path] of [...routes, ...forms].filter(([method, path]) => unsafe(method) && !readable.has(path))) {
      for (const method of ["GET", "HEAD"]) {
        const answer = await server.send(method, `${path}?_method=POST`, { headers: overrides });
        assert.equal(answer.status, 405, `${method} ${path}`);
      }
    }
    for (const path of readable) await server.send("GET", `${path}?_method=DELETE`, { headers: overrides });
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(admin) })).status, 200);
    assert.equal((await server.send("GET", "/v1/account", { headers: bearer(admin) })).status, 200);
  });
});

describe("other sites", () => {
  it("cannot change anything, on any route", async () => {
    const cookie = { Cookie: `cardea_session=${admin}` };
    for (const [method, path] of [...routes, ...forms].filter(([name]) => unsafe(name))) {
      const tricks = [{ "Sec-Fetch-Site": "cross-site" }, { "Sec-Fetch-Site": "same-site" }, { Origin: "null" }, { Origin: "https://evil.example" }, {}];
      for (const trick of tricks) {
        for (const type of [{ "Content-Type": "text/plain" }, formType, { "Content-Type": "application/json" }]) {
          const answer = await server.send(method, path, { headers: { ...cookie, ...trick, ...type }, body: "{}" });
          assert.equal(answer.status, 403, `${method} ${path} ${JSON.stringify({ ...trick, ...type })} ${answer.status}`);
        }
      }
    }
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(admin) })).status, 200);
  });

  it("cannot send JSON as text/plain even from our own origin", async () => {
    const headers = { ...bearer(admin), "Content-Type": "text/plain", Origin: server.origin };
    for (const [method, path] of routes.filter(([name]) => ["POST", "PUT", "PATCH"].includes(name))) {
      if (path === "/v1/admin/shutdown") continue;
      const answer = await server.send(method, path, { headers, body: "{}" });
      assert.ok([404, 415].includes(answer.status), `${method} ${path} ${answer.status}`);
    }
  });
});
