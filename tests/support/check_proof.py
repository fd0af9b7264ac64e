#!/usr/bin/env python3
"""A proof file read by somebody else: the standard library, RFC 9162 and the openssl command.

usage: check_proof.py FILE

Prints one line "entry N" for each entry that is proven, then "OK"; ends with 1 and a reason otherwise.
"""

import base64
import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path


def leaf_hash(leaf):
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_from(index, size, hash_, path):
    """RFC 9162, 2.1.3.2."""
    assert index < size, "index outside the tree"
    fn, sn = index, size - 1
    for step in path:
        assert sn != 0, "path too long"
        if fn & 1 or fn == sn:
            hash_ = node_hash(step, hash_)
            while not fn & 1 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:
            hash_ = node_hash(hash_, step)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0, "path too short"
    return hash_


def split_proof(text):
    head, checkpoint = text.split("\n\n", 1)
    lines = head.split("\n")
    assert lines[0] == "c2sp.org/tlog-proof@v1", lines[0]
    assert lines[1].startswith("extra ") and lines[2].startswith("index ")
    leaf = base64.b64decode(lines[1][6:], validate=True)
    path = [base64.b64decode(line, validate=True) for line in lines[3:]]
    return leaf, int(lines[2][6:]), path, checkpoint


def check_signature(checkpoint, pem):
    text, signature = checkpoint.split("\n\n", 1)
    text += "\n"
    dash, name, blob = signature.strip().split(" ")
    assert dash == "\u2014" and name == text.split("\n")[0]
    blob = base64.b64decode(blob, validate=True)
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        (at / "text").write_bytes(text.encode())
        (at / "signature").write_bytes(blob[4:])
        (at / "key.pem").write_text(pem)
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", at / "key.pem", "-signature",
                        at / "signature", at / "text"], check=True, capture_output=True)
        der = subprocess.run(["openssl", "pkey", "-pubin", "-in", at / "key.pem", "-outform", "DER"],
                             check=True, capture_output=True).stdout
    assert blob[:4] == hashlib.sha256(der).digest()[:4], "key hash"
    return text.split("\n")


def main(path):
    document = json.loads(Path(path).read_text())
    assert document["format"] == "ledger-proof/1"
    seen = set()
    for text in document["proofs"]:
        leaf, index, hashes, checkpoint = split_proof(text)
        _, size, root, _ = check_signature(checkpoint, document["public_key"])
        computed = root_from(index, int(size), leaf_hash(leaf), hashes)
        assert computed == base64.b64decode(root), f"entry {index} does not lead to the root"
        assert int.from_bytes(leaf[8:16], "little") == index, "another number"
        seen.add(leaf[64:80])
        print(f"entry {index}")
    assert len(seen) == 1, "more than one subject"
    print("OK")


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except (AssertionError, ValueError, KeyError, subprocess.CalledProcessError) as problem:
        print(f"BAD {problem!r}")
        sys.exit(1)
