"""The whole job once, with real processes: from an empty folder to a verified export."""
import pathlib
import stat
import subprocess
import sys
import time
import unittest

from support import BIN, ROOT, CliError, Instance, wait_until


class FirstPayment(unittest.TestCase):
    def test_whole_job(self):
        with Instance() as instance:
            self.assertEqual(instance.florin("status")["state"], "setup")
            shop = instance.set_up()
            status = instance.florin("status")
            self.assertEqual((status["state"], status["evaluation"]), ("serving", True))

            created = shop.create(129900, "EUR", "order-1", description="a bicycle")
            self.assertEqual(created.status, 201, created.body)
            payment = created.json
            self.assertEqual(payment["amount_authorized"],
                             {"value": 129900, "currency": "EUR", "exponent": 2})
            self.assertEqual(payment["merchant_reference"], "order-1")

            captured = shop.capture(payment["id"])
            self.assertEqual(captured.status, 201, captured.body)
            refunded = shop.refund(payment["id"], 29900, "EUR", "returned")
            self.assertEqual(refunded.status, 201, refunded.body)
            shown = shop.get(payment["id"]).json
            self.assertEqual(shown["amount_captured"]["value"], 129900)
            self.assertEqual(shown["amount_refunded"]["value"], 29900)
            self.assertEqual(shop.list(limit=10).json["data"][0]["id"], payment["id"])
            self.assertEqual(instance.florin("payment", "show", payment["id"])["status"],
                             shown["status"])

            voided = shop.create(5000, "JPY", "order-2").json
            self.assertEqual(shop.void(voided["id"]).status, 201)
            declined = shop.create(777, "EUR", "order-3", token="tok_decline_insufficient_funds")
            self.assertEqual(declined.status, 201, declined.body)
            self.assertEqual(declined.json["amount_authorized"]["value"], 0)
            why = declined.json["last_decline"]
            self.assertEqual((why["code"], why["advice"]), ("insufficient_funds", "retry_later"), why)
            self.assertEqual((why["category"], why["retry_after_s"]), ("soft", 86400), why)

            instance.assert_balanced()
            self.check_book(instance)
            self.check_events(instance, payment["id"])
            made = instance.export_and_verify("whole-job")
            self.assertGreater(made["entries"], 0)
            self.check_proof(instance, payment["id"])
            self.check_period(instance, made["entries"])
            self.check_command_line(instance, payment["id"])
            self.check_restart(instance, shop, payment["id"])

    def check_proof(self, instance, payment):
        """A merchant takes the proof of one payment home and checks it twice, also against a kept note."""
        proof = instance.folder / f"{payment}.proof.json"
        made = instance.florin("audit", "proof", payment, "--out", str(proof))
        self.assertGreaterEqual(made["entries"], 5)
        self.assertNotIn("flo" + "rin", proof.read_text().lower())
        other = subprocess.run([sys.executable, "-B", ROOT / "tests/support/check_proof.py", proof],
                               text=True, capture_output=True, timeout=60)
        self.assertEqual(other.returncode, 0, other.stdout + other.stderr)
        self.assertEqual(len(other.stdout.splitlines()), made["entries"] + 1)
        export = instance.florin("audit", "export", "same-state")["directory"]
        command = [str(BIN / "florin-verify"), "proof", str(proof), "--key", f"{export}/pub.pem",
                   "--checkpoint", f"{export}/checkpoint"]
        ours = subprocess.run(command, text=True, capture_output=True, timeout=60)
        self.assertEqual(ours.returncode, 0, ours.stdout + ours.stderr)
        self.assertIn(f"OK {made['entries']} entries", ours.stdout)
        for file, code in ((instance.folder, 1), (instance.folder / "absent", 2)):
            done = subprocess.run([str(BIN / "florin-verify"), "proof", str(file)], capture_output=True,
                                  timeout=60)
            self.assertEqual(done.returncode, code, done.stderr)
        changed = instance.folder / "changed.proof.json"
        changed.write_text(proof.read_text().replace("index ", "index 1", 1))
        self.assertEqual(subprocess.run([*command[:2], changed], capture_output=True,
                                        timeout=60).returncode, 3)

    def check_period(self, instance, entries):
        part = instance.florin("audit", "export", "part", "--from-seq", "3", "--to-seq", "5")
        self.assertEqual((part["entries"], part["from_seq"], part["to_seq"]), (3, 3, 5))
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() - 86400))
        whole = instance.florin("audit", "export", "by-day", "--from", day)
        self.assertGreaterEqual(whole["entries"], entries)
        tiles = instance.florin("audit", "export", "log", "--form", "tiles")
        self.assertTrue((pathlib.Path(tiles["directory"]) / "tile" / "0").is_dir())
        for made in (part, whole):
            done = subprocess.run([str(BIN / "florin-verify"), made["directory"]],
                                  capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 0, done.stdout)

    def check_book(self, instance):
        charges = instance.book()["charges"]
        self.assertEqual(sorted((charge["amount"], charge["status"]) for charge in charges),
                         [(777, "declined"), (5000, "voided"), (129900, "captured")])

    def check_events(self, instance, payment):
        wanted = {"payment.authorized", "capture.succeeded", "refund.succeeded"}

        def received():
            # A refund's event names the payment inside its data or is about it.
            types = {row["event"]["type"] for row in instance.events()
                     if payment in str(row["event"]["data"])}
            return wanted <= types
        wait_until("webhooks " + ", ".join(sorted(wanted)), received, seconds=30)
        for row in instance.events():
            self.assertNotIn("flo" + "rin", str(row["headers"]).lower())

    def check_command_line(self, instance, payment):
        secret = instance.folder / "shop.secret"
        self.assertEqual(stat.S_IMODE(secret.stat().st_mode), 0o400)
        for words, code in ((("payment", "show", "pay_00000000000000000000000000"), 4),
                            (("merchant", "create", "shop"), 5),
                            (instance.init_words(), 5),
                            (("webhook", "create", "--merchant", "shop", "--url", "http://x"), 2),
                            (("merchant", "list", "--tenant", "nobody"), 4)):
            with self.subTest(words=words):
                with self.assertRaises(CliError) as raised:
                    instance.florin(*words)
                self.assertEqual(raised.exception.code, code)
                self.assertTrue(raised.exception.error["message"])
        entries = instance.florin("ledger", "entries", "--limit", "500")["items"]
        self.assertEqual([row["seq"] for row in entries], sorted(row["seq"] for row in entries))

    def check_restart(self, instance, shop, payment):
        before = (shop.get(payment).json, instance.balances(), instance.entry_count())
        self.assertEqual(instance.daemon.stop(), 0)
        instance.restart_daemon()
        instance.move_client(shop)
        self.assertEqual((shop.get(payment).json, instance.balances(), instance.entry_count()),
                         before)


if __name__ == "__main__":
    unittest.main(verbosity=2)
