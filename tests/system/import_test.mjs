// Accounts from another system over the command line: refusals, a kill in the midst, and counts.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, beforeEach, describe, it } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { makeFolder, plainEnvironment, program, run } from "./cardea.mjs";

// "pässword ☃ 7" as an LDAP server keeps it.
const hash = "{SSHA}5j9eZrPBmh9qaHyfoV9z21A4vpQ4x7j3";
let folder;

beforeEach(() => {
  folder?.remove();
  folder = makeFolder({ config: '[Database]\nurl = "sqlite:cardea.db"\n' });
});
after(() => folder.remove());

function write(name, text) {
  writeFileSync(join(folder.path, name), text);
  return name;
}
const json = (result) => JSON.parse(result.stdout);
const stats = () => json(run(folder, ["account", "stats", "--json"]));

describe("cardea account import", () => {
  it("says what is wrong with a file and imports nothing", () => {
    for (const [text, word] of [["", "empty"], ["email,pasword_hash\n", "pasword_hash"], ["[{}]", "jq"]]) {
      const result = run(folder, ["account", "import", write("people.csv", text)]);

      assert.equal(result.code, 84, text);
      assert.match(result.stderr, new RegExp(word));
    }
    assert.equal(run(folder, ["account", "import", "absent.csv"]).code, 84);
    assert.equal(run(folder, ["account", "import", "."]).code, 84);
    assert.equal(stats().accounts, 0);
  });

  it("lists refused lines with their reasons and neither addresses nor hashes", () => {
    write("people.csv", `email,password_hash\nnobody,${hash}\na@example.org,secret\nb@example.org,${hash}\nb@example.org,\n`);

    const result = run(folder, ["account", "import", "people.csv", "--report", "refused.txt"]);

    assert.equal(result.code, 84);
    const report = readFileSync(join(folder.path, "refused.txt"), "utf8");
    assert.match(report, /^line 2: account\.email_malformed .*\nline 3: password\.malformed_hash .*\nline 5: account\.email_taken\n$/);
    assert.doesNotMatch(report, /example\.org|secret|SSHA/);
    assert.equal(stats().accounts, 1);
  });

  it("writes nothing in a dry run", () => {
    write("people.jsonl", `{"email":"a@example.org","password_hash":"${hash}","email_verified":true}\n`);

    const result = run(folder, ["account", "import", "people.jsonl", "--dry-run", "--json"]);

    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual(json(result), { dry_run: true, imported: 1, present: 0, refused: 0, formats: { "ldap-ssha": 1 }, refusals: {} });
    assert.equal(stats().accounts, 0);
  });

  it("goes on where it was after kill -9", async () => {
    const many = 30_000;
    const lines = Array.from({ length: many }, (_, i) => `p${i}@example.org,${hash}`);
    write("people.csv", `email,password_hash\n${lines.join("\n")}\n`);
    run(folder, ["migrate"]);
    const child = spawn(program, ["account", "import", "people.csv"], {
      cwd: folder.path, stdio: "ignore", env: plainEnvironment,
    });
    const ended = new Promise((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
    // As soon as something is there; a fast machine may be done by then, which is as good.
    for (let tries = 0; tries < 100 && stats().accounts === 0; ++tries) await wait(20);
    child.kill("SIGKILL");
    await ended;
    const before = stats().accounts;
    assert.ok(before > 0);

    const result = run(folder, ["account", "import", "people.csv", "--json"]);

    assert.equal(result.code, 0, result.stderr);
    assert.deepEqual([json(result).present, json(result).imported], [before, many - before]);
    assert.equal(stats().accounts, many);
  });

  it("brings people in who can sign in", () => {
    write("people.csv", `email,password_hash\na@example.org,${hash}\n`);
    assert.equal(run(folder, ["account", "import", "people.csv"]).code, 0);

    const right = run(folder, ["check", hash], { input: "pässword ☃ 7\n" });
    const wrong = run(folder, ["check", hash], { input: "something else\n" });

    assert.deepEqual([right.code, wrong.code], [0, 84]);
  });
});

describe("cardea account stats", () => {
  it("counts the hashes of each format and those to replace", () => {
    const bcrypt = "$2b$10$" + ".".repeat(53);
    write("people.csv", `email,password_hash\na@example.org,${hash}\nb@example.org,${hash}\nc@example.org,${bcrypt}\nd@example.org,\n`);
    assert.equal(run(folder, ["account", "import", "people.csv"]).code, 0);

    assert.deepEqual(stats(), {
      accounts: 4, with_password: 3, to_replace: 2,
      hashes: [{ format: "bcrypt", accounts: 1, to_replace: 0 }, { format: "ldap-ssha", accounts: 2, to_replace: 2 }],
    });
    assert.match(run(folder, ["account", "stats"]).stdout, /ldap-ssha +2 +2/);
  });
});
