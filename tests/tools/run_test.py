"""./run a second time: nothing is installed, configured or built again, and the server starts at once.

The system is played as in setup_test.py: CMake and Ninja are scripts that note that they were called.
"""
import tempfile
import time
import unittest
from pathlib import Path

from setup_test import ROOT, Machine, group


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.machine = Machine(folder.name, installed=group("build"))
        run = Path(folder.name) / "run"
        run.write_text((ROOT / "run").read_text())
        run.chmod(0o755)
        (self.machine.bin / "dirname").symlink_to("/usr/bin/dirname")
        (self.machine.bin / "chmod").symlink_to("/bin/chmod")
        self.machine.script("cmake", 'echo "cmake $*" >>calls; mkdir -p build/dev; echo >build/dev/build.ninja')
        # As Ninja does: what is there already is not made again.
        self.machine.script("ninja", 'echo "ninja $*" >>calls; program=build/dev/server/cardea; [ -e $program ] && exit 0\n'
                                     'echo build >>calls; mkdir -p build/dev/server\n'
                                     'printf \'#!/bin/sh\\necho "cardea $*" >>calls\\n\' >$program; chmod +x $program')

    def calls_of(self, command):
        calls = self.machine.root / "calls"
        calls.unlink(missing_ok=True)
        begun = time.monotonic()
        code, output, told = self.machine.run(command)
        self.assertEqual(code, 0, output)
        self.assertLess(time.monotonic() - begun, 10)
        return told.splitlines(), output

    def test_a_second_run_starts_the_server_and_does_nothing_else(self):
        first, _ = self.calls_of("/bin/bash ./run")
        second, output = self.calls_of("/bin/bash ./run --port 9000")

        self.assertEqual([call.split()[0] for call in first], ["cmake", "ninja", "build", "cardea"])
        self.assertEqual([call.split()[0] for call in second], ["ninja", "cardea"])
        self.assertEqual(second[-1], "cardea serve --dev --port 9000")
        self.assertEqual(output, "", "nothing is said when nothing is done")


if __name__ == "__main__":
    unittest.main()
