"""tools/check_results: dropped Results are refused, awaited or not; used ones pass."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CASES = HERE.parent / "compile_fail"


class Results(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        names = ["dropped_result.cpp", "dropped_awaited_result.cpp"]
        with tempfile.TemporaryDirectory() as build:
            entries = []
            for name in names:
                for kind, define in (("wrong", "-DWRONG"), ("right", "")):
                    copy = Path(build) / f"{kind}_{name}"
                    copy.write_text((CASES / name).read_text())
                    command = f"g++ -std=c++23 {define} -I{ROOT}/src -c {copy}"
                    entries.append({"directory": build, "file": str(copy), "command": command})
            (Path(build) / "compile_commands.json").write_text(json.dumps(entries))
            tool = [sys.executable, ROOT / "tools" / "check_results", *(entry["file"] for entry in entries)]
            environment = {**os.environ, "CARDEA_BUILD": build}
            cls.first = subprocess.run(tool, capture_output=True, text=True, env=environment)
            cls.second = subprocess.run(tool, capture_output=True, text=True, env=environment)

    def test_dropped_results_are_refused(self):
        self.assertIn("wrong_dropped_result.cpp", self.first.stdout)
        self.assertIn("wrong_dropped_awaited_result.cpp", self.first.stdout)
        self.assertEqual(self.first.returncode, 1)

    def test_used_results_pass(self):
        self.assertNotIn("right_", self.first.stdout)
        self.assertIn("results: 4 files, 2 refused", self.first.stdout)

    def test_what_was_refused_is_refused_again(self):
        self.assertEqual(self.second.returncode, 1)
        self.assertIn("results: 4 files, 2 refused", self.second.stdout)


if __name__ == "__main__":
    unittest.main()
