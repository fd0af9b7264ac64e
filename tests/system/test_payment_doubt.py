"""What nobody knows the outcome of: operators see it, and what ends it.
"""
import concurrent.futures
import hashlib
import subprocess
import unittest

from support import BIN, CliError, Instance, wait_until


class PaymentDoubt(unittest.TestCase):
    def test_payments_in_doubt(self):
        with Instance(sandbox_options=("--stall-ms", 5000),
                      settings={"payments.connector_deadline_ms": 4000}) as instance:
            shop = instance.set_up()
            self.check_report(instance, shop)
            self.check_resolution(instance, shop)
            self.check_facts_win(instance, shop)
            self.check_room(instance, shop)
            self.check_books(instance)

    def refused(self, code, call, *words, **more):
        with self.assertRaises(CliError) as raised:
            call(*words, **more)
        self.assertEqual(raised.exception.code, code, raised.exception)
        return raised.exception.error

    def lose(self, instance, *operations):
        """The next answers of these operations get lost, and nobody answers inquiries."""
        instance.ask_sandbox("PUT", "/v1/faults", {"rules": [
            *({"operation": operation, "behaviour": "close_after", "count": 1}
              for operation in operations),
            {"operation": "inquiry", "behaviour": "close_before", "count": 1000}]})

    def doubtful(self, instance, shop, value, currency, reference, **more):
        self.lose(instance, "charge")
        answer = shop.create(value, currency, reference, **more)
        self.assertEqual((answer.status, answer.json["status"]), (202, "in_doubt"), answer.body)
        return answer.json["id"]

    def report(self, instance, *words):
        return instance.florin("payment", "in-doubt", *words)

    def check_report(self, instance, shop):
        self.assertEqual(self.report(instance)["items"], [])
        first = self.doubtful(instance, shop, 1250, "EUR", "doubt-1")
        second = self.doubtful(instance, shop, 750, "EUR", "doubt-2", capture_method="automatic")
        third = self.doubtful(instance, shop, 500, "JPY", "doubt-3")

        found = self.report(instance)
        self.assertEqual([row["payment"] for row in found["items"]], [first, second, third])
        row = found["items"][0]
        self.assertEqual((row["tenant"], row["mode"], row["kind"], row["connector"]),
                         ("demo", "test", "authorize", "acquirer"))
        self.assertEqual(found["items"][1]["kind"], "sale")
        self.assertEqual(row["amount"], {"value": 1250, "currency": "EUR", "exponent": 2})
        self.assertGreaterEqual(row["age_s"], 0)
        self.assertTrue(row["last_evidence"])
        self.assertEqual(found["sums"], [
            {"amount": {"value": 2000, "currency": "EUR", "exponent": 2}, "count": 2},
            {"amount": {"value": 500, "currency": "JPY", "exponent": 0}, "count": 1}])
        self.assertEqual(found["count"], 3)

        asked = wait_until("inquiry", lambda: [row for row in self.report(instance)["items"]
                                               if row["inquiries"] > 0 and row["next_inquiry_at"]])
        self.assertIn("T", asked[0]["next_inquiry_at"])
        self.assertEqual(self.report(instance, "--older-than", "1h")["items"], [])
        self.assertEqual(len(self.report(instance, "--tenant", "demo", "--mode", "test")["items"]), 3)
        self.assertEqual(self.report(instance, "--mode", "live")["items"], [])
        self.assertIn("15m", str(self.refused(2, self.report, instance, "--older-than", "soon")))
        self.refused(4, self.report, instance, "--tenant", "nobody")

        status = instance.florin("status")
        self.assertEqual((status["payments_in_doubt"], status["payments_in_flight"]), (3, 0))
        self.assertGreaterEqual(status["oldest_doubt_s"], 0)
        shown = instance.florin("payment", "show", first)
        self.assertEqual([doubt["operation"] for doubt in shown["doubts"]], [row["operation"]])
        text = subprocess.run([BIN / "florin", "--run-dir", instance.folder / "run", "payment",
                               "in-doubt"], capture_output=True, text=True, check=True).stdout
        self.assertIn("12.50 EUR", text)
        self.assertIn("20.00 EUR in 2 operation(s)", text)

        instance.disarm()
        wait_until("end of all doubts", lambda: not self.report(instance)["items"], seconds=40)
        for payment in (first, second, third):
            self.assertNotEqual(shop.get(payment).json["status"], "in_doubt")
        self.assertEqual(instance.florin("status")["payments_in_doubt"], 0)
        self.assertNotIn("oldest_doubt_s", instance.florin("status"))


    def resolve_words(self, instance, payment, verdict, *words):
        evidence = instance.folder / "evidence.txt"
        evidence.write_text(f"what the acquirer wrote about {payment}\n")
        return ("payment", "resolve", payment, "--as", verdict, "--evidence", evidence,
                "--reason", "case 4711", *words)

    def entry_of(self, instance, payment):
        """The newest entry about a payment."""
        entries = instance.florin("ledger", "entries", "--limit", "1000")["items"]
        return [entry for entry in entries if entry["subject"] == payment.partition("_")[2]][-1]

    def check_resolution(self, instance, shop):
        lost = self.doubtful(instance, shop, 4200, "EUR", "resolve-1")
        made = self.doubtful(instance, shop, 3100, "EUR", "resolve-2", capture_method="automatic")
        charge = [row for row in instance.book()["charges"]
                  if row["merchant_reference"] == "resolve-2"][0]["id"]

        # Bad input names the field and changes nothing.
        before = instance.entry_count()
        ask = lambda *words: self.refused(  # noqa: E731
            2, instance.request, "alice", *words)
        self.assertIn("psp_reference", str(ask(*self.resolve_words(instance, made, "succeeded"))))
        self.assertIn("psp_reference", str(ask(*self.resolve_words(
            instance, lost, "not-executed", "--psp-reference", "ch_1"))))
        empty = instance.folder / "empty"
        empty.touch()
        self.refused(2, instance.request, "alice", "payment", "resolve", lost, "--as",
                     "not-executed", "--evidence", empty, "--reason", "x")
        self.refused(2, instance.request, "alice", *self.resolve_words(instance, lost, "perhaps"))
        self.refused(4, instance.request, "alice",
                     *self.resolve_words(instance, "pay_" + "0" * 26, "not-executed",
                                         "--operation", "op_" + "0" * 26))
        done = self.report(instance)["items"][0]
        self.assertEqual(instance.entry_count(), before)

        # One person alone ends nothing; the text says what would happen.
        asked = instance.request("alice", *self.resolve_words(instance, lost, "not-executed"))
        text = instance.florin("request", "show", asked["number"])["text"]
        digest = hashlib.sha256((instance.folder / "evidence.txt").read_bytes()).hexdigest()
        for part in (lost, done["operation"], "42.00 EUR", "acquirer", "not-executed", digest,
                     "No money moves"):
            self.assertIn(part, text)
        self.refused(7, instance.act, "alice", "approve", asked["number"])
        self.assertEqual(shop.get(lost).json["status"], "in_doubt")
        self.assertEqual(instance.act("bob", "approve", asked["number"])["state"], "executed")
        self.assertEqual(shop.get(lost).json["status"], "failed")
        self.assertEqual(self.entry_of(instance, lost)["note"],
                         f"{asked['number']}, evidence {digest}")

        asked = instance.request("alice", *self.resolve_words(
            instance, made, "succeeded", "--psp-reference", charge))
        self.assertIn("debit receivable from the acquirer, credit payable to the merchant",
                      instance.florin("request", "show", asked["number"])["text"])
        self.assertEqual(instance.act("bob", "approve", asked["number"])["state"], "executed")
        paid = shop.get(made).json
        self.assertEqual((paid["status"], paid["amount_captured"]["value"]), ("succeeded", 3100))
        self.assertEqual(self.report(instance)["items"], [])
        # What was resolved lives on, under the acquirer's name for it.
        instance.disarm()
        self.assertEqual(shop.refund(made, 100, "EUR").status, 201)
        self.refused(5, instance.request, "alice",
                     *self.resolve_words(instance, made, "not-executed"))

    def check_facts_win(self, instance, shop):
        """What the acquirer proves between request and approval counts; the request fails."""
        payment = self.doubtful(instance, shop, 5300, "EUR", "resolve-3")
        asked = instance.request("alice", *self.resolve_words(instance, payment, "not-executed"))
        instance.disarm()
        wait_until("end of the doubt", lambda: not self.report(instance)["items"], seconds=40)
        self.refused(5, instance.act, "bob", "approve", asked["number"])
        self.assertEqual(instance.florin("request", "show", asked["number"])["state"], "failed")
        self.assertEqual(shop.get(payment).json["status"], "requires_capture")

    def check_room(self, instance, shop):
        """Room for outcomes that are not known is held until they are, also by the run after a kill."""
        def room():
            row = next(row for row in instance.florin("status")["ledgers"]
                       if (row["tenant"], row["mode"]) == ("demo", "test"))
            return row["outcomes_open"]
        self.assertEqual(room(), 0)
        for number in (1, 2):
            self.doubtful(instance, shop, 900 + number, "EUR", f"room-{number}")
        self.assertEqual(room(), 2)
        instance.ask_sandbox("PUT", "/v1/faults", {"rules": [
            {"operation": "charge", "behaviour": "stall", "count": 1},
            {"operation": "inquiry", "behaviour": "close_before", "count": 1000}]})
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            sent = pool.submit(shop.create, 903, "EUR", "room-3")
            wait_until("an outcome that is awaited", lambda: room() == 3)
            instance.kill_daemon()
            self.assertIsNotNone(sent.exception(timeout=60))
        instance.restart_daemon()
        instance.move_client(shop)
        self.assertEqual(room(), 3)
        instance.disarm()
        wait_until("room that is free again", lambda: room() == 0, seconds=40)
        self.assertEqual(self.report(instance)["items"], [])

    def check_books(self, instance):
        instance.assert_balanced()
        instance.export_and_verify("doubts")


if __name__ == "__main__":
    unittest.main()
