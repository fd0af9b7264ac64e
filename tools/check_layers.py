#!/usr/bin/env python3
"""Checks the arrows of tools/layers.toml on every include and every link of the rooms.

usage: check_layers.py [ROOT]

Prints one line per violation, "path:line: what is wrong", and exits 1 if there is any.
"""

import fnmatch
import re
import sys
import tomllib
from pathlib import Path

SOURCES = {".h", ".hpp", ".cpp", ".cc", ".ipp", ".inc"}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')
COMMAND = re.compile(r"\b(florin_room|target_link_libraries)\s*\(([^)]*)\)", re.S)


class House:
    def __init__(self, root):
        self.root = root
        with open(root / "tools" / "layers.toml", "rb") as file:
            table = tomllib.load(file)
        self.rooms = table["rooms"]
        self.headers = table.get("headers", [])
        self.problems = []
        self.libraries = {"florin_" + room.rsplit("/", 1)[-1]: room for room in self.rooms}
        # cli/verify is an executable's room and ledger/verify the library's.
        if "ledger/verify" in self.rooms:
            self.libraries["florin_verify"] = "ledger/verify"

    def report(self, path, line, text):
        where = path.relative_to(self.root).as_posix()
        self.problems.append(f"{where}:{line}: {text}" if line else f"{where}: {text}")

    def room_of(self, path):
        """The innermost room that holds a path relative to the root, or None."""
        parts = Path(path).parts[:-1]
        for count in range(len(parts), 0, -1):
            name = "/".join(parts[:count])
            if name in self.rooms:
                return name
        return None

    def allowed(self, room):
        return {room, "base", *self.rooms[room]}

    def check_table(self):
        for room, uses in self.rooms.items():
            for used in uses:
                if used not in self.rooms:
                    self.report(self.root / "tools/layers.toml", 0,
                                f"{room} may use {used}, which is not a room")
        state = {}

        def visit(room, trail):
            if state.get(room) == "done" or room not in self.rooms:
                return
            if state.get(room) == "open":
                self.report(self.root / "tools/layers.toml", 0,
                            "the arrows run in a circle: " + " -> ".join([*trail, room]))
                return
            state[room] = "open"
            for used in self.rooms[room]:
                visit(used, [*trail, room])
            state[room] = "done"

        for room in self.rooms:
            visit(room, [])

    def sources(self):
        tops = sorted({room.split("/")[0] for room in self.rooms})
        for top in tops:
            if (self.root / top).is_dir():
                yield from sorted(p for p in (self.root / top).rglob("*")
                                  if p.is_file() and p.suffix in SOURCES)

    def check_folders(self):
        for path in self.sources():
            relative = path.relative_to(self.root).as_posix()
            room = self.room_of(relative)
            folder = relative.rsplit("/", 1)[0]
            if room is None:
                self.report(path, 0, f"{folder} is not a room in tools/layers.toml")
        for room in self.rooms:
            folder = self.root / room
            if not any(p.suffix in SOURCES for p in folder.glob("*")):
                continue  # rooms appear when they have something to do
            for name in ("README.md", "CMakeLists.txt"):
                if not (folder / name).is_file():
                    self.report(folder, 0, f"the room has no {name}")

    def check_includes(self):
        seen = [set() for _ in self.headers]
        for path in self.sources():
            room = self.room_of(path.relative_to(self.root).as_posix())
            if room is None:
                continue
            text = path.read_text(encoding="utf-8")
            for number, line in enumerate(text.splitlines(), 1):
                match = INCLUDE.match(line)
                if match is None:
                    continue
                include = match.group(1) or match.group(2)
                if match.group(1) is not None and (self.root / include).is_file():
                    self.check_own(path, number, room, include)
                else:
                    self.check_foreign(path, number, room, include, match.group(1) is not None,
                                       seen)
        for header, files in zip(self.headers, seen):
            limit = header.get("files")
            if limit is not None and len(files) > limit:
                names = ", ".join(sorted(files))
                self.problems.append(f"{header['pattern'][0]}: may be included by {limit} file, "
                                     f"not by {len(files)}: {names}")

    def check_own(self, path, number, room, include):
        target = self.room_of(include)
        if target is None:
            self.report(path, number, f"{room} may not include {include}, which is in no room")
        elif target not in self.allowed(room):
            self.report(path, number, f"{room} may not use {target} ({include})")

    def check_foreign(self, path, number, room, include, quoted, seen):
        """A third-party header: the first row of the table whose pattern fits decides."""
        for header, files in zip(self.headers, seen):
            if not any(fnmatch.fnmatchcase(include, pattern) for pattern in header["pattern"]):
                continue
            files.add(path.relative_to(self.root).as_posix())
            if room not in header["rooms"]:
                self.report(path, number, f"only {' and '.join(header['rooms'])} may include "
                                          f"<{include}>, not {room}")
            return
        if quoted:
            self.report(path, number,
                        f'"{include}" is not a file below the root; write project includes from '
                        "the root and others in angle brackets")

    def check_links(self):
        tops = sorted({room.split("/")[0] for room in self.rooms})
        for path in [p for top in tops for p in sorted((self.root / top).rglob("CMakeLists.txt"))]:
            room = self.room_of(path.relative_to(self.root).as_posix())
            if room is None:
                continue
            text = re.sub(r"#[^\n]*", "", path.read_text(encoding="utf-8"))
            for command in COMMAND.finditer(text):
                line = text[:command.start()].count("\n") + 1
                for word in command.group(2).split():
                    self.check_link(path, line, room, word)

    def check_link(self, path, line, room, word):
        if word in self.libraries:
            target = self.libraries[word]
            if target not in self.allowed(room):
                self.report(path, line, f"{room} may not link {target} ({word})")
        for header in self.headers:
            if word in header.get("libraries", []) and room not in header["rooms"]:
                self.report(path, line,
                            f"only {' and '.join(header['rooms'])} may link {word}, not {room}")

    def run(self):
        self.check_table()
        self.check_folders()
        self.check_includes()
        self.check_links()
        return self.problems


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    problems = House(root).run()
    for problem in problems:
        print(problem)
    print(f"layers: {len(problems)} violations" if problems else "layers: ok")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
