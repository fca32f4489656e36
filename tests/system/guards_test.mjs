// What stands in front of every route: origins, hosts, methods, content types, headers.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bearer, startServer } from "./cardea.mjs";

const password = "correct horse battery";
let folder, server;

before(async () => ({ folder, server } = await startServer("[throttle]\nsign_ups = 1000\n")));
after(async () => {
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  folder.remove();
});

describe("requests from other sites", () => {
  const attempts = [
    ["POST", "/v1/session"], ["POST", "/v1/accounts"], ["DELETE", "/v1/session"], ["POST", "/sign-in"],
    ["POST", "/sign-up"], ["POST", "/sign-out"], ["POST", "/account/password"], ["POST", "/auth/google/link"],
    ["PUT", "/v1/password"], ["DELETE", "/v1/account"], ["POST", "/v1/admin/shutdown"],
  ];
  const origins = [
    { Origin: "https://evil.example" }, { Origin: "null" }, { Origin: "http://127.0.0.1:1" },
    { "Sec-Fetch-Site": "cross-site" }, { "Sec-Fetch-Site": "same-site" }, { Cookie: "cardea_session=x" },
  ];
  for (const [method, path] of attempts) {
    it(`are refused: ${method} ${path}`, async () => {
      for (const headers of origins) {
        const answer = await server.send(method, path, { json: {}, headers });
        assert.equal(answer.status, 403, `${JSON.stringify(headers)} ${answer.status}`);
        assert.match(answer.text, /csrf\.cross_origin|another site/);
      }
    });
  }

  it("get no CORS permission", async () => {
    for (const origin of ["https://evil.example", "null", "https://sub.127.0.0.1"]) {
      const answer = await server.send("GET", "/v1/session", { headers: { Origin: origin } });
      assert.equal(answer.headers["access-control-allow-origin"], undefined);
    }
  });
});

describe("hosts", () => {
  it("other than ours are refused, and never appear in an answer", async () => {
    for (const host of ["evil.example", "127.0.0.1.evil.example", "evil.example:80"]) {
      const answer = await server.send("GET", "/", { headers: { Host: host } });
      assert.ok([400, 421].includes(answer.status), `${host} ${answer.status}`);
      assert.ok(!answer.text.includes("evil"));
    }
  });

  it("forwarded by strangers are not believed", async () => {
    const headers = { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", Forwarded: "host=evil.example", "X-Forwarded-For": "10.9.8.7" };
    const { session } = await server.signUp("forwarded@example.com", password, { headers });
    assert.equal(session.client_address, "127.0.0.1");
    const providers = await server.send("GET", "/v1/providers", { headers });
    assert.ok(!providers.text.includes("evil"));
  });

  it("do not matter to health checks", async () => {
    assert.equal((await server.send("GET", "/health", { headers: { Host: "probe" } })).status, 200);
  });
});

describe("methods and bodies", () => {
  it("that a route does not know are 405 with Allow, unknown ones 501", async () => {
    const answer = await server.send("PUT", "/v1/session");
    assert.equal(answer.status, 405);
    assert.match(answer.headers.allow, /GET/);
    assert.equal((await server.send("PROPFIND", "/v1/session")).status, 501);
    assert.equal((await server.send("TRACE", "/v1/session", { headers: { "X-Secret": "echo" } })).text.includes("echo"), false);
  });

  it("cannot be overridden", async () => {
    const { token } = await server.signUp("override@example.com");
    const headers = { ...bearer(token), "X-HTTP-Method-Override": "DELETE" };
    await server.send("GET", "/v1/session?_method=DELETE", { headers });
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 200);
  });

  it("must be JSON in UTF-8, small enough, and not compressed", async () => {
    const post = (headers, body) => server.send("POST", "/v1/session", { headers, body });
    const body = JSON.stringify({ email: "a@example.com", password });
    assert.equal((await post({ "Content-Type": "text/plain" }, body)).status, 415);
    assert.equal((await post({}, body)).status, 415);
    assert.equal((await post({ "Content-Type": "application/json; charset=utf-7" }, body)).status, 415);
    assert.equal((await post({ "Content-Type": "application/json", "Content-Encoding": "gzip" }, body)).status, 415);
    const large = await post({ "Content-Type": "application/json" }, " ".repeat(70_000)).catch(() => ({ status: 413 }));
    assert.equal(large.status, 413);
  });

  it("HEAD answers like GET without a body, where reading has no effect", async () => {
    const head = await server.send("HEAD", "/health");
    assert.deepEqual([head.status, head.text], [200, ""]);
    assert.equal((await server.send("HEAD", "/auth/google")).status, 405);
  });
});

describe("answers", () => {
  it("carry the headers that protect a page", async () => {
    const { headers } = await server.send("GET", "/");
    assert.match(headers["content-security-policy"], /default-src 'none'.*frame-ancestors 'none'/);
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
    assert.ok(headers["referrer-policy"]);
    assert.equal(headers.server, undefined);
    assert.ok(headers["x-request-id"]);
  });

  it("to unknown paths and path tricks are 404 or 400, and tell nothing", async () => {
    for (const path of ["/.env", "/.git/config", "/%2e%2e/%2e%2e/etc/passwd", "/..;/v1/admin/providers", "//evil.example/", "/assets/../../x",
                        "/v1/%c0%ae%c0%ae/x", "/data/cardea.db", "/v1/session%00"]) {
      const answer = await server.send("GET", path);
      assert.ok([400, 404].includes(answer.status), `${path} ${answer.status}`);
    }
  });

  it("to redirects lead nowhere else", async () => {
    for (const target of ["//evil.example", "https://evil.example", "/\\evil.example", "/%0d%0aLocation:https://evil.example", "javascript:alert(1)"]) {
      const answer = await server.send("GET", `/auth/google?return_to=${encodeURIComponent(target)}`);
      assert.equal(answer.status, 400, target);
      assert.equal(answer.headers.location, undefined);
    }
  });
});
