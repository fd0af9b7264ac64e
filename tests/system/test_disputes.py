"""What an acquirer tells after the end: disputes, refunds that come back, captures taken back. Booked
once, in whatever order and however often it is told, shown to the merchant, and never lost.
"""
import random
import threading
import time
import unittest

from notice_support import NoticeInstance
from support import SEED, CliError, wait_until

PAYABLE, HOLDING, SUSPENSE = "2100", "2300", "3200"


class Disputes(unittest.TestCase):
    def test_after_the_end(self):
        print(f"seed {SEED}")
        with NoticeInstance(settings={"payments.connector_deadline_ms": 1500}) as instance:
            self.instance, self.shop = instance, instance.set_up()
            instance.connect()
            self.check_lost()
            self.check_won()
            self.check_inquiry()
            self.check_order_and_copies()
            self.check_return()
            self.check_reversal()
            self.check_differing()
            self.check_closing()
            self.check_early_and_killed()
            self.check_killed_at_any_time()
            instance.assert_balanced()
            instance.export_and_verify("disputes")

    def sale(self, minor, reference):
        """A captured payment and the acquirer's name of its charge."""
        made = self.shop.create(minor, "EUR", reference, capture_method="automatic")
        self.assertEqual((made.status, made.json["status"]), (201, "succeeded"), made.body)
        return made.json["id"], self.charge_of(reference)["id"]

    def charge_of(self, reference):
        return [row for row in self.instance.book()["charges"]
                if row["merchant_reference"] == reference][0]

    def say(self, target, **document):
        return self.instance.ask_sandbox("POST", target, document)

    def dispute(self, charge, minor, status="needs_response", stage="chargeback", currency="EUR"):
        return self.say(f"/v1/charges/{charge}/disputes", amount=minor, currency=currency,
                        stage=stage, status=status, reason="fraudulent",
                        respond_by=int(time.time()) + 864000)["id"]

    def step(self, dispute, status, stage="chargeback"):
        self.say(f"/v1/disputes/{dispute}", stage=stage, status=status)

    def amounts(self, payment):
        told = self.shop.get(payment).json
        return {name: told[f"amount_{name}"]["value"]
                for name in ("captured", "refunded", "reversed", "returned", "disputed",
                             "charged_back")}

    def wait_amounts(self, payment, **wanted):
        wait_until(f"{wanted}",
                   lambda: all(self.amounts(payment)[name] == value
                               for name, value in wanted.items()))

    def disputes_of(self, payment):
        page = self.shop.request("GET", "/v1/disputes?limit=100")
        self.assertEqual(page.status, 200, page.body)
        return [row for row in page.json["data"] if row["payment"] == payment]

    def wait_dispute(self, payment, status):
        def look():
            found = [row for row in self.disputes_of(payment) if row["status"] == status]
            return found and found[0]
        found = wait_until(f"dispute {status}", look)
        alone = self.shop.request("GET", "/v1/disputes/" + found["id"])
        self.assertEqual((alone.status, alone.json), (200, found))
        return found

    def wait_events(self, owner, *types):
        """The types told of an object, in their order."""
        def told():
            rows = [row["event"] for row in self.instance.events()
                    if row["event"]["data"]["id"] == owner]
            rows.sort(key=lambda row: row["data"]["version"])
            return [row["type"] for row in rows]
        wait_until(f"events {types}", lambda: set(types) <= set(told()))
        return told()

    def sum(self, code):
        """Credits less debits."""
        return sum(int(row["credits"]) - int(row["debits"]) for row in self.instance.balances()
                   if str(row["code"]) == code)

    def check_lost(self):
        payment, charge = self.sale(10000, "dispute-lost")
        payable = self.sum(PAYABLE)
        dispute = self.dispute(charge, 3000)
        told = self.wait_dispute(payment, "needs_response")
        self.assertEqual((told["stage"], told["amount"]["value"], told["reason"]),
                         ("chargeback", 3000, "fraudulent"))
        self.assertEqual(told["amount_withheld"]["value"], 3000)
        self.assertIn("respond_by", told)
        self.wait_amounts(payment, disputed=3000, charged_back=0)
        self.assertEqual(self.sum(HOLDING), -3000)
        # What is withheld cannot be refunded.
        self.assertEqual(self.shop.refund(payment, 7001, "EUR").status, 422)
        self.step(dispute, "lost")
        told = self.wait_dispute(payment, "lost")
        self.assertEqual(told["amount_charged_back"]["value"], 3000)
        self.assertNotIn("respond_by", told)
        self.wait_amounts(payment, disputed=0, charged_back=3000)
        self.assertEqual((self.sum(HOLDING), self.sum(PAYABLE)), (0, payable - 3000))
        self.assertEqual(self.wait_events(told["id"], "dispute.opened", "dispute.funds_withdrawn",
                                          "dispute.closed").count("dispute.opened"), 1)

    def check_won(self):
        payment, charge = self.sale(5000, "dispute-won")
        payable = self.sum(PAYABLE)
        dispute = self.dispute(charge, 5000)
        self.wait_amounts(payment, disputed=5000)
        self.step(dispute, "under_review")
        told = self.wait_dispute(payment, "under_review")
        self.step(dispute, "won")
        self.wait_amounts(payment, disputed=0, charged_back=0)
        self.assertEqual((self.sum(HOLDING), self.sum(PAYABLE)), (0, payable))
        self.wait_events(told["id"], "dispute.opened", "dispute.updated", "dispute.closed",
                         "dispute.funds_withdrawn", "dispute.funds_reinstated")

    def check_inquiry(self):
        payment, charge = self.sale(2000, "dispute-inquiry")
        dispute = self.dispute(charge, 2000, stage="inquiry")
        self.wait_dispute(payment, "needs_response")
        self.step(dispute, "withdrawn", stage="inquiry")
        told = self.wait_dispute(payment, "withdrawn")
        self.assertEqual(told["amount_withheld"]["value"], 0)
        self.assertEqual(self.sum(HOLDING), 0)

    def check_order_and_copies(self):
        """Three times each and the last one first: one dispute, one end."""
        payment, charge = self.sale(4000, "dispute-order")
        wait_until("its notice", lambda: self.instance.notices()["failed"] == 0)
        self.instance.notices("PUT", document={"delivery": "hold"})
        dispute = self.dispute(charge, 4000)
        self.step(dispute, "lost")
        sent = self.instance.notices()["sent"]
        self.instance.notices("POST", "/release", {"order": "reversed", "copies": 3})
        wait_until("six notices taken", lambda: self.instance.notices()["sent"] == sent + 6)
        self.assertEqual(len(self.disputes_of(payment)), 1)
        told = self.wait_dispute(payment, "lost")
        self.assertEqual(self.amounts(payment)["charged_back"], 4000)
        self.instance.notices("PUT", document={"delivery": "send"})
        events = self.wait_events(told["id"], "dispute.opened", "dispute.closed")
        self.assertEqual(events.count("dispute.opened"), 1)
        self.assertEqual(self.instance.waiting(), [])

    def check_return(self):
        payment, _ = self.sale(6000, "return")
        made = self.shop.refund(payment, 1500, "EUR")
        self.assertEqual(made.status, 201, made.body)
        payable = self.sum(PAYABLE)
        refund = self.charge_of("return")["refunds"][0]["id"]
        self.say(f"/v1/refunds/{refund}/return", amount=1500, currency="EUR")
        self.wait_amounts(payment, refunded=1500, returned=1500)
        told = self.shop.get(payment).json
        self.assertEqual((told["status"], told["refunds"][0]["status"]), ("succeeded", "returned"))
        self.assertEqual(self.sum(PAYABLE), payable + 1500)
        self.wait_events(payment, "refund.succeeded", "refund.returned")
        # It can be given back anew.
        self.assertEqual(self.shop.refund(payment, 6000, "EUR").status, 201)

    def check_reversal(self):
        made = self.shop.create(8000, "EUR", "reversal")
        payment = made.json["id"]
        self.assertEqual(self.shop.capture(payment, 5000, "EUR", final=True).status, 201)
        payable = self.sum(PAYABLE)
        capture = self.charge_of("reversal")["captures"][0]["id"]
        self.say(f"/v1/captures/{capture}/reversal", amount=5000, currency="EUR")
        self.wait_amounts(payment, captured=5000, reversed=5000)
        self.assertEqual(self.shop.get(payment).json["captures"][0]["status"], "reversed")
        self.assertEqual(self.sum(PAYABLE), payable - 5000)
        self.wait_events(payment, "capture.reversed")
        self.assertEqual(self.shop.refund(payment, 1, "EUR").status, 422)

    def check_differing(self):
        """More than there was, or in another currency: booked, and shown to people."""
        payment, charge = self.sale(1000, "differing")
        suspense = self.sum(SUSPENSE)
        self.say(f"/v1/captures/{charge}/reversal", amount=1400, currency="EUR")
        self.wait_amounts(payment, reversed=1000)
        self.assertEqual(self.sum(SUSPENSE), suspense - 400)
        waiting = self.instance.waiting()
        self.assertEqual([(row["state"], row["type"], row["amount"]["value"]) for row in waiting],
                         [("differs", "capture.reversed", 1400)])
        other, charge = self.sale(1100, "differing-currency")
        self.dispute(charge, 900, currency="USD")
        self.wait_dispute(other, "needs_response")
        self.assertEqual(self.amounts(other)["disputed"], 0)
        self.assertEqual([row["state"] for row in self.instance.waiting()], ["differs"] * 2)
        self.assertEqual(self.waiting_dispute(1)["stage"], "chargeback")

    def check_closing(self):
        """Two people end the waiting; no money moves, and it is never applied."""
        instance = self.instance
        waiting, balances = instance.waiting(), instance.balances()
        words = ("payment", "close-notice", waiting[0]["id"], "--reason", "case 4711")
        asked = instance.request("alice", *words)
        self.assertEqual(len(instance.waiting()), 2)
        number = asked["number"]
        done = instance.act("bob", "approve", number)
        self.assertEqual(done["state"], "executed", done)
        self.assertEqual([row["id"] for row in instance.waiting()], [waiting[1]["id"]])
        closed = instance.florin("payment", "notices", "--state", "closed")["items"]
        self.assertEqual([(row["id"], row["state"], row["closed_by"]) for row in closed],
                         [(waiting[0]["id"], "closed", number)])
        self.assertEqual(instance.balances(), balances)
        for again in (words, ("payment", "close-notice", "inf_" + "0" * 26, "--reason", "x"),
                      ("payment", "close-notice", "nothing", "--reason", "x")):
            with self.assertRaises(CliError):
                instance.request("alice", *again)
        # About nothing that is known: parked, closed, and told again in vain.
        thing = {"object": "reversal", "id": "rv_x", "capture": "ca_x", "charge": "ch_x",
                 "reference": "nobody's", "amount": 5, "currency": "EUR", "number": 1}
        event = self.event("evt_x", "capture.reversed", thing)
        self.assertEqual(instance.tell(event), 200)
        parked = instance.waiting()[-1]
        self.assertEqual(parked["state"], "parked")
        instance.two_people("bob", "alice", "payment", "close-notice", parked["id"],
                            "--reason", "a test of the acquirer's")
        self.assertEqual(instance.tell(event), 200)
        self.assertEqual(len(instance.waiting()), 1)

    def waiting_dispute(self, place):
        return self.instance.waiting()[place]["dispute"]

    def silence(self, operation):
        self.instance.ask_sandbox("PUT", "/v1/faults", {"rules": [
            {"operation": "inquiry", "behaviour": "close_before", "count": 1000},
            {"operation": operation, "behaviour": "close_after", "count": 1}]})

    def restart(self):
        (self.instance.folder / "run/notices.port").unlink()
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        self.instance.notice_port = self.instance.port_from("run/notices.port",
                                                            self.instance.daemon)

    def event(self, name, kind, thing):
        return {"id": name, "type": kind, "created": int(time.time()), "object": thing}

    def check_early_and_killed(self):
        """Told while the payment is in doubt: kept, also across a kill, and booked when it has ended."""
        before = len(self.instance.waiting())
        self.instance.notices("PUT", document={"delivery": "drop"})
        self.silence("charge")
        made = self.shop.create(3300, "EUR", "early", capture_method="automatic")
        self.assertEqual(made.status, 202, made.body)
        charge = self.charge_of("early")
        event = self.event("evt_early", "dispute.changed", {
            "object": "dispute", "id": "dp_early", "charge": charge["id"],
            "reference": charge["reference"], "amount": 3300, "currency": "EUR",
            "stage": "chargeback", "status": "lost", "number": 1})
        self.assertEqual(self.instance.tell(event), 200)
        row = self.instance.waiting()[-1]
        self.assertEqual((row["state"], row["operation"]), ("parked", charge["reference"]))
        self.assertEqual(self.disputes_of(made.json["id"]), [])
        self.instance.kill_daemon()
        self.restart()
        self.assertEqual(len(self.instance.waiting()), before + 1)
        self.instance.disarm()
        wait_until("its outcome", lambda: self.shop.get(made.json["id"]).json["status"]
                   == "succeeded", 40)
        self.wait_amounts(made.json["id"], captured=3300, charged_back=3300)
        wait_until("end of the parking", lambda: len(self.instance.waiting()) == before)

    def check_killed_at_any_time(self):
        """Killed while notices come: what was answered is there, and what is told again is not twice."""
        chance = random.Random(SEED)
        payments = [self.sale(1000, f"killed-{number}") for number in range(8)]
        objects = [{"object": "reversal", "id": f"rv_k{number}", "capture": charge,
                    "charge": charge, "reference": self.charge_of(f"killed-{number}")["reference"],
                    "amount": 1000, "currency": "EUR", "number": number}
                   for number, (_, charge) in enumerate(payments)]
        for round_number in range(2):
            mine = objects[4 * round_number:4 * round_number + 4]
            answered = []

            def tell_all():
                for thing in mine:
                    try:
                        status = self.instance.tell(self.event("evt_" + thing["id"],
                                                               "capture.reversed", thing))
                        if status == 200:
                            answered.append(thing["id"])
                    except OSError:
                        return
            sender = threading.Thread(target=tell_all)
            sender.start()
            sender.join(chance.uniform(0, 0.05))
            self.instance.kill_daemon()
            sender.join()
            self.restart()
            for thing, (payment, _) in zip(mine, payments[4 * round_number:]):
                there = self.amounts(payment)["reversed"]
                self.assertEqual(there, 1000 if thing["id"] in answered else there)
                self.assertIn(there, (0, 1000))
                self.assertEqual(self.instance.tell(self.event("evt_" + thing["id"],
                                                               "capture.reversed", thing)), 200)
                self.wait_amounts(payment, reversed=1000)


if __name__ == "__main__":
    unittest.main()
