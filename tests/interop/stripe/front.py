"""What stands before localstripe: TLS, and what the real service has that localstripe has not.

- TLS with the instance's certificate.
- Idempotency keys, unless `keys` is False: a repeated key gets the stored answer, another body under it is
  refused, a key in use is a conflict. Without keys every repeated request is executed again.
- The search by metadata, answered with what localstripe has under the identifiers that it gave; with keys it is behind
  by some seconds, as the real one may be.
- Members that localstripe leaves out: `amount_received` and `amount_capturable` of an intent, computed from its own
  charge and refunds, and the name of the balance.
- Faults: `before` and `after` the request was executed, one armed at a time or at random.
Requests are executed by localstripe, and it alone tells what was charged.
"""
import collections
import http.client
import http.server
import json
import random
import socket
import socketserver
import ssl
import struct
import threading
import time
import urllib.parse

INTENTS = "/v1/payment_intents"
MONEY_PATHS = (INTENTS, "/v1/refunds")


class Upstream:
    """localstripe, plain HTTP on the loopback."""

    def __init__(self, port, key):
        self.port, self.key = port, key

    def send(self, method, target, headers=None, body=None):
        connection = http.client.HTTPConnection("localhost", self.port, timeout=60)
        try:
            given = {"Authorization": f"Bearer {self.key}"} if headers is None else headers
            connection.request(method, target, body, given)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def get(self, target):
        status, body = self.send("GET", target)
        assert status == 200, (status, target, body)
        return json.loads(body)

    def post(self, target, **fields):
        status, body = self.send("POST", target, {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/x-www-form-urlencoded"}, urllib.parse.urlencode(fields))
        assert status == 200, (status, target, body)
        return json.loads(body)


def complete(document):
    """Adds the members of an intent that localstripe has not, from its own data."""
    for item in document.get("data", []) if isinstance(document.get("data"), list) else [document]:
        if isinstance(item, dict) and item.get("object") == "payment_intent":
            item["amount_received"] = received(item)
            item["amount_capturable"] = (
                item["amount"] if item["status"] == "requires_capture" else 0)
    return document


def received(intent):
    charge = intent.get("latest_charge")
    if not charge or charge["status"] != "succeeded" or not charge["captured"]:
        return 0
    # A partial capture gives the rest back by a refund of the charge; ours are of the intent.
    given_up = sum(refund["amount"] for refund in charge["refunds"]["data"]
                   if not refund["payment_intent"])
    return charge["amount"] - given_up


class Front(socketserver.ThreadingMixIn, socketserver.TCPServer):
    allow_reuse_address = daemon_threads = True
    request_queue_size = 256

    def __init__(self, upstream, certificate, private_key, keys=True, seed=0):
        self.upstream, self.keys, self.chance = upstream, keys, random.Random(seed)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, private_key)
        self.changed = threading.Condition()
        self.stored, self.running = {}, set()
        # The real search is behind, and then only the key protects from a second charge.
        self.search_lag_s = 5 if keys else 0
        self.intents = collections.defaultdict(list)
        self.armed, self.random_faults, self.released = [], {}, threading.Event()
        self.forwarding, self.forwarded = set(), 0
        self.open_connections = self.executed = self.replayed = self.faults_done = 0
        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        pass  # a daemon that is killed breaks its connections

    def process_request(self, request, client_address):
        with self.changed:
            self.open_connections += 1
        super().process_request(request, client_address)

    def shutdown_request(self, request):
        """The last thing of a connection, however it ended."""
        super().shutdown_request(request)
        with self.changed:
            self.open_connections -= 1
            self.changed.notify_all()

    # What tests ask for.
    def arm(self, *faults):
        """Each of the next money-moving requests ends like this: reset_before, reset_after, stall_after,
        error_500_after."""
        with self.changed:
            self.armed = list(faults)
            self.released.clear()

    def disarm(self):
        self.arm()
        self.random_faults = {}
        self.released.set()

    def drain(self):
        """Until every connection has ended: what came over them is executed, or never will be."""
        self.released.set()
        with self.changed:
            assert self.changed.wait_for(lambda: self.open_connections == 0, 60), "not drained"
        self.released.clear()

    def fault(self):
        with self.changed:
            fault = self.armed.pop(0) if self.armed else None
            for name, share in self.random_faults.items() if fault is None else ():
                if self.chance.random() < share:
                    fault = name
            self.faults_done += fault is not None
            return fault

    # What requests meet.
    def execute(self, method, target, headers, body):
        """(status, body, replayed) of a request that reached the service."""
        key = headers.get("Idempotency-Key")
        if method == "GET" and not self.keys:
            self.wait_for_earlier()
        if method != "POST" or not self.keys or not key:
            return (*self.forward(method, target, headers, body), False)
        request = (target, body)
        with self.changed:
            if key in self.stored:
                first, status, answer = self.stored[key]
                if first != request:
                    return 400, problem("idempotency_error", "Keys belong to one request."), False
                self.replayed += 1
                return status, answer, True
            if key in self.running:
                return 409, problem("invalid_request_error", "The key is in use.",
                                    "idempotency_key_in_use"), False
            self.running.add(key)
        try:
            status, answer = self.forward(method, target, headers, body)
        except BaseException:
            with self.changed:
                self.running.discard(key)
            raise
        with self.changed:
            self.running.discard(key)
            if status != 401:
                self.stored[key] = (request, status, answer)
        return status, answer, False

    def wait_for_earlier(self):
        """Without keys a read must not overtake what came before it: it is what decides about a repeat."""
        with self.changed:
            earlier = set(self.forwarding)
            self.changed.wait_for(lambda: not earlier & self.forwarding, 60)

    def forward(self, method, target, headers, body):
        with self.changed:
            self.forwarded += 1
            number = self.forwarded
            if method == "POST":
                self.forwarding.add(number)
        try:
            return self.carry_out(method, target, headers, body)
        finally:
            with self.changed:
                self.forwarding.discard(number)
                self.changed.notify_all()

    def carry_out(self, method, target, headers, body):
        path, _, query = target.partition("?")
        if path == INTENTS + "/search":
            return self.search(urllib.parse.parse_qs(query)["query"][0])
        passed = {name: headers[name] for name in ("Authorization", "Content-Type")
                  if headers.get(name)}
        status, answer = self.upstream.send(method, target, passed, body or None)
        try:
            document = json.loads(answer)
        except ValueError:
            return status, answer
        if method == "POST":
            with self.changed:
                self.executed += 1
            if path == INTENTS:
                self.remember(status, document, body)
        if path == "/v1/balance" and status == 200:
            document["object"] = "balance"
        return status, json.dumps(complete(document)).encode()

    def remember(self, status, document, body):
        """Which intents localstripe made for which operation; a declined one is found by its charge."""
        operation = urllib.parse.parse_qs(body.decode()).get("metadata[operation]", [None])[0]
        intent = document.get("id")
        if status == 402:
            intent = self.upstream.get("/v1/charges/" + document["error"]["charge"])["payment_intent"]
        if intent:
            with self.changed:
                self.intents[operation].append((intent, time.monotonic()))

    def search(self, query):
        operation = query.partition(":")[2].strip("'")
        with self.changed:
            now = time.monotonic()
            found = [intent for intent, made in self.intents.get(operation, ())
                     if now - made >= self.search_lag_s]
        return 200, json.dumps(complete({
            "object": "search_result", "url": INTENTS + "/search", "has_more": False,
            "data": [self.upstream.get(f"{INTENTS}/{intent}") for intent in found]})).encode()

    # What was charged, by localstripe's own books.
    def book(self):
        """Its charges in the form in which florin-sandbox tells its own."""
        listed = self.upstream.get(INTENTS + "?limit=1000000")["data"]
        return {"charges": [charge_of(intent) for intent in listed]}


def charge_of(intent):
    charge = intent["latest_charge"]
    declined = charge is None or charge["status"] == "failed"
    taken = received(intent)
    refunds = [] if declined else [
        {"amount": refund["amount"], "status": refund["status"]}
        for refund in charge["refunds"]["data"] if refund["payment_intent"]]
    return {"merchant_reference": intent["metadata"].get("merchant_reference"),
            "status": "declined" if declined else intent["status"], "amount": intent["amount"],
            "amount_captured": taken, "amount_refunded": sum(row["amount"] for row in refunds),
            "captures": [{"amount": taken, "status": "succeeded"}] if taken else [],
            "refunds": refunds}


def problem(kind, message, code=None):
    error = {"type": kind, "message": message}
    if code:
        error["code"] = code
    return json.dumps({"error": error}).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def setup(self):
        self.request.settimeout(30)
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self):
        try:
            super().finish()
        finally:
            self.request.close()

    def log_message(self, *_):
        pass

    def do_POST(self):
        self.serve()

    def do_GET(self):
        self.serve()

    def serve(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        moves_money = self.command == "POST" and self.path.startswith(MONEY_PATHS)
        fault = self.server.fault() if moves_money else None
        if fault == "reset_before":
            return self.reset()
        status, answer, replayed = self.server.execute(self.command, self.path, self.headers, body)
        if fault == "stall_after":
            self.server.released.wait(30)
            return self.reset()
        if fault == "reset_after":
            return self.reset()
        if fault == "error_500_after":
            status, answer = 500, problem("api_error", "Armed.")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        if replayed:
            self.send_header("Idempotent-Replayed", "true")
        self.end_headers()
        self.wfile.write(answer)

    def reset(self):
        self.close_connection = True
        self.request.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.request.close()


def wait_for_port(port, alive, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert alive(), "localstripe ended"
        try:
            socket.create_connection(("localhost", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("localstripe does not listen")
