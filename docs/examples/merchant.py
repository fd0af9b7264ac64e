#!/usr/bin/env python3
"""A merchant's client for the payments API: library and command line, standard library only.

Every request is signed: HMAC-SHA256 over eleven lines that name the key, the time, a nonce and
everything that matters about the request. The server refuses a changed, late or repeated request.

    merchant.py --url https://localhost:8443 --ca ca.pem --key-id ak_... --secret-file shop.key \\
        create --value 129900 --currency EUR --reference order-1 --capture manual
"""
import argparse
import base64
import hashlib
import hmac
import http.client
import json
import secrets
import ssl
import sys
import time
import urllib.parse

SCHEME = "HMAC-SHA256-V1"


def canonical_query(query):
    """Decoded, encoded again with only the unreserved characters kept, sorted by name, then value.

    A plus is a plus here, not a space; a name without a value gets an empty one."""
    if not query:
        return ""
    pairs = []
    for part in query.split("&"):
        name, _, value = part.partition("=")
        pairs.append(tuple(urllib.parse.quote(urllib.parse.unquote_to_bytes(text), safe="")
                           for text in (name, value)))
    return "&".join(name + "=" + value for name, value in sorted(pairs))


def canonical_text(key_id, timestamp, nonce, method, authority, target, content_type,
                   idempotency_key, body):
    """The text that is signed. `target` is the path and query exactly as sent."""
    path, _, query = target.partition("?")
    return "\n".join([
        SCHEME, key_id, str(timestamp), nonce, method.upper(), authority.lower(), path,
        canonical_query(query), hashlib.sha256(body).hexdigest(), content_type, idempotency_key])


def sign(secret, text):
    return base64.b64encode(hmac.new(secret, text.encode(), hashlib.sha256).digest()).decode()


class Answer:
    """Status, headers (names in lower case), raw body and, when it is JSON, the document."""

    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers
        self.body = body
        try:
            self.json = json.loads(body) if body else None
        except ValueError:
            self.json = None


class Client:
    """One merchant's client. `secret` is bytes. Not for use by several threads at once."""

    def __init__(self, url, key_id, secret, ca=None, timeout_s=30):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise ValueError("the address has to begin with https://")
        self.host, self.port = parts.hostname, parts.port or 443
        self.authority = parts.netloc.lower()
        self.key_id, self.secret, self.timeout_s = key_id, secret, timeout_s
        self.context = ssl.create_default_context(cafile=ca)

    def headers_for(self, method, target, body, content_type, idempotency_key, timestamp=None,
                    nonce=None):
        """The signed headers; time and nonce can be given for tests."""
        timestamp = int(time.time()) if timestamp is None else timestamp
        nonce = secrets.token_hex(16) if nonce is None else nonce
        text = canonical_text(self.key_id, timestamp, nonce, method, self.authority, target,
                              content_type, idempotency_key, body)
        headers = {
            "Host": self.authority,
            "Accept": "application/json",
            "Authorization": f'HMAC-SHA256 key="{self.key_id}",ts="{timestamp}",nonce="{nonce}",'
                             f'sig="{sign(self.secret, text)}"'}
        if content_type:
            headers["Content-Type"] = content_type
        if idempotency_key:
            headers["Idempotency-Key"] = idempotency_key
        return headers

    def send(self, method, target, headers, body=b""):
        """Sends exactly this on a connection of its own."""
        connection = http.client.HTTPSConnection(self.host, self.port, context=self.context,
                                                 timeout=self.timeout_s)
        try:
            connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body or method == "POST":
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            response = connection.getresponse()
            return Answer(response.status,
                          {name.lower(): value for name, value in response.getheaders()},
                          response.read())
        finally:
            connection.close()

    def request(self, method, target, document=None, idempotency_key=None):
        """Signs and sends. A write without a key gets a new one; to repeat a write after a lost
        answer, send it again with the same key and the same document."""
        body, content_type = b"", ""
        if document is not None:
            body = json.dumps(document, separators=(",", ":")).encode()
            content_type = "application/json"
        if method == "POST" and idempotency_key is None:
            idempotency_key = secrets.token_hex(16)
        headers = self.headers_for(method, target, body, content_type, idempotency_key or "")
        return self.send(method, target, headers, body)

    def create(self, value, currency, reference, token="tok_approve", capture_method="manual",
               idempotency_key=None, **more):
        document = {"amount": {"value": value, "currency": currency},
                    "merchant_reference": reference,
                    "payment_method": {"type": "token", "token": token},
                    "capture_method": capture_method}
        document.update({name: given for name, given in more.items() if given is not None})
        return self.request("POST", "/v1/payments", document, idempotency_key)

    def confirm(self, payment, idempotency_key=None):
        """For a payment that was created with confirm=False."""
        target = "/v1/payments/" + urllib.parse.quote(payment, safe="") + "/confirm"
        return self.request("POST", target, {}, idempotency_key)

    def get(self, payment):
        return self.request("GET", "/v1/payments/" + urllib.parse.quote(payment, safe=""))

    def list(self, limit=None, cursor=None, branch=None):
        query = urllib.parse.urlencode({name: value for name, value in
                                        (("branch", branch), ("limit", limit), ("cursor", cursor))
                                        if value is not None})
        return self.request("GET", "/v1/payments" + ("?" + query if query else ""))

    def balances(self):
        return self.request("GET", "/v1/balances")

    def capture(self, payment, value=None, currency=None, final=None, idempotency_key=None):
        document = {}
        if value is not None:
            document["amount"] = {"value": value, "currency": currency}
        if final is not None:
            document["final"] = final
        return self.request("POST", f"/v1/payments/{payment}/captures", document, idempotency_key)

    def void(self, payment, idempotency_key=None):
        return self.request("POST", f"/v1/payments/{payment}/voids", {}, idempotency_key)

    def refund(self, payment, value, currency, reason=None, idempotency_key=None):
        document = {"amount": {"value": value, "currency": currency}}
        if reason is not None:
            document["reason"] = reason
        return self.request("POST", f"/v1/payments/{payment}/refunds", document, idempotency_key)


def read_secret(path):
    """The secret's file holds one line of base64."""
    with open(path, encoding="ascii") as file:
        return base64.b64decode(file.read().strip(), validate=True)


def arguments():
    parser = argparse.ArgumentParser(description="Signed requests to the payments API.")
    parser.add_argument("--url", required=True, help="https address of the API")
    parser.add_argument("--key-id", required=True)
    parser.add_argument("--secret-file", required=True, help="file with the base64 secret")
    parser.add_argument("--ca", help="PEM file of trusted roots; the system's when absent")
    parser.add_argument("--timeout", type=float, default=30, help="seconds")
    commands = parser.add_subparsers(dest="command", required=True)
    create = commands.add_parser("create", help="create and authorise a payment")
    create.add_argument("--value", type=int, required=True, help="amount in minor units")
    create.add_argument("--currency", required=True)
    create.add_argument("--reference", required=True, help="your own name for the payment")
    create.add_argument("--token", default="tok_approve", help="token of the payment method")
    create.add_argument("--capture", choices=["manual", "automatic"], default="manual")
    create.add_argument("--description")
    get = commands.add_parser("get", help="show a payment")
    get.add_argument("payment")
    listing = commands.add_parser("list", help="list payments, newest first")
    listing.add_argument("--limit", type=int)
    listing.add_argument("--cursor")
    capture = commands.add_parser("capture", help="capture all or a part")
    capture.add_argument("payment")
    capture.add_argument("--value", type=int)
    capture.add_argument("--currency")
    capture.add_argument("--final", action="store_true", default=None)
    void = commands.add_parser("void", help="give up an authorisation")
    void.add_argument("payment")
    refund = commands.add_parser("refund", help="refund all or a part")
    refund.add_argument("payment")
    refund.add_argument("--value", type=int, required=True)
    refund.add_argument("--currency", required=True)
    refund.add_argument("--reason")
    for command in (create, capture, void, refund):
        command.add_argument("--idempotency-key", help="a new one when absent")
    options = parser.parse_args()
    if options.command == "capture" and (options.value is None) != (options.currency is None):
        parser.error("capture: --value and --currency belong together")
    return options


def run(client, options):
    if options.command == "create":
        return client.create(options.value, options.currency, options.reference, options.token,
                             options.capture, options.idempotency_key,
                             description=options.description)
    if options.command == "get":
        return client.get(options.payment)
    if options.command == "list":
        return client.list(options.limit, options.cursor)
    if options.command == "capture":
        return client.capture(options.payment, options.value, options.currency, options.final,
                              options.idempotency_key)
    if options.command == "void":
        return client.void(options.payment, options.idempotency_key)
    return client.refund(options.payment, options.value, options.currency, options.reason,
                         options.idempotency_key)


def main():
    """Prints the answer on standard output and the HTTP status on standard error; exit code 0 for
    2xx, 1 for every other answer, 2 when there was none."""
    options = arguments()
    try:
        client = Client(options.url, options.key_id, read_secret(options.secret_file), options.ca,
                        options.timeout)
        answer = run(client, options)
    except (OSError, ValueError, http.client.HTTPException) as error:
        print(f"no answer: {error}", file=sys.stderr)
        return 2
    print(f"HTTP {answer.status}", file=sys.stderr)
    if answer.json is not None:
        print(json.dumps(answer.json, indent=2, ensure_ascii=False))
    else:
        print(answer.body.decode("utf-8", "replace"))
    return 0 if 200 <= answer.status < 300 else 1


if __name__ == "__main__":
    sys.exit(main())
