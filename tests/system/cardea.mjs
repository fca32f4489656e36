// The program under test: started in a folder of its own, spoken to over HTTP, stopped by process id.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const program = process.env.CARDEA_PROGRAM;
if (!program) throw new Error("CARDEA_PROGRAM is not set: it names the cardea program to test");

export const secretKey = "q83vEjRWeJq83vEjRWeJ_aGxkb3dpbmdzdGFydHMtaGVyZQ";

// Names of ours in the tests' environment would be unknown settings to the program.
export const plainEnvironment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));

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
    this.ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
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

/** A folder, its settings and a running server, for suites that need no more. */
export async function startServer(more = "", options = {}) {
  const { port, config } = await settings(more);
  const folder = makeFolder({ config });
  const server = await Server.start(folder, port, options);
  return { folder, server };
}

export const logOf = (server) => server.output;
export const readBytes = (folder, name) => readFileSync(join(folder.path, name));
