"""Case 27: planted secrets are nowhere but in the files the operator gave them in: not in the data
directory, backups, exports, sockets' folder or logs, not on a command line or in an environment. The
daemon's memory is read whole, as a core dump would be.

What belongs to a customer's person, and the merchant's own words about a payment, are sealed at rest:
they are searched for in the same places. They are where they belong, with the receiver of webhooks and
with the acquirer, and there the same search has to find them."""
import base64
import json
import os
import pathlib
import re
import unittest
import urllib.parse

from hsm_support import FaultyInstance
from support import wait_until


# Sealed under the customer's own key.
PERSON = {"customer reference": "planted-customer-4711",
          "description": "Geschenk f\u00fcr Zo\u00eb Planted-M\u00fcller",
          "e-mail in metadata": "zoe.planted+shop@customer.example",
          "name in metadata": "Zo\u00eb Planted-M\u00fcller, Gep\u00e4ckstra\u00dfe 7"}
# Sealed under the tenant's key: the merchant's business, or of nobody who could be erased.
BUSINESS = {"merchant reference": "planted-order-0815", "refund reason": "planted reason of a refund",
            "description without a customer": "planted description of nobody",
            "idempotency key": "planted-idempotency-key-1"}
TERMS = {"customer": {"reference": PERSON["customer reference"]},
         "description": PERSON["description"],
         "metadata": {"mail": PERSON["e-mail in metadata"], "name": PERSON["name in metadata"]}}


def spellings(value):
    """How a text may have been written: as it is, as in JSON or in a URL, as hex digits, in base64 at
    each alignment."""
    raw = value.encode()
    found = {raw, raw.hex().encode(), raw.hex().upper().encode(), json.dumps(value)[1:-1].encode(),
             urllib.parse.quote(value, safe="").encode(), urllib.parse.quote(value).encode(),
             urllib.parse.quote_plus(value).encode()}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + raw)
        found.add(coded[4 if shift else 0:(len(coded) - 8)])
    return found


def memory_of(process):
    """Every readable mapping that is written to, with its flags: what a core file would hold."""
    flags = {}
    for block in re.split(r"\n(?=[0-9a-f]+-[0-9a-f]+ )", open_text(f"/proc/{process}/smaps")):
        found = re.search(r"^VmFlags: (.*)$", block, re.MULTILINE)
        flags[block.split(" ", 1)[0]] = set(found.group(1).split()) if found else set()
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for line in open_text(f"/proc/{process}/maps").splitlines():
            words = line.split()
            if not words[1].startswith("rw") or words[-1] in ("[vvar]", "[vsyscall]"):
                continue
            start, end = (int(part, 16) for part in words[0].split("-"))
            try:
                memory.seek(start)
                yield line, flags.get(words[0], set()), memory.read(end - start)
            except OSError:
                continue


def open_text(path):
    return pathlib.Path(path).read_text()


class HsmSecrets(unittest.TestCase):
    def test_hsm_case_27_planted_secrets_are_nowhere(self):
        with FaultyInstance(settings={"hsm.timeout_ms": "20000"}) as instance:
            shop = instance.set_up()
            self.pay(instance, shop)
            instance.export_and_verify("one")
            self.back_up(instance)
            self.make_noise(instance, shop)
            self.check_process(instance)
            instance.restart_daemon()
            instance.move_client(shop)
            self.assertEqual(shop.create(100, "EUR", "second").status, 201)
            self.check_memory(instance)
            # As it stands in the middle of work, not only after it has tidied up.
            self.pay(instance, shop)
            self.check_files(instance)
            self.assertEqual(instance.daemon.stop(), 0)
            self.check_files(instance)

    def pay(self, instance, shop):
        """Payments with everything that a merchant may say in them, told to everybody concerned."""
        told = len(instance.events())
        paid = shop.create(1000, "EUR", BUSINESS["merchant reference"], capture_method="automatic",
                           idempotency_key=BUSINESS["idempotency key"] + str(told), **TERMS)
        self.assertEqual((paid.status, paid.json["status"]), (201, "succeeded"), paid.body)
        refunded = shop.refund(paid.json["id"], 100, "EUR", reason=BUSINESS["refund reason"])
        self.assertEqual(refunded.status, 201, refunded.body)
        plain = shop.create(200, "EUR", BUSINESS["merchant reference"],
                            description=BUSINESS["description without a customer"])
        self.assertEqual(plain.status, 201, plain.body)
        shown = shop.get(paid.json["id"]).json
        self.assertEqual(shown["description"], PERSON["description"])
        self.assertEqual(instance.florin("payment", "show", paid.json["id"])["id"], paid.json["id"])
        wanted = {paid.json["id"], plain.json["id"]}
        wait_until("events of both payments", lambda: wanted <= {
            row["event"]["data"]["id"] for row in instance.events()[told:]})

    def back_up(self, instance):
        name = instance.florin("backup", "create")["name"]

        def ended():
            last = instance.florin("backup", "list")["items"][-1]
            return last["name"] == name and last["state"] != "running" and last["state"]
        self.assertEqual(wait_until("end of the backup", ended), "made")

    def make_noise(self, instance, shop):
        """Ways in which a secret could get into a log: failures that carry one."""
        instance.arm("charge", "error_500_after")
        shop.create(100, "EUR", "in doubt")
        instance.disarm()
        self.assertEqual(shop.create(100, "EUR", "x" * 300, **TERMS).status, 422)
        instance.arm("charge", "malformed_after")
        doubt = shop.create(100, "EUR", "in doubt with a person", **TERMS)
        self.assertEqual(doubt.status, 202, doubt.body)
        instance.disarm()
        # To its end and the last event of it: a start must have nothing to tell about a person.
        wait_until("the end of the doubt", lambda: any(
            (row["event"]["data"]["id"], row["event"]["data"]["status"])
            == (doubt.json["id"], "requires_capture") for row in instance.events()))
        done = instance.run_florin("hsm", "init", "--so-pin-file", instance.folder / "so.pin",
                                   check=False)
        self.assertNotEqual(done.returncode, 0)
        instance.assert_no_secret(done.stdout + done.stderr)

    def check_process(self, instance):
        process = pathlib.Path(f"/proc/{instance.daemon.child.pid}")
        for name in ("cmdline", "environ"):
            text = (process / name).read_bytes()
            for secret, value in {**instance.secrets(), **PERSON, **BUSINESS}.items():
                for spelling in spellings(value):
                    self.assertNotIn(spelling, text, f"{secret} in {name}")
        limits = (process / "limits").read_text()
        core = next(line for line in limits.splitlines() if line.startswith("Max core file size"))
        self.assertEqual(core.split()[4:6], ["0", "0"], "no core file is written")
        self.assertEqual(instance.daemon.stop(), 0)

    def check_memory(self, instance):
        """After a start, with a payment of nobody. The SO PIN is nowhere; the user PIN, which a lost token asks for again, only
        in memory that is locked ("lo") and left out of core files ("dd"). Secrets of merchants and
        connectors are opened for each use, so they may be there and are not asked for here. What belongs to
        a person is opened for an answer and an event; a start opens none of it."""
        process = instance.daemon.child.pid
        if os.geteuid() != 0:
            print("SKIP hsm.case27.memory: reading the memory of a process needs root")
            return
        wanted = {name: spellings(value) for name, value in instance.secrets().items()
                  if name in ("user.pin", "so.pin")}
        wanted.update({name: spellings(value) for name, value in PERSON.items()})
        # What is surely there shows that the search can find.
        control, seen = str(instance.folder / "data").encode(), False
        try:
            for where, flags, content in memory_of(process):
                seen = seen or control in content
                for name, words in wanted.items():
                    if any(word in content for word in words):
                        self.assertEqual(name, "user.pin", where)
                        self.assertLessEqual({"lo", "dd"}, flags, f"{name} in {where}")
        except PermissionError:
            print("SKIP hsm.case27.memory: the memory of a process may not be read here")
            return
        self.assertTrue(seen, "the memory that was read is not that of the daemon")

    def check_files(self, instance):
        given = {instance.folder / name for name in ("user.pin", "so.pin", "acquirer.key",
                                                     "webhook.secret", "shop.secret")}
        secrets = {name: spellings(value) for name, value in instance.secrets().items()}
        sealed = {name: spellings(value) for name, value in {**PERSON, **BUSINESS}.items()}
        searched, theirs = 0, b""
        for path in sorted(instance.base.rglob("*")):
            if not path.is_file() or path in given:
                continue
            content = path.read_bytes()
            # The acquirer and the receiver of webhooks are others; their files are theirs.
            if path.name.startswith(("sandbox.", "receiver.", "events.")):
                theirs += content
                if path.name.startswith(("sandbox.", "receiver.")):
                    continue
                self.assert_nothing_of(secrets, content, path)
                continue
            searched += 1
            self.assert_nothing_of({**secrets, **sealed}, content, path)
        self.assertGreater(searched, 20)
        self.assertGreater(sum(path.is_file() for path in (instance.folder / "data").rglob("*")), 15)
        control = spellings(instance.secrets()["api key of the acquirer"])
        self.assertTrue(any(word in (instance.folder / "acquirer.key").read_bytes()
                            for word in control))
        # What was told to those whom it concerns is found there, so it was there to be found.
        for name in (*PERSON, "merchant reference", "description without a customer"):
            self.assertTrue(any(word in theirs for word in sealed[name]), name)

    def assert_nothing_of(self, wanted, content, where):
        for name, words in wanted.items():
            for word in words:
                self.assertNotIn(word, content, f"{name} in {where}")


if __name__ == "__main__":
    unittest.main(verbosity=2)
