"""A table of requests that must be refused: each names the field, none changes the ledger."""
import json
import time
import unittest

from support import Instance

GOOD = {"amount": {"value": 1000, "currency": "EUR"}, "merchant_reference": "bad-input",
        "payment_method": {"type": "token", "token": "tok_approve"}, "capture_method": "manual"}
DROP = object()


def changed(pointer, value):
    """A good body with one place changed, or removed."""
    document = json.loads(json.dumps(GOOD))
    *parents, last = pointer.strip("/").split("/")
    at = document
    for name in parents:
        at = at.setdefault(name, {})
    if value is DROP:
        del at[last]
    else:
        at[last] = value
    return json.dumps(document).encode()


# pointer that has to be named, value put there
FIELDS = [
    ("/amount", DROP), ("/amount", 100), ("/amount", None), ("/amount", []),
    ("/amount/value", DROP), ("/amount/value", 0), ("/amount/value", -1),
    ("/amount/value", 2 ** 53), ("/amount/value", 2 ** 63 - 1), ("/amount/value", "100"),
    ("/amount/value", True), ("/amount/value", None),
    ("/amount/currency", DROP), ("/amount/currency", "ZZZ"), ("/amount/currency", "eur"),
    ("/amount/currency", ""), ("/amount/currency", 978), ("/amount/currency", "EURO"),
    ("/amount/exponent", 3), ("/amount/unknown", 1),
    ("/merchant_reference", DROP), ("/merchant_reference", ""), ("/merchant_reference", 7),
    ("/merchant_reference", "r" * 5000),
    ("/payment_method", DROP), ("/payment_method", "tok_approve"),
    ("/payment_method/type", DROP), ("/payment_method/type", "card"),
    ("/payment_method/token", DROP), ("/payment_method/token", ""),
    ("/payment_method/token", "t" * 5000), ("/payment_method/number", "4242424242424242"),
    ("/capture_method", "later"), ("/capture_method", 1),
    ("/description", "d" * 20000), ("/description", 1),
    ("/metadata", "text"), ("/metadata", [1]),
    ("/status", "captured"), ("/id", "pay_1"), ("/merchant", "mer_1"), ("/tenant", "tnt_1"),
]
# Not JSON as it has to be: refused as a whole, no field to name.
MALFORMED = [
    b"", b"{", b"null", b"[]", b'"text"', b"{} {}", b"\xff\xfe{}", b'{"a":1,"a":2}',
    json.dumps(GOOD).encode().replace(b"1000", b"NaN"),
    b"[" * 2000 + b"]" * 2000, json.dumps({**GOOD, "x": "\x00"}).encode(),
]
# Well-formed JSON whose number is none that a field here can hold: the field is named.
NUMBERS = [b"1.5", b"1.0", b"1e3", b"-0", b"9" * 40]


class BadInput(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = Instance()
        cls.instance.__enter__()
        cls.addClassCleanup(cls.instance.close)
        cls.shop = cls.instance.set_up()
        cls.other = cls.instance.add_merchant("other")
        cls.payment = cls.shop.create(1000, "EUR", "good").json["id"]
        cls.keys = 0

    def setUp(self):
        self.before = self.instance.entry_count()
        self.charges = len(self.instance.book()["charges"])

    def tearDown(self):
        self.assertEqual(self.instance.entry_count(), self.before, "the ledger has changed")
        self.assertEqual(len(self.instance.book()["charges"]), self.charges)

    def send(self, body, target="/v1/payments", method="POST", client=None, key=None,
             content_type="application/json", alter=None, **signing):
        client = client or self.shop
        if key is None:
            type(self).keys += 1
            key = f"bad-input-key-{self.keys:06d}" if method == "POST" else ""
        headers = client.headers_for(method, target, body, content_type, key, **signing)
        if alter:
            alter(headers)
        return client.send(method, target, headers, body)

    def assert_refused(self, answer, statuses, pointer=None):
        self.assertIn(answer.status, statuses, answer.body)
        self.assertTrue(answer.headers.get("content-type", "").startswith(
            "application/problem+json"), answer.headers)
        self.assertTrue(answer.json["code"])
        self.assertEqual(answer.json["status"], answer.status)
        self.assertNotIn(b"flo" + b"rin", answer.body.lower())
        if pointer is not None:
            named = [error["pointer"] for error in answer.json.get("errors", [])]
            # An object that is wrong as a whole may be blamed on what it lacks.
            self.assertTrue(any(name == pointer or name.startswith(pointer + "/") for name in named),
                            f"{pointer} is not named in {answer.body}")

    def test_fields(self):
        for pointer, value in FIELDS:
            with self.subTest(pointer=pointer, value=str(value)[:40]):
                self.assert_refused(self.send(changed(pointer, value)), (400, 422), pointer)

    def test_malformed(self):
        for body in MALFORMED:
            with self.subTest(body=body[:60]):
                self.assert_refused(self.send(body), (400, 413, 422))

    def test_too_large(self):
        body = changed("/description", "x" * 200_000)
        try:
            answer = self.send(body)
        except OSError:
            return  # refused before it was read to the end
        self.assert_refused(answer, (400, 413))

    def test_numbers(self):
        for number in NUMBERS:
            body = json.dumps(GOOD).encode().replace(b"1000", number)
            with self.subTest(number=number):
                self.assert_refused(self.send(body), (422,), "/amount/value")

    def test_content_type(self):
        for content_type in ("", "text/plain", "application/xml"):
            with self.subTest(content_type):
                self.assert_refused(self.send(changed("/description", "d"),
                                              content_type=content_type), (415,))

    def test_idempotency_key(self):
        body = changed("/description", "key")
        for key in ("", "short", "k" * 300, "spaces in the key are bad", "quote\"in the key xxx"):
            with self.subTest(key=key[:20]):
                self.assert_refused(self.send(body, key=key), (400, 422))

    def test_key_reused_with_another_body(self):
        key = "reused-key-0000000001"
        first = self.shop.create(500, "EUR", "reuse", idempotency_key=key)
        self.assertEqual(first.status, 201)
        again = self.shop.create(500, "EUR", "reuse", idempotency_key=key)
        self.assertEqual((again.status, again.json["id"]), (201, first.json["id"]))
        self.setUp()
        self.assert_refused(self.shop.create(501, "EUR", "reuse", idempotency_key=key), (422,))
        self.assert_refused(self.shop.capture(first.json["id"], idempotency_key=key), (422,))

    def test_unknown_and_foreign_objects(self):
        unknown = "pay_" + "0" * 26
        for client, payment in ((self.shop, unknown), (self.other, self.payment)):
            answers = [client.get(payment), client.capture(payment), client.void(payment),
                       client.refund(payment, 1, "EUR")]
            for answer in answers:
                with self.subTest(payment=payment, body=answer.body):
                    self.assert_refused(answer, (404,))
        # A foreign payment and none at all look alike.
        absent, foreign = self.other.get(unknown), self.other.get(self.payment)
        self.assertEqual(len(absent.body), len(foreign.body))
        self.assertEqual(absent.json["code"], foreign.json["code"])

    def test_state_and_amounts(self):
        self.assert_refused(self.shop.refund(self.payment, 1, "EUR"), (409, 422))
        self.assert_refused(self.shop.capture(self.payment, 1001, "EUR"), (409, 422), "/amount")
        self.assert_refused(self.shop.capture(self.payment, 1, "USD"), (409, 422), "/amount")
        for value in (0, -1, 2 ** 53):
            with self.subTest(value=value):
                self.assert_refused(self.shop.capture(self.payment, value, "EUR"), (400, 422),
                                    "/amount")

    def test_authentication(self):
        body = changed("/description", "auth")

        def tamper(name, change):
            return lambda headers: headers.update({name: change(headers[name])})
        now = int(time.time())
        cases = {
            "no header": dict(alter=lambda headers: headers.pop("Authorization")),
            "empty": dict(alter=lambda headers: headers.update(Authorization="")),
            "bearer": dict(alter=lambda headers: headers.update(Authorization="Bearer x")),
            "bad signature": dict(alter=tamper("Authorization", lambda v: v[:-4] + "AAA=\"")),
            "other type": dict(alter=lambda headers: headers.update(
                {"Content-Type": "application/json; charset=utf-8"})),
            "other key": dict(alter=lambda headers: headers.update(
                {"Idempotency-Key": "another-key-0000000001"})),
            "unknown key id": dict(alter=tamper("Authorization", lambda v: v.replace(
                self.shop.key_id, "ak_" + "0" * 26))),
            "too old": dict(timestamp=now - 400),
            "in the future": dict(timestamp=now + 400),
            "milliseconds": dict(timestamp=now * 1000),
            "text as time": dict(timestamp="soon"),
            "short nonce": dict(nonce="0123456789abcdef"),
            "upper-case nonce": dict(nonce="0123456789ABCDEF0123456789ABCDEF"),
        }
        for name, case in cases.items():
            with self.subTest(name):
                self.assert_refused(self.send(body, **case), (400, 401))
        headers = self.shop.headers_for("POST", "/v1/payments", body, "application/json",
                                        "signed-for-other-body-1")
        self.assert_refused(self.shop.send("POST", "/v1/payments", headers, body + b" "), (401,))

    def test_replayed_nonce(self):
        for method, target, body, content_type in (
                ("GET", "/v1/payments/" + self.payment, b"", ""),
                ("POST", f"/v1/payments/{self.payment}/captures",
                 b'{"amount":{"value":1,"currency":"USD"}}', "application/json")):
            with self.subTest(method):
                key = "nonce-replay-00000001" if method == "POST" else ""
                headers = self.shop.headers_for(method, target, body, content_type, key)
                first = self.shop.send(method, target, headers, body)
                self.assertNotEqual(first.status, 401, first.body)
                if method == "GET":
                    self.assert_refused(self.shop.send(method, target, headers, body), (401,))

    def test_replayed_write(self):
        body = changed("/merchant_reference", "nonce-write")
        headers = self.shop.headers_for("POST", "/v1/payments", body, "application/json",
                                        "nonce-replay-write-01")
        self.assertEqual(self.shop.send("POST", "/v1/payments", headers, body).status, 201)
        self.setUp()
        self.assert_refused(self.shop.send("POST", "/v1/payments", headers, body), (401,))

    def test_routes(self):
        for method, target, statuses in (
                ("GET", "/v1/nothing", (404,)), ("GET", "/v1/payments/", (404,)),
                ("GET", "/v1//payments", (400, 404)), ("GET", "/operator/v1/status", (404,)),
                ("GET", "/v1/payments/../payments", (400, 404)),
                ("GET", "/v1/payments/%2e%2e/x", (400, 404)),
                ("DELETE", "/v1/payments", (405,)), ("PUT", "/v1/payments", (405,)),
                ("GET", "/v1/payments?limit=0", (400, 422)),
                ("GET", "/v1/payments?limit=x", (400, 422)),
                ("GET", "/v1/payments?limit=1000000", (400, 422)),
                ("GET", "/v1/payments?unknown=1", (400, 422)),
                ("GET", "/v1/payments?cursor=nonsense", (400, 422))):
            with self.subTest(method=method, target=target):
                self.assert_refused(self.send(b"", target, method, content_type=""), statuses)


if __name__ == "__main__":
    unittest.main(verbosity=2)
