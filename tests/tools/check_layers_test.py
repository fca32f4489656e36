"""tools/check_layers: one forbidden include of each kind, and the permitted twin of each."""
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_layers"


def check(files):
    """Runs the tool over a tree made of {path: text}; returns its exit code and output."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            file = Path(folder) / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        run = subprocess.run([sys.executable, TOOL, folder], capture_output=True, text=True)
        return run.returncode, run.stdout + run.stderr


class Layers(unittest.TestCase):
    def refuses(self, path, include, because):
        code, output = check({path: f"#pragma once\n#include {include}\n"})
        self.assertEqual(code, 1, output)
        self.assertIn(f"{path}:2: ", output)
        self.assertIn(because, output)

    def accepts(self, path, include, **others):
        code, output = check({path: f"#include {include}\n", **others})
        self.assertEqual(code, 0, output)

    def test_a_higher_layer_is_refused(self):
        self.refuses("src/cardea/base/x.hpp", '"cardea/runtime/task.hpp"', "layer 1")
        self.refuses("src/cardea/session/x.cpp", '"cardea/engine/engine.hpp"', "layer 9")

    def test_a_sibling_is_refused(self):
        self.refuses("src/cardea/account/x.cpp", '"cardea/session/store.hpp"', "layer 5")
        self.refuses("src/cardea/http/server/x.cpp", '"cardea/http/client/client.hpp"', "layer 2")

    def test_a_parent_may_not_know_its_child(self):
        self.refuses("src/cardea/db/x.cpp", '"cardea/db/sqlite/sqlite.hpp"', "layer 2")

    def test_lower_layers_parents_and_the_module_itself_are_fine(self):
        self.accepts("src/cardea/session/x.cpp", '"cardea/db/database.hpp"')
        self.accepts("src/cardea/db/sqlite/x.cpp", '"cardea/db/database.hpp"')
        self.accepts("src/cardea/session/x.cpp", '"cardea/session/store.hpp"')
        self.accepts("server/cli/x.cpp", '"cardea/engine/engine.hpp"')

    def test_a_module_that_no_row_names_is_refused(self):
        code, output = check({"src/cardea/misc/x.hpp": ""})
        self.assertEqual(code, 1)
        self.assertIn("misc is in no layer", output)
        self.refuses("src/cardea/api/x.cpp", '"cardea/misc/x.hpp"', "there is no module misc")

    def test_the_program_and_the_tests_are_nobodys_library(self):
        self.refuses("src/cardea/embed/x.cpp", '"server/cli/command.hpp"', "the program")
        self.refuses("src/cardea/api/x.cpp", '"tests/support/run.hpp"', "only tests")

    def test_each_foreign_library_is_refused_where_its_row_does_not_name_the_module(self):
        for header in ["boost/asio/awaitable.hpp", "argon2.h", "zlib.h", "openssl/evp.h",
                       "boost/json.hpp", "toml++/toml.h", "boost/describe.hpp", "boost/url.hpp", "idn2.h",
                       "curl/curl.h", "sqlite3.h", "crypt.h", "utf8proc.h", "CLI/CLI.hpp", "boost/beast/http.hpp"]:
            with self.subTest(header):
                self.refuses("src/cardea/throttle/x.cpp", f"<{header}>", "throttle may not include")

    def test_a_library_that_no_row_names_is_refused(self):
        self.refuses("src/cardea/throttle/x.cpp", "<spdlog/spdlog.h>", "no row")
        self.refuses("src/cardea/http/server/x.cpp", "<boost/mysql.hpp>", "no row")
        self.refuses("src/cardea/runtime/x.cpp", "<boost/filesystem.hpp>", "no row")

    def test_a_library_for_sources_is_refused_in_a_public_header_only(self):
        listed = {"src/cardea/http/client/CMakeLists.txt": "cardea_module(http/client\n  HEADERS open.hpp\n  SOURCES x.cpp)"}
        code, output = check({"src/cardea/http/client/open.hpp": "#include <curl/curl.h>\n", **listed})
        self.assertEqual(code, 1, output)
        code, output = check({"src/cardea/http/client/own.hpp": "#include <curl/curl.h>\n",
                              "src/cardea/http/client/x.cpp": "#include <curl/curl.h>\n", **listed})
        self.assertEqual(code, 0, output)

    def test_the_row_with_the_longest_prefix_decides(self):
        self.accepts("src/cardea/engine/x.cpp", "<boost/asio/io_context.hpp>")
        self.refuses("src/cardea/engine/x.cpp", "<boost/asio/ip/tcp.hpp>", "engine may not include")

    def test_the_system_is_nobodys_dependency(self):
        self.accepts("src/cardea/throttle/x.cpp", "<sys/stat.h>")
        self.accepts("src/cardea/throttle/x.cpp", "<vector>")
        self.accepts("src/cardea/throttle/x.cpp", "<fmt/format.h>")

    def test_tests_use_what_they_need_but_not_higher_layers(self):
        self.accepts("src/cardea/throttle/x_test.cpp", "<boost/json.hpp>")
        self.accepts("src/cardea/db/x_test.cpp", '"cardea/db/sqlite/sqlite.hpp"')
        self.refuses("src/cardea/db/x_test.cpp", '"cardea/session/store.hpp"', "layer 5")


if __name__ == "__main__":
    unittest.main()
