// Providers that come, change and go while the server runs, whoever writes them; and their client's two secrets.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import http from "node:http";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Person, bearer, eventually, logOf, run, runBeside, startDevelopment, withinASecond } from "./cardea.mjs";

/** A plain OAuth 2.0 provider on this machine, which knows the secrets in `secrets` and every user by number 7. */
class Provider {
  static async start() {
    const provider = new Provider();
    Object.assign(provider, { secrets: new Set(["first"]), asked: [] });
    provider.server = http.createServer((request, response) => provider.answer(request, response));
    await new Promise((resolve) => provider.server.listen(0, "127.0.0.1", resolve));
    provider.origin = `http://127.0.0.1:${provider.server.address().port}`;
    return provider;
  }
  answer(request, response) {
    const path = request.url.split("?")[0];
    this.asked.push(path);
    const say = (status, json) => response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(json));
    if (path === "/authorize") return response.writeHead(200, { "Content-Type": "text/html" }).end("<p>Sign in</p>");
    if (path === "/me") return say(request.headers.authorization === "Bearer token" ? 200 : 401, { id: 7, name: "Seven" });
    if (path !== "/token") return response.writeHead(404).end();
    let body = "";
    request.on("data", (chunk) => { body += chunk; });
    return request.on("end", () => {
      const form = new URLSearchParams(body);
      if (!this.secrets.has(form.get("client_secret"))) return say(401, { error: "invalid_client" });
      if (form.get("code") !== "good") return say(400, { error: "invalid_grant" });
      return say(200, { access_token: "token", token_type: "Bearer", expires_in: 3600 });
    });
  }
  /** What an operator writes of it. */
  row() {
    return {
      protocol: "oauth2", authorization_endpoint: `${this.origin}/authorize`, token_endpoint: `${this.origin}/token`,
      userinfo_endpoint: `${this.origin}/me`, client_id: "cardea", token_endpoint_auth_method: "client_secret_post",
      profile: { subject: ["/id"], name: ["/name"], email_trust: "none" },
    };
  }
  flags() {
    return Object.entries(this.row()).flatMap(([key, value]) => ["--set", `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`]);
  }
}

let folder, server, provider, admin;

before(async () => {
  provider = await Provider.start();
  ({ folder, server } = await startDevelopment());
  admin = JSON.parse(command("--json", "key", "add", "test", "--scope", "admin").stdout).token;
});
after(async () => {
  await server.stop();
  provider.server.close();
  folder.remove();
});

/** As an operator beside a server in development mode. */
const cli = (where, args, more = {}) => run(where, ["--env", "data/.env", ...args], more);
function command(...args) {
  const result = cli(folder, args);
  assert.equal(result.code, 0, result.stderr);
  return result;
}
const check = (name) => runBeside(folder, ["--env", "data/.env", "provider", "check", name]);
const secretFile = (name, text) => {
  writeFileSync(join(folder.path, name), `${text}\n`, { mode: 0o600 });
  return name;
};
const administer = async (method, path, json) => {
  const answer = await server.send(method, `/v1/admin/providers${path}`, { json, headers: bearer(admin) });
  assert.ok(answer.status < 300, answer.text);
  return answer;
};

const offered = async () => (await server.send("GET", "/v1/providers")).json.items;
const titleOf = async (name) => (await offered()).find((one) => one.name === name)?.title;
const signIn = async (name) => {
  const person = new Person(server);
  const begun = await person.open(`/auth/${name}`);
  if (begun.status !== 303) return begun.status;
  const state = new URL(begun.headers.location).searchParams.get("state");
  return (await person.open(`/auth/callback/${name}?code=good&state=${state}`)).status;
};

/** The same life, whoever writes it. */
const writers = {
  "another process": {
    add: (name) => command("provider", "add", name, ...provider.flags(), "--client-secret-file", secretFile("first.txt", "first")),
    rename: (name, title) => command("provider", "update", name, "--set", `title=${title}`),
    changeSecret: (name) => command("provider", "update", name, "--client-secret-file", secretFile("second.txt", "second")),
    remove: (name) => command("provider", "remove", name),
  },
  "the admin API": {
    add: (name) => administer("POST", "", { name, client_secret: "first", ...provider.row() }),
    rename: (name, title) => administer("PATCH", `/${name}`, { title }),
    changeSecret: (name) => administer("PATCH", `/${name}`, { client_secret: "second" }),
    remove: (name) => administer("DELETE", `/${name}`),
  },
};

for (const [who, write] of Object.entries(writers)) {
  describe(`a provider that ${who} writes`, () => {
    const name = who === "another process" ? "acme" : "other";

    it("is offered and works at once", async () => {
      provider.secrets = new Set(["first"]);
      assert.equal(await signIn(name), 404);
      await write.add(name);
      await withinASecond("added", async () => (await titleOf(name)) === name);
      assert.equal(await signIn(name), 303);
    });

    it("changes at once", async () => {
      await write.rename(name, "Acme Login");
      await withinASecond("renamed", async () => (await titleOf(name)) === "Acme Login");
      const page = await new Person(server).open("/sign-in");
      assert.ok(page.text.includes("Continue with Acme Login"), page.text);

      provider.secrets = new Set(["second"]);
      assert.equal(await signIn(name), 502);
      await write.changeSecret(name);
      await eventually("secret changed", async () => (await signIn(name)) === 303);
    });

    it("vanishes at once, also for whoever is on the way", async () => {
      const person = new Person(server);
      const begun = await person.open(`/auth/${name}`);
      const state = new URL(begun.headers.location).searchParams.get("state");
      await write.remove(name);
      await withinASecond("removed", async () => (await titleOf(name)) === undefined);
      assert.equal(await signIn(name), 404);
      provider.asked = [];
      assert.equal((await person.open(`/auth/callback/${name}?code=good&state=${state}`)).status, 404);
      assert.deepEqual(provider.asked, []);
    });
  });
}

describe("two client secrets", () => {
  it("work while the provider changes over; the one in use is told, and neither is shown", async () => {
    provider.secrets = new Set(["canary-old"]);
    command("provider", "add", "turning", ...provider.flags(), "--client-secret-file", secretFile("new.txt", "canary-new"),
            "--client-secret-previous-file", secretFile("old.txt", "canary-old"));
    await withinASecond("added", async () => (await titleOf("turning")) !== undefined);
    provider.asked = [];
    assert.equal(await signIn("turning"), 303);
    assert.equal(await signIn("turning"), 303);
    assert.equal(provider.asked.filter((path) => path === "/token").length, 3, "the refusal is paid for once");

    const checked = (await administer("POST", "/turning/check")).json;
    assert.equal(checked.secret_in_use, "previous");
    const by = Object.fromEntries(checked.items.map((one) => [one.what, one.outcome]));
    assert.deepEqual([by.client_secret, by.client_secret_previous], ["fails", "works"]);
    const printed = await check("turning");
    assert.equal(printed.code, 84);
    assert.match(printed.stdout, /client_secret +fails/);
    assert.match(printed.stdout, /Signing in works with client_secret_previous\./);

    provider.secrets = new Set(["canary-new"]);
    assert.equal(await signIn("turning"), 303);
    assert.equal((await administer("POST", "/turning/check")).json.secret_in_use, "current");

    await eventually("logged", () => logOf(server).includes("provider.current_secret_used provider=turning"));
    assert.equal(logOf(server).match(/provider\.previous_secret_used provider=turning/g).length, 1);
    for (const text of [logOf(server), printed.stdout, printed.stderr, JSON.stringify(checked), command("provider", "show", "turning").stdout,
                        command("--json", "provider", "show", "turning").stdout, (await administer("GET", "/turning")).text, (await administer("GET", "")).text])
      assert.doesNotMatch(text, /canary/);
  });

  it("come from the environment, from files and from config.toml, and are masked there", async () => {
    const { folder: place, server: configured } = await startDevelopment(
      `[OAuth.providers.acme]\n${Object.entries(provider.row()).filter(([, value]) => typeof value === "string").map(([key, value]) => `${key} = "${value}"`).join("\n")}\n` +
      'client_secret = "canary-new"\nclient_secret_previous = "wrong"\nprofile = { subject = ["/id"], email_trust = "none" }\n',
      { environment: { ACME_CLIENT_SECRET_PREVIOUS: "canary-old" } });
    provider.secrets = new Set(["canary-old"]);
    const person = new Person(configured);
    const begun = await person.open("/auth/acme");
    const state = new URL(begun.headers.location).searchParams.get("state");
    assert.equal((await person.open(`/auth/callback/acme?code=good&state=${state}`)).status, 303);

    writeFileSync(join(place.path, "old.txt"), "canary-old\n", { mode: 0o600 });
    const environment = { ACME_CLIENT_SECRET_PREVIOUS_FILE: join(place.path, "old.txt") };
    const shown = cli(place, ["provider", "show", "acme"], { environment });
    assert.match(shown.stdout, /client_secret_previous +"\*{8}" +environment/);
    const settings = cli(place, ["settings", "show"], { environment });
    assert.match(settings.stdout, /client_secret_previous/);
    for (const { stdout, stderr } of [shown, settings]) assert.doesNotMatch(stdout + stderr, /canary|wrong/);
    await configured.stop();
    place.remove();
  });
});

describe("the environment", () => {
  it("brings providers that nobody else has", () => {
    const environment = { CARDEA_OAUTH_PROVIDERS: '{"nova":{"issuer":"https://id.nova.example","client_id":"x"}}', NOVA_CLIENT_SECRET: "s" };

    const { code, stdout } = cli(folder, ["provider", "list"], { environment });

    assert.equal(code, 0);
    assert.match(stdout, /nova +nova +yes/);
  });
});

describe("provider check", () => {
  it("says what is wrong, where to mend it, and what to register", async () => {
    provider.secrets = new Set(["first"]);
    command("provider", "add", "tried", ...provider.flags(), "--client-secret-file", secretFile("wrong.txt", "wrong"));
    command("provider", "update", "tried", "--set", `userinfo_endpoint=${provider.origin}/nothing`);

    const wrong = await check("tried");
    assert.equal(wrong.code, 84);
    assert.match(wrong.stdout, /Redirect URI to register there: http:\/\/.*\/auth\/callback\/tried\n/);
    assert.match(wrong.stdout, /token_endpoint +works/);
    assert.match(wrong.stdout, /client_secret: The provider refuses this client: status 401, invalid_client\.\n +Compare client_id \(`cardea provider update tried`\)/);
    assert.match(wrong.stdout, /userinfo_endpoint: The server is there, but not this path \(status 404\)\./);

    command("provider", "update", "tried", "--client-secret-file", "first.txt", "--set", `userinfo_endpoint=${provider.origin}/me`);
    const right = await check("tried");
    assert.equal(right.code, 0, right.stdout);
    assert.doesNotMatch(right.stdout, /fails|unclear/);
    command("provider", "update", "tried", "--set", "token_endpoint=http://127.0.0.1:9/token");
    assert.match((await check("tried")).stdout, /token_endpoint: It could not be reached \(.*9.*\)\.\n +Look whether/);
  });

  it("is not the only thing that lists: provider list shows those that are configured, and all on demand", () => {
    const few = command("provider", "list").stdout.trim().split("\n");
    const all = command("provider", "list", "--all").stdout.trim().split("\n");
    assert.ok(few.length < 10, few.join("\n"));
    assert.ok(all.length > 100);
    assert.match(few.join("\n"), /tried +tried +yes/);
  });
});
