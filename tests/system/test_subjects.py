"""A customer is erased: two people destroy his key, and what belongs to his person is nowhere any more,
while amounts, proofs and other customers stay. Also when the daemon is killed in between, when keys
of before are put back, and when the database is made anew from the log."""
import json
import random
import shutil
import threading
import unittest

from support import CliError, Instance, wait_until

PLANTED = ("planted-reference", "planted-description", "planted-metadata")


def terms(who):
    return {"customer": {"reference": f"{PLANTED[0]}-{who}"},
            "description": f"{PLANTED[1]}-{who}",
            "metadata": {"note": f"{PLANTED[2]}-{who}"}}


class Subjects(unittest.TestCase):
    def test_a_customer_is_erased(self):
        with Instance() as instance:
            self.instance = instance
            self.shop = instance.set_up()
            self.pay()
            self.meet_twice_at_once()
            self.keep_old_keys()
            self.refuse()
            self.shred("alice")
            self.check_erased()
            self.check_the_rest()
            self.check_files()
            self.check_old_keys()
            self.check_rebuild()
            self.check_kills()

    def pay(self):
        self.replays = []
        self.payments = {}
        for who in ("alice", "ben"):
            key = f"key-of-{who}-0123456789"
            answer = self.shop.create(1000, "EUR", f"order-{who}", idempotency_key=key, **terms(who))
            self.assertEqual(answer.status, 201, answer.body)
            self.assertEqual(answer.json["customer"]["reference"], f"{PLANTED[0]}-{who}")
            self.assertEqual(answer.json["description"], f"{PLANTED[1]}-{who}")
            self.assertNotIn("personal_data", answer.json)
            self.replays.append((who, answer.body, lambda key=key, who=who: self.shop.create(
                1000, "EUR", f"order-{who}", idempotency_key=key, **terms(who))))
            payment = answer.json["id"]
            self.payments[who] = payment
            self.assertEqual(self.shop.get(payment).body, answer.body)
            key = f"capture-of-{who}-0123456789"
            captured = self.shop.capture(payment, 400, "EUR", idempotency_key=key)
            self.assertEqual(captured.status, 201, captured.body)
            self.replays.append((who, captured.body, lambda key=key, payment=payment:
                                 self.shop.capture(payment, 400, "EUR", idempotency_key=key)))
        self.customer = self.shop.get(self.payments["alice"]).json["customer"]["id"]
        plain = self.shop.create(1000, "EUR", "order-plain", description="of nobody")
        self.assertNotIn("customer", plain.json)
        self.payments["nobody"] = plain.json["id"]
        self.check_replays(())
        wait_until("an event with the customer's data", lambda: any(
            f"{PLANTED[1]}-alice" in json.dumps(row) for row in self.instance.events()))
        self.restart()
        self.check_replays(())

    def restart(self):
        if self.instance.daemon.alive():
            self.assertEqual(self.instance.daemon.stop(), 0)
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)

    def check_replays(self, erased):
        for who, body, again in self.replays:
            answer = again()
            self.assertEqual(answer.headers.get("idempotent-replayed"), "true")
            if who in erased:
                self.assert_erased(answer)
            else:
                self.assertEqual(answer.body, body, "not the same bytes")

    def assert_erased(self, answer):
        self.assertIn(answer.status, (200, 201), answer.body)
        self.assertEqual(answer.json["personal_data"], "erased")
        self.assertIsNone(answer.json["description"])
        self.assertEqual(answer.json["metadata"], {})
        self.assertIsNone(answer.json["customer"]["reference"])
        for word in PLANTED:
            self.assertNotIn(word, str(answer.body))

    def assert_clean(self, text):
        for word in PLANTED:
            self.assertNotIn(f"{word}-alice", text)

    def meet_twice_at_once(self):
        """First payments of one customer at the same moment: one customer comes of them."""
        answers = []

        def one(number):
            client = self.instance.client(self.shop.key_id, self.instance.folder / "shop.secret")
            answers.append(client.create(100, "EUR", f"at-once-{number}", **terms("carol")))
        threads = [threading.Thread(target=one, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual([answer.status for answer in answers], [201] * 6,
                         [answer.body for answer in answers])
        self.assertEqual(len({answer.json["customer"]["id"] for answer in answers}), 1)
        self.assertNotEqual(answers[0].json["customer"]["id"], self.customer)

    def keep_old_keys(self):
        made = self.instance.two_people("alice", "bob", "key", "bundle-export", "--reason", "drill")
        self.old_bundle = made["result"]["file"]
        self.assertEqual(self.instance.daemon.stop(), 0)
        shutil.copytree(self.instance.folder / "data/keyring", self.instance.base / "keyring-old")
        self.restart()

    def words(self, who):
        file = self.instance.base / f"reference-of-{who}"
        file.write_text(f"{PLANTED[0]}-{who}\n")
        file.chmod(0o400)
        return ("key", "shred-subject", "--merchant", "shop", "--customer-reference-file", file,
                "--confirm", "demo", "--reason", "asked for by the customer")

    def refuse(self):
        with self.assertRaises(CliError) as unknown:
            self.instance.request("alice", *self.words("stranger"))
        self.assertEqual(unknown.exception.code, 4, str(unknown.exception))

    def shred(self, who):
        asked = self.instance.request("alice", *self.words(who))
        self.assertNotIn(PLANTED[0], json.dumps(asked))
        with self.assertRaises(CliError):
            self.instance.act("alice", "approve", asked["number"])
        done = self.instance.act("bob", "approve", asked["number"])
        self.assertEqual(done["state"], "executed", done)
        self.assertEqual(done["result"]["subject"], self.customer)
        self.bundle = done["result"]["new_key_bundle"]
        with self.assertRaises(CliError) as again:
            self.instance.request("alice", *self.words(who))
        self.assertEqual(again.exception.code, 5)

    def check_erased(self):
        received = len(self.instance.events())
        self.assert_erased(self.shop.get(self.payments["alice"]))
        self.check_replays(("alice",))
        self.assert_clean(str(self.shop.list(limit=100).body))
        shown = json.dumps(self.instance.florin("payment", "show", self.payments["alice"]))
        self.assert_clean(shown)
        self.assertEqual(self.shop.get(self.payments["ben"]).json["description"], f"{PLANTED[1]}-ben")
        # What becomes of his payments from now on is told without his data.
        self.assert_erased(self.shop.capture(self.payments["alice"], 600, "EUR"))
        wait_until("its event", lambda: any(row for row in self.instance.events()[received:]))
        for row in self.instance.events()[received:]:
            self.assert_clean(json.dumps(row))
        # Who comes back is somebody else.
        answer = self.shop.create(700, "EUR", "order-again", **terms("alice"))
        self.assertEqual(answer.status, 201, answer.body)
        self.assertNotEqual(answer.json["customer"]["id"], self.customer)
        self.assertEqual(answer.json["description"], f"{PLANTED[1]}-alice")
        self.payments["alice again"] = answer.json["id"]

    def check_the_rest(self):
        self.instance.assert_balanced()
        self.instance.export_and_verify("after-erasure")
        report = self.instance.florin("key", "verify")
        self.assertTrue(report["ok"])
        self.assertEqual(report["subject_keys_destroyed"], 1)
        entries = json.dumps(self.instance.florin("ledger", "entries", "--limit", "1000"))
        self.assertIn(f"subject erased: {self.customer}", entries)
        self.assertNotIn(PLANTED[0], entries)
        name = self.instance.florin("backup", "create")["name"]
        wait_until("end of the backup", lambda: [
            row for row in self.instance.florin("backup", "list")["items"]
            if row["name"] == name and row["state"] == "made"])

    def check_files(self):
        """Nothing of it is in clear anywhere; what the receiver of webhooks got before is his."""
        self.assertEqual(self.instance.daemon.stop(), 0)
        searched = 0
        for path in sorted(self.instance.base.rglob("*")):
            if not path.is_file() or path.name.startswith(("reference-of-", "events.", "sandbox.",
                                                           "receiver.")):
                continue
            content = path.read_bytes()
            searched += 1
            for word in PLANTED:
                self.assertNotIn(word.encode(), content, str(path))
        self.assertGreater(searched, 20)
        self.restart()

    def refused_start(self):
        self.instance.start_daemon(wait=False)
        wait_until("the refusal", lambda: not self.instance.daemon.alive())
        self.assertEqual(self.instance.daemon.child.returncode, 65)
        return self.instance.daemon.tail()

    def check_old_keys(self):
        self.assertEqual(self.instance.daemon.stop(), 0)
        keyring = self.instance.folder / "data/keyring"
        keyring.rename(self.instance.base / "keyring-new")
        shutil.copytree(self.instance.base / "keyring-old", keyring)
        self.assertIn("this is not the newest keyring", self.refused_start())
        shutil.rmtree(keyring)
        self.instance.run_florin("key", "bundle-import", self.old_bundle, "--to",
                                 self.instance.folder / "data")
        self.assertIn("keys were destroyed in epoch", self.refused_start())
        shutil.rmtree(keyring)
        self.instance.run_florin("key", "bundle-import", self.bundle, "--to",
                                 self.instance.folder / "data")
        self.restart()
        self.assert_erased(self.shop.get(self.payments["alice"]))
        self.check_replays(("alice",))

    def check_rebuild(self):
        self.assertEqual(self.instance.daemon.stop(), 0)
        for proj in (self.instance.folder / "data/tenants").rglob("proj"):
            shutil.rmtree(proj)
        self.restart()
        self.assert_erased(self.shop.get(self.payments["alice"]))
        self.check_replays(("alice",))
        self.assertEqual(self.shop.get(self.payments["alice again"]).json["description"],
                         f"{PLANTED[1]}-alice")

    def check_kills(self):
        """Killed anywhere around it, the order is carried out in the end, and once."""
        seed = random.SystemRandom().getrandbits(32)
        print("seed", seed)
        chance = random.Random(seed)
        for number in range(3):
            who = f"victim-{number}"
            payment = self.shop.create(100, "EUR", f"order-{who}", **terms(who)).json["id"]
            order = self.instance.request("alice", *self.words(who))["number"]
            approval = threading.Thread(target=self.try_to_approve, args=(order,))
            approval.start()
            approval.join(chance.uniform(0.05, 0.6))
            self.instance.kill_daemon()
            approval.join(60)
            self.restart()
            self.complete(order)
            self.assert_erased(self.shop.get(payment))
        report = self.instance.florin("key", "verify")
        self.assertEqual(report["subject_keys_destroyed"], 4)
        self.check_replays(("alice",))
        self.instance.export_and_verify("after-kills")

    def try_to_approve(self, order):
        try:
            self.instance.act("bob", "approve", order)
        except CliError:
            pass

    def complete(self, order):
        def state():
            return self.instance.florin("request", "show", order)["state"]
        wait_until("what a crash cut off", lambda: state() != "executing")
        if state() == "waiting":
            self.instance.act("bob", "approve", order)
        if state() == "approved":
            self.instance.act("bob", "execute", order)
        self.assertEqual(state(), "executed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
