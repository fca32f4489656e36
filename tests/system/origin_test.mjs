// Our own origin comes from public_url and nothing else: redirect URIs, cookies, HSTS.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Person, bearer, freePort, makeFolder, secretKey, sendRaw, Server, startDevelopment, startServer } from "./cardea.mjs";

const password = "correct horse battery";

describe("the redirect URI", () => {
  it("is the configured one, whatever the request says of hosts", async () => {
    const { folder, server } = await startDevelopment();
    const forgeries = [{}, { "X-Forwarded-Host": "evil.example" }, { "X-Forwarded-Proto": "https" }, { Forwarded: "host=evil.example;proto=https" },
                       { "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "1", "X-Original-Host": "evil.example", "X-Host": "evil.example" }];
    for (const headers of forgeries) {
      const begun = await server.send("GET", "/auth/development", { headers });
      assert.equal(begun.status, 303, begun.text);
      assert.equal(new URL(begun.headers.location).searchParams.get("redirect_uri"), `${server.origin}/auth/callback/development`, JSON.stringify(headers));
    }
    for (const host of ["evil.example", `evil.example:${server.port}`, `127.0.0.1.evil.example:${server.port}`]) {
      const begun = await server.send("GET", "/auth/development", { headers: { Host: host } });
      // Development mode leads to the right name first; nothing leads to the forged one.
      assert.ok([303, 307, 308, 400, 421].includes(begun.status), `${host} ${begun.status}`);
      assert.ok(!(begun.headers.location ?? "").includes("evil"), begun.headers.location);
      assert.ok(!begun.text.includes("evil"));
    }
    await server.stop();
    folder.remove();
  });
});

describe("behind an https public_url", () => {
  let folder, server;
  const host = { Host: "login.example.com" };

  before(async () => {
    const port = await freePort();
    folder = makeFolder({ config: `[Server_configuration]\nhost = "127.0.0.1"\nport = ${port}\npublic_url = "https://login.example.com"\n` +
      '[Database]\nurl = "sqlite:cardea.db"\n[gates]\ntrusted_proxies = ["127.0.0.1"]\n',
                          environment: `SECRET_KEY=${secretKey}\nGITHUB_CLIENT_ID=x\nGITHUB_CLIENT_SECRET=y\n` });
    server = await Server.start(folder, port);
  });
  after(async () => {
    await server.stop();
    folder.remove();
  });
  const flags = (line, name) => {
    assert.ok(line.startsWith(`__Host-${name}=`), line);
    for (const flag of ["Secure", "HttpOnly", "Path=/"]) assert.ok(line.split("; ").includes(flag), `${flag}: ${line}`);
    assert.match(line, /; SameSite=(Lax|Strict)/);
    assert.ok(!/domain/i.test(line), line);
    assert.ok(line.length < 4096);
  };

  it("the session's cookie is for this host and https alone", async () => {
    const headers = { ...host, "X-Forwarded-Proto": "https", "Sec-Fetch-Site": "same-origin" };
    const answer = await server.send("POST", "/v1/accounts", { json: { email: "ada@example.com", password }, headers });

    assert.equal(answer.status, 201, answer.text);
    flags(answer.headers["set-cookie"][0], "cardea_session");
    assert.match(answer.headers["strict-transport-security"], /max-age=\d{7,}/);
  });

  it("the cookie that binds a flow is, too", async () => {
    const answer = await server.send("GET", "/auth/github", { headers: { ...host, "X-Forwarded-Proto": "https" } });

    assert.equal(answer.status, 303, answer.text);
    flags(answer.headers["set-cookie"][0], "cardea_flow");
    assert.equal(new URL(answer.headers.location).searchParams.get("redirect_uri"), "https://login.example.com/auth/callback/github");
  });

  it("a plain cookie of the name without the prefix is not believed", async () => {
    const { token } = (await server.send("POST", "/v1/session", { json: { email: "ada@example.com", password }, headers: { ...host, "X-Forwarded-Proto": "https" } })).json;
    const get = (headers) => server.send("GET", "/v1/session", { headers: { ...host, "X-Forwarded-Proto": "https", ...headers } });

    assert.equal((await get(bearer(token))).status, 200);
    assert.equal((await get({ Cookie: `__Host-cardea_session=${token}` })).status, 200);
    assert.equal((await get({ Cookie: `cardea_session=${token}` })).status, 401);
  });
});

describe("a cookie that was meddled with", () => {
  it("is refused and cleared, never an error of ours", async () => {
    const { folder, server } = await startServer();
    const person = new Person(server);
    await person.submit("/sign-up", { email: "ada@example.com", password });
    const token = person.cookies.get("cardea_session");
    assert.ok(token);
    const get = (cookie) => server.send("GET", "/v1/session", { headers: { Cookie: cookie } });
    assert.equal((await get(`cardea_session=${token}`)).status, 200);

    const flipped = token.slice(0, 20) + (token[20] === "a" ? "b" : "a") + token.slice(21);
    const values = [`"${flipped}"`, token.slice(0, -1), token.slice(0, 4), token + "a", flipped, token.toUpperCase(), "", "%00", "cas_"];
    for (const value of values) {
      const answer = await get(`cardea_session=${value}`);
      assert.equal(answer.status, 401, value);
      if (value) assert.match(answer.headers["set-cookie"]?.[0] ?? "", /^cardea_session=;.*Max-Age=0|^cardea_session=;.*Expires/, value);
    }
    // Which of two counts must not depend on who planted the other.
    for (const two of [`cardea_session=${flipped}; cardea_session=${token}`, `cardea_session=${token}; cardea_session=${flipped}`]) {
      const answer = await get(two);
      assert.ok([400, 401].includes(answer.status), `${answer.status}`);
    }
    const large = await sendRaw(server, `GET /v1/session HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nCookie: cardea_session=${"a".repeat(1_000_000)}\r\n\r\n`)
      .catch((error) => error.code);
    assert.match(large, /^HTTP\/1\.1 (400|401|431)|ECONNRESET|EPIPE/);
    assert.equal((await get(`cardea_session=${token}`)).status, 200);
    await server.stop();
    folder.remove();
  });
});
