"""The example clients against the published vectors: what merchants copy has to be right."""
import base64
import json
import pathlib
import sys
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "docs" / "examples"))
sys.dont_write_bytecode = True
import merchant  # noqa: E402
import webhook_receiver  # noqa: E402

VECTORS = json.loads((ROOT / "tests/data/auth/request-auth.json").read_text())["hmac_request_v1"]


class RequestSigning(unittest.TestCase):
    def test_vectors(self):
        secret = base64.b64decode(VECTORS["key_base64"])
        self.assertEqual(len(VECTORS["vectors"]), 8)
        for vector in VECTORS["vectors"]:
            request = vector["request"]
            with self.subTest(vector["name"]):
                text = merchant.canonical_text(
                    vector["key_id"], vector["timestamp"], vector["nonce"], request["method"],
                    request["authority"], request["target"], request["content_type"],
                    request["idempotency_key"], base64.b64decode(request["body_base64"]))
                self.assertEqual(text, vector["canonical"])
                self.assertEqual(merchant.sign(secret, text), vector["signature"])

    def test_headers_carry_the_signature(self):
        vector = next(v for v in VECTORS["vectors"] if v["name"] == "post-json")
        request = vector["request"]
        client = merchant.Client("https://" + request["authority"], vector["key_id"],
                                 base64.b64decode(VECTORS["key_base64"]))
        headers = client.headers_for(
            request["method"], request["target"], base64.b64decode(request["body_base64"]),
            request["content_type"], request["idempotency_key"], vector["timestamp"],
            vector["nonce"])
        self.assertEqual(headers["Authorization"],
                         f'HMAC-SHA256 key="{vector["key_id"]}",ts="{vector["timestamp"]}",'
                         f'nonce="{vector["nonce"]}",sig="{vector["signature"]}"')
        self.assertEqual(headers["Idempotency-Key"], request["idempotency_key"])

    def test_only_https(self):
        with self.assertRaises(ValueError):
            merchant.Client("http://localhost", "ak_1", b"x")


class WebhookVerification(unittest.TestCase):
    # The example of the Standard Webhooks reference libraries.
    SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    HEADERS = {"webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp": "1614265330",
               "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}
    BODY = b'{"test": 2432232314}'
    NOW = 1614265330

    def verify(self, headers=None, body=None, now=None):
        return webhook_receiver.verify(webhook_receiver.decode_secret(self.SECRET),
                                       self.HEADERS if headers is None else headers,
                                       self.BODY if body is None else body,
                                       self.NOW if now is None else now)

    def test_reference_example(self):
        self.assertEqual(self.verify(), self.HEADERS["webhook-id"])

    def test_one_of_several(self):
        several = "v1a,AAAA v1,AAAA " + self.HEADERS["webhook-signature"]
        self.verify({**self.HEADERS, "webhook-signature": several})

    def test_refused(self):
        for headers, body, now in (
                (None, self.BODY + b" ", None), (None, None, self.NOW + 301),
                (None, None, self.NOW - 301), ({**self.HEADERS, "webhook-id": "msg_other"}, None, None),
                ({**self.HEADERS, "webhook-signature": "v1,"}, None, None),
                ({**self.HEADERS, "webhook-signature": ""}, None, None),
                ({**self.HEADERS, "webhook-timestamp": "16e8"}, None, None), ({}, None, None)):
            with self.subTest(headers=headers, now=now), self.assertRaises(webhook_receiver.Refused):
                self.verify(headers, body, now)

    def test_default_clock(self):
        with self.assertRaises(webhook_receiver.Refused):
            webhook_receiver.verify(webhook_receiver.decode_secret(self.SECRET), self.HEADERS,
                                    self.BODY, time.time())


class WhiteLabel(unittest.TestCase):
    def test_examples_do_not_name_the_product(self):
        for path in (ROOT / "docs/examples").glob("*.py"):
            self.assertNotIn("flo" + "rin", path.read_text().lower(), path)


if __name__ == "__main__":
    unittest.main()
