"""A test's side of the fault-injecting PKCS#11 module (tests/support/pkcs11_shim): the control file,
its rules and counts, by the offsets of control.h."""
import mmap
import os
import pathlib
import re
import struct

from support import BIN, ROOT, wait_until

SHIM = BIN.parent / "tests" / "modules" / "pkcs11_shim.so"
HEADER = (ROOT / "tests/support/pkcs11_shim/control.h").read_text()
FUNCTIONS = re.findall(r'"(C_\w+)"', HEADER[:HEADER.index("function_number")])
ACTIONS = {name: 1 << int(bit) for name, bit in re.findall(r"k(\w+) = 1U << (\d+)", HEADER)}
DIALECTS = {name: int(number) for name, number in
            re.findall(r"k(\w+) = (\d+),", HEADER[HEADER.index("enum Dialect"):])}
MAGIC = 0x314D4948534C46
ANY = FOREVER = (1 << 64) - 1
RULE_FIELDS = ("armed", "function", "skip", "count", "actions", "return_value", "delay_us", "first",
               "second", "seen", "fired", "waiting", "released", "unused")
CALLS, RULES, RULE_SIZE, RULE_COUNT = 240, 816, 112, 32
FOUND, FOUND_SIZE, FOUND_COUNT = RULES + RULE_COUNT * RULE_SIZE, 64, 256
SIZE = FOUND + FOUND_SIZE * FOUND_COUNT
TOTAL, DIALECT, FLAGS_SET, FLAGS_CLEAR, MANUFACTURER, MODEL, HIDDEN, HIDDEN_COUNT = (
    8, 16, 24, 32, 40, 72, 88, 152)
FOUND_NUMBER = 232
assert len(FUNCTIONS) == 68


def real_module():
    for path in ("/usr/lib/softhsm/libsofthsm2.so",
                 "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so"):
        if os.path.exists(path):
            return path
    raise AssertionError("SoftHSM is not installed")


class Faults:
    """Use `environment` for the daemon's process and `path` of the module as hsm.module."""

    def __init__(self, file):
        self.file = pathlib.Path(file)
        with open(self.file, "xb") as out:
            out.truncate(SIZE)
        self.file.chmod(0o600)
        with open(self.file, "r+b") as opened:
            self.memory = mmap.mmap(opened.fileno(), SIZE)
        self.put(0, MAGIC)

    @property
    def environment(self):
        return {"FLORIN_SHIM_CONTROL": str(self.file), "FLORIN_SHIM_MODULE": real_module()}

    def get(self, offset):
        return struct.unpack_from("<Q", self.memory, offset)[0]

    def put(self, offset, value):
        struct.pack_into("<Q", self.memory, offset, value)

    def field(self, rule, name):
        return RULES + rule * RULE_SIZE + RULE_FIELDS.index(name) * 8

    def arm(self, function, *actions, **values):
        """arm("C_Encrypt", "FailBefore", return_value=0x30, skip=2, count=1); gives the rule."""
        rule = next(i for i in range(RULE_COUNT) if not self.get(self.field(i, "armed")))
        fields = {"count": 1, **values, "actions": sum(ACTIONS[name] for name in actions),
                  "function": FUNCTIONS.index(function) if function else ANY, "armed": 0}
        for name in RULE_FIELDS:
            self.put(self.field(rule, name), fields.get(name, 0))
        self.put(self.field(rule, "armed"), 1)
        return rule

    def disarm(self, rule=None):
        for each in range(RULE_COUNT) if rule is None else (rule,):
            self.put(self.field(each, "armed"), 0)

    def release(self, rule):
        self.put(self.field(rule, "released"), 1)

    def fired(self, rule):
        return self.get(self.field(rule, "fired"))

    def wait_fired(self, rule, times=1, seconds=30):
        return wait_until(f"call of rule {rule}", lambda: self.fired(rule) >= times, seconds)

    def calls(self, function):
        return self.get(CALLS + FUNCTIONS.index(function) * 8)

    def total(self):
        return self.get(TOTAL)

    def dialect(self, name):
        self.put(DIALECT, DIALECTS[name])

    def token_flags(self, flags):
        self.put(FLAGS_SET, flags)

    def hide_mechanism(self, mechanism):
        count = self.get(HIDDEN_COUNT)
        self.put(HIDDEN + 8 * count, mechanism)
        self.put(HIDDEN_COUNT, count + 1)

    def handle_of(self, label, object_class):
        """The handle under which an object was found last; None when it was not."""
        count = self.get(FOUND_NUMBER)
        for i in range(count - 1, max(-1, count - 1 - FOUND_COUNT), -1):
            at = FOUND + (i % FOUND_COUNT) * FOUND_SIZE
            handle, kind = struct.unpack_from("<QQ", self.memory, at)
            name = self.memory[at + 16:at + FOUND_SIZE].split(b"\0")[0].decode()
            if (name, kind) == (label, object_class):
                return handle
        return None
