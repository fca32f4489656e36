// Accounts and sessions over HTTP, as clients rely on them.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bearer, run, startServer } from "./cardea.mjs";

const password = "correct horse battery";
let folder, server;

before(async () => ({ folder, server } = await startServer("[throttle]\nsign_ups = 1000\naddress_attempts = 1000\n")));
after(async () => {
  assert.deepEqual(await server.stop(), { code: 0, signal: null });
  folder.remove();
});

describe("signing up", () => {
  it("names every wrong field at once", async () => {
    const answer = await server.send("POST", "/v1/accounts", { json: { email: "no", password: "short", admin: true } });

    assert.equal(answer.status, 400);
    assert.equal(answer.headers["content-type"], "application/problem+json");
    assert.equal(answer.json.reason, "request.invalid");
    assert.deepEqual(answer.json.errors.map((error) => error.field).sort(), ["admin", "email", "password"]);
    assert.equal(answer.json.request_id, answer.headers["x-request-id"]);
  });

  it("refuses what nobody would store, with the reason, and stores what bcrypt would cut", async () => {
    const reasonOf = async (text) => {
      const answer = await server.send("POST", "/v1/accounts", { json: { email: "cut@example.com", password: text } });
      return [answer.status, answer.json.errors?.[0]?.reason];
    };

    assert.deepEqual(await reasonOf("x".repeat(1025)), [400, "password.too_long"]);
    assert.deepEqual(await reasonOf("abcdefgh\u0000ijkl"), [400, "password.has_nul"]);
    assert.deepEqual(await reasonOf("🦉".repeat(257)), [400, "password.too_long"]);
    assert.deepEqual(await reasonOf("🦉".repeat(64)), [201, undefined]);
    assert.equal((await server.signIn("cut@example.com", "🦉".repeat(64))).status, 201);
    assert.equal((await server.signIn("cut@example.com", "🦉".repeat(18))).status, 401);
  });

  it("refuses common passwords and those made of the address or the service, with reasons of their own", async () => {
    const reasonOf = async (text) => {
      const answer = await server.send("POST", "/v1/accounts", { json: { email: "grace.hopper@example.com", password: text } });
      return [answer.status, answer.json.reason, answer.json.errors?.[0]?.field];
    };

    assert.deepEqual(await reasonOf("1qaz2wsx3edc4rfv"), [400, "password.common", "password"]);
    assert.deepEqual(await reasonOf("PASSWORD1"), [400, "password.common", "password"]);
    assert.deepEqual(await reasonOf("gracehopper1906"), [400, "password.context", "password"]);
    assert.deepEqual(await reasonOf("cardea-cardea"), [400, "password.context", "password"]);
  });

  it("says the same on the page, beside the field", async () => {
    const body = new URLSearchParams({ email: "grace.hopper@example.com", password: "PASSWORD1" }).toString();
    const answer = await server.send("POST", "/sign-up", { body, headers: { "Content-Type": "application/x-www-form-urlencoded", Origin: server.origin } });

    assert.equal(answer.status, 422);
    assert.match(answer.text, /id="password-note"[^]*one of the passwords that are tried first/);
    assert.ok(!answer.text.includes("PASSWORD1"));
  });

  it("answers an endless password at once", async () => {
    for (const size of [64 << 10, 1 << 20, 10 << 20]) {
      for (const path of ["/v1/accounts", "/v1/session"]) {
        const begin = performance.now();
        const answer = await server.send("POST", path, { json: { email: "endless@example.com", password: "x".repeat(size) } }).catch(() => ({ status: 413 }));
        assert.ok([400, 413].includes(answer.status), String(answer.status));
        assert.ok(performance.now() - begin < 1000, `${size} bytes took ${performance.now() - begin} ms`);
      }
    }
  });

  it("refuses wrong types, missing and duplicate members", async () => {
    for (const body of ['{"email":["a@example.com"],"password":"correct horse battery"}', '{"email":{},"password":1}', '{"email":null,"password":null}',
                        '{"email":"a@example.com","email":"b@example.com","password":"correct horse battery"}', "[]", '"x"', "{"]) {
      const answer = await server.send("POST", "/v1/accounts", { body, headers: { "Content-Type": "application/json" } });
      assert.equal(answer.status, 400, body);
    }
  });

  it("opens one account for fifty at once, in any spelling", async () => {
    const spellings = ["Race@Example.com", "race@example.com", "RACE@EXAMPLE.COM", "race@example.com."];
    const attempts = Array.from({ length: 48 }, (_, i) =>
      server.send("POST", "/v1/accounts", { json: { email: spellings[i % spellings.length], password } }));

    const statuses = (await Promise.all(attempts)).map((answer) => answer.status);

    assert.equal(statuses.filter((status) => status === 201).length, 1);
    assert.ok(statuses.every((status) => [201, 400, 409, 503].includes(status)), String(statuses));
  });

  it("gives the same answer to the same Idempotency-Key", async () => {
    const headers = { "Idempotency-Key": "one-and-the-same" };
    const first = await server.send("POST", "/v1/accounts", { json: { email: "twice@example.com", password }, headers });
    const second = await server.send("POST", "/v1/accounts", { json: { email: "twice@example.com", password }, headers });
    const other = await server.send("POST", "/v1/accounts", { json: { email: "thrice@example.com", password }, headers });

    assert.equal(first.status, 201);
    assert.equal(second.text, first.text);
    assert.deepEqual([other.status, other.json.reason], [422, "idempotency.key_reused"]);
  });
});

describe("signing in", () => {
  it("says the same of an unknown address and a wrong password", async () => {
    await server.signUp("known@example.com");

    const wrong = await server.signIn("known@example.com", "not this one at all");
    const unknown = await server.signIn("unknown@example.com", "not this one at all");

    const shape = (answer) => ({ ...answer.json, request_id: "" });
    assert.equal(wrong.status, 401);
    assert.equal(wrong.json.reason, "sign_in.credentials_wrong");
    assert.deepEqual(shape(unknown), shape(wrong));
    assert.deepEqual(Object.keys(unknown.headers).sort(), Object.keys(wrong.headers).sort());
    assert.equal(unknown.text.length, wrong.text.length);
  });

  it("hands out a token or a cookie, never both", async () => {
    await server.signUp("transport@example.com");

    const program = await server.signIn("transport@example.com", password);
    const browser = await server.signIn("transport@example.com", password, { headers: { "Sec-Fetch-Site": "same-origin" } });

    assert.match(program.json.token, /^cas_[0-9A-Za-z]{49}$/);
    assert.equal(program.headers["set-cookie"], undefined);
    assert.equal(browser.json.token, undefined);
    assert.match(browser.headers["set-cookie"][0], /^cardea_session=cas_[^;]+; .*HttpOnly.*SameSite=Lax/);
  });

  it("never adopts a planted cookie", async () => {
    const { token } = await server.signUp("fixation@example.com");
    const headers = { "Sec-Fetch-Site": "same-origin", Cookie: `cardea_session=${token}` };

    const answer = await server.signIn("fixation@example.com", password, { headers });

    const fresh = /cardea_session=([^;]+)/.exec(answer.headers["set-cookie"].join("\n"))[1];
    assert.notEqual(fresh, token);
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 401);
  });

  it("tells a disabled account only to who knows the password", async () => {
    const { account } = await server.signUp("disabled@example.com");
    assert.equal(run(folder, ["account", "disable", account.id]).code, 0);

    assert.equal((await server.signIn("disabled@example.com", "not this one at all")).json.reason, "sign_in.credentials_wrong");
    const right = await server.signIn("disabled@example.com", password);
    assert.deepEqual([right.status, right.json.reason], [403, "account.disabled"]);
  });
});

describe("whether there is an account", () => {
  const shape = ({ status, headers, json }) => ({
    status, fields: Object.keys(headers).sort(), cookies: headers["set-cookie"] ?? [], body: JSON.stringify({ ...json, request_id: "" }),
  });

  it("is not told by a sign-in, be it unknown, disabled, or a provider's alone", async () => {
    const { account } = await server.signUp("known-too@example.com");
    await server.signUp("locked@example.com");
    assert.equal(run(folder, ["account", "disable", "locked@example.com"]).code, 0);
    assert.equal(run(folder, ["account", "add", "passwordless@example.com", "--invite"]).code, 0);

    const known = shape(await server.signIn(account.email, "not this one at all"));
    for (const email of ["unknown-too@example.com", "locked@example.com", "passwordless@example.com"]) {
      assert.deepEqual(shape(await server.signIn(email, "not this one at all")), known, email);
    }
  });

  it("is not told by a sign-up where the operator says so", async () => {
    const own = await startServer("[sign_in]\nreveal_existing_accounts = false\n[password]\ncost = 4\n");
    const signUp = (email) => own.server.send("POST", "/v1/accounts", { json: { email, password } });

    const first = await signUp("ada@example.com");
    const again = await signUp("ada@example.com");
    const other = await signUp("eve@example.com");

    assert.equal(first.status, 202);
    assert.deepEqual(shape(again), shape(first));
    assert.deepEqual(shape(other), shape(first));
    assert.equal(again.text.length, first.text.length);
    await own.server.stop();
    own.folder.remove();
  });
});

describe("members that nobody asked for", () => {
  it("are refused by name, and change nothing", async () => {
    const { token, account } = await server.signUp("mass@example.com");
    const extras = [{ roles: ["admin"] }, { id: "acc_1" }, { email_verified: true }, { is_admin: true }, { role: "admin" }, { disabled_at: null },
                    { password_hash: "$2b$10$x" }, { constructor: {} }];
    for (const extra of [...extras.map((one) => JSON.stringify({ name: "Mallory", ...one })), '{"name":"Mallory","__proto__":{"roles":["admin"]}}']) {
      const headers = { ...bearer(token), "Content-Type": "application/json" };
      const answer = await server.send("PATCH", "/v1/account", { body: extra, headers });
      assert.equal(answer.status, 400, extra);
      assert.equal(answer.json.reason, "request.invalid");
    }
    const signUp = await server.send("POST", "/v1/accounts", { json: { email: "mass2@example.com", password, roles: ["admin"], email_verified: true } });
    assert.equal(signUp.status, 400);

    assert.deepEqual((await server.send("GET", "/v1/account", { headers: bearer(token) })).json, account);
  });
});

describe("sessions", () => {
  it("are refused without, with a wrong, and with two credentials", async () => {
    const { token } = await server.signUp("credentials@example.com");
    const get = (headers) => server.send("GET", "/v1/session", { headers });

    assert.equal((await get({})).json.reason, "session.missing");
    assert.equal((await get(bearer("cas_" + "0".repeat(49)))).json.reason, "session.unknown");
    assert.equal((await get({ ...bearer(token), Cookie: `cardea_session=${token}` })).status, 400);
    assert.equal((await get({ Authorization: "Basic YTpi" })).status, 401);
    assert.equal((await get(bearer(token))).status, 200);
  });

  it("die with every changed character of the token", async () => {
    const { token } = await server.signUp("tamper@example.com");
    for (let i = 0; i < token.length; i += 5) {
      const changed = token.slice(0, i) + (token[i] === "a" ? "b" : "a") + token.slice(i + 1);
      assert.equal((await server.send("GET", "/v1/session", { headers: bearer(changed) })).status, 401);
    }
    const big = await server.send("GET", "/v1/session", { headers: { Cookie: `cardea_session=${"a".repeat(8000)}` } });
    assert.equal(big.status, 401);
    assert.match(big.headers["set-cookie"][0], /cardea_session=;/);
  });

  it("end at once when signed out, and stay ended", async () => {
    const { token } = await server.signUp("out@example.com");
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 200);

    assert.equal((await server.send("DELETE", "/v1/session", { headers: bearer(token) })).status, 204);

    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).json.reason, "session.unknown");
  });

  it("end at once when another process disables the account", async () => {
    const { account, token } = await server.signUp("elsewhere@example.com");
    for (let i = 0; i < 3; ++i) assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 200);

    assert.equal(run(folder, ["account", "disable", account.id]).code, 0);

    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 401);
  });

  it("can be listed and ended one by one and all at once", async () => {
    const { token } = await server.signUp("several@example.com");
    const others = [];
    for (let i = 0; i < 3; ++i) others.push((await server.signIn("several@example.com", password)).json.token);
    const list = await server.send("GET", "/v1/sessions", { headers: bearer(token) });
    assert.equal(list.json.items.length, 4);
    assert.equal(list.json.items.filter((item) => item.current).length, 1);

    const one = list.json.items.find((item) => !item.current);
    assert.equal((await server.send("DELETE", `/v1/sessions/${one.id}`, { headers: bearer(token) })).status, 204);
    assert.equal((await server.send("DELETE", "/v1/sessions", { headers: bearer(token) })).status, 204);

    const left = await server.send("GET", "/v1/sessions", { headers: bearer(token) });
    assert.equal(left.json.items.length, 1);
    for (const other of others) assert.equal((await server.send("GET", "/v1/session", { headers: bearer(other) })).status, 401);
  });

  it("of others cannot be ended", async () => {
    const alice = await server.signUp("alice@example.com");
    const mallory = await server.signUp("mallory@example.com");

    const answer = await server.send("DELETE", `/v1/sessions/${alice.session.id}`, { headers: bearer(mallory.token) });

    assert.equal(answer.status, 404);
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(alice.token) })).status, 200);
  });

  it("are not revived by a hundred requests at once", async () => {
    const { token } = await server.signUp("storm@example.com");
    const gets = Array.from({ length: 100 }, () => server.send("GET", "/v1/session", { headers: bearer(token) }));
    await server.send("DELETE", "/v1/session", { headers: bearer(token) });
    await Promise.all(gets);

    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 401);
  });
});

describe("the password and the account", () => {
  it("change with the old password only, and end the other sessions", async () => {
    const { token } = await server.signUp("change@example.com");
    const other = (await server.signIn("change@example.com", password)).json.token;
    const put = (json) => server.send("PUT", "/v1/password", { json, headers: bearer(token) });

    assert.equal((await put({ current_password: password, new_password: "change@example.com" })).json.reason, "password.context");
    assert.equal((await put({ new_password: "another long sentence" })).json.reason, "password.current_needed");
    assert.equal((await put({ current_password: "wrong wrong wrong", new_password: "another long sentence" })).status, 403);
    assert.equal((await put({ current_password: password, new_password: "another long sentence" })).status, 204);

    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(other) })).status, 401);
    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 200);
    assert.equal((await server.signIn("change@example.com", password)).status, 401);
    assert.equal((await server.signIn("change@example.com", "another long sentence")).status, 201);
  });

  it("can be renamed; a new address is unverified", async () => {
    const { token } = await server.signUp("rename@example.com");

    const answer = await server.send("PATCH", "/v1/account", { json: { name: "Zoë", email: "renamed@example.com" }, headers: bearer(token) });

    assert.equal(answer.status, 200);
    assert.deepEqual([answer.json.name, answer.json.email, answer.json.email_verified], ["Zoë", "renamed@example.com", false]);
  });

  it("is gone when deleted, with its sessions", async () => {
    const { token } = await server.signUp("gone@example.com");

    assert.equal((await server.send("DELETE", "/v1/account", { headers: bearer(token) })).status, 204);

    assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 401);
    assert.equal((await server.signIn("gone@example.com", password)).status, 401);
    assert.equal((await server.signUp("gone@example.com")).account.email, "gone@example.com");
  });
});
