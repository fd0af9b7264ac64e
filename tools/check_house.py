#!/usr/bin/env python3
"""Checks the house rules that no compiler checks; every rule is one row or one function below.

usage: check_house.py [ROOT]

Prints one line per violation, "path:line: what is wrong", and exits 1 if there is any.
"""

import re
import sys
from pathlib import Path

ROOMS = ("base", "ledger", "hsm", "daemon", "cli", "sandbox")
CODE = {".h", ".hpp", ".cpp", ".cc", ".py", ".sh", ".cmake"}
CXX = {".h", ".hpp", ".cpp", ".cc"}
SKIPPED = {".git", "build", "out", "__pycache__", ".instance", "node_modules"}
LINE_LIMIT = 400

# (what is wrong, pattern on code without comments and literals, folders, folders or files excepted)
BANNED = [
    ("standard output belongs to the programs; use base/log.h",
     r"\bstd::(cout|cerr|clog)\b|\bv?f?printf\s*\(|\bstd::v?f?printf\b|\bstd::f?puts\s*\(",
     ROOMS, ("cli", "sandbox", "base/log.cpp", "base/check.cpp", "daemon/main.cpp")),
    ("a detached coroutine has no owner", r"\basio::detached\b|\bnet::detached\b", ROOMS, ()),
    ("no floating point near money", r"\b(float|double)\b",
     ("ledger", "daemon/domain", "daemon/engine", "daemon/settlement", "base/money.h",
      "base/money.cpp", "base/currency.h", "base/currency.cpp"), ()),
    # Inside a function it reaches no further than the function.
    ("no using namespace at file scope, but for literals", r"(?m)^using\s+namespace\s+(?!std(::\w+)*::\w*literals\b)\w*", (*ROOMS, "tests"), ()),
    ("unbounded or unsafe C function",
     r"\b(strcpy|strcat|sprintf|vsprintf|gets|strtok|alloca|tmpnam|mktemp)\s*\(",
     (*ROOMS, "tests"), ()),
    ("randomness is a port: base/entropy.h",
     r"\bstd::(random_device|mt19937(_64)?|default_random_engine)\b|\b(s?rand|drand48)\s*\(",
     ROOMS, ("sandbox",)),
    ("processes are not started from a shell", r"\b(system|popen)\s*\(", ROOMS, ()),
    ("g++ 12 destroys a temporary callable in a co_await expression twice: name it first",
     r"\bco_await\b[^;{}]*\[[^\]\n]*\]\s*[({]", ROOMS, ()),
    # A security module that hangs inside a call cannot be joined, only abandoned: hsm says so.
    ("no detached threads", r"\.\s*detach\s*\(\s*\)", (*ROOMS, "tests"), ("hsm/lanes.cpp",)),
    ("the daemon waits with timers and deadlines, not by blocking a thread",
     r"\bthis_thread\s*::\s*sleep_\w+|\b(usleep|nanosleep)\b", ROOMS, ("cli", "sandbox")),
    ("a test waits for a condition, not for time",
     r"\bthis_thread\s*::\s*sleep_\w+|\b(usleep|nanosleep)\b|(?<![\w.>:])sleep\s*\(", ("tests",),
     ("tests/support",)),
]
# Spelled so that this file does not hold the words itself.
PROMISES = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b|\bX{3}(?=[:(])")
OUTSIDE = re.compile(re.escape(".." + "/shared") + "|" + re.escape(".." + "/.library"))

# What merchants and payers can receive: nothing there may name the product.
MERCHANT_VISIBLE = ("daemon/api", "daemon/http", "daemon/webhooks", "daemon/delivery",
                    "daemon/connectors", "daemon/net", "ledger/export_assets")
PRODUCT = re.compile("florin", re.IGNORECASE)

TOKEN = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)'
    r'|(?P<raw>R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)")'
    r'|(?P<text>"(?:\\.|[^"\\\n])*")'
    r"|(?P<char>(?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+')", re.S)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def split_cxx(text):
    """The code with comments and literals blanked, and [(line, literal)] without includes."""
    literals = []
    out = []
    at = 0
    for match in TOKEN.finditer(text):
        out.append(text[at:match.start()])
        at = match.end()
        out.append(blank(match.group()))
        if match.group("raw") or match.group("text"):
            start = text.rfind("\n", 0, match.start()) + 1
            if not re.match(r"\s*#\s*include", text[start:match.start()]):
                literals.append((text.count("\n", 0, match.start()) + 1, match.group()))
    out.append(text[at:])
    return "".join(out), literals


def inside(path, folders):
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


class House:
    def __init__(self, root):
        self.root = root
        self.problems = []

    def report(self, path, line, text):
        self.problems.append(f"{path}:{line}: {text}")

    def files(self):
        stack = [self.root]
        while stack:
            for entry in sorted(stack.pop().iterdir()):
                if entry.name in SKIPPED or entry.is_symlink():
                    continue
                if entry.is_dir():
                    stack.append(entry)
                else:
                    yield entry.relative_to(self.root).as_posix(), entry

    def check_length(self, path, text):
        count = text.count("\n")
        # The verifier inside an export is one file by design: it is handed over and run alone.
        if count > LINE_LIMIT and not inside(path, ("tests", "tools/tests", "ledger/export_assets")):
            self.report(path, count, f"{count} lines; a file holds one concept in at most "
                                     f"{LINE_LIMIT}")

    def check_words(self, path, text):
        for number, line in enumerate(text.splitlines(), 1):
            if match := PROMISES.search(line):
                if inside(path, ("tests",)) and path.endswith((".json", ".csv", ".txt")):
                    continue
                if not re.search(r'["\']' + match.group() + r'["\']', line):  # a value, no promise
                    self.report(path, number, f"{match.group()} promises later work; do it or drop it")
            if OUTSIDE.search(line):
                self.report(path, number, "refers to a place outside the project")

    def check_cxx(self, path, text):
        code, literals = split_cxx(text)
        for what, pattern, folders, excepted in BANNED:
            if not inside(path, folders) or inside(path, excepted):
                continue
            for match in re.finditer(pattern, code):
                line = code.count("\n", 0, match.start()) + 1
                self.report(path, line, f"{match.group().strip()}: {what}")
        if path.endswith((".h", ".hpp")) and "#pragma once" not in text:
            self.report(path, 1, "a header without #pragma once")
        if inside(path, MERCHANT_VISIBLE):
            for line, literal in literals:
                if PRODUCT.search(literal):
                    self.report(path, line, f"a text that merchants can see names the product: "
                                            f"{literal[:60]}")

    def check_asset(self, path, text):
        """Files that leave the appliance as they are."""
        for number, line in enumerate(text.splitlines(), 1):
            if PRODUCT.search(line):
                self.report(path, number, "an asset that merchants can see names the product")

    def run(self):
        for path, file in self.files():
            if inside(path, ("tests/data", "tests/fuzz/corpus")):
                continue
            try:
                text = file.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue
            self.check_words(path, text)
            if file.suffix in CODE:
                self.check_length(path, text)
            if file.suffix in CXX:
                self.check_cxx(path, text)
            elif (inside(path, MERCHANT_VISIBLE) and file.suffix != ".cmake"
                  and file.name not in ("README.md", "CMakeLists.txt")):
                self.check_asset(path, text)
        return self.problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    problems = House(root).run()
    for problem in problems:
        print(problem)
    print(f"house: {len(problems)} violations" if problems else "house: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
