// Starts the program in development mode in a folder of its own, and stops it by its process id.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

export async function startServer() {
  const program = process.env.CARDEA_PROGRAM;
  if (!program) throw new Error("CARDEA_PROGRAM is not set: it names the cardea program to test");
  const folder = mkdtempSync(join(tmpdir(), "cardea-browser-"));
  const port = await freePort();
  // Names of ours in the tests' environment would be unknown settings to the program.
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));
  const child = spawn(program, ["serve", "--dev", "--port", String(port), "--data", join(folder, "data")],
                      { cwd: folder, env: environment });
  let output = "";
  child.stdout.on("data", (chunk) => (output += chunk));
  child.stderr.on("data", (chunk) => (output += chunk));
  const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve({ code, signal })));
  const origin = `http://127.0.0.1:${port}`;
  const deadline = Date.now() + 20_000;
  for (;;) {
    if (child.exitCode !== null) throw new Error(`the server ended:\n${output}`);
    const ready = await fetch(`${origin}/health/ready`).then((answer) => answer.ok, () => false);
    if (ready) break;
    if (Date.now() > deadline) throw new Error(`the server did not become ready:\n${output}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    origin,
    output: () => output,
    async stop() {
      child.kill("SIGTERM");
      const result = await ended;
      rmSync(folder, { recursive: true, force: true });
      return result;
    },
  };
}
