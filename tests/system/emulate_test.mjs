// The emulator as its users have it: beside a server in development mode that is led to it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Person, Server, freePort, makeFolder, plainEnvironment, program, run, secretKey } from "./cardea.mjs";

let folder, server, emulator, url;

/** The emulator's child process, once it says where it listens. */
async function startEmulator(args) {
  const child = spawn(program, ["--json", "emulate", "--port", "0", ...args], { env: plainEnvironment });
  const line = await new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk) => { text += chunk; if (text.includes("}")) resolve(text); });
    child.once("exit", (code) => reject(new Error(`the emulator ended with ${code}`)));
  });
  return { child, url: JSON.parse(line).url };
}

before(async () => {
  const port = await freePort();
  ({ child: emulator, url } = await startEmulator(["--token-lifetime", "5", "--public-url", `http://127.0.0.1:${port}`]));
  folder = makeFolder({ config: `[OAuth]\nemulator = "${url}"\n` });
  mkdirSync(join(folder.path, "data"));
  writeFileSync(join(folder.path, "data/.env"), `SECRET_KEY=${secretKey}\n`, { mode: 0o600 });
  appendFileSync(join(folder.path, "data/.env"), await (await fetch(`${url}/-/env`)).text());
  server = await Server.start(folder, port, { args: ["serve", "--dev", "--port", String(port)] });
});
after(async () => {
  await server?.stop();
  emulator?.kill("SIGTERM");
  folder?.remove();
});

const order = (path, body) => fetch(`${url}/-/${path}`, { method: "POST", body: JSON.stringify(body) });

/** Through the provider and back, as a browser goes. */
async function signIn(person, provider) {
  const begun = await person.open(`/auth/${provider}`);
  const atProvider = await fetch(begun.headers.location, { redirect: "manual" });
  const back = new URL(atProvider.headers.get("location"));
  return person.open(back.pathname + back.search);
}

describe("cardea emulate", () => {
  for (const provider of ["google", "github", "discord", "spotify", "keycloak", "yahoo"]) {
    it(`signs somebody in with ${provider}`, async () => {
      await order("person", { provider, email: `ada@${provider}.example`, subject: "1234" });
      const person = new Person(server);

      const answer = await signIn(person, provider);

      assert.equal(answer.status, 303, answer.text);
      const { json } = await person.open("/v1/account");
      assert.equal(json.name, "Ada Lovelace");
    });
  }

  it("lets tokens live as long as it was told", async () => {
    const redirect = server.origin + "/auth/callback/yahoo";
    const ask = `${url}/api.login.yahoo.com/oauth2/request_auth?` + new URLSearchParams({
      response_type: "code", client_id: "yahoo-client", redirect_uri: redirect, scope: "openid profile email",
      state: "0123456789abcdef", nonce: "0123456789abcdef",
    });
    const back = await fetch(ask, { redirect: "manual" });
    const code = new URL(back.headers.get("location")).searchParams.get("code");
    const secret = "s3cret: /%+&=?of the emulated yahoo client";
    const answer = await fetch(`${url}/api.login.yahoo.com/oauth2/get_token`, {
      method: "POST",
      headers: { Authorization: "Basic " + btoa(`yahoo-client:${encodeURIComponent(secret)}`) },
      body: new URLSearchParams({ grant_type: "authorization_code", code, redirect_uri: redirect }),
    });
    assert.equal((await answer.json()).expires_in, 5);
  });

  it("fails as it is told, and the page says so", async () => {
    await order("failure", { provider: "spotify", endpoint: "token", failure: "html" });

    const answer = await signIn(new Person(server), "spotify");

    assert.equal(answer.status, 502);
    assert.match(answer.text, /The provider is in trouble/);
  });

  it("is refused outside development mode", () => {
    const { code, stderr } = run(folder, ["serve"], { environment: { PUBLIC_URL: "https://app.example" } });

    assert.equal(code, 84);
    assert.match(stderr, /OAuth\.emulator: .*only development mode has an emulator/);
  });

  it("is refused anywhere but on this machine", () => {
    const elsewhere = makeFolder({ config: '[OAuth]\nemulator = "http://idp.example:80"\n' });

    const { code, stderr } = run(elsewhere, ["provider", "list"]);

    assert.notEqual(code, 0);
    assert.match(stderr, /OAuth\.emulator: .*expected http:\/\/ and a loopback address/);
    elsewhere.remove();
  });
});
