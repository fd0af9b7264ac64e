"""What may happen to a payment after its first answer: cancelling in doubt, refusals that say what is
allowed, refunds in parallel, disputes that do not exist."""
import concurrent.futures
import json
import unittest

from instance_case import InstanceCase
from support import wait_until


def amount(value, currency="EUR"):
    return {"amount": {"value": value, "currency": currency}}


class PaymentLife(InstanceCase):
    options = {"sandbox_options": ("--stall-ms", 3000)}

    @classmethod
    def prepare(cls):
        cls.instance.florin("merchant", "create", "keeper", "--late-success", "accept")

    def tearDown(self):
        self.instance.disarm()

    def cancel(self, payment, key=None, client=None):
        return (client or self.shop).request("POST", f"/v1/payments/{payment}/cancel", {}, key)

    def settled(self, payment, status, client=None):
        """The payment once it has the status and nothing is under way any more."""
        def look():
            shown = (client or self.shop).get(payment).json
            open_refunds = [r for r in shown["refunds"] if r["status"] in ("pending", "unknown")]
            done = shown["status"] == status and "cancel_requested" not in shown
            return shown if done and not open_refunds else None
        return wait_until(f"{payment} {status}", look, seconds=40)

    def doubtful(self, method, client=None):
        """A payment that the acquirer has executed and that we know nothing of."""
        self.instance.arm("charge", "close_after")
        created = (client or self.shop).create(5000, "EUR", "doubt", capture_method=method)
        self.assertEqual((created.status, created.json["status"]), (202, "in_doubt"), created.body)
        return created.json["id"]

    def charge(self, status):
        return [row for row in self.instance.book()["charges"] if row["status"] == status]

    def test_cancel_of_an_authorization_is_a_void(self):
        payment = self.shop.create(1000, "EUR", "plain").json["id"]
        done = self.cancel(payment)
        self.assertEqual((done.status, done.json["status"]), (201, "canceled"), done.body)
        again = self.cancel(payment)
        self.assertEqual((again.status, again.json["code"], again.json["allowed"]),
                         (409, "state-conflict", []))

    def test_cancel_in_doubt_gives_back_what_had_happened(self):
        for method, status in (("manual", "canceled"), ("automatic", "succeeded")):
            with self.subTest(method=method):
                payment = self.doubtful(method)
                key = f"cancel-{payment}"
                wish = self.cancel(payment, key)
                self.assertEqual(wish.status, 202, wish.body)
                self.assertIs(wish.json["cancel_requested"], True)
                self.assertEqual(self.cancel(payment).status, 409)
                shown = self.settled(payment, status)
                taken = 0 if method == "manual" else 5000
                self.assertEqual(shown["amount_captured"]["value"], taken)
                self.assertEqual(shown["amount_refunded"]["value"], taken)
                self.assertEqual(shown["amount_released"]["value"], 5000 - taken)
                replay = self.cancel(payment, key)
                self.assertEqual((replay.status, replay.body), (202, wish.body))
                self.assertEqual(replay.headers["idempotent-replayed"], "true")
                types = wait_until("event of the wish", lambda p=payment: [
                    row["event"]["type"] for row in self.instance.events()
                    if row["event"]["data"].get("id") == p and
                    row["event"]["type"] == "payment.cancel_requested"])
                self.assertEqual(len(types), 1)
        self.instance.assert_balanced()

    def test_cancel_outlives_a_kill(self):
        payment = self.doubtful("automatic")
        self.assertEqual(self.cancel(payment).status, 202)
        self.instance.kill_daemon()
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        shown = self.settled(payment, "succeeded")
        self.assertEqual(shown["amount_refunded"]["value"], 5000)
        self.assertEqual(len(shown["refunds"]), 1)

    def test_late_success_is_kept_where_the_merchant_accepts_it(self):
        secret = self.instance.folder / "keeper.secret"
        key = self.instance.florin("credential", "create", "--merchant", "keeper", "--label", "t",
                                   "--secret-file", secret)["key_id"]
        keeper = self.instance.client(key, secret)
        payment = self.doubtful("automatic", keeper)
        self.assertEqual(self.cancel(payment, client=keeper).status, 202)
        shown = self.settled(payment, "succeeded", keeper)
        self.assertEqual(shown["refunds"], [])
        self.assertEqual(shown["amount_captured"]["value"], 5000)

    def test_every_refusal_says_what_is_allowed(self):
        open_payment = self.shop.create(1000, "EUR", "open").json["id"]
        sold = self.shop.create(1000, "EUR", "sold", capture_method="automatic").json["id"]
        post = lambda path, body: self.shop.request("POST", f"/v1/payments/{path}", body)  # noqa: E731
        may_open, may_sold = ["capture", "increment", "void", "cancel"], ["refund"]
        rows = [(f"{open_payment}/captures", amount(1001), 422, "amount-exceeds-capturable", may_open),
                (f"{open_payment}/captures", amount(1, "USD"), 422, "currency-mismatch", may_open),
                (f"{open_payment}/refunds", amount(1), 409, "state-conflict", may_open),
                (f"{open_payment}/increments", amount(1, "USD"), 422, "currency-mismatch", may_open),
                (f"{open_payment}/increments", amount(2**53 - 1), 422, "amount-invalid", may_open),
                (f"{sold}/increments", amount(1), 409, "state-conflict", may_sold),
                (f"{sold}/refunds", amount(1001), 422, "amount-exceeds-refundable", may_sold),
                (f"{sold}/refunds", amount(1, "USD"), 422, "currency-mismatch", may_sold),
                (f"{sold}/captures", amount(1), 409, "state-conflict", may_sold),
                (f"{sold}/voids", {}, 409, "state-conflict", may_sold),
                (f"{sold}/cancel", {}, 409, "state-conflict", may_sold)]
        before = self.instance.book()["executed"]
        for path, body, status, code, allowed in rows:
            with self.subTest(path=path, body=body):
                refused = post(path, body)
                self.assertEqual((refused.status, refused.json["code"], refused.json["allowed"]),
                                 (status, code, allowed), refused.body)
        self.assertEqual(self.instance.book()["executed"], before)
        doubtful = self.doubtful("manual")
        refused = post(f"{doubtful}/captures", {})
        self.assertEqual((refused.status, refused.json["code"], refused.json["allowed"]),
                         (409, "operation-in-doubt", ["cancel"]))

    def increment(self, payment, value, currency="EUR", key=None):
        return self.shop.request("POST", f"/v1/payments/{payment}/increments",
                                 amount(value, currency), key)

    def test_an_increment(self):
        payment = self.shop.create(1000, "EUR", "grows").json["id"]
        done = self.increment(payment, 250, key="an-increment-0001")
        self.assertEqual((done.status, done.json["status"]), (201, "requires_capture"), done.body)
        self.assertEqual((done.json["amount"]["value"], done.json["amount_authorized"]["value"]),
                         (1000, 1250))
        self.assertEqual(self.increment(payment, 250, key="an-increment-0001").body, done.body)
        declined = self.increment(payment, 94)
        self.assertEqual((declined.status, declined.json["last_decline"]["code"]),
                         (201, "do_not_honor"), declined.body)
        self.assertEqual(declined.json["amount_authorized"]["value"], 1250)
        # The answer is lost: a doubt like every other, which the acquirer's record ends.
        self.instance.arm("increment", "close_after")
        lost = self.increment(payment, 100)
        self.assertEqual((lost.status, lost.json["status"]), (202, "in_doubt"), lost.body)
        self.settled(payment, "requires_capture")
        self.instance.arm("increment", "close_before")
        self.assertEqual(self.increment(payment, 50).status, 202)
        self.settled(payment, "requires_capture")
        captured = self.shop.request("POST", f"/v1/payments/{payment}/captures", {})
        self.assertEqual((captured.status, captured.json["status"]), (201, "succeeded"), captured.body)
        charge = [row for row in self.instance.book()["charges"]
                  if row["merchant_reference"] == "grows"][0]
        self.assertEqual(captured.json["amount_captured"]["value"], charge["amount_captured"])
        self.assertIn(charge["amount"], (1350, 1400))
        self.assertEqual(charge["amount_captured"], charge["amount"])
        wait_until("event", lambda: [row for row in self.instance.events()
                                     if row["event"]["type"] == "authorization.updated"])

    def test_parallel_refunds_never_exceed_what_was_captured(self):
        payment = self.shop.create(5000, "EUR", "many", capture_method="automatic").json["id"]
        with concurrent.futures.ThreadPoolExecutor(20) as pool:
            answers = list(pool.map(lambda _: self.shop.refund(payment, 700, "EUR"), range(100)))
        made = [answer for answer in answers if answer.status in (201, 202)]
        for answer in answers:
            self.assertIn(answer.status, (201, 202, 409, 422), answer.body)
            if answer.status == 422:
                self.assertEqual(answer.json["code"], "amount-exceeds-refundable")
                self.assertIn("allowed", answer.json)
        shown = self.settled(payment, "succeeded")
        self.assertLessEqual(len(made), 7)
        self.assertGreater(len(made), 0)
        self.assertEqual(shown["amount_refunded"]["value"], 700 * len(made))
        self.assertLessEqual(shown["amount_refunded"]["value"], 5000)
        charges = [row for row in self.instance.book()["charges"]
                   if row["amount"] == 5000 and len(row["refunds"]) == len(made)]
        self.assertTrue(charges)
        self.instance.assert_balanced()

    def test_a_second_request_joins_the_first(self):
        """Under one key: one charge, one answer, however many ask and whenever."""
        key, body = "join-" + "k" * 20, {"token": "tok_stall", "idempotency_key": "join-" + "k" * 20}
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            first = pool.submit(self.shop.create, 4242, "EUR", "join", **body)
            wait_until("charge", lambda: [row for row in self.instance.book()["charges"]
                                          if row["amount"] == 4242])
            impatient = self.shop.create(4242, "EUR", "join", **body)
            document = {"amount": {"value": 4242, "currency": "EUR"}, "merchant_reference": "join",
                        "payment_method": {"type": "token", "token": "tok_stall"},
                        "capture_method": "manual"}
            raw = json.dumps(document, separators=(",", ":")).encode()
            headers = self.shop.headers_for("POST", "/v1/payments", raw, "application/json", key)
            headers["Prefer"] = "wait=20"
            joined = self.shop.send("POST", "/v1/payments", headers, raw)
            first = first.result()
        if impatient.status == 409:
            self.assertEqual(impatient.json["code"], "idempotency-in-progress")
            self.assertEqual(impatient.headers["retry-after"], "1")
        else:
            self.assertEqual(impatient.body, first.body)
        self.assertEqual(first.status, 201, first.body)
        self.assertEqual((joined.status, joined.body), (201, first.body))
        self.assertEqual(joined.headers["idempotent-replayed"], "true")
        charges = [row for row in self.instance.book()["charges"] if row["amount"] == 4242]
        self.assertEqual(len(charges), 1)

    def test_no_disputes(self):
        listed = self.shop.request("GET", "/v1/disputes?limit=5")
        self.assertEqual((listed.status, listed.json),
                         (200, {"data": [], "has_more": False, "next_cursor": None}))
        for unknown in ("dsp_" + "0" * 26, "pay_" + "0" * 26, "x"):
            self.assertEqual(self.shop.request("GET", f"/v1/disputes/{unknown}").status, 404)
        self.assertEqual(self.shop.request("GET", "/v1/disputes?cursor=abc").status, 422)


if __name__ == "__main__":
    unittest.main(verbosity=2)
