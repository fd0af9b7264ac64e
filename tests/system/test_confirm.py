"""Payments that are made first and confirmed later: nothing goes out before, once after, and what nobody
confirms ends by its time, also when the daemon is killed in between."""
import concurrent.futures
import unittest

from instance_case import InstanceCase
from support import wait_until

WITHIN_S = 10


class Confirm(InstanceCase):
    options = {"settings": {"payments.confirm_within_s": WITHIN_S,
                            "payments.connector_deadline_ms": 2000}}

    def tearDown(self):
        self.instance.disarm()

    def unconfirmed(self, reference, **more):
        made = self.shop.create(1000, "EUR", reference, confirm=False, **more)
        self.assertEqual((made.status, made.json["status"]), (201, "requires_confirmation"), made.body)
        self.assertIn("confirm_before", made.json)
        self.assertEqual(self.charges(reference), [])
        return made.json["id"]

    def charges(self, reference):
        return [row for row in self.instance.book()["charges"]
                if row["merchant_reference"] == reference]

    def refused(self, answer, *allowed):
        self.assertEqual((answer.status, answer.json["code"]), (409, "state-conflict"), answer.body)
        self.assertEqual(answer.json["allowed"], list(allowed))

    def told(self, payment, kind):
        return [row["event"]["type"] for row in self.instance.events()
                if row["event"]["data"]["id"] == payment].count(kind)

    def test_confirmed(self):
        payment = self.unconfirmed("plain")
        for part in ("captures", "voids"):
            self.refused(self.shop.request("POST", f"/v1/payments/{payment}/{part}", {}),
                         "confirm", "cancel")
        done = self.shop.confirm(payment, "confirmation-of-plain")
        self.assertEqual((done.status, done.json["status"]), (201, "requires_capture"), done.body)
        self.assertNotIn("confirm_before", done.json)
        again = self.shop.confirm(payment, "confirmation-of-plain")
        self.assertEqual((again.status, again.body), (done.status, done.body))
        self.assertEqual(again.headers["idempotent-replayed"], "true")
        self.assertEqual(self.shop.confirm(payment).status, 409)
        self.assertEqual(len(self.charges("plain")), 1)
        self.assertEqual(self.shop.capture(payment).json["status"], "succeeded")

    def test_many_confirmations_at_once_are_one(self):
        payment = self.unconfirmed("many")
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda number: self.shop.confirm(payment, f"one-of-many-confirmations-{number}"),
                                    range(16)))
        self.assertEqual([answer.status for answer in answers].count(201), 1,
                         [answer.body for answer in answers])
        self.assertTrue(all(answer.status in (201, 409) for answer in answers))
        self.assertEqual(len(self.charges("many")), 1)

    def test_declined_and_in_doubt(self):
        payment = self.unconfirmed("declined", token="tok_decline_insufficient_funds")
        done = self.shop.confirm(payment)
        self.assertEqual((done.status, done.json["status"]), (201, "failed"), done.body)
        payment = self.unconfirmed("doubt")
        self.instance.arm("charge", "close_after")
        done = self.shop.confirm(payment)
        self.assertEqual((done.status, done.json["status"]), (202, "in_doubt"), done.body)
        wait_until("the doubt ends",
                   lambda: self.shop.get(payment).json["status"] == "requires_capture", seconds=40)
        self.assertEqual(len(self.charges("doubt")), 1)

    def test_cancel_needs_no_acquirer(self):
        payment = self.unconfirmed("canceled")
        done = self.shop.request("POST", f"/v1/payments/{payment}/cancel", {})
        self.assertEqual((done.status, done.json["status"]), (201, "canceled"), done.body)
        self.refused(self.shop.confirm(payment))
        self.assertEqual(self.charges("canceled"), [])
        wait_until("event", lambda: self.told(payment, "payment.canceled"))

    def test_what_nobody_confirms_ends(self):
        here = self.unconfirmed("left")
        killed = self.unconfirmed("left-and-killed")
        self.instance.kill_daemon()
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        for payment, reference in ((here, "left"), (killed, "left-and-killed")):
            shown = wait_until("expired", lambda one=payment: (
                lambda found: found if found["status"] == "expired" else None)(
                    self.shop.get(one).json), seconds=40)
            self.assertNotIn("confirm_before", shown)
            self.refused(self.shop.confirm(payment))
            self.assertEqual(self.charges(reference), [])
            wait_until("event", lambda one=payment: self.told(one, "payment.expired"))
            self.assertEqual(self.told(payment, "payment.expired"), 1)
        self.instance.assert_balanced()

    def test_bad_input(self):
        for value in ("no", 0, None):
            answer = self.shop.request("POST", "/v1/payments", {
                "amount": {"value": 1, "currency": "EUR"}, "merchant_reference": "bad",
                "payment_method": {"type": "token", "token": "tok_approve"}, "confirm": value})
            self.assertEqual(answer.status, 422, answer.body)
            self.assertEqual([row["pointer"] for row in answer.json["errors"]], ["/confirm"])
        payment = self.unconfirmed("bad")
        extra = self.shop.request("POST", f"/v1/payments/{payment}/confirm", {"amount": 1})
        self.assertEqual(extra.status, 422, extra.body)
        self.assertEqual(self.shop.confirm("pay_00000000000000000000000000").status, 404)


if __name__ == "__main__":
    unittest.main(verbosity=2)
