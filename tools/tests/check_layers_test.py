"""Planted violations must be found, and a clean tree must pass."""

import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOOL = Path(__file__).resolve().parent.parent / "check_layers.py"

TABLE = """
[rooms]
"base" = []
"ledger/lmdb" = []
"ledger" = ["ledger/lmdb"]
"daemon/http" = []
"daemon/net" = ["daemon/http"]
[[headers]]
pattern = ["lmdb.h"]
rooms = ["ledger/lmdb"]
libraries = ["lmdb"]
[[headers]]
pattern = ["boost/asio/buffer.hpp"]
rooms = ["daemon/http"]
[[headers]]
pattern = ["boost/asio/*"]
rooms = ["daemon/net"]
[[headers]]
pattern = ["boost/beast/*"]
rooms = ["daemon/http"]
files = 1
"""

CLEAN = {
    "tools/layers.toml": TABLE,
    "base/bytes.h": "#pragma once\n#include <vector>\n",
    "ledger/lmdb/environment.h": '#include "base/bytes.h"\n#include <lmdb.h>\n',
    "ledger/ledger.h": '#include "ledger/lmdb/environment.h"\n',
    "daemon/http/message.h": '#include "base/bytes.h"\n#include <boost/asio/buffer.hpp>\n',
    "daemon/net/server.cpp": '#include "daemon/http/message.h"\n#include <boost/asio/ip/tcp.hpp>\n',
    "tests/unit/net/x_test.cpp": '#include "ledger/ledger.h"\n#include <lmdb.h>\n',
}
for room, links in (("base", ""), ("ledger/lmdb", "LINKS florin_base PRIVATE_LINKS lmdb"),
                    ("ledger", "LINKS florin_base\n  florin_lmdb"), ("daemon/http", ""),
                    ("daemon/net", "LINKS florin_base florin_http")):
    CLEAN[f"{room}/README.md"] = "# room\n"
    CLEAN[f"{room}/CMakeLists.txt"] = f"florin_room({room.split('/')[-1]} {links})\n"


def check(changes):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **changes}.items():
            if text is None:
                continue
            path = Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return subprocess.run([sys.executable, str(TOOL), folder], capture_output=True, text=True,
                              check=False)


class CheckLayers(unittest.TestCase):
    def refused(self, changes, message):
        result = check(changes)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn(message, result.stdout)
        self.assertIn("layers: 1 violations", result.stdout)

    def test_clean_tree_passes(self):
        result = check({})
        self.assertEqual((result.returncode, result.stdout), (0, "layers: ok\n"), result.stderr)

    def test_include_against_the_arrow(self):
        self.refused({"daemon/http/x.cpp": '\n#include "daemon/net/server.h"\n',
                      "daemon/net/server.h": ""},
                     "daemon/http/x.cpp:2: daemon/http may not use daemon/net (daemon/net/server.h)")

    def test_include_that_skips_a_room(self):
        self.refused({"daemon/net/x.cpp": '#include "ledger/lmdb/environment.h"\n'},
                     "daemon/net/x.cpp:1: daemon/net may not use ledger/lmdb")

    def test_base_knows_nobody(self):
        self.refused({"base/x.h": '#  include "ledger/ledger.h"\n'}, "base may not use ledger")

    def test_tests_are_no_room(self):
        self.refused({"base/x.h": '#include "tests/unit/net/x_test.cpp"\n'}, "which is in no room")

    def test_owned_header_elsewhere(self):
        self.refused({"ledger/x.cpp": "#include <lmdb.h>\n"},
                     "ledger/x.cpp:1: only ledger/lmdb may include <lmdb.h>, not ledger")

    def test_owned_header_in_quotes(self):
        self.refused({"ledger/x.cpp": '#include "lmdb.h"\n'}, "only ledger/lmdb may include")

    def test_first_pattern_decides(self):
        self.refused({"daemon/http/x.cpp": "#include <boost/asio/read.hpp>\n"},
                     "only daemon/net may include <boost/asio/read.hpp>, not daemon/http")

    def test_header_in_too_many_files(self):
        self.refused({"daemon/http/a.cpp": "#include <boost/beast/http.hpp>\n",
                      "daemon/http/b.cpp": "#include <boost/beast/http.hpp>\n"},
                     "may be included by 1 file, not by 2: daemon/http/a.cpp, daemon/http/b.cpp")

    def test_relative_include(self):
        self.refused({"daemon/http/x.cpp": '#include "message.h"\n'}, "from the root")

    def test_link_against_the_arrow(self):
        self.refused({"daemon/http/CMakeLists.txt": "florin_room(http\n  PRIVATE_LINKS florin_net)\n"},
                     "daemon/http/CMakeLists.txt:1: daemon/http may not link daemon/net")

    def test_link_by_hand(self):
        self.refused({"daemon/http/CMakeLists.txt":
                      "# florin_net\nflorin_room(http)\ntarget_link_libraries(florin_http florin_ledger)\n"},
                     "CMakeLists.txt:3: daemon/http may not link ledger")

    def test_link_of_an_owned_library(self):
        self.refused({"ledger/CMakeLists.txt": "florin_room(ledger LINKS florin_base lmdb)\n"},
                     "only ledger/lmdb may link lmdb, not ledger")

    def test_missing_readme_and_cmake(self):
        self.refused({"ledger/README.md": None}, "ledger: the room has no README.md")
        self.refused({"ledger/CMakeLists.txt": None}, "ledger: the room has no CMakeLists.txt")

    def test_unknown_room(self):
        self.refused({"daemon/extra/x.cpp": ""}, "daemon/extra is not a room")

    def test_circle_in_the_table(self):
        self.refused({"tools/layers.toml": TABLE.replace('"daemon/http" = []',
                                                         '"daemon/http" = ["daemon/net"]')},
                     "the arrows run in a circle")


if __name__ == "__main__":
    unittest.main()
