// The time of a refused sign-in does not tell whether there is an account. Takes minutes, and a
// machine that does nothing else: only `./test --long` runs it.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { Server, startServer } from "./cardea.mjs";

const long = process.env.CARDEA_LONG === "1";
const rounds = Number(process.env.CARDEA_TIMING_ROUNDS ?? 1000);
const cost = (number) => `[throttle]\nenabled = false\n[password]\ncost = ${number}\n`;

/** The chance that one of `slow` took longer than one of `quick`; one half when nobody can tell. */
function chanceOfLonger(slow, quick) {
  let wins = 0;
  for (const a of slow) for (const b of quick) wins += a > b ? 1 : a === b ? 0.5 : 0;
  return wins / (slow.length * quick.length);
}

async function tellApart(server) {
  const timed = async (email) => {
    const begun = performance.now();
    assert.equal((await server.signIn(email, "not this one at all")).status, 401);
    return performance.now() - begun;
  };
  const [unknown, known] = [[], []];
  for (let i = 0; i < rounds; ++i) {
    // In turns, and each first as often as second: what slows the machine slows both.
    const steps = [async () => unknown.push(await timed(`nobody${i}@example.com`)), async () => known.push(await timed("known@example.com"))];
    for (const step of i % 2 ? steps : steps.reverse()) await step();
  }
  return chanceOfLonger(unknown, known);
}

it("an unknown address takes as long as a wrong password", { skip: long ? false : "needs ./test --long" }, async (test) => {
  const { folder, server } = await startServer(cost(8));
  await server.signUp("known@example.com");
  const chance = await tellApart(server);
  await server.stop();

  const config = join(folder.path, "config.toml");
  writeFileSync(config, readFileSync(config, "utf8").replace("cost = 8", "cost = 10"));
  const dearer = await Server.start(folder, server.port);
  const afterTheCostWasRaised = await tellApart(dearer);
  await dearer.stop();
  folder.remove();

  test.diagnostic(`probability ${chance.toFixed(3)}, after the cost was raised ${afterTheCostWasRaised.toFixed(3)}`);
  for (const one of [chance, afterTheCostWasRaised]) assert.ok(one > 0.45 && one < 0.55, `${chance} ${afterTheCostWasRaised}`);
});
