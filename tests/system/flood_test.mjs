// Many at once and the slow: the server goes on for everybody else, and each of them comes to an end.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import http from "node:http";
import net from "node:net";
import { describe, it } from "node:test";
import { Person, freePort, startDevelopment, startServer } from "./cardea.mjs";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const residentKilobytes = (server) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.child.pid}/status`, "utf8"))[1]);
const descriptors = (server) => readdirSync(`/proc/${server.child.pid}/fd`).length;

/** The slowest but one of a hundred requests, in milliseconds. */
async function probe(server, path = "/health") {
  const count = 100;
  const times = [];
  for (let i = 0; i < count; ++i) {
    const begun = performance.now();
    assert.equal((await server.send("GET", path)).status, 200);
    times.push(performance.now() - begun);
  }
  return times.sort((a, b) => a - b)[Math.floor(count * 0.98)];
}

/** What is promised for a machine of its own; one that runs other tests, too, is measured first. */
const bearable = (promised, quiet) => Math.max(promised, 5 * quiet);

/** A connection; `received` grows with what comes, `closed` settles at its end. */
function connect(server, first = "") {
  const socket = net.connect(server.port, "127.0.0.1");
  const peer = { socket, received: "" };
  socket.on("data", (chunk) => { peer.received += chunk; });
  socket.on("error", () => {});
  peer.closed = new Promise((resolve) => socket.once("close", resolve));
  peer.open = new Promise((resolve) => socket.once("connect", () => { if (first) socket.write(first); resolve(); }));
  return peer;
}

async function connectMany(server, count, first) {
  const peers = [];
  // No more at once than the queue of the listening socket surely holds.
  while (peers.length < count) {
    const some = Array.from({ length: 50 }, () => connect(server, first));
    await Promise.all(some.map((peer) => peer.open));
    peers.push(...some);
  }
  return peers;
}

/** Sends a byte to each every so often until all are closed. */
async function drip(peers, bytes) {
  const timer = setInterval(() => { for (const { socket } of peers) if (socket.writable) socket.write(bytes); }, 500);
  await Promise.all(peers.map((peer) => peer.closed));
  clearInterval(timer);
}

describe("slow clients", () => {
  it("a thousand that never finish their header harm nobody and get 408", async () => {
    const { folder, server } = await startServer('[http]\nheader_limit = "4s"\n');
    const quiet = await probe(server);
    const peers = await connectMany(server, 1000, "GET / HTTP/1.1\r\nHost: x\r\n");
    const ended = drip(peers, "X-a: b\r\n");

    const busy = await probe(server);
    await ended;

    assert.ok(busy < bearable(200, quiet), `${busy} ms, ${quiet} ms before`);
    const refused = peers.filter((peer) => peer.received.startsWith("HTTP/1.1 408 "));
    assert.equal(refused.length, peers.length);
    assert.equal((await server.stop()).code, 0);
    folder.remove();
  });

  it("that drip a body get 408, and who does not read is left", async () => {
    const { folder, server } = await startServer('[http]\nbody_limit = "2s"\nwrite_limit = "2s"\n');
    const before = descriptors(server);
    const drips = await connectMany(server, 50, `POST /v1/session HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{`);
    const greedy = net.connect(server.port, "127.0.0.1");
    greedy.on("error", () => {});
    greedy.write(`GET /openapi.json HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\n\r\n`.repeat(1500));

    await drip(drips, " ");
    while (descriptors(server) > before) await pause(50);

    for (const peer of drips) assert.match(peer.received, /^HTTP\/1\.1 408 /);
    assert.equal((await server.send("GET", "/health")).status, 200);
    greedy.destroy();
    assert.equal((await server.stop()).code, 0);
    folder.remove();
  });

  it("two thousand that say nothing cost less than 20 kB each and keep nobody out", async () => {
    const { folder, server } = await startServer();
    await probe(server);
    const before = residentKilobytes(server);

    const peers = await connectMany(server, 2000);
    await probe(server);
    const each = (residentKilobytes(server) - before) / peers.length;

    assert.ok(each < 20, `${each} kB`);
    assert.equal((await server.stop()).code, 0);
    await Promise.all(peers.map((peer) => peer.closed));
    folder.remove();
  });
});

describe("passwords", () => {
  it("of five hundred at once are checked or refused with a time to wait, and the rest is served", async () => {
    const { folder, server } = await startServer("[throttle]\nenabled = false\n[password]\ncost = 9\n");
    // Not /health: that says 503 while no further password may wait.
    const quiet = await probe(server, "/v1/providers");
    const agent = new http.Agent({ maxSockets: 500 });
    const attempts = Array.from({ length: 500 }, (_, i) => server.signIn(`nobody${i}@example.com`, "correct horse battery", { agent }));

    const busy = await probe(server, "/v1/providers");
    const answers = await Promise.all(attempts);
    agent.destroy();

    assert.ok(busy < bearable(100, quiet), `${busy} ms, ${quiet} ms before`);
    const turnedAway = answers.filter((answer) => answer.status === 503);
    assert.ok(answers.every((answer) => [401, 503].includes(answer.status)), String(new Set(answers.map((answer) => answer.status))));
    assert.ok(turnedAway.length > 0 && turnedAway.length < 500, String(turnedAway.length));
    for (const answer of turnedAway) assert.ok(Number(answer.headers["retry-after"]) > 0);
    await server.stop();
    folder.remove();
  });

  it("too long to be one are refused without hashing", async () => {
    const { folder, server } = await startServer("[password]\ncost = 12\n");
    const timed = async (password) => {
      const begun = performance.now();
      const answer = await server.signIn("nobody@example.com", password).catch(() => ({ status: 413 }));
      return { status: answer.status, took: performance.now() - begun };
    };
    const hashed = await timed("correct horse battery");
    assert.equal(hashed.status, 401);

    for (const length of [60_000, 64_000, 1_000_000]) {
      const refused = await timed("x".repeat(length));
      assert.ok([400, 401, 413].includes(refused.status), String(refused.status));
      assert.ok(refused.took < hashed.took / 2, `${length}: ${refused.took} ms; a hash takes ${hashed.took} ms`);
    }
    await server.stop();
    folder.remove();
  });
});

describe("SIGTERM", () => {
  it("lets a sign-in end that waits for its provider, and nothing that is half sent", async () => {
    const port = await freePort();
    let ask;
    const asked = new Promise((resolve) => { ask = resolve; });
    const provider = http.createServer((request, response) => {
      const answer = (json) => response.writeHead(200, { "Content-Type": "application/json" }).end(JSON.stringify(json));
      if (request.url === "/token") ask(() => answer({ access_token: "a", token_type: "Bearer" }));
      else answer({ id: 7 });
    });
    await new Promise((resolve) => provider.listen(port, "127.0.0.1", resolve));
    const at = `http://127.0.0.1:${port}`;
    const { folder, server } = await startDevelopment(
      `[OAuth.providers.slow]\nprotocol = "oauth2"\nauthorization_endpoint = "${at}/authorize"\ntoken_endpoint = "${at}/token"\n` +
      `userinfo_endpoint = "${at}/me"\nclient_id = "x"\nclient_secret = "y"\n[OAuth.providers.slow.profile]\nsource = "userinfo"\nsubject = ["/id"]\n`);
    const person = new Person(server);
    const begun = await person.open("/auth/slow");
    assert.equal(begun.status, 303, begun.text);
    const state = new URL(begun.headers.location).searchParams.get("state");
    const callback = person.open(`/auth/callback/slow?code=c&state=${state}`);
    const answerTheToken = await asked;
    const idle = connect(server);
    const half = connect(server, "POST /v1/session HTTP/1.1\r\nHost: x\r\nContent-Le");
    await Promise.all([idle.open, half.open]);

    const ended = server.stop();
    await idle.closed;
    answerTheToken();

    const finished = await callback;
    assert.equal(finished.status, 303, finished.text);
    assert.equal(finished.headers.connection, "close");
    await half.closed;
    assert.deepEqual(await ended, { code: 0, signal: null });
    provider.close();
    folder.remove();
  });
});
