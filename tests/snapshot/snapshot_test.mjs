// What clients and operators rely on does not change by accident: the description of the HTTP
// interface, the reference of the settings, the keys of a provider and every command's help, as committed
// beside this file.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, it } from "node:test";
import { fileURLToPath } from "node:url";

const program = process.env.CARDEA_PROGRAM;
if (!program) throw new Error("CARDEA_PROGRAM is not set: it names the cardea program to test");
const here = dirname(fileURLToPath(import.meta.url));
const renew = process.env.CARDEA_RENEW_SNAPSHOTS === "1";
const folder = mkdtempSync(join(tmpdir(), "cardea-snapshot-"));
after(() => rmSync(folder, { recursive: true }));

// Names of ours in the tests' environment would be unknown settings to the program.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CARDEA_")));

function print(...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: folder, encoding: "utf8", env, timeout: 60_000 });
  assert.equal(status, 0, `cardea ${args.join(" ")}\n${stderr}`);
  return stdout;
}

/** This command's help, then that of each command below it. */
function helpOf(command) {
  const text = print(...command, "--help");
  // The path of the program is no part of what it says.
  const shown = text.replace(/[ \t]+$/gm, "").replaceAll(program, "cardea").trimEnd();
  const below = /^Subcommands:\n((?:  .*\n?)*)/m.exec(text)?.[1] ?? "";
  const names = [...below.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map((match) => match[1]);
  return [`$ ${["cardea", ...command, "--help"].join(" ")}\n${shown}\n`, ...names.flatMap((name) => helpOf([...command, name]))];
}

function holds(name, file, text) {
  it(name, () => {
    const path = join(here, file);
    const now = text();
    if (renew) writeFileSync(path, now);
    const advice = `tests/snapshot/${file} differs. Where that is meant: CARDEA_RENEW_SNAPSHOTS=1 ./test snapshot`;
    assert.ok(now === readFileSync(path, "utf8"), `${advice}\n${firstDifference(readFileSync(path, "utf8"), now)}`);
  });
}

function firstDifference(committed, now) {
  const [before, after_] = [committed.split("\n"), now.split("\n")];
  const line = before.findIndex((text, index) => text !== after_[index]);
  const at = line === -1 ? before.length : line;
  return `line ${at + 1}\n- ${before[at] ?? "(the end)"}\n+ ${after_[at] ?? "(the end)"}`;
}

/** A line for each member, so that a change is one in the file as well. */
const spread = (text) => JSON.stringify(JSON.parse(text), null, 1) + "\n";

// The version changes with each release, and says nothing about the interface.
const interfaceOf = (text) => {
  const document = JSON.parse(text);
  document.info.version = "0.0.0";
  return JSON.stringify(document, null, 1) + "\n";
};

holds("the HTTP interface is the one that is committed", "openapi.json", () => interfaceOf(print("openapi")));
holds("the reference of the settings is the one that is committed", "settings.toml", () => print("settings", "reference"));
holds("every command's help is the one that is committed", "help.txt", () => helpOf([]).join("\n"));
holds("the keys of a provider are those that are committed", "provider.schema.json", () => spread(print("provider", "schema")));
