"""Planted violations must be found; what only looks like one must pass."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / "check_house.py"
LATER = "TO" + "DO"


def check(name, text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, str(TOOL), folder], capture_output=True, text=True,
                              check=False)


class CheckHouse(unittest.TestCase):
    def refused(self, name, text, line, message):
        result = check(name, text)
        self.assertEqual(result.returncode, 1, f"{name}: {text}")
        self.assertIn(f"{name}:{line}: ", result.stdout)
        self.assertIn(message, result.stdout)

    def taken(self, name, text):
        result = check(name, text)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_long_files(self):
        self.taken("base/x.cpp", "int x;\n" * 400)
        self.refused("base/x.cpp", "int x;\n" * 401, 401, "401 lines")
        self.refused("scripts/x.sh", "true\n" * 401, 401, "401 lines")
        self.taken("tests/unit/base/x_test.cpp", "int x;\n" * 401)

    def test_output(self):
        self.refused("daemon/engine/x.cpp", "\nstd::cout << 1;\n", 2, "standard output")
        self.refused("ledger/x.cpp", 'printf("x");\n', 1, "standard output")
        self.taken("cli/x.cpp", "std::cout << 1;\n")
        self.taken("ledger/x.cpp", "snprintf(a, 1, b);\n")

    def test_floating_point(self):
        for room in ("ledger", "ledger/verify", "daemon/domain"):
            self.refused(f"{room}/x.h", "#pragma once\ndouble rate;\n", 2, "floating point")
        self.taken("daemon/domain/x.h", "#pragma once\n// no double here\nint double_entry;\n")
        self.taken("daemon/net/x.cpp", "double x;\n")

    def test_banned_constructs(self):
        for text in ("co_spawn(e, f(), asio::detached);", "using namespace std;", "strcpy(a, b);",
                     "std::random_device r;", "popen(a, b);", "worker.detach();",
                     "std::this_thread::sleep_for(x);"):
            self.refused("daemon/engine/x.cpp", text + "\n", 1, "")
            self.taken("daemon/engine/x.cpp", "// " + text + "\n/* " + text + " */\n")

    def test_namespaces_of_literals(self):
        self.taken("base/x.cpp", "using namespace std::chrono_literals;\nusing namespace std::literals;\n")
        self.refused("base/x.cpp", "using namespace std::chrono;\n", 1, "using namespace")

    def test_sleeping_tests(self):
        self.refused("tests/unit/x/x_test.cpp", "usleep(5);\n", 1, "not for time")
        self.taken("tests/support/wait.cpp", "usleep(5);\n")

    def test_promises(self):
        self.refused("docs/x.md", f"\n{LATER}: write\n", 2, "promises later work")
        self.refused("base/x.cpp", f"// {LATER}(me) x\n", 1, "promises later work")
        self.taken("base/x.cpp", "// the code XXX means no currency\n")

    def test_places_outside(self):
        self.refused("scripts/x.sh", "cp .." + "/shared/data .\n", 1, "outside the project")

    def test_product_name_in_visible_texts(self):
        for room in ("daemon/api", "daemon/webhooks", "daemon/connectors/rest"):
            self.refused(f"{room}/x.cpp", '\nauto a = "User-Agent: Florin/1";\n', 2, "names the product")
        self.refused("daemon/api/x.cpp", 'auto a = R"x(<p>florin</p>)x";\n', 1, "names the product")
        self.refused("daemon/api/openapi.yaml", "title: Florin\n", 1, "names the product")
        self.refused("ledger/export_assets/verify.py", "# florin\n", 1, "names the product")
        self.taken("daemon/api/x.cpp", '#include "base/florin.h"\n// florin\nnamespace florin::api {}\n')
        self.taken("daemon/admin/x.cpp", 'auto a = "florin";\n')
        self.taken("daemon/api/README.md", "Florin\n")

    def test_literals_with_quotes_and_separators(self):
        self.refused("daemon/api/x.cpp", "int n = 1'000'000; char c = '\"'; auto s = \"florin\";\n", 1,
                     "names the product")
        self.taken("daemon/domain/x.cpp", "auto s = \"a \\\" double\"; // double\n")

    def test_headers_have_a_guard(self):
        self.refused("base/x.h", "int x;\n", 1, "#pragma once")


if __name__ == "__main__":
    unittest.main()
