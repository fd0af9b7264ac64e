"""What nobody knows the outcome of: operators see it, and what ends it.
"""
import subprocess
import unittest

from support import BIN, CliError, Instance, wait_until


class PaymentDoubt(unittest.TestCase):
    def test_payments_in_doubt(self):
        with Instance(settings={"payments.connector_deadline_ms": 2000}) as instance:
            shop = instance.set_up()
            self.check_report(instance, shop)

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


if __name__ == "__main__":
    unittest.main()
