#!/usr/bin/env python3
"""Immutability at the link: which object may call what changes a database row or a file.

usage: immutability_link_test.py NM LIBRARY...

Reads the undefined symbols of every object in the built libraries. Only ledger/lmdb may name a symbol
of LMDB at all; only its table may write or delete a row; nothing drops a table or writes through a
cursor. In the ledger only files.cpp writes to a file, and nothing shortens one.
"""

import re
import subprocess
import sys
from pathlib import Path

LMDB_ROOM = "libflorin_lmdb.a"
LEDGER_ROOM = "libflorin_ledger.a"
# symbol -> the only object of ledger/lmdb that may name it; None: nobody may
WRITERS = {
    "mdb_put": "table.cpp.o",
    "mdb_del": "table.cpp.o",
    "mdb_drop": None,
    "mdb_cursor_put": None,
    "mdb_cursor_del": None,
}
SHORTENERS = re.compile(r"^(f?truncate(64)?|(posix_)?fallocate(64)?|unlink(at)?|punch_hole)$")
FILE_WRITERS = re.compile(r"^(p?writev?(64)?2?)$")


def undefined(nm, library):
    """Yields (object, symbol) for each symbol that an object of the library takes from elsewhere."""
    text = subprocess.run([nm, "-A", "-C", "-u", library], check=True, capture_output=True,
                          text=True).stdout
    for line in text.splitlines():
        # path/libx.a:object.cpp.o:                 U symbol
        match = re.match(r"^(?:.*?\.a):([^:]+):\s+[Uwv]\s+(.*)$", line)
        if match:
            yield match.group(1), match.group(2).split("@")[0]


def violations(library, references):
    for source, symbol in references:
        where = f"{library}({source})"
        if symbol.startswith("mdb_") and library != LMDB_ROOM:
            yield f"{where} names {symbol}; only ledger/lmdb may"
        if symbol in WRITERS and (library != LMDB_ROOM or WRITERS[symbol] != source):
            yield f"{where} names {symbol}; allowed: {WRITERS[symbol] or 'nobody'}"
        if library in (LMDB_ROOM, LEDGER_ROOM):
            if SHORTENERS.match(symbol):
                yield f"{where} names {symbol}; what is written is never shortened"
            if FILE_WRITERS.match(symbol) and source != "files.cpp.o":
                yield f"{where} names {symbol}; only files.cpp writes"


def check_itself():
    """What must be refused is refused."""
    cases = [("libflorin_ledger.a", "store.cpp.o", "mdb_get"),
             ("libflorin_lmdb.a", "cursor.cpp.o", "mdb_put"),
             ("libflorin_lmdb.a", "cursor.cpp.o", "mdb_cursor_del"),
             ("libflorin_lmdb.a", "table.cpp.o", "mdb_drop"),
             ("libflorin_ledger.a", "files.cpp.o", "ftruncate"),
             ("libflorin_ledger.a", "open.cpp.o", "pwrite")]
    for library, source, symbol in cases:
        assert list(violations(library, [(source, symbol)])), (library, source, symbol)
    assert not list(violations("libflorin_lmdb.a", [("table.cpp.o", "mdb_put")]))


def main(nm, libraries):
    check_itself()
    found = []
    seen = set()
    objects = set()
    for path in libraries:
        name = Path(path).name
        references = list(undefined(nm, path))
        objects.update((name, source) for source, _ in references)
        seen.update((name, source, symbol) for source, symbol in references)
        found.extend(violations(name, references))
    # A reader that sees nothing finds nothing: these are known to be there.
    for expected in ((LMDB_ROOM, "table.cpp.o", "mdb_put"), (LMDB_ROOM, "table.cpp.o", "mdb_del"),
                     (LEDGER_ROOM, "files.cpp.o", "pwrite")):
        alternatives = {expected, (*expected[:2], expected[2] + "64")}
        if not alternatives & seen:
            found.append(f"not seen: {expected}")
    for line in sorted(set(found)):
        print(line)
    print(f"{len(libraries)} libraries, {len(objects)} objects, {len(set(found))} violations")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
