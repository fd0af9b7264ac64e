"""What an acquirer tells unasked: taken once, whatever the order, and only when it is proven.
"""
import json
import time
import unittest

from notice_support import NoticeInstance, sign
from support import wait_until


class Notices(unittest.TestCase):
    def test_notices(self):
        with NoticeInstance(settings={"payments.connector_deadline_ms": 1500}) as instance:
            shop = instance.set_up()
            instance.connect()
            self.check_lost_answer(instance, shop)
            self.check_duplicates_and_order(instance, shop)
            self.check_notice_before_answer(instance, shop)
            self.check_later(instance, shop)
            self.check_unproven(instance, shop)
            self.check_parked(instance, shop)
            self.check_contradiction(instance, shop)
            self.check_crash(instance, shop)
            instance.assert_balanced()
            instance.export_and_verify("notices")

    def silence(self, instance, operation=None, count=1):
        """Nobody answers inquiries; the next answers of an operation get lost."""
        rules = [{"operation": "inquiry", "behaviour": "close_before", "count": 1000}]
        if operation:
            rules.append({"operation": operation, "behaviour": "close_after", "count": count})
        instance.ask_sandbox("PUT", "/v1/faults", {"rules": rules})

    def wait_status(self, shop, payment, status, seconds=20):
        return wait_until(f"status {status}",
                          lambda: shop.get(payment).json["status"] == status, seconds)

    def charge_of(self, instance, reference):
        return [row for row in instance.book()["charges"]
                if row["merchant_reference"] == reference][0]

    def check_lost_answer(self, instance, shop):
        """A doubt ends by the notice alone."""
        self.silence(instance, "charge")
        made = shop.create(1100, "EUR", "notice-1")
        self.assertEqual(made.status, 202, made.body)
        self.wait_status(shop, made.json["id"], "requires_capture")
        self.assertEqual(self.charge_of(instance, "notice-1")["amount"], 1100)
        self.assertEqual(instance.florin("payment", "in-doubt")["items"], [])

    def check_duplicates_and_order(self, instance, shop):
        payment = shop.create(2000, "EUR", "notice-2", capture_method="automatic").json["id"]
        wait_until("its notice", lambda: instance.notices()["sent"] >= 2)
        instance.notices("PUT", document={"delivery": "hold"})
        self.silence(instance, "refund", 2)
        self.assertEqual(shop.refund(payment, 300, "EUR").status, 202)
        self.assertEqual(shop.refund(payment, 200, "EUR").status, 202)
        before, sent = instance.entry_count(), instance.notices()["sent"]
        self.assertEqual(instance.notices()["held"], 2)
        instance.notices("POST", "/release", {"order": "reversed", "copies": 3})
        wait_until("six notices taken", lambda: instance.notices()["sent"] == sent + 6)
        self.assertEqual(shop.get(payment).json["amount_refunded"]["value"], 500)
        # Two outcomes, two entries: what is told again writes nothing.
        after = instance.entry_count()
        self.assertEqual(after["demo", "test"], before["demo", "test"] + 2)
        instance.notices("PUT", document={"delivery": "send"})
        instance.disarm()

    def check_notice_before_answer(self, instance, shop):
        """The answer comes after the deadline, the notice before it: the merchant is told the truth."""
        made = shop.create(3300, "EUR", "notice-3", token="tok_stall")
        self.assertEqual((made.status, made.json["status"]), (201, "requires_capture"), made.body)

    def check_later(self, instance, shop):
        for approve, status in ((True, "requires_capture"), (False, "failed")):
            reference = f"notice-later-{approve}"
            made = shop.create(4400, "EUR", reference, token="tok_later")
            self.assertEqual(made.status, 202, made.body)
            charge = self.charge_of(instance, reference)
            self.assertEqual(charge["status"], "pending")
            self.silence(instance)
            instance.ask_sandbox("POST", f"/v1/charges/{charge['id']}/conclusion",
                                 {"approve": approve})
            self.wait_status(shop, made.json["id"], status)
            instance.disarm()

    def check_unproven(self, instance, shop):
        """Whatever is not proven to be the connector's changes nothing and learns nothing."""
        body = b'{"id":"evt_x"}'
        connector = self_path = instance.path
        tenant, other = connector.rsplit("/", 1)
        before = instance.entry_count()
        cases = [
            (401, dict(signature=None)), (401, dict(signature="t=1,v1=00")),
            (401, dict(signature=sign(body, secret="another-secret-of-somebody"))),
            (401, dict(signature=sign(body, at=int(time.time()) - 301))),
            (401, dict(signature=sign(body + b" "))),
            (401, dict(signature=sign(body), path=tenant + "/con_" + "0" * 26)),
            (401, dict(signature=sign(body), path=tenant + "/" + "x" * 200)),
            (401, dict(signature=sign(body), path="/in/nobody/" + other)),
            (400, dict(signature=sign(body))),
            (404, dict(signature=sign(body), path="/")),
            (404, dict(signature=sign(body), path=self_path + "/")),
            (405, dict(signature=sign(body), method="PUT"))]
        for status, more in cases:
            got, headers, text = instance.post(body, **more)
            self.assertEqual((got, text), (status, b""), more)
            self.assertNotIn("flo" + "rin", str(headers).lower())
        big = b"x" * (256 * 1024 + 1)
        self.assertEqual(instance.post(big, sign(big))[0], 413)
        self.assertEqual(instance.entry_count(), before)
        self.assertEqual(shop.create(100, "EUR", "notice-alive").status, 201)

    def event(self, name, charge, reference="not-ours", status="authorized", **more):
        return {"id": name, "type": "operation.answered", "created": int(time.time()), "key": "k",
                "kind": "charge", "reference": reference, "answer_status": 201,
                "answer": {"object": "charge", "id": charge["id"], "reference": reference,
                           "status": status, "amount": charge["amount"],
                           "currency": charge["currency"], **more}}

    def check_parked(self, instance, shop):
        """About what nobody knows: kept, shown, and applied when it can be."""
        nobody = {"id": "ch_nobody", "amount": 5, "currency": "EUR"}
        self.assertEqual(instance.tell(self.event("evt_nobody", nobody)), 200)
        self.assertEqual(instance.tell(self.event("evt_nobody", nobody)), 200)
        self.assertEqual([(row["state"], row["psp_reference"]) for row in instance.waiting()],
                         [("parked", "ch_nobody")])
        # The acquirer's own name is known only when its answer is.
        instance.notices("PUT", document={"delivery": "drop"})
        self.silence(instance, "charge")
        payment = shop.create(5500, "EUR", "notice-parked").json["id"]
        charge = self.charge_of(instance, "notice-parked")
        self.assertEqual(instance.tell(self.event("evt_parked", charge)), 200)
        self.assertEqual(len(instance.waiting()), 2)
        instance.disarm()
        self.wait_status(shop, payment, "requires_capture", 40)
        wait_until("end of the parking", lambda: len(instance.waiting()) == 1)
        instance.notices("PUT", document={"delivery": "send"})

    def check_contradiction(self, instance, shop):
        """Other than the books: booked nowhere, shown to people."""
        payment = shop.create(6600, "EUR", "notice-differs").json
        charge = self.charge_of(instance, "notice-differs")
        event = self.event("evt_differs", charge, charge["reference"], "declined",
                           decline={"code": "stolen_card", "network_code": "43"})
        self.assertEqual(instance.tell(event), 200)
        row = instance.waiting()[-1]
        self.assertEqual((row["state"], row["told"], row["operation"]),
                         ("differs", "declined", charge["reference"]))
        self.assertEqual(shop.get(payment["id"]).json["status"], "requires_capture")
        # The same name with another content is not a new fact.
        event["answer"]["amount"] = 1
        self.assertEqual(instance.tell(event), 200)
        self.assertEqual(len(instance.waiting()), 2)

    def check_crash(self, instance, shop):
        """Answered means durable."""
        instance.notices("PUT", document={"delivery": "drop"})
        self.silence(instance, "charge")
        payment = shop.create(7700, "EUR", "notice-crash").json["id"]
        charge = self.charge_of(instance, "notice-crash")
        self.assertEqual(instance.tell(self.event("evt_crash", charge, charge["reference"])), 200)
        instance.kill_daemon()
        (instance.folder / "run/notices.port").unlink()
        instance.restart_daemon()
        instance.move_client(shop)
        self.assertEqual(shop.get(payment).json["status"], "requires_capture")
        self.assertEqual(len(instance.waiting()), 2)
        instance.notice_port = instance.port_from("run/notices.port", instance.daemon)
        before = instance.entry_count()
        self.assertEqual(instance.tell(self.event("evt_crash", charge, charge["reference"])), 200)
        self.assertEqual(instance.entry_count(), before)


if __name__ == "__main__":
    unittest.main()
