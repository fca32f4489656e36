"""tools/setup.sh: what is missing is said and installed, and where that cannot be, a person is told what to do.

The system is played: dpkg-query, apt-get, sudo and id are scripts that the test writes.
"""
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLAIN_TOOLS = ["bash", "sh", "sed", "grep", "sort", "mkdir", "tail", "cat", "env", "mktemp", "rm"]


class Machine:
    """A folder with a copy of tools/ and a PATH that holds only what the test put there."""

    def __init__(self, folder, uid=1000, installed=(), sudo=None):
        self.root = Path(folder)
        self.bin = self.root / "bin"
        self.bin.mkdir()
        for name in PLAIN_TOOLS:
            path = next(p for p in (Path("/usr/bin") / name, Path("/bin") / name) if p.exists())
            (self.bin / name).symlink_to(path)
        (self.root / "tools").mkdir()
        for name in ("setup.sh", "packages.txt"):
            (self.root / "tools" / name).write_text((ROOT / "tools" / name).read_text())
        listed = "".join(f"ii {name} " for name in installed)
        self.script("dpkg-query", f'case "$*" in *1.74*) printf "{self.old_boost(installed)}" ;; '
                                  f'*) printf "{listed}" ;; esac')
        self.script("id", f"echo {uid}")
        self.script("apt-get", 'echo "apt-get $*" >>calls')
        if sudo:
            self.script("sudo", sudo)

    @staticmethod
    def old_boost(installed):
        return "ii  libboost1.74-dev\\n" if "libboost1.74-dev" in installed else ""

    def script(self, name, text):
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{text}\n")
        file.chmod(0o755)

    def run(self, command, **environment):
        run = subprocess.run(["/bin/bash", "-c", f"set -euo pipefail; . tools/setup.sh; {command}"], cwd=self.root,
                             env={"PATH": str(self.bin), "HOME": str(self.root), **environment},
                             capture_output=True, text=True, stdin=subprocess.DEVNULL)
        calls = self.root / "calls"
        return run.returncode, run.stdout + run.stderr, calls.read_text() if calls.exists() else ""


def group(name):
    lines = (ROOT / "tools" / "packages.txt").read_text().splitlines()
    return [line.split()[1] for line in lines if line.startswith(name + " ")]


class Setup(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    install = "use_a_writable_home; install_missing build"

    def test_without_root_and_sudo_the_command_is_given_to_somebody_else(self):
        code, output, calls = Machine(self.folder).run(self.install)

        self.assertEqual(code, 1)
        self.assertIn("There is no sudo here", output)
        self.assertIn("apt-get install --no-remove", output)
        self.assertIn("libssl-dev", output)
        self.assertEqual(calls, "")

    def test_a_sudo_that_wants_a_password_without_a_terminal_is_not_waited_for(self):
        code, output, calls = Machine(self.folder, sudo='[ "$1" = -n ] && exit 1; "$@"').run(self.install)

        self.assertEqual(code, 1)
        self.assertIn("sudo apt-get install --no-remove", output)
        self.assertEqual(calls, "")

    def test_the_old_boost_is_explained_and_nothing_is_changed(self):
        installed = [name for name in group("build") if not name.startswith("libboost")] + ["libboost1.74-dev"]
        code, output, calls = Machine(self.folder, uid=0, installed=installed).run(self.install)

        self.assertEqual(code, 1)
        self.assertIn("libboost1.74-dev is installed", output)
        self.assertIn("sudo apt-get remove libboost1.74-dev", output)
        self.assertEqual(calls, "")

    def test_a_failed_installation_says_where_to_look(self):
        machine = Machine(self.folder, uid=0)
        machine.script("apt-get", 'echo "no route to the archive"; exit 100')
        code, output, _ = machine.run(self.install)

        self.assertEqual(code, 1)
        self.assertIn("no route to the archive", output)
        self.assertIn("build/apt.log", output)

    def test_another_system_is_told_what_is_needed(self):
        machine = Machine(self.folder)
        (machine.bin / "dpkg-query").unlink()

        code, output, _ = machine.run(self.install)
        self.assertEqual(code, 1)
        self.assertIn("tools/packages.txt", output)

        code, output, _ = machine.run(self.install, CARDEA_NO_APT="1")
        self.assertEqual(code, 0, output)

    def test_root_installs_only_what_is_missing_and_removes_nothing(self):
        installed = [name for name in group("build") if name not in ("libssl-dev", "libidn2-dev")]
        code, output, calls = Machine(self.folder, uid=0, installed=installed).run(self.install)

        self.assertEqual(code, 0, output)
        self.assertIn("Installing 2 Debian packages: libidn2-dev libssl-dev", output)
        self.assertTrue(calls.endswith("--no-remove --no-install-recommends -y libidn2-dev libssl-dev\n"), calls)

    def test_sudo_is_used_when_not_root(self):
        installed = group("build")[1:]
        code, output, calls = Machine(self.folder, sudo='[ "$1" = -n ] && shift; echo sudo >>calls; "$@"',
                                      installed=installed).run(self.install)

        self.assertEqual(code, 0, output)
        self.assertIn("sudo\napt-get install", calls)

    def test_nothing_is_asked_when_nothing_is_missing(self):
        code, output, calls = Machine(self.folder, installed=group("build")).run(self.install)

        self.assertEqual((code, output, calls), (0, "", ""))

    def test_a_command_that_is_there_spares_its_package(self):
        machine = Machine(self.folder, installed=[name for name in group("build") if name != "cmake"])
        machine.script("cmake", "true")

        self.assertEqual(machine.run(self.install)[0], 0)

    def test_a_home_that_cannot_be_written_is_replaced(self):
        command = 'use_a_writable_home; echo "$HOME"'
        code, output, _ = Machine(self.folder).run(command, HOME="/proc")

        self.assertEqual(code, 0)
        self.assertEqual(output.strip(), str(Path(self.folder).resolve() / "build" / "home"))


if __name__ == "__main__":
    unittest.main()
