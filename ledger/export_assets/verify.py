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
         "checks.sql", "earlier_entries.jsonl", "entries.jsonl", "leaf-hashes.bin",
         "manifest.json", "opening_balances.csv", "opening_holds.csv", "opening_reversed.csv",
         "postings.csv", "pub.pem", "trial_balance.csv", "verify.py"]
OPTIONAL = "previous-checkpoint"
HEADERS = {
    "postings.csv": "seq,position,booked_at,effective_day,entry_type,subject,account,asset,side,"
                    "layer,amount,party,previous,total,meant_account",
    "accounts.csv": "account,code,asset,exponent,owner,parent,opened_seq",
    "trial_balance.csv": "account,code,asset,debits_posted,credits_posted,debits_pending,"
                         "credits_pending,last,flags",
    "opening_holds.csv": "hold,asset,authorized,captured,released,refunded,expires_at,"
                         "limit_passed,legs",
    "opening_reversed.csv": "seq",
}
HEADERS["opening_balances.csv"] = HEADERS["trial_balance.csv"]
MANIFEST = ["format", "tenant", "mode", "origin", "from_seq", "to_seq", "size", "root",
            "evaluation", "entries", "postings", "accounts", "opening_accounts", "opening_holds",
            "opening_reversed", "opening_booked_at", "opening_clock", "opening_locked_through",
            "opening_recovering", "earlier_entries"]
MODES = ["system", "test", "live"]
ORIGINS = ["command", "fact", "system"]
SIDES = ["debit", "credit"]
LAYERS = ["posted", "pending"]
OPERATIONS = ["open", "capture", "release", "refund", "increase", "expire"]
REASONS = ["frozen", "closed", "balance_limit"]
STEPS = ["restored", "reopened"]
ACTORS = ["system", "credential", "person"]
TYPES = [None, "genesis", "audit", "authorization", "capture", "release", "refund",
         "payment_state", "reversal", "adjustment", "increment", "expiry", "clock", "period",
         "account", "recovery"]
EVALUATION, LIMIT_PASSED = 1, 2
NO_OVERDRAFT, NO_OVERPAYMENT, FROZEN, CLOSED = 1, 2, 4, 8
SUSPENSE, FLAGLESS = 3200, (3200, 9100, 9101)
DAY = 86400 * 10 ** 9
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

# The layout of a leaf as data: (name, struct code, what it is). Reserved bytes have no name. The
# tables of the format's description are generated from this.
HEADER = [
    ("magic", "2s", "`FL`"), ("format", "B", "format = 1"),
    ("type", "B", "entry type, see below"), ("length", "I", "length of the leaf"),
    ("seq", "Q", "seq, from 0, without gaps"), ("tenant", "16s", "tenant"),
    ("mode", "B", "mode: 0 system, 1 test, 2 live"),
    ("origin", "B", "origin: 0 command, 1 fact, 2 system"),
    ("posting_count", "B", "number of postings, at most 20"),
    ("tlv_count", "B", "number of TLVs"),
    ("effective_day", "i", "effective day, signed, days since 1970"),
    ("booked_at", "q", "booked at, ns since 1970, strictly increasing"),
    ("entry_id", "16s", "entry id"), ("subject", "16s", "subject id"),
    ("previous_leaf", "32s", "hash of the leaf before (zero for seq 0)"),
    ("body", "32s", "body commitment = SHA-256(body), body begins with its random salt"),
    ("fingerprint", "16s", "fingerprint of the command, keyed"),
]
POSTING = [
    ("account", "Q", "account number"), ("amount", "Q", "amount, minor units, > 0"),
    ("asset", "H", "asset: ISO 4217 number"), ("side", "B", "side: 0 debit, 1 credit"),
    ("layer", "B", "layer: 0 posted, 1 pending"), (None, "4s", "reserved"),
    ("party", "16s", "party"),
    ("previous", "Q", "seq of the entry that touched this account before, + 1; 0 = none"),
    ("total_low", "Q", "total of this side and layer of the account, low half"),
    ("total_high", "Q", "high half"),
]
# Tag: (name, may stand several times, fields).
TLVS = {
    1: ("account opened", True, [
        ("number", "Q", "number"), ("code", "H", "code"), ("asset", "H", "asset"),
        ("exponent", "B", "exponent"), (None, "3s", "reserved"), ("owner", "16s", "owner"),
        ("parent", "Q", "parent number or 0")]),
    2: ("hold", True, [
        ("id", "16s", "hold id"),
        ("operation", "B", "1 open, 2 capture, 3 release, 4 refund, 5 increase, 6 expire"),
        ("sign", "B", "0 adds, 1 takes back"), ("asset", "H", "asset"), (None, "4s", "reserved"),
        ("amount", "Q", "amount, 0 only when it expires"),
        ("expires_at", "q", "expires at, ns since 1970; 0 = never, or unchanged")]),
    3: ("actor", False, [
        ("kind", "B", "0 system, 1 credential, 2 person"), ("id", "16s", "id")]),
    4: ("flags", False, [
        ("flags", "I", "1 evaluation instance, 2 a limit was passed by a fact")]),
    5: ("note", False, None),
    6: ("account flags", True, [
        ("account", "Q", "account"),
        ("flags", "I", "1 debits must not exceed credits, 2 the reverse, 4 frozen, 8 closed"),
        (None, "4s", "reserved")]),
    7: ("redirection", True, [
        ("posting", "B", "posting, from 0"),
        ("reason", "B", "1 frozen, 2 closed, 3 balance limit"), (None, "6s", "reserved"),
        ("account", "Q", "account meant")]),
    8: ("day meant", False, [("day", "i", "days since 1970")]),
    9: ("reverses", False, [("seq", "Q", "seq"), ("entry_id", "16s", "entry id")]),
    10: ("approval", True, [
        ("person", "16s", "person"), ("request", "32s", "hash of the request")]),
    11: ("lock", False, [("day", "i", "days up to this one are locked")]),
    12: ("clock", False, [("time", "q", "ns since 1970")]),
    13: ("recovery", False, [
        ("step", "B", "1 restored, 2 reopened"), (None, "7s", "reserved"),
        ("size", "Q", "size of the last signed state known, or 0"),
        ("root", "32s", "its root, or zero")]),
}


class Layout:
    """Reads one fixed run of fields; reserved bytes must be zero."""

    def __init__(self, name, fields):
        self.name, self.struct = name, struct.Struct("<" + "".join(code for _, code, _ in fields))
        self.size = self.struct.size
        self.record = collections.namedtuple(name.title().replace(" ", ""),
                                             [field for field, _, _ in fields if field])
        self.reserved = [i for i, (field, _, _) in enumerate(fields) if field is None]

    def read(self, raw, at):
        values = list(self.struct.unpack_from(raw, at))
        for index in reversed(self.reserved):
            need(not any(values.pop(index)), self.name, "a reserved byte is not zero")
        return self.record(*values)


HEADER_LAYOUT, POSTING_LAYOUT = Layout("header", HEADER), Layout("raw posting", POSTING)
TLV_LAYOUTS = {tag: Layout(name, fields) for tag, (name, _, fields) in TLVS.items() if fields}
Posting = collections.namedtuple("Posting", "account amount asset side layer party previous total")
Hold = collections.namedtuple("Hold", "id operation asset amount expires_at takes_back")


class Leaf:
    """The canonical bytes of an entry, taken apart strictly."""

    def __init__(self, raw):
        need(160 <= len(raw) <= 1900, "a leaf of %d bytes" % len(raw))
        head = HEADER_LAYOUT.read(raw, 0)
        need(head.magic == b"FL" and head.format == 1, "not a leaf of format 1")
        need(head.type != 0, "entry type 0 is not known")
        need(head.length == len(raw), "the length is not that of the leaf")
        need(head.mode < len(MODES) and head.origin < len(ORIGINS), "mode or origin is not known")
        need(head.posting_count <= 20, "too many postings")
        need(head.booked_at >= 0, "booked before 1970")
        for name in ("type", "seq", "tenant", "mode", "effective_day", "booked_at", "entry_id",
                     "subject", "previous_leaf", "body", "fingerprint"):
            setattr(self, name, getattr(head, name))
        self.origin = ORIGINS[head.origin]
        self.postings, self.accounts, self.holds, self.account_flags = [], [], [], []
        self.redirections, self.approvals = [], []
        self.actor, self.flags, self.note, self.meant_day = None, 0, "", None
        self.reverses, self.lock, self.clock, self.recovery = None, None, None, None
        at = HEADER_LAYOUT.size
        for _ in range(head.posting_count):
            need(at + POSTING_LAYOUT.size <= len(raw), "ends inside a posting")
            self.posting(POSTING_LAYOUT.read(raw, at))
            at += POSTING_LAYOUT.size
        last = 0
        for _ in range(head.tlv_count):
            need(at + 4 <= len(raw), "ends inside a TLV")
            tag, size = struct.unpack_from("<HH", raw, at)
            need(at + 4 + size <= len(raw), "a TLV longer than the leaf")
            need(tag in TLVS, "tag %d is not known" % tag)
            need(tag > last or (tag == last and TLVS[tag][1]), "tags are not ascending")
            last = tag
            self.tlv(tag, raw[at + 4:at + 4 + size])
            at += 4 + size
        need(at == len(raw), "bytes behind the last TLV")

    def posting(self, p):
        need(p.account and p.amount, "a posting without account or amount")
        need(p.side < 2 and p.layer < 2, "a posting with unknown side or layer")
        self.postings.append(Posting(p.account, p.amount, p.asset, SIDES[p.side], LAYERS[p.layer],
                                     p.party, p.previous, p.total_high << 64 | p.total_low))

    def tlv(self, tag, raw):
        if tag == 5:
            need(1 <= len(raw) <= 200 and all(32 <= byte <= 126 for byte in raw), "a bad note")
            self.note = raw.decode("ascii")
            return
        layout = TLV_LAYOUTS[tag]
        need(len(raw) == layout.size, "TLV %d of %d bytes" % (tag, len(raw)))
        value = layout.read(raw, 0)
        getattr(self, "tlv_" + layout.name.replace(" ", "_"))(value)

    def tlv_account_opened(self, value):
        need(value.number, "an account without number")
        self.accounts.append(value)

    def tlv_hold(self, value):
        need(1 <= value.operation <= len(OPERATIONS) and value.sign < 2,
             "an unknown hold operation or sign")
        operation = OPERATIONS[value.operation - 1]
        need(value.amount or operation == "expire", "a hold change of nothing")
        need(value.expires_at >= 0, "a time before 1970")
        need(value.expires_at == 0 or operation in ("open", "increase"),
             "an expiry where nothing is opened or increased")
        self.holds.append(Hold(value.id, operation, value.asset, value.amount, value.expires_at,
                               value.sign == 1))

    def tlv_actor(self, value):
        need(value.kind < len(ACTORS), "an unknown kind of actor")
        self.actor = {"kind": ACTORS[value.kind], "id": id_text(value.id)}

    def tlv_flags(self, value):
        need(0 < value.flags < 4, "unknown flags")
        self.flags = value.flags

    def tlv_account_flags(self, value):
        need(value.account and value.flags < 16, "unknown flags or account")
        need(all(value.account != other.account for other in self.account_flags),
             "an account whose flags are set twice")
        self.account_flags.append(value)

    def tlv_redirection(self, value):
        need(value.posting < len(self.postings), "there is no such posting")
        need(not self.redirections or self.redirections[-1].posting < value.posting,
             "redirected postings are not ascending")
        need(1 <= value.reason <= len(REASONS) and value.account, "an unknown reason or account")
        self.redirections.append(value)

    def tlv_day_meant(self, value):
        self.meant_day = value.day

    def tlv_reverses(self, value):
        self.reverses = value

    def tlv_approval(self, value):
        need(len(self.approvals) < 8, "too many approvals")
        self.approvals.append(value)

    def tlv_lock(self, value):
        self.lock = value.day

    def tlv_clock(self, value):
        need(value.time >= 0, "a time before 1970")
        self.clock = value.time

    def tlv_recovery(self, value):
        need(1 <= value.step <= len(STEPS), "an unknown recovery step")
        need(value.step == 1 or value.size == 0, "a signed state where none is told")
        need(value.size or not any(value.root), "a root of nothing")
        self.recovery = value

    def fields(self):
        """What a line of entries.jsonl must say, but for the leaf itself."""
        return {
            "seq": self.seq, "type": self.type, "type_name": type_text(self.type),
            "origin": self.origin, "tenant": id_text(self.tenant),
            "mode": MODES[self.mode], "booked_at": time_text(self.booked_at),
            "effective_day": self.effective_day, "entry_id": id_text(self.entry_id),
            "subject": id_text(self.subject), "previous_leaf": self.previous_leaf.hex(),
            "body_commitment": self.body.hex(), "fingerprint": self.fingerprint.hex(),
            "actor": self.actor, "flags": self.flags, "note": self.note,
            "accounts_opened": [
                {"account": a.number, "code": a.code, "asset": a.asset, "exponent": a.exponent,
                 "owner": id_text(a.owner), "parent": a.parent} for a in self.accounts],
            "account_flags": [
                {"account": f.account, "flags": f.flags} for f in self.account_flags],
            "holds": [
                {"hold": id_text(h.id), "operation": h.operation, "takes_back": h.takes_back,
                 "asset": h.asset, "amount": str(h.amount),
                 "expires_at": time_text(h.expires_at) if h.expires_at else None}
                for h in self.holds],
            "postings": [
                {"account": p.account, "asset": p.asset, "side": p.side, "layer": p.layer,
                 "amount": str(p.amount), "party": id_text(p.party), "previous": p.previous,
                 "total": str(p.total)} for p in self.postings],
            "redirections": [
                {"posting": r.posting, "reason": REASONS[r.reason - 1], "account": r.account}
                for r in self.redirections],
            "meant_day": self.meant_day,
            "reverses": None if self.reverses is None else
                {"seq": self.reverses.seq, "entry_id": id_text(self.reverses.entry_id)},
            "approvals": [
                {"person": id_text(a.person), "request": a.request.hex()} for a in self.approvals],
            "lock_through": self.lock,
            "clock": None if self.clock is None else time_text(self.clock),
            "recovery": None if self.recovery is None else
                {"step": STEPS[self.recovery.step - 1], "signed_size": self.recovery.size,
                 "signed_root": self.recovery.root.hex()},
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

class AccountRow:
    """One account: how it was opened, its totals and flags."""

    def __init__(self, account, opened, totals=(0, 0, 0, 0), last=0, flags=0):
        keys = [("debit", "posted"), ("credit", "posted"), ("debit", "pending"),
                ("credit", "pending")]
        self.account, self.opened, self.last, self.flags = account, opened, last, flags
        self.totals = dict(zip(keys, totals))

    def keeps_limit(self, side):
        other = "credit" if side == "debit" else "debit"
        pending = self.totals[side, "pending"] - self.totals[other, "pending"]
        return self.totals[side, "posted"] + max(0, pending) <= self.totals[other, "posted"]

    def balance_columns(self):
        account = self.account
        return [account.number, account.code, account.asset, *self.totals.values(), self.last,
                self.flags]

    def account_columns(self):
        account = self.account
        return [account.number, account.code, account.asset, account.exponent,
                id_text(account.owner), account.parent, self.opened]


class HoldRow:
    """One hold: its sums, what its legs hold, when it expires."""

    def __init__(self, asset, sums=(0, 0, 0, 0), expires_at=0, limit_passed=False):
        self.asset, self.expires_at, self.limit_passed = asset, expires_at, limit_passed
        self.authorized, self.captured, self.released, self.refunded = sums
        self.legs = {}  # (account, party) -> debits less credits

    SUMS = {"open": "authorized", "increase": "authorized", "capture": "captured",
            "release": "released", "expire": "released", "refund": "refunded"}

    def remaining(self):
        return self.authorized - self.captured - self.released

    def change(self, change, where):
        name = self.SUMS[change.operation]
        value = getattr(self, name) + (-change.amount if change.takes_back else change.amount)
        need(0 <= value < 1 << 64, where, "a sum overflows or goes below zero")
        setattr(self, name, value)
        if not change.takes_back and (change.operation == "open" or change.expires_at):
            self.expires_at = change.expires_at

    def check_limits(self, change, where):
        # What adds to one side of a limit, or takes back from the other, has to keep it.
        kind = change.operation, change.takes_back
        if kind in (("open", True), ("increase", True), ("capture", False), ("release", False),
                    ("expire", False)):
            need(self.remaining() >= 0, where, "captured and released exceed authorized")
        if kind in (("capture", True), ("refund", False)):
            need(self.refunded <= self.captured, where, "refunded exceeds captured")

    def move(self, posting):
        key = posting.account, posting.party
        change = posting.amount if posting.side == "debit" else -posting.amount
        self.legs[key] = self.legs.get(key, 0) + change
        if self.legs[key] == 0:
            del self.legs[key]


class Books:
    """All rules of the books, entry by entry."""

    # Each of these members stands in entries of one type, and there always.
    CARRIED = {14: "account_flags", 8: "reverses", 13: "lock", 12: "clock", 15: "recovery"}

    def __init__(self, find_entry):
        self.find_entry = find_entry  # gives the leaf of an earlier entry
        self.accounts, self.holds, self.reversed = [], {}, set()
        self.next_seq, self.previous_leaf, self.booked_at = 0, bytes(32), -1
        self.clock, self.locked, self.recovering = 0, None, False

    @staticmethod
    def balanced(rows):
        """rows: (asset, layer, side, amount)"""
        sums = collections.Counter()
        for asset, layer, side, amount in rows:
            sums[asset, layer] += amount if side == "debit" else -amount
        for (asset, layer), difference in sums.items():
            need(difference == 0, "asset %03d %s: debits and credits differ by %d"
                 % (asset, layer, difference))

    def check_parent(self, account):
        if account.code != 2130:
            need(account.parent == 0, "account %d has a parent" % account.number)
            return
        need(0 < account.parent < account.number and account.parent <= len(self.accounts),
             "account %d: its parent is not open" % account.number)
        parent = self.accounts[account.parent - 1].account
        need(parent.code == 2100 and parent.asset == account.asset,
             "account %d: its parent is of another kind" % account.number)

    def open(self, account, seq):
        need(account.number == len(self.accounts) + 1, "account %d is opened, %d is the next"
             % (account.number, len(self.accounts) + 1))
        self.check_parent(account)
        self.accounts.append(AccountRow(account, seq))

    def consume(self, leaf, digest):
        need(leaf.seq == self.next_seq, "seq is %d, expected %d" % (leaf.seq, self.next_seq))
        need(leaf.mode != 0 or leaf.tenant == NIL, "the system ledger has no tenant")
        need(leaf.previous_leaf == self.previous_leaf, "does not carry the hash of the entry before")
        need(leaf.booked_at > self.booked_at, "is not booked after the entry before")
        need((leaf.type == 1) == (leaf.seq == 0), "the first entry, and no other, is the genesis")
        need(not leaf.flags & EVALUATION or leaf.seq == 0, "evaluation flag outside the genesis")
        self.check_form(leaf)
        self.check_day(leaf)
        if leaf.reverses is not None:
            self.reverse(leaf)
        for account in leaf.accounts:
            self.open(account, leaf.seq)
        for change in leaf.account_flags:
            self.set_flags(change)
        self.post(leaf)
        self.change_holds(leaf)
        self.turn(leaf)
        self.next_seq, self.previous_leaf, self.booked_at = leaf.seq + 1, digest, leaf.booked_at

    def check_form(self, leaf):
        for kind, member in self.CARRIED.items():
            carried = getattr(leaf, member) not in (None, [])
            need(carried == (leaf.type == kind), "type %d and %s" % (leaf.type, member))
        if leaf.type in (12, 13, 14, 15):
            need(not leaf.postings and not leaf.holds, "type %d moves something" % leaf.type)
        fact = leaf.origin == "fact"
        need(fact or not leaf.flags & LIMIT_PASSED, "only a fact may pass a limit")
        need(fact or not leaf.redirections, "only a fact may be redirected")
        need(fact or leaf.meant_day is None, "only a fact may be meant for another day")
        need(not fact or leaf.type != 9, "an adjustment is not a fact")
        for change in leaf.holds:
            need(change.takes_back == (leaf.type == 8), "reversals, and they alone, take back")
        if leaf.type == 9 or (leaf.type == 8 and leaf.origin == "command") or (
                leaf.recovery and leaf.recovery.step == 2):
            need(len({approval.person for approval in leaf.approvals}) >= 2,
                 "needs the approval of two people")
            need(len({approval.request for approval in leaf.approvals}) == 1,
                 "its approvals are not of one request")

    def check_day(self, leaf):
        if leaf.meant_day is not None:
            need(self.locked is not None and leaf.meant_day <= self.locked,
                 "was meant for a day that is not locked")
            need(leaf.effective_day == leaf.booked_at // DAY, "does not stand on its booking day")
        if leaf.postings and leaf.type != 9 and self.locked is not None:
            need(leaf.effective_day > self.locked, "its effective day is locked")
        need(not self.recovering or leaf.origin != "command" or not (leaf.postings or leaf.holds),
             "moves money before the restored ledger was opened again")

    def reverse(self, leaf):
        seq = leaf.reverses.seq
        need(seq < leaf.seq, "reverses a later entry")
        need(seq not in self.reversed, "reverses entry %d for the second time" % seq)
        self.reversed.add(seq)
        original = self.find_entry(seq)
        need(original.entry_id == leaf.reverses.entry_id, "reverses an entry with another id")
        need(original.type not in (1, 8, 11, 12, 13, 14, 15), "reverses what stands for ever")
        meant = {r.posting: r.account for r in leaf.redirections}
        found = [(meant.get(i, p.account), p.amount, p.asset, SIDES.index(p.side), p.layer, p.party)
                 for i, p in enumerate(leaf.postings)]
        wanted = [(p.account, p.amount, p.asset, 1 - SIDES.index(p.side), p.layer, p.party)
                  for p in original.postings]
        need(found == wanted, "its postings are not the mirror of those of entry %d" % seq)
        need([h._replace(takes_back=False) for h in leaf.holds] == original.holds,
             "its hold changes are not those of entry %d" % seq)

    def set_flags(self, change):
        need(change.account <= len(self.accounts), "flags of an account that was never opened")
        row = self.accounts[change.account - 1]
        need(not change.flags or row.account.code not in FLAGLESS, "an account that has no flags")
        need(not row.flags & CLOSED or change.flags & CLOSED, "a closed account stays closed")
        row.flags = change.flags

    def post(self, leaf):
        self.balanced((p.asset, p.layer, p.side, p.amount) for p in leaf.postings)
        for position, posting in enumerate(leaf.postings, 1):
            self.add_posting(posting, "posting %d" % position)
        for redirection in leaf.redirections:
            self.check_redirection(leaf, redirection)
        for position, posting in enumerate(leaf.postings, 1):
            row = self.accounts[posting.account - 1]
            row.last = leaf.seq + 1
            limit = NO_OVERDRAFT if posting.side == "debit" else NO_OVERPAYMENT
            need(not row.flags & limit or row.keeps_limit(posting.side), "posting %d" % position,
                 "the account passes its balance limit")

    def add_posting(self, posting, where):
        need(posting.account <= len(self.accounts), where, "the account was never opened")
        row = self.accounts[posting.account - 1]
        need(row.account.asset == posting.asset, where, "the account holds another asset")
        need(not row.flags & (FROZEN | CLOSED), where, "the account is frozen or closed")
        need(posting.previous == row.last, where,
             "the account was touched before by %d (seq + 1)" % row.last)
        key = posting.side, posting.layer
        row.totals[key] += posting.amount
        need(posting.total == row.totals[key] < 1 << 128, where,
             "the total should be %d" % row.totals[key])

    def check_redirection(self, leaf, redirection):
        posting = leaf.postings[redirection.posting]
        where = "posting %d" % (redirection.posting + 1)
        need(redirection.account <= len(self.accounts), where, "meant for an unknown account")
        meant = self.accounts[redirection.account - 1]
        need(meant.account.asset == posting.asset, where, "meant for an account of another asset")
        limit = NO_OVERDRAFT if posting.side == "debit" else NO_OVERPAYMENT
        need(meant.flags & [FROZEN, CLOSED, limit][redirection.reason - 1], where,
             "is redirected, but its account could take it")
        stands_on = self.accounts[posting.account - 1].account
        need(stands_on.code == SUSPENSE and stands_on.owner == NIL, where,
             "is redirected, but does not stand on suspense")

    def change_holds(self, leaf):
        passed = bool(leaf.flags & LIMIT_PASSED)
        if leaf.type == 11:
            self.check_expiry(leaf)
        for change in leaf.holds:
            where = "hold " + id_text(change.id)
            need(change.operation != "expire" or leaf.type == 11, where,
                 "expires without an expiry entry")
            known = change.id in self.holds
            opening = change.operation == "open" and not change.takes_back
            need(passed or known != opening, where, "opened twice or never opened")
            row = self.holds.setdefault(change.id, HoldRow(change.asset))
            need(row.asset == change.asset, where, "changes its asset")
            row.change(change, where)
            row.limit_passed = row.limit_passed or passed
        for change in leaf.holds:
            if not passed:
                self.holds[change.id].check_limits(change, "hold " + id_text(change.id))
        self.move_legs(leaf)
        need(leaf.type != 11 or not self.holds[leaf.holds[0].id].legs, "its expiry leaves legs")

    def move_legs(self, leaf):
        pending = [i for i, p in enumerate(leaf.postings) if p.layer == "pending"]
        if not pending:
            return
        need(len({change.id for change in leaf.holds}) == 1,
             "has pending postings, but does not change one hold")
        row = self.holds[leaf.holds[0].id]
        for i in pending:
            row.move(leaf.postings[i])
        if any(r.posting in pending for r in leaf.redirections):
            row.limit_passed = True
        held = sum(net for net in row.legs.values() if net > 0)
        need(row.limit_passed or held == row.remaining(), "hold " + id_text(leaf.holds[0].id),
             "its legs hold %d, not %d" % (held, row.remaining()))

    def check_expiry(self, leaf):
        need(len(leaf.holds) == 1 and leaf.holds[0].operation == "expire",
             "an expiry has one hold change, expire")
        change = leaf.holds[0]
        where = "hold " + id_text(change.id)
        need(change.id in self.holds, where, "was never opened")
        row = self.holds[change.id]
        need(0 < row.expires_at <= self.clock, where, "does not expire yet")
        need(change.amount == max(0, row.remaining()), where, "expires with another amount")

    def turn(self, leaf):
        if leaf.lock is not None:
            need(self.locked is None or leaf.lock > self.locked, "its lock does not move forward")
            need(leaf.lock < leaf.booked_at // DAY, "its lock reaches the booking day")
            self.locked = leaf.lock
        if leaf.clock is not None:
            need(self.clock <= leaf.clock <= leaf.booked_at, "its clock goes back or is ahead")
            self.clock = leaf.clock
        if leaf.recovery is not None:
            need(leaf.recovery.step == 1 or self.recovering, "opens what was not restored")
            self.recovering = leaf.recovery.step == 1


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
        if member in ("opening_booked_at", "opening_locked_through") and manifest[member] is None:
            continue
        kind = {"evaluation": bool, "opening_recovering": bool, "format": str, "tenant": str,
                "mode": str, "origin": str, "root": str}.get(member, int)
        need(type(manifest[member]) is kind, name, member, "of another type")
        need(kind is not int or manifest[member] >= 0 or member == "opening_locked_through", name,
             member, "is negative")
    need(manifest["format"] == "ledger-export/1", name, "of another format")
    need(json.dumps(manifest, indent=2) + "\n" == raw.decode("ascii"), name, "spelled otherwise")
    need(manifest["origin"] == checkpoint.origin and manifest["size"] == checkpoint.size and
         manifest["root"] == checkpoint.root.hex(), name, "is not of this checkpoint")
    need(manifest["from_seq"] <= manifest["to_seq"] < manifest["size"] and
         manifest["entries"] == manifest["to_seq"] - manifest["from_seq"] + 1, name,
         "the period does not fit")
    before, locked = manifest["opening_booked_at"], manifest["opening_locked_through"]
    need((manifest["from_seq"] == 0) == (before is None) and
         manifest["opening_clock"] <= (before or 0) < 1 << 63, name,
         "the opening times do not fit")
    need(locked is None or -1 << 31 <= locked < 1 << 31, name, "not a day")
    need(before is not None or (locked is None and not manifest["opening_recovering"] and not any(
        manifest[member] for member in ("opening_accounts", "opening_holds", "opening_reversed",
                                        "earlier_entries"))),
         name, "a package from entry 0 on has no opening position")
    return manifest


def id_bytes(text, *where):
    need(re.fullmatch(r"[0-7][0-9A-HJKMNP-TV-Z]{25}", text, re.ASCII), *where, "not an identifier")
    number = 0
    for digit in text:
        number = number << 5 | "0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(digit)
    return number.to_bytes(16, "big")


class EarlierEntries:
    """Finds the entries that reversals name: in the period by a sparse index of entries.jsonl, before
    it in earlier_entries.jsonl, which has them in the order of the reversals."""

    STRIDE = 64

    def __init__(self, directory, first, hashes):
        self.path = os.path.join(directory, "entries.jsonl")
        self.first, self.hashes, self.index, self.read = first, hashes, [], 0
        self.lines = lines_of(directory, "earlier_entries.jsonl")

    def note(self, seq, byte):
        if (seq - self.first) % self.STRIDE == 0:
            self.index.append(byte)

    def find(self, seq):
        if seq >= self.first:
            place = seq - self.first
            with open(self.path, "rb") as file:
                file.seek(self.index[place // self.STRIDE])
                for _ in range(place % self.STRIDE + 1):
                    line = file.readline()
            return leaf_of(line.decode("ascii"), seq, self.hashes)[1]
        line = next(self.lines, None)
        need(line is not None, "earlier_entries.jsonl", "entry %d is missing" % seq)
        self.read += 1
        try:
            return checked_leaf(line, seq, self.hashes)[0]
        except Wrong as wrong:
            raise Wrong("earlier_entries.jsonl line %d: %s" % (self.read, wrong))

    def end(self, count):
        need(next(self.lines, None) is None and self.read == count, "earlier_entries.jsonl",
             "has lines too many, or not as many as the manifest says")


def stated_account(books, first, accounts, balances):
    columns = accounts.next().split(",")
    where = "accounts.csv line %d" % accounts.number
    need(len(columns) == 7, where, "not seven columns")
    number, code, asset, exponent = (
        decimal(text, bits, where) for text, bits in zip(columns, (64, 16, 16, 8)))
    opened = decimal(columns[6], 64, where)
    earliest = books.accounts[-1].opened if books.accounts else 0
    need(earliest <= opened < first, where, "opened too late")
    # A stated row is taken as it is: only what was opened in the period can be proven.
    need(number == len(books.accounts) + 1, where, "account %d is missing"
         % (len(books.accounts) + 1))
    account = TLV_LAYOUTS[1].record(number, code, asset, exponent, id_bytes(columns[4], where),
                                    decimal(columns[5], 64, where))
    try:
        books.check_parent(account)
    except Wrong as wrong:
        raise Wrong("%s: %s" % (where, wrong))
    stated = balances.next().split(",")
    where = "opening_balances.csv line %d" % balances.number
    need(len(stated) == 9 and stated[:3] == columns[:3], where, "is not of this account")
    values = [decimal(text, 128, where) for text in stated[3:7]]
    last, flags = decimal(stated[7], 64, where), decimal(stated[8], 4, where)
    need(last <= first, where, "knows of a later entry")
    need(not flags or code not in FLAGLESS, where, "has flags")
    books.accounts.append(AccountRow(account, opened, values, last, flags))


def stated_hold(books, before, holds):
    columns = holds.next().split(",")
    where = "opening_holds.csv line %d" % holds.number
    need(len(columns) == 9, where, "not nine columns")
    hold = id_bytes(columns[0], where)
    need(before is None or before < hold, where, "not in order")
    need(columns[7] in ("0", "1"), where, "not a flag")
    row = HoldRow(decimal(columns[1], 16, where), [decimal(c, 64, where) for c in columns[2:6]],
                  decimal(columns[6], 63, where), columns[7] == "1")
    for text in columns[8].split(";") if columns[8] else []:
        parts = text.split(":")
        need(len(parts) == 3, where, "not a leg")
        sign = -1 if parts[2].startswith("-") else 1
        key = decimal(parts[0], 64, where), id_bytes(parts[1], where)
        net = sign * decimal(parts[2][1:] if sign < 0 else parts[2], 127, where)
        need(net and 0 < key[0] <= len(books.accounts), where, "a leg of nothing or on no account")
        need(not row.legs or max(row.legs) < key, where, "legs are not in order")
        row.legs[key] = net
    need(row.limit_passed or (row.remaining() >= 0 and row.refunded <= row.captured), where,
         "passes its limits")
    books.holds[hold] = row
    return hold


def opening_books(directory, manifest, accounts, hashes, earlier):
    """The books before the first entry, from what the package states."""
    books = Books(earlier.find)
    balances = Table(directory, "opening_balances.csv")
    holds = Table(directory, "opening_holds.csv")
    reversals = Table(directory, "opening_reversed.csv")
    first, before, last = manifest["from_seq"], None, -1
    for _ in range(manifest["opening_accounts"]):
        stated_account(books, first, accounts, balances)
    for _ in range(manifest["opening_holds"]):
        before = stated_hold(books, before, holds)
    for _ in range(manifest["opening_reversed"]):
        seq = decimal(reversals.next(), 64, "opening_reversed.csv line %d" % reversals.number)
        need(last < seq < first, "opening_reversed.csv line %d" % reversals.number,
             "is later or not in order")
        books.reversed.add(seq)
        last = seq
    for table in (balances, holds, reversals):
        table.end()
    try:
        Books.balanced((row.account.asset, layer, side, row.totals[side, layer])
                       for row in books.accounts for side in SIDES for layer in LAYERS)
        pending = collections.Counter()
        for row in books.holds.values():
            for (account, _), net in row.legs.items():
                pending[account] += net
        for row in books.accounts:
            net = row.totals["debit", "pending"] - row.totals["credit", "pending"]
            need(pending[row.account.number] == net, "account %d" % row.account.number,
                 "the holds do not make up what is pending")
    except Wrong as wrong:
        raise Wrong("opening_balances.csv: %s" % wrong)
    books.next_seq = first
    if first:
        books.previous_leaf, books.booked_at = hashes[first - 1], manifest["opening_booked_at"]
        books.clock, books.locked = manifest["opening_clock"], manifest["opening_locked_through"]
        books.recovering = manifest["opening_recovering"]
    return books


def leaf_of(line, seq, hashes):
    """The fields, leaf and hash of a line; the fields are not yet held against the leaf."""
    try:
        fields = json.loads(line, object_pairs_hook=no_twins)
    except (ValueError, RecursionError):
        raise Wrong("is not JSON")
    need(isinstance(fields, dict) and isinstance(fields.get("leaf_b64"), str), "has no leaf_b64")
    raw = strict_base64(fields["leaf_b64"], "leaf_b64")
    digest = hashlib.sha256(b"\x00" + raw).digest()
    need(digest == hashes[seq], "the hash of the leaf is not the one in leaf-hashes.bin at byte %d"
         % (32 * seq))
    return fields, Leaf(raw), digest


def checked_leaf(line, seq, hashes):
    fields, leaf, digest = leaf_of(line, seq, hashes)
    wanted = dict(leaf.fields(), leaf_hash=digest.hex(), leaf_b64=fields["leaf_b64"])
    for name, value in wanted.items():
        need(name in fields and fields[name] == value, '"%s" is not what the leaf says' % name)
    need(json.dumps(wanted, separators=(",", ":")) == line, "is spelled otherwise")
    return leaf, digest


def check_line(line, seq, books, manifest, hashes):
    """One line of entries.jsonl. Returns its leaf."""
    leaf, digest = checked_leaf(line, seq, hashes)
    books.consume(leaf, digest)
    need(id_text(leaf.tenant) == manifest["tenant"] and MODES[leaf.mode] == manifest["mode"],
         "tenant or mode is not that of the manifest")
    return leaf


def check_entries(directory, manifest, hashes):
    accounts, postings = Table(directory, "accounts.csv"), Table(directory, "postings.csv")
    earlier = EarlierEntries(directory, manifest["from_seq"], hashes)
    books = opening_books(directory, manifest, accounts, hashes, earlier)
    lines = lines_of(directory, "entries.jsonl")
    count = byte = 0
    for seq in range(manifest["from_seq"], manifest["to_seq"] + 1):
        line = next(lines, None)
        where = "entries.jsonl line %d (entry %d)" % (seq - manifest["from_seq"] + 1, seq)
        need(line is not None, where, "is missing")
        known = len(books.accounts)
        earlier.note(seq, byte)
        byte += len(line) + 1
        try:
            leaf = check_line(line, seq, books, manifest, hashes)
        except Wrong as wrong:
            raise Wrong("%s: %s" % (where, wrong))
        if seq == 0:
            need(manifest["evaluation"] == bool(leaf.flags & EVALUATION), "manifest.json",
                 "evaluation is not what the genesis entry says")
        for row in books.accounts[known:]:
            accounts.expect(row.account_columns())
        meant = {r.posting: r.account for r in leaf.redirections}
        for position, p in enumerate(leaf.postings, 1):
            count += 1
            postings.expect([seq, position, time_text(leaf.booked_at), leaf.effective_day,
                             type_text(leaf.type), id_text(leaf.subject), p.account, p.asset,
                             p.side, p.layer, p.amount, id_text(p.party), p.previous, p.total,
                             meant.get(position - 1, 0)])
    need(next(lines, None) is None, "entries.jsonl", "has lines too many")
    balances = Table(directory, "trial_balance.csv")
    for row in books.accounts:
        balances.expect(row.balance_columns())
    earlier.end(manifest["earlier_entries"])
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
