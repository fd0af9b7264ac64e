#!/usr/bin/env python3
"""Checks an export package with the standard library of Python 3 alone.

Usage: python3 verify.py [DIRECTORY] [--public-key FILE] [--previous-checkpoint FILE]

DIRECTORY is the package; the directory of this script when left out. FILE is the public key in PEM,
or a checkpoint kept from an earlier time, from a place that you trust more than the package.
Signatures are checked with the `openssl` command; without it the last line says so.
Exit status: 0 nothing wrong, 1 could not look, 2 usage, 3 something is wrong.
"""
import base64
import binascii
import collections
import datetime
import hashlib
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

FILES = ["README.txt", "accounts.csv", "checkpoint", "checkpoint.body", "checkpoint.sig",
         "checks.sql", "entries.jsonl", "leaf-hashes.bin", "manifest.json",
         "opening_balances.csv", "opening_holds.csv", "postings.csv", "pub.pem",
         "trial_balance.csv", "verify.py"]
OPTIONAL = "previous-checkpoint"
HEADERS = {
    "postings.csv": "seq,position,booked_at,effective_day,entry_type,subject,account,asset,side,"
                    "layer,amount,party,previous,total",
    "accounts.csv": "account,code,asset,exponent,owner,parent,opened_seq",
    "trial_balance.csv": "account,code,asset,debits_posted,credits_posted,debits_pending,"
                         "credits_pending,last",
    "opening_holds.csv": "hold,asset,authorized,captured,released,refunded",
}
HEADERS["opening_balances.csv"] = HEADERS["trial_balance.csv"]
MANIFEST = ["format", "tenant", "mode", "origin", "from_seq", "to_seq", "size", "root",
            "evaluation", "entries", "postings", "accounts", "opening_accounts", "opening_holds"]
MODES = ["system", "test", "live"]
ORIGINS = ["command", "fact", "system"]
SIDES = ["debit", "credit"]
LAYERS = ["posted", "pending"]
OPERATIONS = [None, "open", "capture", "release", "refund"]
ACTORS = ["system", "credential", "person"]
TYPES = [None, "genesis", "audit", "authorization", "capture", "release", "refund",
         "payment_state", "reversal", "adjustment"]
EVALUATION, LIMIT_PASSED = 1, 2
NIL = bytes(16)


class Wrong(Exception):
    """Something in the package is wrong; the text says where and what."""


def need(condition, *what):
    if not condition:
        raise Wrong(": ".join(str(part) for part in what))


# ---- texts ----------------------------------------------------------------------------------------

def id_text(raw):
    """Identifiers are 26 digits of Crockford base32."""
    number, digits = int.from_bytes(raw, "big"), ""
    for _ in range(26):
        digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[number & 31] + digits
        number >>= 5
    return digits


def time_text(nanoseconds):
    seconds, rest = divmod(nanoseconds, 10 ** 9)
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + ".%09dZ" % rest


def type_text(number):
    return TYPES[number] if number < len(TYPES) else "type-%d" % number


def decimal(text, bits, *where):
    need(re.fullmatch(r"0|[1-9][0-9]{0,38}", text, re.ASCII), *where, "not a number: %r" % text)
    need(int(text) < 1 << bits, *where, "a number that is too large: " + text)
    return int(text)


def read(directory, name, limit=65536):
    try:
        with open(os.path.join(directory, name), "rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise Wrong("%s: %s" % (name, error.strerror))
    need(len(content) <= limit, name, "is too long")
    return content


def lines_of(directory, name):
    """Lines without their line feed, one at a time."""
    try:
        with open(os.path.join(directory, name), "rb") as file:
            number = 0
            while True:
                line = file.readline(65537)
                if not line:
                    return
                number += 1
                need(line.endswith(b"\n"), "%s line %d" % (name, number),
                     "is too long or has no line feed")
                try:
                    yield line[:-1].decode("ascii")
                except UnicodeDecodeError:
                    raise Wrong("%s line %d: is not ASCII" % (name, number))
    except OSError as error:
        raise Wrong("%s: %s" % (name, error.strerror))


class Table:
    """A CSV file that is compared line by line with what the leaves say."""

    def __init__(self, directory, name):
        self.name, self.number, self.lines = name, 0, lines_of(directory, name)
        need(self.next() == HEADERS[name], name + " line 1", "the header line is another")

    def next(self):
        self.number += 1
        line = next(self.lines, None)
        need(line is not None, self.name, "ends too early")
        return line

    def expect(self, columns):
        wanted = ",".join(str(column) for column in columns)
        found = self.next()
        need(found == wanted, "%s line %d" % (self.name, self.number),
             "is %r, by the leaves it should be %r" % (found, wanted))

    def end(self):
        need(next(self.lines, None) is None, self.name, "has lines too many")


# ---- leaf -----------------------------------------------------------------------------------------

Posting = collections.namedtuple("Posting", "account amount asset side layer party previous total")
Account = collections.namedtuple("Account", "number code asset exponent owner parent")
Hold = collections.namedtuple("Hold", "id operation asset amount")


class Leaf:
    """The canonical bytes of an entry, taken apart strictly."""

    def __init__(self, raw):
        need(160 <= len(raw) <= 1900, "a leaf of %d bytes" % len(raw))
        (magic, form, self.type, length, self.seq, self.tenant, self.mode, self.origin, postings,
         tlvs, self.effective_day, self.booked_at, self.entry_id, self.subject, self.previous_leaf,
         self.body, self.fingerprint) = struct.unpack_from("<2sBBIQ16sBBBBiq16s16s32s32s16s", raw)
        need(magic == b"FL" and form == 1, "not a leaf of format 1")
        need(self.type != 0, "entry type 0 is not known")
        need(length == len(raw), "the length is not that of the leaf")
        need(self.mode < len(MODES) and self.origin < len(ORIGINS), "mode or origin is not known")
        need(postings <= 20, "too many postings")
        need(self.booked_at >= 0, "booked before 1970")
        self.postings, self.accounts, self.holds = [], [], []
        self.actor, self.flags, self.note = None, 0, ""
        at = 160
        for _ in range(postings):
            need(at + 64 <= len(raw), "ends inside a posting")
            self.posting(raw[at:at + 64])
            at += 64
        last = 0
        for _ in range(tlvs):
            need(at + 4 <= len(raw), "ends inside a TLV")
            tag, size = struct.unpack_from("<HH", raw, at)
            need(at + 4 + size <= len(raw), "a TLV longer than the leaf")
            need(tag > last or (tag == last and tag in (1, 2)), "tags are not ascending")
            last = tag
            self.tlv(tag, raw[at + 4:at + 4 + size])
            at += 4 + size
        need(at == len(raw), "bytes behind the last TLV")

    def posting(self, raw):
        account, amount, asset, side, layer, zero, party, previous, low, high = struct.unpack(
            "<QQHBBI16sQQQ", raw)
        need(account and amount, "a posting without account or amount")
        need(side < 2 and layer < 2 and zero == 0, "a posting with unknown side, layer or bytes")
        self.postings.append(Posting(account, amount, asset, SIDES[side], LAYERS[layer], party,
                                     previous, high << 64 | low))

    def tlv(self, tag, raw):
        sizes = {1: 40, 2: 32, 3: 17, 4: 4}
        need(tag == 5 or sizes.get(tag) == len(raw), "TLV %d of %d bytes" % (tag, len(raw)))
        if tag == 1:
            number, code, asset, exponent, zero, owner, parent = struct.unpack(
                "<QHHB3s16sQ", raw)
            need(number and zero == bytes(3), "an account without number or with unknown bytes")
            self.accounts.append(Account(number, code, asset, exponent, owner, parent))
        elif tag == 2:
            hold, operation, zero, asset, zeroes, amount = struct.unpack("<16sBBHIQ", raw)
            need(1 <= operation <= 4 and zero == 0 and zeroes == 0, "an unknown hold operation")
            self.holds.append(Hold(hold, OPERATIONS[operation], asset, amount))
        elif tag == 3:
            need(raw[0] < len(ACTORS), "an unknown kind of actor")
            self.actor = {"kind": ACTORS[raw[0]], "id": id_text(raw[1:])}
        elif tag == 4:
            self.flags, = struct.unpack("<I", raw)
            need(0 < self.flags < 4, "unknown flags")
        else:
            need(1 <= len(raw) <= 200 and all(32 <= byte <= 126 for byte in raw), "a bad note")
            self.note = raw.decode("ascii")

    def fields(self):
        """What a line of entries.jsonl must say, but for the leaf itself."""
        return {
            "seq": self.seq, "type": self.type, "type_name": type_text(self.type),
            "origin": ORIGINS[self.origin], "tenant": id_text(self.tenant),
            "mode": MODES[self.mode], "booked_at": time_text(self.booked_at),
            "effective_day": self.effective_day, "entry_id": id_text(self.entry_id),
            "subject": id_text(self.subject), "previous_leaf": self.previous_leaf.hex(),
            "body_commitment": self.body.hex(), "fingerprint": self.fingerprint.hex(),
            "actor": self.actor, "flags": self.flags, "note": self.note,
            "accounts_opened": [
                {"account": a.number, "code": a.code, "asset": a.asset, "exponent": a.exponent,
                 "owner": id_text(a.owner), "parent": a.parent} for a in self.accounts],
            "holds": [
                {"hold": id_text(h.id), "operation": h.operation, "asset": h.asset,
                 "amount": str(h.amount)} for h in self.holds],
            "postings": [
                {"account": p.account, "asset": p.asset, "side": p.side, "layer": p.layer,
                 "amount": str(p.amount), "party": id_text(p.party), "previous": p.previous,
                 "total": str(p.total)} for p in self.postings],
        }


# ---- tree and checkpoint --------------------------------------------------------------------------

def root_of(hashes):
    """RFC 9162 root over leaf hashes."""
    peaks = []  # (height, hash)
    for digest in hashes:
        height = 0
        while peaks and peaks[-1][0] == height:
            digest = hashlib.sha256(b"\x01" + peaks.pop()[1] + digest).digest()
            height += 1
        peaks.append((height, digest))
    if not peaks:
        return hashlib.sha256(b"").digest()
    root = peaks.pop()[1]
    while peaks:
        root = hashlib.sha256(b"\x01" + peaks.pop()[1] + root).digest()
    return root


def strict_base64(text, *where):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = None
    need(raw is not None and base64.b64encode(raw).decode() == text, *where, "not base64")
    return raw


class Checkpoint:
    """A C2SP signed note: origin, size, root, empty line, one signature line."""

    def __init__(self, raw, name):
        try:
            parts = raw.decode("utf-8").split("\n")
        except UnicodeDecodeError:
            raise Wrong(name + ": is not UTF-8")
        need(len(raw) <= 4096 and len(parts) == 6 and parts[3] == parts[5] == "", name,
             "is not a signed note")
        self.origin = parts[0]
        need(re.fullmatch(r"[!-*,-~]{1,255}", self.origin, re.ASCII), name, "not an origin")
        self.size = decimal(parts[1], 64, name)
        self.root = strict_base64(parts[2], name)
        need(len(self.root) == 32, name, "not a root")
        self.body = "\n".join(parts[:3]).encode() + b"\n"
        start = "\u2014 " + self.origin + " "
        need(parts[4].startswith(start), name, "not a signature line of this origin")
        blob = strict_base64(parts[4][len(start):], name)
        need(len(blob) > 4, name, "not a signature")
        self.key_hash, self.signature = blob[:4], blob[4:]
        self.name = name

    def verify(self, pem, der):
        """True when checked, False when there is no openssl command."""
        need(self.key_hash == hashlib.sha256(der).digest()[:4], self.name, "signed with another key")
        with tempfile.TemporaryDirectory() as place:
            for name, content in (("pem", pem), ("sig", self.signature), ("body", self.body)):
                with open(os.path.join(place, name), "wb") as file:
                    file.write(content)
            try:
                done = subprocess.run(
                    ["openssl", "dgst", "-sha256", "-verify", os.path.join(place, "pem"),
                     "-signature", os.path.join(place, "sig"), os.path.join(place, "body")],
                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            except FileNotFoundError:
                return False
        need(done.returncode == 0, self.name, "the signature does not fit the text")
        return True


def key_of(pem, name):
    begin, end = b"-----BEGIN PUBLIC KEY-----\n", b"-----END PUBLIC KEY-----\n"
    need(pem.startswith(begin) and pem.endswith(end), name, "not a public key in PEM")
    try:
        text = pem[len(begin):-len(end)].decode("ascii")
    except UnicodeDecodeError:
        raise Wrong(name + ": not a public key in PEM")
    der = strict_base64(text.replace("\n", ""), name)
    body = base64.b64encode(der).decode()
    need(text == "".join(body[i:i + 64] + "\n" for i in range(0, len(body), 64)), name,
         "not a public key in PEM")
    # SubjectPublicKeyInfo of P-256 with an uncompressed point.
    need(len(der) == 91 and der.startswith(bytes.fromhex(
        "3059301306072a8648ce3d020106082a8648ce3d03010703420004")), name, "not a key on P-256")
    return der


# ---- books ----------------------------------------------------------------------------------------

class Books:
    """Double entry, running totals and holds, entry by entry."""

    def __init__(self):
        self.accounts = []  # [Account, opened seq, {(side, layer): total}, last]
        self.holds = {}     # id -> [asset, {operation: sum}]
        self.next_seq, self.previous_leaf, self.booked_at = 0, bytes(32), -1

    @staticmethod
    def balanced(rows):
        """rows: (asset, layer, side, amount)"""
        sums = collections.Counter()
        for asset, layer, side, amount in rows:
            sums[asset, layer] += amount if side == "debit" else -amount
        for (asset, layer), difference in sums.items():
            need(difference == 0, "asset %03d %s: debits and credits differ by %d"
                 % (asset, layer, difference))

    def open(self, account, seq):
        need(account.number == len(self.accounts) + 1, "account %d is opened, %d is the next"
             % (account.number, len(self.accounts) + 1))
        need(account.parent < account.number, "account %d: its parent is not open" % account.number)
        self.accounts.append([account, seq, {(s, l): 0 for s in SIDES for l in LAYERS}, 0])

    def consume(self, leaf, digest):
        need(leaf.seq == self.next_seq, "seq is %d, expected %d" % (leaf.seq, self.next_seq))
        need(leaf.mode != 0 or leaf.tenant == NIL, "the system ledger has no tenant")
        need(leaf.previous_leaf == self.previous_leaf, "does not carry the hash of the entry before")
        need(leaf.booked_at > self.booked_at, "is not booked after the entry before")
        need((leaf.type == 1) == (leaf.seq == 0), "the first entry, and no other, is the genesis")
        need(not leaf.flags & EVALUATION or leaf.seq == 0, "evaluation flag outside the genesis")
        passed = bool(leaf.flags & LIMIT_PASSED)
        need(not passed or leaf.origin == 1, "only a fact may pass a limit")
        for account in leaf.accounts:
            self.open(account, leaf.seq)
        self.balanced((p.asset, p.layer, p.side, p.amount) for p in leaf.postings)
        for position, posting in enumerate(leaf.postings, 1):
            self.post(posting, "posting %d" % position)
        for posting in leaf.postings:
            self.accounts[posting.account - 1][3] = leaf.seq + 1
        for change in leaf.holds:
            self.hold(change, passed)
        self.next_seq, self.previous_leaf, self.booked_at = leaf.seq + 1, digest, leaf.booked_at

    def post(self, posting, where):
        need(posting.account <= len(self.accounts), where, "the account was never opened")
        account, _, totals, last = self.accounts[posting.account - 1]
        need(account.asset == posting.asset, where, "the account holds another asset")
        need(posting.previous == last, where, "the account was touched before by %d (seq + 1)" % last)
        key = posting.side, posting.layer
        totals[key] += posting.amount
        need(posting.total == totals[key] < 1 << 128, where, "the total should be %d" % totals[key])

    def hold(self, change, passed):
        where = "hold " + id_text(change.id)
        known = change.id in self.holds
        opening = change.operation == "open"
        need(passed or known != opening, where, "opened twice or never opened")
        asset, sums = self.holds.setdefault(
            change.id, [change.asset, {name: 0 for name in OPERATIONS[1:]}])
        need(asset == change.asset, where, "changes its asset")
        sums[change.operation] += change.amount
        if not passed and change.operation in ("capture", "release"):
            need(sums["capture"] + sums["release"] <= sums["open"], where,
                 "captured and released exceed authorized")
        if not passed and change.operation == "refund":
            need(sums["refund"] <= sums["capture"], where, "refunded exceeds captured")

    @staticmethod
    def balance_row(row):
        account, _, totals, last = row
        return [account.number, account.code, account.asset, totals["debit", "posted"],
                totals["credit", "posted"], totals["debit", "pending"],
                totals["credit", "pending"], last]

    @staticmethod
    def account_row(row):
        account, opened = row[0], row[1]
        return [account.number, account.code, account.asset, account.exponent,
                id_text(account.owner), account.parent, opened]


# ---- package --------------------------------------------------------------------------------------

def check_sums(directory):
    names = set()
    for item in os.scandir(directory):
        need(item.is_file(follow_symlinks=False), item.name, "is not a plain file")
        names.add(item.name)
    need("SHA256SUMS" in names, "SHA256SUMS", "is missing")
    names.discard("SHA256SUMS")
    for name in sorted(names):
        need(name in FILES or name == OPTIONAL, name, "does not belong to the package")
    for name in FILES:
        need(name in names, name, "is missing")
    listed = []
    for number, line in enumerate(lines_of(directory, "SHA256SUMS"), 1):
        where = "SHA256SUMS line %d" % number
        need(re.fullmatch(r"[0-9a-f]{64}  [A-Za-z0-9_.-]+", line, re.ASCII), where,
             "not a sum and a name")
        digest, name = line[:64], line[66:]
        need(not listed or listed[-1] < name, where, "the names are not sorted")
        listed.append(name)
        need(name in names, where, "names a file that is not there")
        stream = hashlib.sha256()
        with open(os.path.join(directory, name), "rb") as file:
            for chunk in iter(lambda: file.read(1 << 18), b""):
                stream.update(chunk)
        need(stream.hexdigest() == digest, name, "its SHA-256 is not the one in SHA256SUMS")
    need(set(listed) == names, "SHA256SUMS", "does not list every file")


def no_twins(pairs):
    out = dict(pairs)
    need(len(out) == len(pairs), "a member appears twice")
    return out


def read_manifest(directory, checkpoint):
    name = "manifest.json"
    raw = read(directory, name)
    try:
        manifest = json.loads(raw.decode("ascii"), object_pairs_hook=no_twins)
    except (ValueError, RecursionError):
        raise Wrong(name + ": is not JSON")
    need(isinstance(manifest, dict) and list(manifest) == MANIFEST, name, "other members")
    for member in MANIFEST:
        kind = {"evaluation": bool, "format": str, "tenant": str, "mode": str, "origin": str,
                "root": str}.get(member, int)
        need(type(manifest[member]) is kind, name, member, "of another type")
        need(kind is not int or manifest[member] >= 0, name, member, "is negative")
    need(manifest["format"] == "ledger-export/1", name, "of another format")
    need(json.dumps(manifest, indent=2) + "\n" == raw.decode("ascii"), name, "spelled otherwise")
    need(manifest["origin"] == checkpoint.origin and manifest["size"] == checkpoint.size and
         manifest["root"] == checkpoint.root.hex(), name, "is not of this checkpoint")
    need(manifest["from_seq"] <= manifest["to_seq"] < manifest["size"] and
         manifest["entries"] == manifest["to_seq"] - manifest["from_seq"] + 1, name,
         "the period does not fit")
    return manifest


def id_bytes(text, *where):
    need(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", text, re.ASCII), *where, "not an identifier")
    number = 0
    for digit in text:
        number = number << 5 | "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(digit)
    return number.to_bytes(16, "big")


def opening_books(directory, manifest, accounts, hashes):
    """The books before the first entry, from what the package states."""
    books = Books()
    balances = Table(directory, "opening_balances.csv")
    holds = Table(directory, "opening_holds.csv")
    first = manifest["from_seq"]
    need(first > 0 or manifest["opening_accounts"] + manifest["opening_holds"] == 0,
         "manifest.json", "a package from entry 0 on has no opening balances")
    opened = 0
    for _ in range(manifest["opening_accounts"]):
        columns = accounts.next().split(",")
        where = "accounts.csv line %d" % accounts.number
        need(len(columns) == 7, where, "not seven columns")
        number, code, asset, exponent = (
            decimal(text, bits, where) for text, bits in zip(columns, (64, 16, 16, 8)))
        need(decimal(columns[6], 64, where) in range(opened, first), where, "opened too late")
        opened = int(columns[6])
        # A stated row is taken as it is: only what was opened in the period can be proven.
        need(number == len(books.accounts) + 1, where, "account %d is missing"
             % (len(books.accounts) + 1))
        account = Account(number, code, asset, exponent, id_bytes(columns[4], where),
                          decimal(columns[5], 64, where))
        stated = balances.next().split(",")
        where = "opening_balances.csv line %d" % balances.number
        need(len(stated) == 8 and stated[:3] == columns[:3], where, "is not of this account")
        values = [decimal(text, 128, where) for text in stated[3:7]]
        last = decimal(stated[7], 64, where)
        need(last <= first, where, "knows of a later entry")
        keys = [("debit", "posted"), ("credit", "posted"), ("debit", "pending"),
                ("credit", "pending")]
        books.accounts.append([account, opened, dict(zip(keys, values)), last])
    before = b""
    for _ in range(manifest["opening_holds"]):
        columns = holds.next().split(",")
        where = "opening_holds.csv line %d" % holds.number
        need(len(columns) == 6, where, "not six columns")
        hold = id_bytes(columns[0], where)
        need(before < hold, where, "not in order")
        before = hold
        sums = [decimal(text, 128, where) for text in columns[2:]]
        books.holds[hold] = [decimal(columns[1], 16, where), dict(zip(OPERATIONS[1:], sums))]
    balances.end()
    holds.end()
    try:
        Books.balanced((row[0].asset, layer, side, row[2][side, layer])
                       for row in books.accounts for side in SIDES for layer in LAYERS)
    except Wrong as wrong:
        raise Wrong("opening_balances.csv: %s" % wrong)
    books.next_seq = first
    books.previous_leaf = hashes[first - 1] if first else bytes(32)
    return books


def check_line(line, seq, books, manifest, hashes):
    """One line of entries.jsonl. Returns its leaf."""
    try:
        fields = json.loads(line, object_pairs_hook=no_twins)
    except (ValueError, RecursionError):
        raise Wrong("is not JSON")
    need(isinstance(fields, dict) and isinstance(fields.get("leaf_b64"), str), "has no leaf_b64")
    raw = strict_base64(fields["leaf_b64"], "leaf_b64")
    digest = hashlib.sha256(b"\x00" + raw).digest()
    need(digest == hashes[seq], "the hash of the leaf is not the one in leaf-hashes.bin at byte %d"
         % (32 * seq))
    leaf = Leaf(raw)
    wanted = dict(leaf.fields(), leaf_hash=digest.hex(), leaf_b64=fields["leaf_b64"])
    for name, value in wanted.items():
        need(name in fields and fields[name] == value, '"%s" is not what the leaf says' % name)
    need(json.dumps(wanted, separators=(",", ":")) == line, "is spelled otherwise")
    books.consume(leaf, digest)
    need(wanted["tenant"] == manifest["tenant"] and wanted["mode"] == manifest["mode"],
         "tenant or mode is not that of the manifest")
    return leaf


def check_entries(directory, manifest, hashes):
    accounts, postings = Table(directory, "accounts.csv"), Table(directory, "postings.csv")
    books = opening_books(directory, manifest, accounts, hashes)
    lines = lines_of(directory, "entries.jsonl")
    count = 0
    for seq in range(manifest["from_seq"], manifest["to_seq"] + 1):
        line = next(lines, None)
        where = "entries.jsonl line %d (entry %d)" % (seq - manifest["from_seq"] + 1, seq)
        need(line is not None, where, "is missing")
        known = len(books.accounts)
        try:
            leaf = check_line(line, seq, books, manifest, hashes)
        except Wrong as wrong:
            raise Wrong("%s: %s" % (where, wrong))
        if seq == 0:
            need(manifest["evaluation"] == bool(leaf.flags & EVALUATION), "manifest.json",
                 "evaluation is not what the genesis entry says")
        for row in books.accounts[known:]:
            accounts.expect(Books.account_row(row))
        for position, p in enumerate(leaf.postings, 1):
            count += 1
            postings.expect([seq, position, time_text(leaf.booked_at), leaf.effective_day,
                             type_text(leaf.type), id_text(leaf.subject), p.account, p.asset,
                             p.side, p.layer, p.amount, id_text(p.party), p.previous, p.total])
    need(next(lines, None) is None, "entries.jsonl", "has lines too many")
    balances = Table(directory, "trial_balance.csv")
    for row in books.accounts:
        balances.expect(Books.balance_row(row))
    for table in (accounts, postings, balances):
        table.end()
    need(count == manifest["postings"] and len(books.accounts) == manifest["accounts"],
         "manifest.json", "the number of postings or accounts is another")


def check_package(directory, given_key, given_previous):
    check_sums(directory)
    pem = read(directory, "pub.pem")
    der = key_of(pem, "pub.pem")
    need(given_key is None or key_of(given_key, "--public-key") == der, "pub.pem",
         "is not the expected key")
    checkpoint = Checkpoint(read(directory, "checkpoint"), "checkpoint")
    signed = checkpoint.verify(pem, der)
    need(read(directory, "checkpoint.body") == checkpoint.body, "checkpoint.body",
         "is not the signed text")
    need(read(directory, "checkpoint.sig") == checkpoint.signature, "checkpoint.sig",
         "is not the signature of the checkpoint")
    manifest = read_manifest(directory, checkpoint)
    need(os.path.getsize(os.path.join(directory, "leaf-hashes.bin")) == 32 * checkpoint.size,
         "leaf-hashes.bin", "has not 32 bytes for each entry")
    raw = read(directory, "leaf-hashes.bin", 32 * checkpoint.size)
    hashes = [raw[at:at + 32] for at in range(0, len(raw), 32)]
    need(root_of(hashes) == checkpoint.root, "leaf-hashes.bin",
         "the root over these hashes is not the signed one")
    previous = [("the given previous checkpoint", given_previous)] if given_previous else []
    if os.path.exists(os.path.join(directory, OPTIONAL)):
        previous.append((OPTIONAL, read(directory, OPTIONAL)))
    for name, text in previous:
        older = Checkpoint(text, name)
        older.verify(pem, der)
        need(older.origin == checkpoint.origin and older.size <= checkpoint.size, name,
             "is not an older state of this ledger")
        need(root_of(hashes[:older.size]) == older.root, name,
             "the package does not continue it: history was changed")
    check_entries(directory, manifest, hashes)
    return manifest, signed


def main(arguments):
    directory, key, previous = None, None, None
    while arguments:
        word = arguments.pop(0)
        if word in ("--public-key", "--previous-checkpoint") and arguments:
            try:
                with open(arguments.pop(0), "rb") as file:
                    content = file.read(65536)
            except OSError as error:
                print("cannot read the file of %s: %s" % (word, error.strerror), file=sys.stderr)
                return 2
            key, previous = (content, previous) if word == "--public-key" else (key, content)
        elif directory is None and not word.startswith("-"):
            directory = word
        else:
            print(__doc__, file=sys.stderr)
            return 2
    directory = directory or os.path.dirname(os.path.abspath(__file__))
    if not os.path.isdir(directory):
        print("not a directory: " + directory, file=sys.stderr)
        return 2
    try:
        manifest, signed = check_package(directory, key, previous)
    except Wrong as wrong:
        print("BAD %s" % wrong)
        return 3
    if key is None:
        print("note: the key was taken from the package; compare it with one that you trust")
    if manifest["from_seq"] > 0:
        print("note: balances before entry %d are as stated, not proven by this package"
              % manifest["from_seq"])
    if manifest["evaluation"]:
        print("note: this ledger belongs to an evaluation instance")
    if not signed:
        print("note: SIGNATURE NOT CHECKED, there is no openssl command")
    print("OK %d entries, size %d, root %s%s" % (manifest["entries"], manifest["size"],
                                                 manifest["root"],
                                                 "" if signed else ", signature not checked"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
