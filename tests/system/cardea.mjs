// The program under test: started in a folder of its own, spoken to over HTTP, stopped by process id.
import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const program = process.env.CARDEA_PROGRAM;
if (!program) throw new Error("CARDEA_PROGRAM is not set: it names the cardea program to test");

export const secretKey = "q83vEjRWeJq83vEjRWeJ_aGxkb3dpbmdzdGFydHMtaGVyZQ";

// Names of ours in the tests' environment would be unknown settings to the program.
export const plainEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));

// A test that fails leaves its server running: Node does not wait for it, and takes it along.
const running = new Set();
process.on("exit", () => { for (const child of running) child.kill("SIGKILL"); });

export function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** A folder with config.toml and .env, removed by `remove()`. */
export function makeFolder({ config = "", environment = `SECRET_KEY=${secretKey}\n` } = {}) {
  const path = mkdtempSync(join(tmpdir(), "cardea-system-"));
  writeFileSync(join(path, "config.toml"), config);
  writeFileSync(join(path, ".env"), environment, { mode: 0o600 });
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** Runs a command to its end; `input` is its standard input. */
export function run(folder, args, { input = "", environment = {} } = {}) {
  const result = spawnSync(program, args, {
    cwd: folder.path, input, encoding: "utf8", timeout: 60_000, env: { ...plainEnvironment, ...environment },
  });
  return { code: result.status, stdout: result.stdout, stderr: result.stderr };
}

/** The same, while this process goes on answering what the command asks of it. */
export async function runBeside(folder, args, { environment = {} } = {}) {
  const child = spawn(program, args, { cwd: folder.path, env: { ...plainEnvironment, ...environment }, timeout: 60_000 });
  const result = { stdout: "", stderr: "" };
  for (const stream of ["stdout", "stderr"]) child[stream].on("data", (chunk) => { result[stream] += chunk; });
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, ...result };
}

/** Settings for a server on a free loopback port; `more` is appended. */
export async function settings(more = "", port = undefined) {
  port ??= await freePort();
  return {
    port,
    config: `[Server_configuration]\nhost = "127.0.0.1"\nport = ${port}\npublic_url = "http://127.0.0.1:${port}"\n` +
            `[Database]\nurl = "sqlite:cardea.db"\n${more}`,
  };
}

export class Server {
  constructor(folder, port, child) {
    Object.assign(this, { folder, port, child, output: "" });
    this.origin = `http://127.0.0.1:${port}`;
    const keep = (chunk) => { this.output += chunk; };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    running.add(child);
    child.once("exit", () => running.delete(child));
    this.end = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
    for (const held of [child, child.stdin, child.stdout, child.stderr]) held.unref();
  }

  /** How it ended, once it has. */
  get ended() {
    this.child.ref();
    return this.end;
  }

  /** Starts in a folder that has its config.toml already. */
  static async start(folder, port, { args = ["serve"], environment = {} } = {}) {
    const child = spawn(program, args, { cwd: folder.path, env: { ...plainEnvironment, ...environment } });
    const server = new Server(folder, port, child);
    const deadline = Date.now() + 20_000;
    for (;;) {
      if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}:\n${server.output}`);
      const answer = await server.send("GET", "/health/ready").catch(() => null);
      if (answer?.status === 200) return server;
      if (Date.now() > deadline) throw new Error(`the server did not become ready:\n${server.output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** One request on a connection of its own; `json` becomes the body. */
  send(method, path, { headers = {}, json, body, from = "127.0.0.1", agent = false } = {}) {
    const text = json === undefined ? body : JSON.stringify(json);
    const all = { ...headers };
    if (json !== undefined && !Object.keys(all).some((name) => name.toLowerCase() === "content-type")) {
      all["Content-Type"] = "application/json";
    }
    return new Promise((resolve, reject) => {
      const options = { host: "127.0.0.1", port: this.port, method, path, headers: all, localAddress: from, agent };
      const request = http.request(options, (response) => {
        const chunks = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const received = Buffer.concat(chunks).toString();
          let parsed = null;
          try { parsed = JSON.parse(received); } catch { /* a page */ }
          resolve({ status: response.statusCode, headers: response.headers, text: received, json: parsed });
        });
      });
      request.on("error", reject);
      request.end(text);
    });
  }

  async signUp(email, password = "correct horse battery", options = {}) {
    const answer = await this.send("POST", "/v1/accounts", { json: { email, password }, ...options });
    if (answer.status !== 201) throw new Error(`sign-up: ${answer.status} ${answer.text}`);
    return answer.json;
  }

  signIn(email, password, options = {}) {
    return this.send("POST", "/v1/session", { json: { email, password }, ...options });
  }

  async stop(signal = "SIGTERM") {
    this.child.kill(signal);
    return this.ended;
  }
}

export const bearer = (token) => ({ Authorization: `Bearer ${token}` });

/** A server in development mode, with its provider; the data stand in the folder's data/. */
export async function startDevelopment(more = "", options = {}) {
  const port = await freePort();
  const folder = makeFolder({ config: more, environment: "" });
  const server = await Server.start(folder, port, { args: ["serve", "--dev", "--port", String(port)], ...options });
  return { folder, server };
}

/** A folder, its settings and a running server, for suites that need no more. */
export async function startServer(more = "", options = {}) {
  const { port, config } = await settings(more);
  const folder = makeFolder({ config });
  const server = await Server.start(folder, port, options);
  return { folder, server };
}

/** Rows of the database in the folder, as objects. Python's sqlite3 is there wherever we build. */
export function query(folder, statement, file = "cardea.db") {
  const script = "import json, sqlite3, sys\n" +
    "db = sqlite3.connect(sys.argv[1])\n" +
    "db.row_factory = sqlite3.Row\n" +
    "db.text_factory = lambda bytes: bytes.decode('utf-8', 'replace')\n" +
    "rows = [{k: v for k, v in dict(row).items() if not isinstance(v, bytes)} for row in db.execute(sys.argv[2])]\n" +
    "print(json.dumps(rows))";
  const result = spawnSync("python3", ["-c", script, join(folder.path, file), statement], { encoding: "utf8" });
  if (result.status !== 0) throw new Error(`python3: ${result.stderr ?? result.error}`);
  return JSON.parse(result.stdout);
}

/** Every [method, path] of the description; parameters in paths are filled with an id that nobody has. */
export async function describedRoutes(server) {
  const { json } = await server.send("GET", "/openapi.json");
  return Object.entries(json.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => [method.toUpperCase(), path.replaceAll(/\{[^}]*\}/g, "nobody")]));
}

/** Bytes as they are, on a connection of their own; what came until the server closed it. */
export const sendRaw = (server, bytes) => new Promise((resolve, reject) => {
  const socket = connect(server.port, "127.0.0.1", () => socket.write(bytes));
  let received = "";
  socket.on("data", (chunk) => { received += chunk; });
  socket.on("error", reject);
  socket.on("close", () => resolve(received));
});

export const formType = { "Content-Type": "application/x-www-form-urlencoded" };
const sameOrigin = { "Sec-Fetch-Site": "same-origin" };

/** Somebody's browser without the window: keeps its cookies, opens pages, sends forms. */
export class Person {
  constructor(server) { Object.assign(this, { server, cookies: new Map() }); }

  async ask(method, path, { headers = {}, body } = {}) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await this.server.send(method, path, { headers: { ...(cookie && { Cookie: cookie }), ...headers }, body });
    for (const line of answer.headers["set-cookie"] ?? []) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      if (value) this.cookies.set(name, value); else this.cookies.delete(name);
    }
    return answer;
  }
  open(path) { return this.ask("GET", path); }
  submit(path, fields = {}) {
    return this.ask("POST", path, { headers: { ...sameOrigin, ...formType }, body: new URLSearchParams(fields).toString() });
  }
  /** Through the development provider, which believes whatever it is told; gives the callback's answer. */
  async signInWithDevelopmentProvider(email, { name = "Somebody", decision = "allow" } = {}) {
    const begun = await this.open("/auth/development");
    const page = await fetch(begun.headers.location);
    const request = /name="request" value="([^"]+)"/.exec(await page.text())[1];
    const decided = await fetch(new URL("/decide", page.url), {
      method: "POST", redirect: "manual", headers: { Origin: new URL(page.url).origin },
      body: new URLSearchParams({ request, name, email, decision }),
    });
    const back = new URL(decided.headers.get("location"));
    this.callback = back.pathname + back.search;
    return this.open(this.callback);
  }
}

export const logOf = (server) => server.output;
export const readBytes = (folder, name) => readFileSync(join(folder.path, name));

/** Tries until it is so, and no longer than the limit. */
export async function eventually(what, isSo, limit = 20_000) {
  const deadline = Date.now() + limit;
  for (;;) {
    if (await isSo()) return;
    assert.ok(Date.now() < deadline, `${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
/** That is the promise of what changes at run time; for what costs no more than a request, so that a busy machine keeps it, too. */
export const withinASecond = (what, isSo) => eventually(what, isSo, 1000);
