"""Payments through the stripe connector against localstripe: everything that is told is what was charged.

Then answers are lost in every way: the books end where the counterpart's do, and nothing is charged twice.
"""
import json
import unittest

import stripe_instance
from support import wait_until

import books

OPEN = ("created", "processing", "in_doubt")


class Stripe(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = stripe_instance.StripeInstance(
            settings={"payments.connector_deadline_ms": "2000", "hsm.timeout_ms": "5000"})
        cls.instance.__enter__()
        cls.addClassCleanup(cls.instance.__exit__, None, None, None)
        cls.shop, cls.front = cls.instance.set_up(), cls.instance.front

    def tearDown(self):
        self.front.disarm()
        books.check_books(self.instance, self.shop)

    def pay(self, reference, token="pm_card_visa", method="automatic", value=129900, currency="EUR"):
        return self.shop.create(value, currency, reference, token, method)

    def certain(self, payment):
        def shown():
            answer = self.shop.get(payment)
            self.assertEqual(answer.status, 200, answer.body)
            parts = answer.json["captures"] + answer.json["refunds"]
            return answer.json if answer.json["status"] not in OPEN and all(
                part["status"] not in ("pending", "unknown") for part in parts) else None
        return wait_until("certainty", shown, seconds=60, interval_s=0.2)

    def test_sale_and_refund(self):
        paid = self.pay("sale")
        self.assertEqual((paid.status, paid.json["status"]), (201, "succeeded"), paid.body)
        for value in (29900, 100000):
            back = self.shop.refund(paid.json["id"], value, "EUR")
            self.assertEqual(back.status, 201, back.body)
        self.assertEqual(self.certain(paid.json["id"])["amount_refunded"]["value"], 129900)

    def test_authorization_captured_in_part(self):
        held = self.pay("part", method="manual")
        self.assertEqual(held.json["status"], "requires_capture", held.body)
        # One capture ends an intent: a part that is not the last one is not sent.
        refused = self.shop.capture(held.json["id"], 50000, "EUR")
        self.assertEqual(refused.json["status"], "requires_capture", refused.body)
        self.assertEqual(refused.json["last_decline"]["code"], "final_capture_required")
        taken = self.shop.capture(held.json["id"], 50000, "EUR", final=True)
        self.assertEqual((taken.status, taken.json["status"]), (201, "succeeded"), taken.body)
        self.assertEqual(taken.json["amount_captured"]["value"], 50000)

    def test_authorization_given_up(self):
        held = self.pay("void", method="manual")
        given_up = self.shop.void(held.json["id"])
        self.assertEqual((given_up.status, given_up.json["status"]), (201, "canceled"),
                         given_up.body)

    def test_declines(self):
        for reference, number, category in (("declined", "4000000000000341", "hard"),
                                            ("sca", "4000002500003155", "authentication")):
            token = self.instance.upstream.post("/v1/payment_methods", **{
                "type": "card", "card[number]": number, "card[exp_month]": "12",
                "card[exp_year]": "2030", "card[cvc]": "123"})["id"]
            answer = self.pay(reference, token)
            self.assertEqual((answer.status, answer.json["status"]), (201, "failed"), answer.body)
            self.assertEqual(answer.json["last_decline"]["category"], category, answer.body)
        unknown = self.pay("no-such-token", "pm_no_such_thing")
        self.assertEqual(unknown.json["status"], "failed", unknown.body)

    def test_amounts_that_they_cannot_express_are_not_sent(self):
        before = self.front.executed
        for currency, value, code in (("KWD", 1505, "amount_not_supported"),
                                      ("UGX", 500, "currency_not_supported")):
            answer = self.pay("amount-" + currency, currency=currency, value=value)
            self.assertEqual(answer.json["status"], "failed", answer.body)
            self.assertEqual(answer.json["last_decline"]["code"], code)
        self.assertEqual(self.front.executed, before)

    def test_lost_answers_are_found_again_and_nothing_is_done_twice(self):
        for fault in ("reset_after", "stall_after", "error_500_after", "reset_before"):
            with self.subTest(fault=fault):
                self.front.arm(fault)
                paid = self.pay(f"lost-{fault}", method="manual")
                self.assertEqual((paid.status, paid.json["status"]), (202, "in_doubt"), paid.body)
                payment = paid.json["id"]
                self.assertEqual(self.certain(payment)["status"], "requires_capture")
                self.front.arm(fault)
                self.assertEqual(self.shop.capture(payment).status, 202)
                self.assertEqual(self.certain(payment)["status"], "succeeded")
                self.front.arm(fault)
                self.assertEqual(self.shop.refund(payment, 100, "EUR").status, 202)
                self.assertEqual(self.certain(payment)["amount_refunded"]["value"], 100)
                self.front.released.set()
        # The search was behind: what had been executed was told again under its key.
        self.assertGreater(self.front.replayed, 0)

    def test_a_lost_void_is_found_again(self):
        held = self.pay("lost-void", method="manual").json["id"]
        self.front.arm("reset_after")
        self.assertEqual(self.shop.void(held).status, 202)
        self.assertEqual(self.certain(held)["status"], "canceled")

    def test_connector_test_says_what_is_wrong(self):
        def tested(name, url, key="stripe.key"):
            self.instance.florin("connector", "create", name, "--kind", "stripe", "--base-url", url,
                                 "--api-key-file", self.instance.folder / key)
            done = self.instance.run_florin("connector", "test", name)
            self.assertNotIn(self.instance.stripe_key, done.stdout + done.stderr)
            return json.loads(done.stdout)
        good = self.instance.florin("connector", "test", "stripe")
        self.assertEqual((good["works"], good["finding"]), (True, "ok"), good)
        wrong = self.instance.folder / "wrong.key"
        wrong.write_text("rk_wrong_key_000")
        here = f"https://localhost:{self.front.port}"
        for name, url, key, stage in (
                ("no-auth", here, "wrong.key", "authentication"),
                ("no-name", "https://nowhere.invalid", "stripe.key", "dns"),
                ("no-port", "https://localhost:1", "stripe.key", "tcp"),
                ("no-tls", f"https://localhost:{self.instance.upstream.port}", "stripe.key", "tls"),
                ("no-stripe", f"https://localhost:{self.instance.sandbox_port}", "stripe.key",
                 "answer")):
            found = tested(name, url, key)
            self.assertEqual((found["works"], found["stage"]), (False, stage), found)


if __name__ == "__main__":
    unittest.main(verbosity=2)
