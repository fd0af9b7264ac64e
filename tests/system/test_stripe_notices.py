"""Notices in Stripe's documented form through the real listener: signed, found by the intent or by our
reference, booked once. The acquirer is a server of this test that knows the four requests it needs.
"""
import http.server
import json
import secrets
import ssl
import threading
import time
import unittest
import urllib.parse

from notice_support import NoticeInstance, sign
from support import wait_until

SECRET = "whsec_" + "0123456789abcdef" * 2


class Handler(http.server.BaseHTTPRequestHandler):
    """Payment intents and refunds, as docs.stripe.com/api shows them."""
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("Content-Length") or 0)
        asked = dict(urllib.parse.parse_qsl(self.rfile.read(length).decode()))
        book, name = self.server.book, self.path.rsplit("/", 1)[-1]
        if name not in ("payment_intents", "refunds"):
            return self.answer(404, {"error": {"type": "invalid_request_error", "message": "No."}})
        made = {"object": "payment_intent" if name == "payment_intents" else "refund",
                "amount": int(asked["amount"]), "currency": "eur", "status": "succeeded",
                "metadata": {"operation": asked["metadata[operation]"]}}
        number = len(book) + 1
        if made["object"] == "refund":
            made.update(id=f"re_{number}", payment_intent=asked["payment_intent"])
        else:
            made.update(id=f"pi_{number}", amount_received=made["amount"], amount_capturable=0,
                        capture_method="automatic")
        book.append(made)
        return self.answer(200, made)

    # Nobody is told what became of a request: only notices end a doubt.
    def do_GET(self):
        self.answer(500, {"error": {"type": "api_error", "message": "No."}})

    def answer(self, status, document):
        if self.server.lose_answers:
            self.close_connection = True
            return
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class StripeInstance(NoticeInstance):
    def create_connector(self):
        self.psp = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.psp.daemon_threads, self.psp.book, self.psp.lose_answers = True, [], False
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "tls/server.pem", self.folder / "tls/server.key")
        self.psp.socket = context.wrap_socket(self.psp.socket, server_side=True)
        threading.Thread(target=self.psp.serve_forever, daemon=True).start()
        key = self.folder / "stripe.key"
        key.write_text("sk_test_" + secrets.token_hex(12))
        key.chmod(0o400)
        self.florin("connector", "create", "stripe", "--kind", "stripe", "--base-url",
                    f"https://localhost:{self.psp.server_port}", "--api-key-file", key)

    def connect(self):
        secret = self.folder / "stripe.secret"
        secret.write_text(SECRET)
        secret.chmod(0o400)
        self.path = self.florin("connector", "notices", "stripe", "--secret-file", secret)["path"]
        self.notice_port = self.port_from("run/notices.port", self.daemon)

    def event(self, name, kind, thing):
        """Status of the answer to an event, signed as documented."""
        body = json.dumps({"id": name, "object": "event", "created": int(time.time()),
                           "type": kind, "data": {"object": thing}}).encode()
        return self.post(body, sign(body, secret=SECRET), field="Stripe-Signature")[0]


class StripeNotices(unittest.TestCase):
    def test_stripe(self):
        with StripeInstance(settings={"payments.connector_deadline_ms": 1500}) as instance:
            self.instance, self.shop = instance, instance.set_up()
            instance.connect()
            try:
                self.check_doubt()
                self.check_dispute()
                self.check_refund()
                self.check_unproven()
                self.assertEqual(instance.waiting(), [])
                instance.assert_balanced()
                instance.export_and_verify("stripe")
            finally:
                instance.psp.shutdown()
                instance.psp.server_close()

    def sale(self, minor, reference):
        made = self.shop.create(minor, "EUR", reference, token="pm_card_visa",
                                capture_method="automatic")
        self.assertEqual((made.status, made.json["status"]), (201, "succeeded"), made.body)
        return made.json["id"], self.instance.psp.book[-1]

    def amount(self, payment, name):
        return self.shop.get(payment).json[f"amount_{name}"]["value"]

    def check_doubt(self):
        """An answer that got lost: the event alone ends the doubt."""
        self.instance.psp.lose_answers = True
        made = self.shop.create(1200, "EUR", "lost", token="pm_card_visa",
                                capture_method="automatic")
        self.assertEqual(made.status, 202, made.body)
        intent = self.instance.psp.book[0]
        self.instance.psp.lose_answers = False
        self.assertEqual(self.instance.event("evt_1", "payment_intent.succeeded", intent), 200)
        self.assertEqual(self.shop.get(made.json["id"]).json["status"], "succeeded")

    def check_dispute(self):
        payment, intent = self.sale(5000, "disputed")
        dispute = {"id": "du_1", "object": "dispute", "amount": 5000, "balance_transactions": [],
                   "charge": "ch_1", "created": int(time.time()), "currency": "eur",
                   "evidence_details": {"due_by": int(time.time()) + 864000}, "metadata": {},
                   "payment_intent": intent["id"], "reason": "fraudulent",
                   "status": "needs_response"}
        # The money's own event repeats the dispute: one fact.
        for name, kind in (("evt_2", "charge.dispute.created"),
                           ("evt_3", "charge.dispute.funds_withdrawn"),
                           ("evt_2", "charge.dispute.created")):
            self.assertEqual(self.instance.event(name, kind, dispute), 200)
        self.assertEqual(self.amount(payment, "disputed"), 5000)
        listed = self.shop.request("GET", "/v1/disputes").json["data"]
        self.assertEqual([(row["payment"], row["status"], row["reason"]) for row in listed],
                         [(payment, "needs_response", "fraudulent")])
        dispute["status"] = "won"
        self.assertEqual(self.instance.event("evt_4", "charge.dispute.closed", dispute), 200)
        self.assertEqual(
            self.instance.event("evt_5", "charge.dispute.funds_reinstated", dispute), 200)
        self.assertEqual(self.amount(payment, "disputed"), 0)
        types = {"dispute.opened", "dispute.funds_withdrawn", "dispute.closed",
                 "dispute.funds_reinstated"}
        told = lambda: [row["event"]["type"] for row in self.instance.events()  # noqa: E731
                        if row["event"]["type"].startswith("dispute.")]
        wait_until("events of the dispute", lambda: types <= set(told()))
        self.assertEqual(len(told()), len(types))

    def check_refund(self):
        """It had succeeded, and fails afterwards: told three times, come back once."""
        payment, _ = self.sale(4000, "refunded")
        self.assertEqual(self.shop.refund(payment, 1500, "EUR").status, 201)
        refund = dict(self.instance.psp.book[-1], status="failed", failure_reason="declined")
        for name, kind in (("evt_6", "refund.failed"), ("evt_7", "refund.updated"),
                           ("evt_8", "charge.refund.updated")):
            self.assertEqual(self.instance.event(name, kind, refund), 200)
        told = self.shop.get(payment).json
        self.assertEqual((told["amount_returned"]["value"], told["refunds"][0]["status"]),
                         (1500, "returned"))

    def check_unproven(self):
        body = b'{"id":"evt_9","object":"event","type":"refund.failed","data":{"object":{}}}'
        for header in (sign(body), sign(body, at=int(time.time()) - 301, secret=SECRET),
                       sign(body + b" ", secret=SECRET), None):
            self.assertEqual(self.instance.post(body, header, field="Stripe-Signature")[0], 401)
        self.assertEqual(
            self.instance.post(body, sign(body, secret=SECRET), field="Sandbox-Signature")[0], 401)


if __name__ == "__main__":
    unittest.main()
