// Starting, refusing to start, stopping, and what survives.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, readFileSync, readdirSync, statSync, truncateSync, writeFileSync } from "node:fs";
import net from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Server, bearer, freePort, makeFolder, query, run, secretKey, sendRaw, settings, startServer } from "./cardea.mjs";

const config = (lines) => ({ config: lines });

describe("a start is refused with 84 and changes nothing", () => {
  const refused = (name, folderOptions, expected, { args = ["serve"], environment = {} } = {}) =>
    it(name, () => {
      const folder = makeFolder(folderOptions);
      const before = readdirSync(folder.path).sort();

      const result = run(folder, args, { environment });

      assert.equal(result.code, 84, result.stderr);
      assert.match(result.stderr, expected);
      assert.deepEqual(readdirSync(folder.path).sort(), before);
      folder.remove();
    });

  refused("without public_url and key", { environment: "" }, /public_url[\s\S]*SECRET_KEY|SECRET_KEY[\s\S]*public_url/);
  refused("with a weak key", { ...config('[Server_configuration]\npublic_url = "https://a.example"\n'), environment: "SECRET_KEY=changeme\n" }, /SECRET_KEY/);
  refused("beyond loopback in plain HTTP", config('[Server_configuration]\nhost = "0.0.0.0"\npublic_url = "https://a.example"\n'), /insecure_plain_http/);
  refused("with a plain public_url", config('[Server_configuration]\npublic_url = "http://a.example"\n'), /public_url/);
  refused("with an unknown key, naming the nearest", config('[Server_configuration]\npublic_url = "https://a.example"\nprot = 1\n'), /config\.toml:3.*prot[\s\S]*port/);
  refused("with a wrong type", config('[Server_configuration]\npublic_url = "https://a.example"\nport = "many"\n'), /port/);
  refused("with broken TOML, naming the line", config("[Server_configuration\n"), /config\.toml:1/);
  refused("with a filter of leaked passwords that is none", config('[Server_configuration]\npublic_url = "https://a.example"\n[password]\nbreached_filter = ".env"\n'), /password\.breached_filter.*\.env.*password filter build/);
  refused("with a file of common passwords that is not there", config('[Server_configuration]\npublic_url = "https://a.example"\n[password]\ncommon_file = "none.txt"\n'), /password\.common_file.*none\.txt/);
  refused("with a file that is not there", {}, /none\.toml/, { args: ["--config", "none.toml", "serve"] });

  it("and says everything at once", () => {
    const folder = makeFolder({ config: "[session]\nidle_limit = 5\n[nonsense]\na = 1\n", environment: "" });

    const { stderr } = run(folder, ["serve"]);

    for (const word of ["idle_limit", "nonsense"]) assert.ok(stderr.includes(word), stderr);
    folder.remove();
  });

  it("with another key than the data was made with, and writes nothing", async () => {
    const { folder, server } = await startServer();
    await server.stop();
    writeFileSync(join(folder.path, ".env"), "SECRET_KEY=AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n");
    const before = readFileSync(join(folder.path, "cardea.db"));

    const result = run(folder, ["serve"]);

    assert.equal(result.code, 84);
    assert.match(result.stderr, /SECRET_KEY/);
    assert.deepEqual(readFileSync(join(folder.path, "cardea.db")), before);
    folder.remove();
  });

  it("twice on the same data, and on the same port", async () => {
    const { folder, server } = await startServer();

    const sameData = run(folder, ["serve", "--port", String(await freePort())]);
    const other = makeFolder(await settings("", server.port));
    const samePort = run(other, ["serve"]);

    assert.equal(sameData.code, 84);
    assert.match(sameData.stderr, /already/i);
    assert.equal(samePort.code, 84);
    assert.match(samePort.stderr, new RegExp(String(server.port)));
    await server.stop();
    folder.remove();
    other.remove();
  });
});

describe("settings", () => {
  it("come from the environment over the file, and are shown with their origin and masked", async () => {
    const folder = makeFolder(await settings());
    const environment = { CARDEA_SESSION_IDLE_LIMIT: "1h", DATABASE_URL: "sqlite:other-canary.db" };

    const shown = run(folder, ["settings", "show"], { environment });

    assert.equal(shown.code, 0, shown.stderr);
    assert.match(shown.stdout, /idle_limit.*1h.*environment/);
    assert.ok(!shown.stdout.includes("other-canary"));
    assert.ok(!shown.stdout.includes(secretKey));
    folder.remove();
  });

  it("have a reference that is itself a valid file", () => {
    const folder = makeFolder();
    writeFileSync(join(folder.path, "config.toml"), run(folder, ["settings", "reference"]).stdout);

    const result = run(folder, ["settings", "check", "--dev"]);

    assert.equal(result.code, 0, result.stderr);
    folder.remove();
  });

  it("get a secret from new-secret that a start accepts", async () => {
    const folder = makeFolder(await settings());
    writeFileSync(join(folder.path, ".env"), run(folder, ["settings", "new-secret"]).stdout);

    assert.equal(run(folder, ["settings", "check"]).code, 0);
    folder.remove();
  });

  it("take a secret from a file that nobody else can read", async () => {
    const folder = makeFolder({ ...(await settings()), environment: "" });
    const file = join(folder.path, "key");
    writeFileSync(file, secretKey + "\n", { mode: 0o600 });
    const environment = { SECRET_KEY_FILE: file };

    assert.equal(run(folder, ["settings", "check"], { environment }).code, 0);
    chmodSync(file, 0o644);
    assert.equal(run(folder, ["settings", "check"], { environment }).code, 84);
    folder.remove();
  });
});

describe("files", () => {
  it("are readable by their owner alone", async () => {
    const { folder, server } = await startServer();
    await server.signUp("mode@example.com");

    for (const name of readdirSync(folder.path).filter((file) => file !== "config.toml")) {
      assert.equal(statSync(join(folder.path, name)).mode & 0o077, 0, name);
    }
    await server.stop();
    folder.remove();
  });
});

describe("stopping", () => {
  it("answers what is in flight when SIGTERM arrives", async () => {
    const { folder, server } = await startServer("[password]\ncost = 12\n");
    const requests = Array.from({ length: 10 }, (_, i) =>
      server.send("POST", "/v1/accounts", { json: { email: `flight${i}@example.com`, password: "correct horse battery" } }).catch((error) => error));
    while (!server.output.includes("route=/v1/accounts")) await new Promise((resolve) => setTimeout(resolve, 5));

    const ended = await server.stop();
    const answers = await Promise.all(requests);

    assert.deepEqual(ended, { code: 0, signal: null });
    assert.deepEqual(answers.map((answer) => answer.status), Array(10).fill(201));
    folder.remove();
  });

  it("finishes a hash that is being renewed", async () => {
    const { port, config: lines } = await settings("[password]\ncost = 13\n");
    const folder = makeFolder({ config: lines });
    const old = run(folder, ["hash"], { input: "correct horse battery\n", environment: { CARDEA_PASSWORD_COST: "4" } }).stdout.trim();
    writeFileSync(join(folder.path, "people.csv"), `email,password_hash\nada@example.com,${old}\n`);
    assert.equal(run(folder, ["account", "import", "people.csv"]).code, 0);
    const server = await Server.start(folder, port);
    assert.equal((await server.signIn("ada@example.com", "correct horse battery")).status, 201);

    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    assert.match(run(folder, ["account", "stats"]).stdout, /0 hashes to replace/);
    folder.remove();
  });

  it("closes idle connections at once", async () => {
    const { folder, server } = await startServer();
    const idle = net.connect(server.port, "127.0.0.1");
    await new Promise((resolve) => idle.once("connect", resolve));
    const closed = new Promise((resolve) => idle.once("close", resolve));
    idle.on("error", () => {});

    const begun = Date.now();
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    await closed;
    assert.ok(Date.now() - begun < 5000);
    folder.remove();
  });

  it("ends at once on the second signal", async () => {
    const { folder, server } = await startServer("[password]\ncost = 14\n");
    const request = server.send("POST", "/v1/accounts", { json: { email: "slow@example.com", password: "correct horse battery" } }).catch(() => null);
    await new Promise((resolve) => setTimeout(resolve, 100));

    server.child.kill("SIGTERM");
    await new Promise((resolve) => setTimeout(resolve, 100));
    server.child.kill("SIGTERM");

    const { code, signal } = await server.ended;
    assert.ok(code === 84 || signal !== null);
    await request;
    folder.remove();
  });

  it("is not caused by SIGHUP, SIGUSR1 or a closed log reader", async () => {
    const { folder, server } = await startServer();
    server.child.kill("SIGHUP");
    server.child.kill("SIGUSR1");
    server.child.stderr.destroy();
    for (let i = 0; i < 20; ++i) await server.send("GET", "/nothing");

    assert.equal((await server.send("GET", "/health")).status, 200);
    assert.deepEqual(await server.stop(), { code: 0, signal: null });
    folder.remove();
  });
});

describe("kill -9", () => {
  it("loses nothing that was acknowledged", async () => {
    const { port, config: lines } = await settings("[password]\ncost = 4\n[throttle]\nenabled = false\n");
    const folder = makeFolder({ config: lines });
    const acknowledged = [];
    const signedIn = [];
    const signedOut = [];
    for (let round = 0; round < 5; ++round) {
      const server = await Server.start(folder, port);
      let running = true;
      const worker = async (name) => {
        for (let i = 0; running; ++i) {
          const email = `kill-${round}-${name}-${i}@example.com`;
          try {
            const { token } = await server.signUp(email);
            acknowledged.push(email);
            if (i % 2 === 1) signedIn.push(token);
            else if ((await server.send("DELETE", "/v1/session", { headers: bearer(token) })).status === 204) signedOut.push(token);
          } catch { return; }
        }
      };
      const workers = Array.from({ length: 8 }, (_, name) => worker(name));
      await new Promise((resolve) => setTimeout(resolve, 150 + 70 * round));
      await server.stop("SIGKILL");
      running = false;
      await Promise.all(workers);
    }
    const begun = performance.now();
    const server = await Server.start(folder, port);
    // A second is promised; a machine that runs other tests beside this one gets some more.
    assert.ok(performance.now() - begun < 5000, `ready after ${performance.now() - begun} ms`);

    for (const email of acknowledged) assert.equal((await server.signIn(email, "correct horse battery")).status, 201, email);
    for (const token of signedOut) assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 401);
    for (const token of signedIn) assert.equal((await server.send("GET", "/v1/session", { headers: bearer(token) })).status, 200);
    assert.ok(acknowledged.length > 20, String(acknowledged.length));
    await server.stop();
    const count = (type) => query(folder, `SELECT count(*) AS number FROM events WHERE type = '${type}'`)[0].number;
    assert.ok(count("account.created") >= acknowledged.length, "each acknowledged sign-up is in the audit trail");
    assert.ok(count("session.ended") >= signedOut.length, "each acknowledged sign-out is in the audit trail");
    assert.deepEqual(query(folder, "PRAGMA integrity_check"), [{ integrity_check: "ok" }]);
    folder.remove();
  });
});

describe("secrets", () => {
  it("appear in no log, no file and no argument", async () => {
    const { folder, server } = await startServer("[log]\nlevel = \"debug\"\n");
    const canary = "canary-password-7351";
    const { token } = await server.signUp("canary@example.com", canary);
    await server.signIn("canary@example.com", canary + "-wrong");
    await server.send("GET", "/v1/session", { headers: bearer(token) });
    await server.send("GET", "/auth/callback/google?code=canary-code&state=canary-state");
    const commandLine = existsSync(`/proc/${server.child.pid}/cmdline`) ? readFileSync(`/proc/${server.child.pid}/cmdline`, "utf8") : "";
    await server.stop();
    const stored = readdirSync(folder.path).filter((name) => name.startsWith("cardea.db")).map((name) => readFileSync(join(folder.path, name), "latin1")).join();

    for (const secret of [canary, token, "canary-code", "canary-state", secretKey]) {
      assert.ok(!server.output.includes(secret), `${secret} in the log`);
      assert.ok(!commandLine.includes(secret), `${secret} in the arguments`);
      assert.ok(!stored.includes(secret), `${secret} in the database`);
    }
    folder.remove();
  });

  it("and a forged log line stays one line", async () => {
    const { folder, server } = await startServer();
    // Node's client refuses to send this itself.
    await sendRaw(server, "GET /x%0d%0a2026-01-01%20error%20forged HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
                          "User-Agent: a\x1b[31mb\r\nConnection: close\r\n\r\n");
    await server.stop();

    assert.ok(!server.output.split("\n").some((line) => /^2026-01-01 error forged/.test(line)));
    assert.ok(!server.output.includes("\x1b"));
    folder.remove();
  });
});

describe("the command line", () => {
  it("hashes and checks a password from standard input", () => {
    const folder = makeFolder();
    const hashed = run(folder, ["hash"], { input: "correct horse battery\n" });
    assert.match(hashed.stdout, /^\$2b\$10\$/);

    assert.equal(run(folder, ["check", hashed.stdout.trim()], { input: "correct horse battery\n" }).code, 0);
    assert.equal(run(folder, ["check", hashed.stdout.trim()], { input: "something else entirely\n" }).code, 84);
    assert.equal(run(folder, ["check", "$2b$10$short"], { input: "correct horse battery\n" }).code, 84);
    folder.remove();
  });

  it("hashes and checks a password that bcrypt would cut", () => {
    const folder = makeFolder();
    const long = "correct horse battery ".repeat(5);
    const hashed = run(folder, ["hash"], { input: long + "\n" }).stdout.trim();
    assert.match(hashed, /^\$bcrypt-sha256\$v=2,t=2b,r=10\$/);

    assert.equal(run(folder, ["check", hashed], { input: long + "\n" }).code, 0);
    assert.equal(run(folder, ["check", hashed], { input: long.slice(0, 72) + "\n" }).code, 84);
    const refused = run(folder, ["hash"], { input: long + "\n", environment: { CARDEA_PASSWORD_LONG_PASSWORDS: "refuse" } });
    assert.equal(refused.code, 84);
    assert.match(refused.stderr, /password\.too_long/);
    folder.remove();
  });

  it("builds, shows and checks a filter of leaked passwords, and the server keeps to it", async () => {
    const { port, config: lines } = await settings('[password]\ncost = 4\nbreached_filter = "leaked.filter"\n');
    const folder = makeFolder({ config: lines });
    // SHA-1 of "solid rocket booster", as Have I Been Pwned writes it.
    const sum = createHash("sha1").update("solid rocket booster").digest("hex").toUpperCase();
    writeFileSync(join(folder.path, "list.txt"), `${"0".repeat(40)}:3\r\n${sum}:1250\r\n`);
    assert.equal(run(folder, ["serve"]).code, 84, "the filter is not there yet");

    const built = run(folder, ["--json", "password", "filter", "build", "leaked.filter", "--from", "list.txt"]);
    assert.equal(built.code, 0, built.stderr);
    assert.equal(JSON.parse(built.stdout).entries, 2);
    assert.match(run(folder, ["password", "filter", "show", "leaked.filter"]).stdout, /entries\s+2/);
    assert.equal(run(folder, ["password", "filter", "check", "leaked.filter"], { input: "solid rocket booster\n" }).code, 84);
    assert.equal(run(folder, ["password", "filter", "check", "leaked.filter"], { input: "liquid rocket booster\n" }).code, 0);
    const piped = run(folder, ["password", "filter", "build", "piped.filter", "--from", "-", "--entries", "2"], { input: "one\ntwo\n" });
    assert.equal(piped.code, 0, piped.stderr);
    for (const args of [["build", "x", "--from", "none"], ["build", "x", "--from", "-"], ["show", "list.txt"], ["build", "x", "--from", "list.txt", "--bits", "99"]]) {
      assert.equal(run(folder, ["password", "filter", ...args]).code, 84, args.join(" "));
    }

    const server = await Server.start(folder, port);
    const answer = await server.send("POST", "/v1/accounts", { json: { email: "a@example.com", password: "solid rocket booster" } });
    assert.deepEqual([answer.status, answer.json.reason], [400, "password.breached"]);
    assert.equal((await server.send("POST", "/v1/accounts", { json: { email: "a@example.com", password: "liquid rocket booster" } })).status, 201);
    await server.stop();
    truncateSync(join(folder.path, "leaked.filter"), 100);
    const refused = run(folder, ["serve"]);
    assert.equal(refused.code, 84);
    assert.match(refused.stderr, /password\.breached_filter/);
    folder.remove();
  });

  it("keeps to the rules for passwords when it adds an account", async () => {
    const folder = makeFolder(await settings("[password]\nminimum_length = 15\n"));
    const add = (input) => run(folder, ["account", "add", "grace@example.com"], { input: input + "\n" });

    assert.match(add("fourteen chars").stderr, /at least 15 characters[^]*password\.too_short/);
    assert.match(add("grace@example.com").stderr, /password\.context/);
    assert.match(add("123456789987654321").stderr, /password\.common/);
    assert.equal(add("fifteen chars !").code, 0);
    folder.remove();
  });

  it("hashes with the system's library when told to, and to the same effect", () => {
    const folder = makeFolder();
    const environment = { CARDEA_PASSWORD_KERNEL: "libxcrypt" };
    const hashed = run(folder, ["hash"], { input: "correct horse battery\n", environment });
    assert.match(hashed.stdout, /^\$2b\$10\$/);

    assert.equal(run(folder, ["check", hashed.stdout.trim()], { input: "correct horse battery\n" }).code, 0);
    folder.remove();
  });

  it("suggests a cost for this machine", () => {
    const folder = makeFolder();
    const table = run(folder, ["password", "calibrate", "--target", "10ms"]);
    assert.match(table.stdout, /^10 .* suggested$/m);
    assert.match(table.stdout, /^cost = 10$/m);

    const json = JSON.parse(run(folder, ["--json", "password", "calibrate", "--target", "60s"]).stdout);
    assert.ok(json.suggested_cost > 10 && json.costs.some(({ cost }) => cost === json.suggested_cost));
    assert.equal(run(folder, ["password", "calibrate", "--target", "soon"]).code, 84);
    folder.remove();
  });

  it("teaches with --help and ends with 0 or 84", async () => {
    const folder = makeFolder(await settings());
    for (const args of [["--help"], ["serve", "--help"], ["account", "--help"], ["provider", "add", "--help"], ["version"], ["openapi"], ["migrate"], ["account", "list"],
                        ["provider", "list"], ["connection", "list"], ["key", "list"], ["job", "list"], ["job", "run", "clean_expired_sessions"]]) {
      assert.equal(run(folder, args).code, 0, args.join(" "));
    }
    for (const args of [[], ["nonsense"], ["account"], ["account", "show", "nobody@example.com"], ["key", "add", "x"], ["key", "add", "x", "--scope", "all"], ["job", "run", "nothing"]]) {
      assert.equal(run(folder, args).code, 84, args.join(" "));
    }
    for (const args of [["account", "list"], ["provider", "list"], ["connection", "list"], ["key", "list"], ["job", "list"], ["settings", "show"], ["version"]]) {
      assert.doesNotThrow(() => JSON.parse(run(folder, ["--json", ...args]).stdout), args.join(" "));
    }
    folder.remove();
  });
});

describe("registration", () => {
  const attempt = (server, email) => server.send("POST", "/v1/accounts", { json: { email, password: "correct horse battery" } });

  it("can be closed", async () => {
    const { folder, server } = await startServer('[sign_in]\nregistration = "closed"\n');
    assert.deepEqual([(await attempt(server, "a@example.com")).status], [403]);
    assert.ok(!(await server.send("GET", "/")).text.includes("/sign-up"));
    await server.stop();
    folder.remove();
  });

  it("can be for invited addresses, once", async () => {
    const { folder, server } = await startServer('[sign_in]\nregistration = "invited"\n');
    assert.equal(run(folder, ["account", "add", "guest@example.com", "--invite"]).code, 0);
    assert.equal((await attempt(server, "stranger@example.com")).json.reason, "account.registration_closed");
    const statuses = (await Promise.all(Array.from({ length: 10 }, () => attempt(server, "guest@example.com")))).map((answer) => answer.status);
    assert.equal(statuses.filter((status) => status === 201).length, 1, String(statuses));
    await server.stop();
    folder.remove();
  });

  it("can be for some domains", async () => {
    const { folder, server } = await startServer('[sign_in]\nallowed_email_domains = ["example.org"]\n');
    assert.equal((await attempt(server, "a@example.com")).status, 403);
    assert.equal((await attempt(server, "a@sub.example.org")).status, 403);
    assert.equal((await attempt(server, "a@EXAMPLE.org")).status, 201);
    await server.stop();
    folder.remove();
  });
});

describe("throttling", () => {
  it("slows guessing at one account down, from one address and from many", async () => {
    const { folder, server } = await startServer("[password]\ncost = 4\n");
    await server.signUp("target@example.com");
    const guesses = [];
    for (let i = 0; i < 40; ++i) guesses.push(await server.signIn("target@example.com", `guess number ${i}`, { from: `127.0.1.${i + 1}` }));

    const slowed = guesses.filter((answer) => answer.status === 429);

    assert.ok(slowed.length > 20, String(slowed.length));
    assert.ok(Number(slowed[0].headers["retry-after"]) > 0);
    assert.equal((await server.signIn("target@example.com", "correct horse battery")).status, 201, "the owner's own address still gets in");
    await server.stop();
    folder.remove();
  });

  it("goes on after a restart", async () => {
    const { port, config: lines } = await settings("[password]\ncost = 4\n");
    const folder = makeFolder({ config: lines });
    const guess = (server) => server.signIn("target@example.com", "a wrong guess", { from: "127.0.1.9" });
    let server = await Server.start(folder, port);
    await server.signUp("target@example.com");
    while ((await guess(server)).status !== 429);
    await server.stop();
    server = await Server.start(folder, port);

    const answers = [];
    for (let i = 0; i < 5; ++i) answers.push((await guess(server)).status);

    assert.ok(answers.filter((status) => status === 429).length >= 3, String(answers));
    assert.equal((await server.signIn("target@example.com", "correct horse battery")).status, 201, "known before the restart");
    await server.stop();
    folder.remove();
  });
});
