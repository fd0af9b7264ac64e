"""The daemon is killed while money moves: nothing is charged twice, nothing acknowledged is lost.

First at 15 random moments of an authorisation that the acquirer has charged and whose answer is lost,
then at 10 random points of any operation with any fault (ten times as many with FLORIN_LONG=1), the
daemon gets SIGKILL, is started again and the merchant repeats the request under the same idempotency
key. Then the acquirer's book and the ledger must tell the same. The seed is printed;
FLORIN_SEED repeats a run.
"""
import http.client
import random
import threading
import time
import unittest

import books
from support import LONG, SEED, Instance, wait_until

LOST_ANSWERS = 150 if LONG else 15
ANY_POINTS = 100 if LONG else 10
STALL_MS = 3000
OPEN = ("in_doubt", "processing", "created", "pending")


class Attempt(threading.Thread):
    """One request that may lose its connection."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self.call, self.answer = call, None
        self.start()

    def run(self):
        try:
            self.answer = self.call()
        except (OSError, http.client.HTTPException):
            pass  # the daemon was killed: that is the point


class Crash(unittest.TestCase):
    def test_kill_at_random_points(self):
        print(f"seed {SEED}", flush=True)
        chance = random.Random(SEED)
        with Instance(sandbox_options=["--stall-ms", STALL_MS],
                      settings={"payments.connector_deadline_ms": "2000",
                                "hsm.timeout_ms": "5000"}) as instance:
            self.instance, self.shop = instance, instance.set_up()
            for number in range(LOST_ANSWERS):
                fault = chance.choice(["close_after", "stall", "error_500_after",
                                       "malformed_after"])
                self.point(f"lost-{number}", "charge", fault, chance.uniform(0, 0.1), True)
            for number in range(ANY_POINTS):
                operation = chance.choice(["charge", "capture", "refund"])
                fault = chance.choice([None, "close_after", "stall", "stall_before",
                                       "close_before", "error_500_after"])
                self.point(f"any-{number}", operation, fault, chance.uniform(0, 0.3), False)
            instance.disarm()
            books.check_books(instance, self.shop)
            instance.export_and_verify("after-crashes")
            self.check_events()

    def point(self, reference, operation, fault, delay_s, executed):
        with self.subTest(reference=reference, operation=operation, fault=fault, delay=delay_s,
                          seed=SEED):
            self.one_point(reference, operation, fault, delay_s, executed)

    def one_point(self, reference, operation, fault, delay_s, executed):
        key = f"{reference}-key-{operation}-0001"
        value = 10000
        if operation == "charge":
            call = lambda: self.shop.create(value, "EUR", reference,  # noqa: E731
                                            idempotency_key=key)
        else:
            payment = self.prepared(reference, value, operation)
            if operation == "capture":
                call = lambda: self.shop.capture(payment, value, "EUR",  # noqa: E731
                                                 idempotency_key=key)
            else:
                call = lambda: self.shop.refund(payment, 2500, "EUR",  # noqa: E731
                                                idempotency_key=key)
        if fault:
            self.instance.arm(operation, fault)
        attempt = Attempt(call)
        if executed:
            # The bad moment: executed there, the answer not here and never to come.
            wait_until("execution", lambda: self.executed(reference, operation), seconds=10,
                       interval_s=0.002)
        time.sleep(delay_s)
        self.instance.kill_daemon()
        attempt.join(30)
        self.instance.disarm()
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        self.settle(call, reference, operation, value, attempt)

    def prepared(self, reference, value, operation):
        created = self.shop.create(value, "EUR", reference)
        self.assertEqual(created.status, 201, created.body)
        payment = created.json["id"]
        if operation == "refund":
            self.assertEqual(self.shop.capture(payment).status, 201)
        return payment

    def settle(self, call, reference, operation, value, attempt):
        """Repeats under the same key until there is an answer, then waits for certainty."""
        def repeat():
            answer = call()
            # 409: still running or in doubt, which is a state and not a failure.
            return answer if answer.status in (201, 200, 202) else self.must_be_busy(answer)
        answer = wait_until("answer to the repeated request", repeat, seconds=60, interval_s=0.2)
        payment = answer.json["id"] if answer.json["object"] == "payment" else None
        if payment is None:
            payment = answer.json["payment"]
        if attempt.answer is not None and attempt.answer.status == 201:
            acknowledged = attempt.answer.json
            self.assertEqual(answer.json["id"], acknowledged["id"], "an answer was lost")

        def certain():
            shown = self.shop.get(payment)
            self.assertEqual(shown.status, 200, shown.body)
            if shown.json["status"] in OPEN:
                return None
            open_parts = [part for part in shown.json["captures"] + shown.json["refunds"]
                          if part["status"] in ("unknown", "pending")]
            return None if open_parts else shown.json
        shown = wait_until("certainty", certain, seconds=60, interval_s=0.2)
        books.compare(shown, self.charges(reference))

    def must_be_busy(self, answer):
        self.assertIn(answer.status, (409, 429, 503), answer.body)

    def charges(self, reference):
        return [charge for charge in self.instance.book()["charges"]
                if charge.get("merchant_reference") == reference]

    def executed(self, reference, operation):
        charges = self.charges(reference)
        if operation == "charge":
            return charges
        return [part for charge in charges for part in charge[operation + "s"]]

    def check_events(self):
        captured = {payment for payment, row in books.all_payments(self.shop).items()
                    if row["amount_captured"]["value"] > 0}

        def told():
            text = " ".join(str(row["event"]) for row in self.instance.events()
                            if row["event"]["type"] == "capture.succeeded")
            return all(payment in text for payment in captured)
        wait_until("webhook of every capture", told, seconds=90, interval_s=0.5)


if __name__ == "__main__":
    unittest.main(verbosity=2)
