"""tools/check_awaits: exactly the lines marked `broken` in await_broken.cpp are refused."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


class Awaits(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with tempfile.TemporaryDirectory() as build:
            garbage = Path(build) / "garbage.cpp"
            garbage.write_text("void f() { co_await nothing; }\n")
            sources = [HERE / "await_broken.cpp", HERE / "await_fine.cpp", garbage]
            command = f"g++ -std=c++23 -I{ROOT}/src -include gone.hxx -Winvalid-pch -o x.o -c"
            entries = [{"directory": build, "file": str(source), "command": f"{command} {source}"}
                       for source in sources]
            (Path(build) / "compile_commands.json").write_text(json.dumps(entries))
            cls.run_ = subprocess.run([sys.executable, ROOT / "tools" / "check_awaits", *sources],
                                      capture_output=True, text=True, env={**os.environ, "CARDEA_BUILD": build})

    def refused(self, name):
        return {int(line.split(":")[1]) for line in self.run_.stdout.splitlines()
                if name in line and "name it, then await" in line}

    def test_exactly_the_broken_shapes_are_refused(self):
        lines = (HERE / "await_broken.cpp").read_text().splitlines()
        broken = {number for number, line in enumerate(lines, 1) if line.endswith("// broken")}

        self.assertEqual(self.refused("await_broken.cpp"), broken, self.run_.stdout)
        self.assertEqual(len(broken), 5)
        self.assertEqual(self.run_.returncode, 1)

    def test_fine_shapes_pass(self):
        self.assertNotIn("await_fine.cpp", self.run_.stdout)

    def test_a_file_that_does_not_compile_is_refused_not_skipped(self):
        self.assertIn("garbage.cpp", self.run_.stdout)
        self.assertIn("awaits: 3 files, 2 refused", self.run_.stdout)


if __name__ == "__main__":
    unittest.main()
