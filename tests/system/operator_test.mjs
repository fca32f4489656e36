// What an operator does and reads: commands, messages, files, signals, health and limits.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Server, bearer, freePort, makeFolder, program, run, secretKey, settings, startServer } from "./cardea.mjs";

const sources = join(dirname(fileURLToPath(import.meta.url)), "../../src/cardea");
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits for something to become true. */
async function until(what, limit = 30_000) {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await what();
    if (value) return value;
    if (Date.now() > deadline) throw new Error("waited in vain");
    await pause(20);
  }
}

/** A folder without files, as after `git clone`. */
function emptyFolder() {
  const folder = makeFolder();
  spawnSync("rm", [join(folder.path, ".env"), join(folder.path, "config.toml")]);
  return folder;
}

async function startDevelopment(folder, args = []) {
  const port = await freePort();
  return Server.start(folder, port, { args: ["serve", "--dev", "--port", String(port), ...args] });
}

/** Runs Python on the database, as another process would. */
function python(folder, script) {
  const result = spawnSync("python3", ["-c", `import sqlite3, sys, time\n${script}`], { cwd: folder.path, encoding: "utf8" });
  assert.equal(result.status, 0, result.stderr);
  return result.stdout;
}

const aConnection = (failures = 0) => `
db = sqlite3.connect("cardea.db")
now = int(time.time() * 1000)
db.execute("""INSERT INTO connections (id, provider, issuer, subject, email_verified, token_type, access_token, refresh_token,
  expiry, received_at, renew_at, state, failures, generation, connected_at, updated_at)
  VALUES ('01900000-0000-7000-8000-000000000001', 'acme', 'https://id.acme.example', 's', 0, 'Bearer', x'00', x'00', 'at', ?, ?, 'fresh', ${failures}, 0, ?, ?)""",
  (now, now + 1800000, now, now))
db.commit()
`;
const connectionId = (folder) => JSON.parse(run(folder, ["--json", "connection", "list"]).stdout)[0].id;

describe("commands on records", () => {
  it("work where the server listens beyond loopback", () => {
    const folder = makeFolder({ config: '[Server_configuration]\nhost = "0.0.0.0"\ninsecure_plain_http = true\npublic_url = "https://login.example.com"\n[Database]\nurl = "sqlite:cardea.db"\n' });
    for (const args of [["migrate"], ["account", "list"], ["key", "list"], ["job", "list"], ["provider", "list"]]) {
      const result = run(folder, args);
      assert.equal(result.code, 0, `${args.join(" ")}: ${result.stderr}`);
    }
    folder.remove();
  });

  it("find the key that serve --dev made", async () => {
    const folder = emptyFolder();
    const server = await startDevelopment(folder);
    await server.signUp("found@example.com");

    const listed = run(folder, ["--json", "account", "list"]);

    assert.equal(listed.code, 0, listed.stderr);
    assert.equal(JSON.parse(listed.stdout)[0].email, "found@example.com");
    await server.stop();
    folder.remove();
  });

  it("say which file a key came from when it does not fit", async () => {
    const folder = emptyFolder();
    await (await startDevelopment(folder)).stop();
    writeFileSync(join(folder.path, "data/.env"), `SECRET_KEY=${secretKey}\n`);

    const listed = run(folder, ["account", "list"]);

    assert.equal(listed.code, 84);
    assert.match(listed.stderr, /SECRET_KEY is from data\/\.env:1/);
    folder.remove();
  });

  it("say where they looked for a key", () => {
    const folder = emptyFolder();
    const listed = run(folder, ["account", "list"]);
    assert.equal(listed.code, 84);
    assert.match(listed.stderr, /SECRET_KEY: found nothing, and nothing in \.env/);
    folder.remove();
  });
});

describe("a mistyped command", () => {
  it("is named with the nearest", () => {
    const folder = makeFolder();
    for (const [args, expected] of [
      [["accout", "list"], /`accout`; did you mean `account`/],
      [["--config", "config.toml", "serv"], /`serv`; did you mean `serve`/],
      [["account", "lst"], /`lst`; did you mean `list`/],
      [["zzzzzzzz"], /There is no command `zzzzzzzz`\./],
    ]) {
      const result = run(folder, args);
      assert.equal(result.code, 84);
      assert.match(result.stderr, expected);
    }
    folder.remove();
  });
});

describe("problems with settings", () => {
  it("are all reported at once: of the file, of the environment, and between settings", () => {
    const folder = makeFolder({ config: "[Server_configuration]\nprot = 1\n", environment: "" });
    const { stderr } = run(folder, ["serve"]);
    for (const word of ["prot", "public_url", "SECRET_KEY"]) assert.ok(stderr.includes(word), stderr);
    folder.remove();
  });

  it("are not reported twice for one value", () => {
    const folder = makeFolder({ config: '[Server_configuration]\npublic_url = "nonsense"\n' });
    const { stderr } = run(folder, ["serve"]);
    assert.equal(stderr.split("\n").filter((line) => line.includes("public_url")).length, 1, stderr);
    folder.remove();
  });

  it("point at the file that was read, its line, or the variable", () => {
    const folder = makeFolder();
    writeFileSync(join(folder.path, "my.toml"), '[Server_configuration]\nhost = "0.0.0.0"\n');
    assert.match(run(folder, ["--config", "my.toml", "serve"]).stderr, /my\.toml:2:1: Server_configuration\.host/);
    assert.match(run(folder, ["serve"], { environment: { PUBLIC_URL: "http://a.example" } }).stderr, /environment PUBLIC_URL: Server_configuration\.public_url/);
    assert.match(run(folder, ["serve"], { environment: { CARDEA_SERVER_CONFIGURATION_HOST: "0.0.0.0" } }).stderr, /environment CARDEA_SERVER_CONFIGURATION_HOST/);
    folder.remove();
  });

  it("keep serve --dev from making anything", () => {
    const folder = makeFolder({ config: "[nonsense]\na = 1\n" });
    const before = readdirSync(folder.path).sort();
    const result = run(folder, ["serve", "--dev"]);
    assert.equal(result.code, 84);
    assert.deepEqual(readdirSync(folder.path).sort(), before);
    folder.remove();
  });
});

describe("weak settings", () => {
  const weak = '[Server_configuration]\ninsecure_plain_http = true\n[password]\ncost = 4\n';

  it("are warnings of settings check", () => {
    const folder = makeFolder({ config: weak });
    const result = run(folder, ["settings", "check", "--dev"]);
    assert.equal(result.code, 0, result.stderr);
    assert.match(result.stderr, /warning: config\.toml:2:1: Server_configuration\.insecure_plain_http/);
    assert.match(result.stderr, /warning: config\.toml:4:1: password\.cost/);
    const document = JSON.parse(run(folder, ["--json", "settings", "check", "--dev"]).stdout);
    assert.deepEqual([document.fine, document.problems.length, document.warnings.length], [true, 0, 2]);
    folder.remove();
  });

  it("are warnings at every start", async () => {
    const { folder, server } = await startServer("[password]\ncost = 4\n");
    assert.match(server.output, /settings\.weak.*password\.cost/);
    await server.stop();
    folder.remove();
  });
});

describe("settings at their bounds", () => {
  const units = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
  const inMs = (text) => [...text.matchAll(/(\d+)(ms|min|s|m|h|d)/g)].reduce((sum, [, n, unit]) => sum + Number(n) * units[unit], 0);

  /** Every bounded setting of the reference: its section, key, and four values as TOML. */
  function boundedSettings(reference) {
    const found = [];
    let section = "", note = "";
    for (const line of reference.split("\n")) {
      const header = line.match(/^#?\[([\w.]+)\]$/);
      const key = line.match(/^#(\w+) = /);
      if (header) section = header[1];
      if (line.startsWith("# ")) note += line.slice(1);
      const integer = note.match(/An integer from (-?\d+) to (-?\d+)/);
      const duration = note.match(/A duration such as.*?, from (\S+) to (\w+)/);
      if (key && integer) {
        const [least, most] = [BigInt(integer[1]), BigInt(integer[2])];
        found.push({ section, key: key[1], below: `${least - 1n}`, least: `${least}`, most: `${most}`, above: `${most + 1n}` });
      }
      if (key && duration) {
        const [least, most] = [inMs(duration[1]), inMs(duration[2])];
        const fine = duration[1].endsWith("ms");
        const below = fine ? `"${least - 1}ms"` : `${least / 1000 - 1}`;
        found.push({ section, key: key[1], below, least: `"${duration[1]}"`, most: `"${duration[2]}"`, above: `"${most / 1000 + 1}s"` });
      }
      if (key || line === "") note = "";
    }
    return found;
  }

  it("take both ends and nothing beyond", () => {
    const folder = makeFolder();
    const all = boundedSettings(run(folder, ["settings", "reference"]).stdout);
    assert.ok(all.length > 30, String(all.length));
    for (const section of new Set(all.map((one) => one.section))) {
      const own = all.filter((one) => one.section === section);
      const problemsAt = (end) => {
        writeFileSync(join(folder.path, "config.toml"), `[${section}]\n` + own.map((one) => `${one.key} = ${one[end]}\n`).join(""));
        const { stdout, stderr } = run(folder, ["--json", "settings", "check", "--dev"]);
        assert.ok(stdout.startsWith("{"), stderr);
        return JSON.parse(stdout).problems.map((problem) => problem.key);
      };
      const names = own.map((one) => `${section}.${one.key}`).sort();
      for (const end of ["least", "most"]) assert.deepEqual(problemsAt(end).filter((key) => names.includes(key)), [], `${section} ${end}`);
      for (const end of ["below", "above"]) assert.deepEqual(names.filter((name) => !problemsAt(end).includes(name)), [], `${section} ${end}`);
    }
    folder.remove();
  });
});

describe("in development mode", () => {
  it("other loopback names lead to the one that cookies know", async () => {
    const folder = emptyFolder();
    const server = await startDevelopment(folder);
    const answer = await server.send("GET", "/sign-in?a=b", { headers: { Host: `localhost:${server.port}` } });
    assert.deepEqual([answer.status, answer.headers.location], [308, `${server.origin}/sign-in?a=b`]);
    await server.stop();
    folder.remove();
  });

  it("a second one says who has the port and takes the next", async () => {
    const portOf = (server) => server.output.match(/open http:\/\/127\.0\.0\.1:(\d+)/)?.[1];
    const start = async () => {
      const folder = emptyFolder();
      const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));
      const child = spawn(program, ["serve", "--dev"], { cwd: folder.path, env });
      const server = new Server(folder, 0, child);
      await until(() => portOf(server));
      return server;
    };
    const first = await start();
    const second = await start();

    assert.match(second.output, new RegExp(`Port ${portOf(first)} is taken by cardea \\(process ${first.child.pid}\\)`));
    assert.notEqual(portOf(second), portOf(first));
    for (const server of [first, second]) {
      await server.stop();
      server.folder.remove();
    }
  });
});

describe("a busy port", () => {
  it("is refused with the name of the program that has it", async () => {
    const { folder, server } = await startServer();
    const other = makeFolder(await settings("", server.port));
    const result = run(other, ["serve"]);
    assert.equal(result.code, 84);
    assert.ok(result.stderr.includes(`held by cardea (process ${server.child.pid})`), result.stderr);
    await server.stop();
    folder.remove();
    other.remove();
  });
});

describe("the process", () => {
  it("leaves no core file", async () => {
    const { folder, server } = await startServer();
    assert.match(readFileSync(`/proc/${server.child.pid}/limits`, "utf8"), /Max core file size\s+0 /);
    await server.stop();
    folder.remove();
  });

  // UBSan looks at an object through a pipe: without a free descriptor it takes every object for a broken one.
  const sanitized = process.env.CARDEA_PRESET === "asan" && "the sanitizer itself needs descriptors";
  it("does not spin when it runs out of descriptors, and serves afterwards", { skip: sanitized }, async () => {
    const { port, config } = await settings();
    const folder = makeFolder({ config });
    const server = await Server.start(folder, port);
    const limited = spawnSync("prlimit", ["--pid", String(server.child.pid), "--nofile=64:64"]);
    assert.equal(limited.status, 0);
    const cpu = () => {
      const fields = readFileSync(`/proc/${server.child.pid}/stat`, "utf8").split(") ")[1].split(" ");
      return (Number(fields[11]) + Number(fields[12])) / 100;
    };
    const sockets = Array.from({ length: 200 }, () => net.connect(port, "127.0.0.1").on("error", () => {}));
    await pause(500);
    const before = cpu();
    await pause(2000);
    const used = cpu() - before;
    assert.ok(used < 0.2, `${used} s of 2 s`);
    for (const socket of sockets) socket.destroy();

    const answer = await until(() => server.send("GET", "/health").catch(() => null));
    assert.equal(answer.status, 200);
    assert.ok((await server.signUp("descriptors@example.com")).token);
    await server.stop();
    folder.remove();
  });

  it("stops within drain_limit and a few seconds, whoever hangs", async () => {
    const { folder, server } = await startServer('[lifecycle]\ndrain_limit = "1s"\n');
    const hanging = net.connect(server.port, "127.0.0.1").on("error", () => {});
    hanging.write("POST /v1/accounts HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
    await pause(200);
    const begun = Date.now();
    await server.stop();
    assert.ok(Date.now() - begun < 6000, String(Date.now() - begun));
    hanging.destroy();
    folder.remove();
  });

  it("says that it is not ready for readiness_delay before it refuses connections", async () => {
    const { folder, server } = await startServer('[lifecycle]\nreadiness_delay = "2s"\n');
    const begun = Date.now();
    const stopped = server.stop();
    const answer = await until(async () => {
      const ready = await server.send("GET", "/health/ready");
      return ready.status === 503 && ready;
    });
    assert.equal(answer.status, 503);
    assert.equal((await server.send("GET", "/health/live")).status, 200);
    assert.deepEqual(await stopped, { code: 0, signal: null });
    assert.ok(Date.now() - begun >= 1900);
    folder.remove();
  });
});

describe("files", () => {
  it(".env is for its owner alone after the first look", async () => {
    const folder = makeFolder(await settings());
    chmodSync(join(folder.path, ".env"), 0o644);
    assert.equal(run(folder, ["settings", "check"]).code, 0);
    assert.equal(statSync(join(folder.path, ".env")).mode & 0o777, 0o600);
    folder.remove();
  });

  it("an .env that stays open to others is a problem", { skip: process.getuid() !== 0 && "needs another user" }, async () => {
    const folder = makeFolder(await settings());
    chmodSync(folder.path, 0o755);
    for (const name of [".env", "config.toml"]) chmodSync(join(folder.path, name), 0o644);
    // Only its owner may change a file's mode.
    const result = spawnSync(program, ["settings", "check"], { cwd: folder.path, encoding: "utf8", uid: 65534, gid: 65534, env: { PATH: process.env.PATH } });
    if (result.error) return;  // the program lies where nobody else may look
    assert.equal(result.status, 84, result.stderr);
    assert.match(result.stderr, /\.env: found a file that others can read/);
    folder.remove();
  });

  it("the log is for its owner's eyes, and opened anew on SIGHUP", async () => {
    const { folder, server } = await startServer('[log]\nfile = "cardea.log"\n');
    const log = join(folder.path, "cardea.log");
    await server.send("GET", "/before");
    await until(() => readFileSync(log, "utf8").includes("/before") || readFileSync(log, "utf8").includes("404"));
    assert.ok([0o600, 0o640].includes(statSync(log).mode & 0o777), (statSync(log).mode & 0o777).toString(8));

    renameSync(log, `${log}.1`);
    server.child.kill("SIGHUP");
    await until(() => existsSync(log));
    await server.signUp("after@example.com");

    await until(() => /route=\/v1\/accounts/.test(readFileSync(log, "utf8")));
    assert.ok(!readFileSync(`${log}.1`, "utf8").includes("route=/v1/accounts"));
    await server.stop();
    folder.remove();
  });
});

describe("health", () => {
  it("is unhealthy while no hash may wait", async () => {
    const { folder, server } = await startServer("[password]\ncost = 14\nthreads = 1\nqueue_limit = 1\n[throttle]\nenabled = false\n");
    const requests = [];

    const answer = await until(async () => {
      const email = `queue${requests.length}@example.com`;
      requests.push(server.send("POST", "/v1/accounts", { json: { email, password: "correct horse battery" } }));
      await pause(100);
      const health = await server.send("GET", "/health");
      return health.status === 503 && health;
    });
    assert.equal(answer.json.status, "unhealthy");

    await Promise.all(requests);
    await until(async () => (await server.send("GET", "/health")).json.status === "healthy");
    await server.stop();
    folder.remove();
  });

  it("is degraded while renewals fail again and again", async () => {
    const { folder, server } = await startServer();
    assert.equal((await server.send("GET", "/health")).json.status, "healthy");
    python(folder, aConnection(5));
    const admin = JSON.parse(run(folder, ["--json", "key", "add", "watch", "--scope", "admin"]).stdout).token;

    const answer = await until(async () => {
      const health = await server.send("GET", "/health", { headers: bearer(admin) });
      return health.json.status === "degraded" && health;
    });

    assert.equal(answer.status, 200);
    assert.equal(answer.json.checks.find((check) => check.name === "renewal").passed, false);
    await server.stop();
    folder.remove();
  });
});

describe("a database that another process has locked", () => {
  it("gives 503 and heals", async () => {
    const { folder, server } = await startServer('busy_timeout = "1s"\n');
    const holder = spawn("python3", ["-c", 'import sqlite3, time\ndb = sqlite3.connect("cardea.db", isolation_level=None)\ndb.execute("BEGIN EXCLUSIVE")\nprint("locked", flush=True)\ntime.sleep(60)'], { cwd: folder.path });
    await new Promise((resolve) => holder.stdout.once("data", resolve));

    const refused = await server.send("POST", "/v1/accounts", { json: { email: "busy@example.com", password: "correct horse battery" } });
    assert.equal(refused.status, 503, refused.text);
    holder.kill("SIGKILL");

    await until(async () => (await server.send("POST", "/v1/accounts", { json: { email: "healed@example.com", password: "correct horse battery" } })).status === 201);
    await server.stop();
    folder.remove();
  });
});

describe("every reason in the sources", () => {
  it("has a page under /problems, and each page a reason", async () => {
    const files = readdirSync(sources, { recursive: true }).filter((name) => /\.[ch]pp$/.test(name) && !/_test\.cpp$|_fixture\.hpp$/.test(name));
    const slugs = new Set();
    for (const name of files) {
      const text = readFileSync(join(sources, name), "utf8");
      for (const [, slug] of text.matchAll(/constexpr Reason \w+\{\s*Code::\w+,\s*"([^"]+)"/g)) slugs.add(slug);
    }
    assert.ok(slugs.size > 100, String(slugs.size));
    const { folder, server } = await startServer();

    for (const slug of slugs) {
      const answer = await server.send("GET", `/problems/${slug}`);
      assert.deepEqual([answer.status, answer.json.reason], [200, slug], slug);
    }
    const listed = (await server.send("GET", "/problems")).json.items.map((item) => item.reason);
    assert.deepEqual(new Set(listed), slugs);
    const refused = await server.send("GET", "/v1/session");
    assert.equal((await server.send("GET", new URL(refused.json.type, server.origin).pathname)).status, 200);
    await server.stop();
    folder.remove();
  });
});

describe("--json", () => {
  it("is what every command answers in, refusals too", async () => {
    const folder = makeFolder(await settings());
    const json = (args, { code = 0, input = "", from = "stdout" } = {}) => {
      const result = run(folder, ["--json", ...args], { input });
      assert.equal(result.code, code, `${args.join(" ")}: ${result.stdout}${result.stderr}`);
      try {
        // The log goes to standard error as well; the refusal is its last line.
        return JSON.parse(result[from].trim().split("\n").at(-1));
      } catch {
        assert.fail(`${args.join(" ")}: ${result[from]}`);
      }
    };
    assert.equal(json(["migrate"]).from, 0);
    const { hash } = json(["hash"], { input: "correct horse battery\n" });
    assert.deepEqual(json(["check", hash], { input: "correct horse battery\n" }), { right: true });
    assert.deepEqual(json(["check", hash], { input: "something else\n", code: 84 }), { right: false });
    assert.equal(json(["settings", "check"]).fine, true);
    json(["account", "add", "a@example.com"], { input: "correct horse battery\n" });
    assert.equal(json(["account", "disable", "a@example.com"]).disabled, true);
    assert.equal(json(["account", "enable", "a@example.com"]).disabled, false);
    assert.match(json(["account", "remove", "a@example.com"]).removed, /^acc_/);
    json(["provider", "add", "acme", "--issuer", "https://id.acme.example", "--client-id", "x", "--client-secret-stdin"], { input: "s\n" });
    assert.deepEqual(json(["provider", "remove", "acme"]), { removed: "acme" });
    const { api_key: key } = json(["key", "add", "k", "--scope", "admin"]);
    assert.deepEqual(json(["key", "remove", key.id]), { removed: key.id });
    python(folder, aConnection());
    assert.ok(json(["connection", "renew", connectionId(folder)], { code: 84, from: "stderr" }).reason);
    assert.equal(json(["connection", "remove", connectionId(folder)]).revoked, false);

    assert.equal(json(["account", "show", "nobody@example.com"], { code: 84, from: "stderr" }).reason, "account.missing");
    writeFileSync(join(folder.path, "config.toml"), "[nonsense]\na = 1\n");
    assert.equal(json(["settings", "check"], { code: 84 }).fine, false);
    assert.ok(json(["account", "list"], { code: 84, from: "stderr" }).problems.length > 0);
    folder.remove();
  });
});

describe("the command line", () => {
  it("shows, disables, enables and removes accounts under a running server", async () => {
    const { folder, server } = await startServer();
    await server.signUp("person@example.com");
    const signIn = async () => (await server.signIn("person@example.com", "correct horse battery")).status;

    assert.match(run(folder, ["account", "show", "person@example.com"]).stdout, /state +active/);
    assert.match(run(folder, ["account", "disable", "person@example.com"]).stdout, /state +disabled/);
    assert.notEqual(await signIn(), 201);
    assert.match(run(folder, ["account", "enable", "person@example.com"]).stdout, /state +active/);
    assert.equal(await signIn(), 201);
    assert.equal(run(folder, ["account", "remove", "person@example.com"]).stdout, "Removed.\n");
    assert.equal(await signIn(), 401);
    assert.equal(run(folder, ["account", "remove", "person@example.com"]).code, 84);
    await server.stop();
    folder.remove();
  });

  it("sets any key of a provider, shows where each value comes from, tries and removes it", async () => {
    const { folder, server } = await startServer();
    const added = run(folder, ["provider", "add", "acme", "--issuer", "https://acme.invalid", "--client-id", "abc", "--client-secret-stdin",
                               "--set", 'scopes=["openid","email"]', "--set", "title=Acme Login", "--set", "profile.email_trust=none"], { input: "canary-secret\n" });
    assert.equal(added.code, 0, added.stderr);

    const shown = run(folder, ["provider", "show", "acme"]);
    assert.match(shown.stdout, /Acme Login/);
    assert.match(shown.stdout, /scopes +\["openid","email"\] +table/);
    assert.match(shown.stdout, /profile\.email_trust +"none" +table/);
    assert.ok(!shown.stdout.includes("canary-secret"));

    const checked = run(folder, ["provider", "check", "acme"]);
    assert.equal(checked.code, 84);
    assert.match(checked.stdout, /configuration +works/);
    assert.match(checked.stdout, /discovery +fails/);

    assert.equal(run(folder, ["provider", "remove", "acme"]).code, 0);
    assert.equal(run(folder, ["provider", "show", "acme"]).code, 84);
    assert.equal(run(folder, ["provider", "check", "acme"]).code, 84);
    assert.equal(run(folder, ["provider", "add", "acme", "--set", "nonsense"]).code, 84);
    for (const [key, flag] of [["client_secret", "--client-secret-file"], ["client_secret_previous", "--client-secret-previous-file"]]) {
      const refused = run(folder, ["provider", "update", "google", "--set", `${key}=canary-secret`]);
      assert.equal(refused.code, 84);
      assert.match(refused.stderr, new RegExp(flag));
      assert.ok(!refused.stderr.includes("canary-secret"));
    }
    assert.equal(run(folder, ["provider", "add", "google", "--set", "client_secret_previous=null"]).code, 0);
    await server.stop();
    folder.remove();
  });

  it("and the administration try a provider without a user", async () => {
    const { folder, server } = await startServer();
    run(folder, ["provider", "add", "acme", "--issuer", "https://acme.invalid", "--client-id", "abc", "--client-secret-stdin"], { input: "s\n" });
    const admin = JSON.parse(run(folder, ["--json", "key", "add", "check", "--scope", "admin"]).stdout).token;

    assert.equal((await server.send("POST", "/v1/admin/providers/acme/check")).status, 401);
    assert.equal((await server.send("POST", "/v1/admin/providers/none/check", { headers: bearer(admin) })).status, 404);
    const answer = await server.send("POST", "/v1/admin/providers/acme/check", { headers: bearer(admin) });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json.works, false);
    assert.deepEqual(answer.json.items.map((item) => [item.what, item.outcome]), [["configuration", "works"], ["discovery", "fails"]]);
    await server.stop();
    folder.remove();
  });

  it("lists, renews and removes connections", async () => {
    const { folder, server } = await startServer();
    assert.equal(run(folder, ["connection", "list"]).stdout, "There is no connection.\n");
    python(folder, aConnection());
    assert.match(run(folder, ["connection", "list"]).stdout, /acme +s +fresh/);
    assert.match(run(folder, ["connection", "list", "--provider", "other"]).stdout, /There is no connection/);

    assert.equal(run(folder, ["connection", "renew", "nonsense"]).code, 84);
    assert.equal(run(folder, ["connection", "renew", connectionId(folder)]).code, 84, "what is sealed there does not open");
    const id = connectionId(folder);
    assert.equal(run(folder, ["connection", "remove", id]).code, 0);
    assert.equal(run(folder, ["connection", "remove", id]).code, 84);
    await server.stop();
    folder.remove();
  });

  it("makes keys that end, and removes them", async () => {
    const { folder, server } = await startServer();
    const add = (...more) => run(folder, ["--json", "key", "add", "k", "--scope", "admin", ...more]);
    const ask = async (token) => (await server.send("GET", "/v1/admin/api-keys", { headers: bearer(token) })).status;

    for (const wrong of ["tomorrow", "2001-01-01T00:00:00Z"]) assert.equal(add("--expires-at", wrong).code, 84, wrong);
    const soon = new Date(Date.now() + 10_000).toISOString();
    const { token } = JSON.parse(add("--expires-at", soon).stdout);
    assert.equal(await ask(token), 200);
    await until(async () => (await ask(token)) === 401);

    const lasting = JSON.parse(add().stdout);
    assert.equal(await ask(lasting.token), 200);
    assert.equal(run(folder, ["key", "remove", lasting.api_key.id]).code, 0);
    assert.equal(await ask(lasting.token), 401);
    assert.equal(run(folder, ["key", "remove", lasting.api_key.id]).code, 84);
    await server.stop();
    folder.remove();
  });
});
