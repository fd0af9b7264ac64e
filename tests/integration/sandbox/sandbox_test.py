"""The real florin-sandbox over HTTPS: answers, faults, kill -9 and restart. Standard library only.

FLORIN_SANDBOX names the binary.
"""

import http.client
import json
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import time
import unittest

BINARY = os.environ["FLORIN_SANDBOX"]
API_KEY = "integration-test-key"
START_LIMIT_S = 30


class Sandbox:
    """One running process and its directory."""

    def __init__(self, directory, *options):
        self.directory = pathlib.Path(directory)
        self.options = options
        self.process = None
        self.port = 0

    def make_certificate(self):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-days", "2", "-subj", "/CN=sandbox.test", "-addext", "subjectAltName=DNS:localhost",
             "-keyout", self.directory / "key.pem", "-out", self.directory / "certificate.pem"],
            check=True, capture_output=True)
        (self.directory / "key.pem").chmod(0o600)
        (self.directory / "api.key").write_text(API_KEY + "\n")

    def start(self):
        port_file = self.directory / "port"
        port_file.unlink(missing_ok=True)
        command = [BINARY, "--certificate", self.directory / "certificate.pem", "--private-key",
                   self.directory / "key.pem", "--book", self.directory / "book.jsonl", "--api-key-file",
                   self.directory / "api.key", "--port-file", port_file, *self.options]
        with (self.directory / "log").open("ab") as log:
            self.process = subprocess.Popen(command, stderr=log)
        deadline = time.monotonic() + START_LIMIT_S
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.directory / "log").read_text())
            time.sleep(0.01)
        self.port = int(port_file.read_text())

    def end(self, how):
        self.process.send_signal(how)
        return self.process.wait(timeout=20)

    def connection(self, timeout_s=20):
        context = ssl.create_default_context(cafile=self.directory / "certificate.pem")
        return http.client.HTTPSConnection("localhost", self.port, context=context, timeout=timeout_s)

    def send(self, method, path, body=None, key=None, api_key=API_KEY, timeout_s=20):
        """Status, headers and raw body; None when the connection ended without an answer."""
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        if key:
            headers["Idempotency-Key"] = key
        connection = self.connection(timeout_s)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None, headers)
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        except (http.client.RemoteDisconnected, ConnectionResetError, ssl.SSLEOFError):
            return None
        finally:
            connection.close()

    def charge(self, number, token="tok_approve", amount=10000, capture=True, **more):
        body = {"reference": f"op_{number}", "amount": amount, "currency": "EUR", "token": token,
                "capture": capture}
        return self.send("POST", "/v1/charges", body, key=key_of(number), **more)

    def book(self):
        return json.loads(self.send("GET", "/v1/book")[2])


def key_of(number):
    return f"{number:032x}"


class SandboxTest(unittest.TestCase):
    options = ("--stall-ms", "300")

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="sandbox-test-")
        self.addCleanup(directory.cleanup)
        self.sandbox = Sandbox(directory.name, *self.options)
        self.sandbox.make_certificate()
        self.sandbox.start()
        self.addCleanup(lambda: self.sandbox.process.poll() is None and self.sandbox.end(signal.SIGKILL))

    def arm(self, *rules):
        rules = [dict(zip(("operation", "behaviour", "count"), rule)) for rule in rules]
        self.assertEqual(self.sandbox.send("PUT", "/v1/faults", {"rules": rules})[0], 200)

    def test_health_needs_no_key_and_everything_else_does(self):
        self.assertEqual(self.sandbox.send("GET", "/health", api_key=None)[0], 200)
        for api_key in (None, "wrong-key", API_KEY + "x"):
            self.assertEqual(self.sandbox.send("GET", "/v1/book", api_key=api_key)[0], 401)
        self.assertEqual(self.sandbox.send("GET", "/v1/nothing")[0], 404)
        self.assertEqual(self.sandbox.send("DELETE", "/v1/book")[0], 405)

    def test_approve_replay_and_conflict(self):
        status, headers, body = self.sandbox.charge(1)
        self.assertEqual(status, 201)
        self.assertEqual(json.loads(body)["status"], "captured")
        self.assertIsNone(headers["Idempotent-Replayed"])
        status, headers, again = self.sandbox.charge(1)
        self.assertEqual((status, again), (201, body))
        self.assertEqual(headers["Idempotent-Replayed"], "true")
        status, _, body = self.sandbox.charge(1, amount=9999)
        self.assertEqual((status, json.loads(body)["code"]), (409, "key_reused"))
        self.assertEqual(self.sandbox.book()["executed"]["charge"], 1)

    def test_decline(self):
        status, _, body = self.sandbox.charge(1, token="tok_decline_insufficient_funds")
        self.assertEqual(status, 201)
        charge = json.loads(body)
        self.assertEqual(charge["status"], "declined")
        self.assertEqual(charge["decline"], {"code": "insufficient_funds", "network_code": "51"})

    def test_a_close_after_is_found_by_inquiry_and_is_one_charge(self):
        self.assertIsNone(self.sandbox.charge(1, token="tok_close_after"))
        status, _, body = self.sandbox.send("GET", f"/v1/operations/{key_of(1)}")
        self.assertEqual(status, 200)
        record = json.loads(body)
        self.assertEqual((record["state"], record["answer_status"]), ("answered", 201))
        self.assertEqual(record["answer"]["status"], "captured")
        status, headers, _ = self.sandbox.charge(1, token="tok_close_after")
        self.assertEqual((status, headers["Idempotent-Replayed"]), (201, "true"))
        book = self.sandbox.book()
        self.assertEqual(len(book["charges"]), 1)
        self.assertEqual(book["executions_by_reference"], {"op_1": 1})

    def test_a_close_before_executes_nothing_and_its_key_can_be_cancelled(self):
        self.assertIsNone(self.sandbox.charge(1, token="tok_close_before"))
        self.assertEqual(self.sandbox.send("GET", f"/v1/operations/{key_of(1)}")[0], 404)
        self.assertEqual(self.sandbox.send("POST", f"/v1/operations/{key_of(1)}/cancel")[0], 200)
        status, _, body = self.sandbox.charge(1, token="tok_approve")
        self.assertEqual((status, json.loads(body)["code"]), (409, "key_cancelled"))
        self.assertEqual(self.sandbox.book()["charges"], [])

    def test_a_stall_outlives_the_client(self):
        with self.assertRaises(socket.timeout):
            self.sandbox.charge(1, token="tok_stall", timeout_s=0.2)
        status, headers, _ = self.sandbox.charge(1, token="tok_stall")
        self.assertEqual((status, headers["Idempotent-Replayed"]), (201, "true"))
        self.assertEqual(self.sandbox.book()["executions_by_reference"], {"op_1": 1})

    def test_captures_voids_and_refunds(self):
        charge = json.loads(self.sandbox.charge(1, capture=False)[2])["id"]
        path = f"/v1/charges/{charge}"
        part = {"currency": "EUR"}
        capture = {**part, "reference": "op_2", "amount": 4000, "final": False}
        self.assertEqual(self.sandbox.send("POST", path + "/captures", capture, key_of(2))[0], 201)
        void = self.sandbox.send("POST", path + "/voids", {"reference": "op_3"}, key_of(3))
        self.assertEqual((void[0], json.loads(void[2])["amount"]), (201, 6000))
        refund = {**part, "reference": "op_4", "amount": 4001}
        self.assertEqual(self.sandbox.send("POST", path + "/refunds", refund, key_of(4))[0], 422)
        refund = {**part, "reference": "op_5", "amount": 1093}
        self.assertIsNone(self.sandbox.send("POST", path + "/refunds", refund, key_of(5)))
        row = self.sandbox.book()["charges"][0]
        self.assertEqual((row["amount_captured"], row["amount_refunded"]), (4000, 1093))
        self.assertEqual([len(row[name]) for name in ("captures", "voids", "refunds")], [1, 1, 1])

    def test_armed_faults(self):
        self.arm(("charge", "close_before", 1), ("charge", "error_500_after", 1),
                 ("inquiry", "close_before", 1), ("cancel", "close_after", 1))
        self.assertIsNone(self.sandbox.charge(1))
        self.assertEqual(self.sandbox.charge(1)[0], 500)
        self.assertIsNone(self.sandbox.send("GET", f"/v1/operations/{key_of(1)}"))
        self.assertEqual(self.sandbox.send("GET", f"/v1/operations/{key_of(1)}")[0], 200)
        self.assertIsNone(self.sandbox.send("POST", f"/v1/operations/{key_of(2)}/cancel"))
        self.assertEqual(self.sandbox.charge(2)[0], 409)
        self.assertEqual(self.sandbox.send("PUT", "/v1/faults", {"rules": [{}]})[0], 400)

    def test_kill_and_restart_keep_every_answer(self):
        answers = {}
        connection = self.sandbox.connection()
        for number in range(1, 26):
            body = json.dumps({"reference": f"op_{number}", "amount": 100, "currency": "EUR",
                               "token": "tok_approve", "capture": True})
            connection.request("POST", "/v1/charges", body,
                               {"Authorization": f"Bearer {API_KEY}", "Idempotency-Key": key_of(number)})
            response = connection.getresponse()
            self.assertEqual(response.status, 201)
            answers[number] = json.loads(response.read())
        connection.close()
        self.sandbox.send("POST", f"/v1/operations/{key_of(99)}/cancel")
        before = self.sandbox.book()
        self.assertEqual(self.sandbox.end(signal.SIGKILL), -signal.SIGKILL)
        # What a crash in the middle of a write leaves behind was never answered.
        with (self.sandbox.directory / "book.jsonl").open("ab") as book:
            book.write(b'{"kind":"charge","key":"torn')
        self.sandbox.start()
        after = self.sandbox.book()
        self.assertEqual(after, before)
        for number, answer in answers.items():
            status, _, body = self.sandbox.send("GET", f"/v1/operations/{key_of(number)}")
            self.assertEqual((status, json.loads(body)["answer"]), (200, answer))
        self.assertEqual(self.sandbox.charge(99)[0], 409)
        self.assertEqual(self.sandbox.charge(100)[0], 201)
        self.assertEqual(self.sandbox.end(signal.SIGTERM), 0)
        self.sandbox.start()
        self.assertEqual(self.sandbox.book()["executed"]["charge"], 26)

    def test_a_book_in_use_or_damaged_is_refused(self):
        second = Sandbox(self.sandbox.directory, *self.options)
        with self.assertRaisesRegex(RuntimeError, "is in use"):
            second.start()
        self.assertEqual(self.sandbox.end(signal.SIGTERM), 0)
        (self.sandbox.directory / "book.jsonl").write_text('{"kind":"x","key":"y"}\n')
        with self.assertRaisesRegex(RuntimeError, "line 1"):
            second.start()

    def test_help_says_what_it_is(self):
        done = subprocess.run([BINARY, "--help"], check=True, capture_output=True, text=True)
        self.assertIn("test and evaluation tool", done.stdout)
        self.assertEqual(subprocess.run([BINARY, "--port", "x"], capture_output=True).returncode, 2)


if __name__ == "__main__":
    unittest.main()
