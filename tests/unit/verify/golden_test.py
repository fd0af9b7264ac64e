"""Reads the leaves of tests/golden/ledger with the verifier that every export carries.

usage: golden_test.py VERIFY.PY GOLDEN-DIRECTORY
"""
import importlib.util
import json
import sys
from pathlib import Path


def load(path):
    spec = importlib.util.spec_from_file_location("package_verifier", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def main(verifier_path, directory):
    verifier = load(verifier_path)
    leaves = sorted(Path(directory).glob("*.leaf.hex"))
    assert len(leaves) >= 20, "golden leaves are missing"
    for path in leaves:
        raw = bytes.fromhex(path.read_text())
        told = json.loads(path.with_name(path.name.replace(".leaf.hex", ".json")).read_text())
        assert verifier.strict_base64(told.pop("leaf_b64"), path.name) == raw, path.name
        del told["leaf_hash"]
        found = verifier.Leaf(raw).fields()
        assert list(found.items()) == list(told.items()), f"{path.name}: {found} is not {told}"
        for at in range(len(raw)):
            # A changed byte is either refused or tells something else.
            changed = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]
            try:
                assert verifier.Leaf(changed).fields() != told, f"{path.name}: byte {at}"
            except verifier.Wrong:
                pass
    print(f"{len(leaves)} golden leaves read")


if __name__ == "__main__":
    main(*sys.argv[1:])
