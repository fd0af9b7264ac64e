"""One row after the other of what an Idempotency-Key promises: what is stored and what is not, what a
second request gets, and that nothing is ever charged again."""
import concurrent.futures
import http.client
import json
import socket
import ssl
import unittest

from instance_case import InstanceCase
from support import wait_until


class Idempotency(InstanceCase):
    options = {"sandbox_options": ("--stall-ms", 8000),
               "settings": {"payments.connector_deadline_ms": 10000}}

    @classmethod
    def prepare(cls):
        cls.other = cls.instance.add_merchant("other")
        cls.careful = cls.instance.add_merchant("careful", "--references", "unique")

    def setUp(self):
        self.key = "key-of-" + self.id().rpartition(".")[2].replace("_", "-")
        self.before = self.instance.entry_count()["demo", "test"]

    def tearDown(self):
        self.instance.disarm()

    def pay(self, value=1000, client=None, **more):
        more.setdefault("idempotency_key", self.key)
        return (client or self.shop).create(value, "EUR", self.key, **more)

    def charges(self):
        """What the acquirer has of this test's payments."""
        return [row for row in self.instance.book()["charges"]
                if row.get("merchant_reference") == self.key]

    def assert_nothing_stored(self):
        self.assertEqual(self.instance.entry_count()["demo", "test"], self.before)
        self.assertEqual(self.charges(), [])

    def assert_replayed(self, first, again):
        self.assertEqual((again.status, again.body), (first.status, first.body))
        self.assertNotIn("idempotent-replayed", first.headers)
        self.assertEqual(again.headers.get("idempotent-replayed"), "true")

    def raw(self, body, key=None, headers=()):
        signed = self.shop.headers_for("POST", "/v1/payments", body, "application/json",
                                       self.key if key is None else key)
        return self.shop.send("POST", "/v1/payments", {**signed, **dict(headers)}, body)

    def document(self, value=1000):
        return {"amount": {"value": value, "currency": "EUR"}, "merchant_reference": self.key,
                "payment_method": {"type": "token", "token": "tok_approve"},
                "capture_method": "manual"}

    # --- the key itself

    def test_missing(self):
        answer = self.raw(json.dumps(self.document()).encode(), key="")
        self.assertEqual((answer.status, answer.json["code"]), (400, "idempotency-key-missing"))
        self.assert_nothing_stored()

    def test_a_key_is_of_one_merchant(self):
        mine, theirs = self.pay(), self.pay(client=self.other)
        self.assertEqual((mine.status, theirs.status), (201, 201))
        self.assertNotEqual(mine.json["id"], theirs.json["id"])
        self.assertEqual(len(self.charges()), 2)

    def test_a_read_takes_no_notice_of_it(self):
        payment = self.pay().json["id"]
        for key in (self.key, "another-key-" + self.key):
            headers = self.shop.headers_for("GET", f"/v1/payments/{payment}", b"", "", key)
            answer = self.shop.send("GET", f"/v1/payments/{payment}", headers)
            self.assertEqual((answer.status, answer.json["id"]), (200, payment))
            self.assertNotIn("idempotent-replayed", answer.headers)

    # --- the same request again

    def test_finished_is_answered_again_byte_for_byte(self):
        paid = self.pay()
        self.assertEqual(paid.json["status"], "requires_capture")
        # The payment goes on; the answer stays what it was.
        self.assertEqual(self.shop.capture(paid.json["id"]).status, 201)
        self.assert_replayed(paid, self.pay())
        self.assertEqual(len(self.charges()), 1)

    def test_a_decline_is_answered_again(self):
        declined = self.pay(token="tok_decline_insufficient_funds")
        self.assertEqual((declined.status, declined.json["status"]), (201, "failed"))
        self.assert_replayed(declined, self.pay(token="tok_decline_insufficient_funds"))
        self.assertEqual(len(self.charges()), 1)

    def test_an_unknown_that_resolved_is_still_202(self):
        self.instance.arm("charge", "close_after")
        doubt = self.pay()
        self.assertEqual((doubt.status, doubt.json["status"]), (202, "in_doubt"))
        self.assert_replayed(doubt, self.pay())
        wait_until("the end of the doubt", lambda: self.shop.get(
            doubt.json["id"]).json["status"] == "requires_capture", seconds=40)
        self.assert_replayed(doubt, self.pay())
        self.assertEqual(len(self.charges()), 1)

    def test_the_same_document_in_other_bytes(self):
        paid = self.pay()
        turned = dict(reversed(list(self.document().items())))
        self.assert_replayed(paid, self.raw(json.dumps(turned, indent=3).encode()))

    # --- another request under the key

    def test_another_body_method_or_path_is_refused(self):
        paid = self.pay()
        payment = paid.json["id"]
        for answer in (self.pay(1001), self.shop.capture(payment, idempotency_key=self.key),
                       self.shop.void(payment, idempotency_key=self.key),
                       self.shop.refund(payment, 1000, "EUR", idempotency_key=self.key)):
            self.assertEqual((answer.status, answer.json["code"]), (422, "idempotency-key-reused"),
                             answer.body)
        self.assertEqual(self.shop.get(payment).json["status"], "requires_capture")
        self.assert_replayed(paid, self.pay())
        self.assertEqual([(row["status"], row["amount"]) for row in self.charges()],
                         [("authorized", 1000)])

    # --- a fresh key for the same thing

    def test_a_unique_reference_names_its_payment(self):
        paid = self.pay(client=self.careful)
        self.assertEqual(paid.status, 201)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            refused = list(pool.map(
                lambda number: self.pay(client=self.careful,
                                        idempotency_key=f"{self.key}-{number}"), range(8)))
        for answer in refused:
            self.assertEqual((answer.status, answer.json["code"]), (409, "duplicate-reference"))
            self.assertEqual(answer.json["resource"], "/v1/payments/" + paid.json["id"])
            self.assertEqual(answer.json["errors"][0]["pointer"], "/merchant_reference")
        self.assert_replayed(paid, self.pay(client=self.careful))
        self.assertEqual(len(self.charges()), 1)

    def test_many_fresh_keys_at_once_make_one_payment(self):
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(
                lambda number: self.pay(client=self.careful,
                                        idempotency_key=f"{self.key}-{number}"), range(16)))
        self.assertEqual(sorted(answer.status for answer in answers), [201] + [409] * 15)
        self.assertEqual(len(self.charges()), 1)

    # --- while the first one runs

    def test_in_progress_is_refused_or_joins(self):
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            first = pool.submit(self.pay, token="tok_stall")
            wait_until("the charge", self.charges)
            document = self.document()
            document["payment_method"]["token"] = "tok_stall"
            body = json.dumps(document).encode()
            impatient = self.raw(body)
            joined = pool.submit(self.raw, body, headers=[("Prefer", "wait=30")])
            first, joined = first.result(), joined.result()
        # A machine that was busy for so long may have the answer by now.
        if impatient.status == 409:
            self.assertEqual(impatient.json["code"], "idempotency-in-progress")
            self.assertIn("retry-after", impatient.headers)
        else:
            self.assert_replayed(first, impatient)
        self.assert_replayed(first, joined)
        self.assertEqual(len(self.charges()), 1)

    # --- refused before it was executed

    def test_what_was_refused_leaves_the_key_free(self):
        body = json.dumps(self.document()).encode()
        signed = lambda **more: self.shop.headers_for(  # noqa: E731
            "POST", "/v1/payments", body, "application/json", self.key, **more)
        post = lambda headers, sent=body: self.shop.send(  # noqa: E731
            "POST", "/v1/payments", headers, sent).status
        self.assertEqual(post(signed(timestamp=1_700_000_000)), 401)
        self.assertEqual(post(signed(), body + b" "), 401)
        broken = b'{"amount":'
        self.assertEqual(self.raw(broken).status, 400)
        self.assertEqual(self.raw(json.dumps(self.document(-1)).encode()).status, 422)
        self.assertEqual(self.raw(b"[]").status, 422)
        large = dict(self.document(), description="x" * 100_000)
        self.assertIn(self.raw(json.dumps(large).encode()).status, (413, 422))
        plain = self.shop.headers_for("POST", "/v1/payments", body, "text/plain", self.key)
        self.assertEqual(self.shop.send("POST", "/v1/payments", plain, body).status, 415)
        self.assert_nothing_stored()
        self.assertEqual(self.raw(body).status, 201)
        self.assertEqual(len(self.charges()), 1)

    def test_a_command_that_may_not_be_leaves_the_key_free(self):
        payment = self.pay(idempotency_key=self.key + "-create").json["id"]
        refused = self.shop.refund(payment, 100, "EUR", idempotency_key=self.key)
        self.assertEqual(refused.status, 409, refused.body)
        self.assertEqual(self.shop.capture(payment).status, 201)
        done = self.shop.refund(payment, 100, "EUR", idempotency_key=self.key)
        self.assertEqual(done.status, 201, done.body)
        self.assertNotIn("idempotent-replayed", done.headers)

    # --- who asked is gone, or who was asked

    def connect(self, body, sent):
        """A connection on which that much of the request's body went out."""
        headers = self.shop.headers_for("POST", "/v1/payments", body, "application/json", self.key)
        context = ssl.create_default_context(cafile=str(self.instance.folder / "tls/ca.pem"))
        plain = socket.create_connection(("localhost", self.shop.port), timeout=10)
        connection = context.wrap_socket(plain, server_hostname="localhost")
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(["POST /v1/payments HTTP/1.1", *lines,
                            f"Content-Length: {len(body)}", "", ""])
        connection.sendall(head.encode() + body[:sent])
        return connection

    def send_and_leave(self, body):
        """The request goes out whole; nobody reads what it is answered."""
        self.connect(body, len(body)).close()

    def test_a_client_that_leaves_is_worked_for_to_the_end(self):
        body = json.dumps(self.document()).encode()
        self.send_and_leave(body)
        wait_until("the charge", self.charges)
        answer = wait_until("the stored answer", lambda: self.answered(body))
        self.assertEqual((answer.status, answer.json["status"]), (201, "requires_capture"))
        self.assertEqual(answer.headers.get("idempotent-replayed"), "true")
        self.assertEqual(len(self.charges()), 1)

    def answered(self, body):
        answer = self.raw(body)
        if answer.status == 409:
            self.assertEqual(answer.json["code"], "idempotency-in-progress")
            return None
        return answer

    def restart(self):
        self.instance.kill_daemon()
        self.instance.restart_daemon()
        for client in (self.shop, self.other, self.careful):
            self.instance.move_client(client)

    def test_killed_before_anything_was_durable(self):
        """A request that never got as far as the books is as if it had never been sent."""
        body = json.dumps(self.document(), separators=(",", ":")).encode()
        with self.connect(body, len(body) - 1):
            self.restart()
        self.assert_nothing_stored()
        paid = self.pay()
        self.assertEqual(paid.status, 201)
        self.assertNotIn("idempotent-replayed", paid.headers)
        self.assertEqual(len(self.charges()), 1)

    def test_killed_after_the_dispatch(self):
        """The next start completes the record as in doubt; the merchant gets that, and the truth by
        reading."""
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            lost = pool.submit(self.pay, token="tok_stall")
            wait_until("the charge", self.charges)
            self.restart()
            with self.assertRaises((OSError, http.client.HTTPException)):
                lost.result(timeout=60)
        answer = self.pay(token="tok_stall")
        self.assertEqual((answer.status, answer.json["status"]), (202, "in_doubt"), answer.body)
        self.assertEqual(answer.headers.get("idempotent-replayed"), "true")
        wait_until("the end of the doubt", lambda: self.shop.get(
            answer.json["id"]).json["status"] == "requires_capture", seconds=40)
        again = self.pay(token="tok_stall")
        self.assertEqual((again.status, again.body), (answer.status, answer.body))
        self.assertEqual(len(self.charges()), 1)

    def test_killed_after_the_outcome_and_before_the_answer(self):
        body = json.dumps(self.document()).encode()
        self.send_and_leave(body)
        wait_until("the outcome in the books", lambda: [
            row for row in self.shop.list(limit=5).json["data"]
            if row["merchant_reference"] == self.key and row["status"] == "requires_capture"])
        self.restart()
        answer = self.raw(body)
        self.assertEqual((answer.status, answer.json["status"]), (201, "requires_capture"))
        self.assertEqual(answer.headers.get("idempotent-replayed"), "true")
        self.assertEqual(len(self.charges()), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
