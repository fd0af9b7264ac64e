"""The daemon is killed again and again while 32 clients pay: no answer is lost or changed, no money moves twice.

Each client creates, captures and refunds over HTTPS and repeats under the same idempotency key what it
got no answer for. The daemon gets SIGKILL after a random number of answers, while other requests are
under way, and sometimes once more while it starts. It is started again on the same data directory with the
same token, 15 times (200 with FLORIN_LONG=1). Then every answer, the acquirer's book and the ledger must
tell the same. The seed is printed; FLORIN_SEED repeats the choices, the interleaving is the machine's.
"""
import collections
import http.client
import json
import pathlib
import random
import threading
import time
import unittest

import books
from support import LONG, SEED, Instance, wait_until

KILLS = 200 if LONG else 15
CLIENTS = 32
MOST_ANSWERS = 60
# A start writes at least this many lines from the login on: that, three ledgers opened, serving.
LINES_OF_A_START = 5
LOGGED_IN = '"event":"hsm.state","from":"checking","to":"ready"'
# A machine that is busy with all of this is no trouble of the security module, nor of the connector.
SETTINGS = {"payments.connector_deadline_ms": "2000", "hsm.timeout_ms": "5000",
            "payments.connector_breaker_failures": "0"}
# Busy, or not at its work yet; everything else that is no 2xx is a failure.
COME_AGAIN = (409, 429, 503)
OPEN_PAYMENT = ("created", "processing", "in_doubt")
OPEN_PART = ("pending", "unknown")
# What a kill may leave behind without damage: a group of entries that nobody was told of, and
# operations whose outcome has to be asked for.
EXPECTED_WARNINGS = {"ledger.torn_tail", "operation.in_doubt_after_restart",
                     "operation.still_in_doubt"}

Acknowledged = collections.namedtuple("Acknowledged", "key call status body")


class Gate:
    """Where the daemon listens now, how many requests it answered, and whether it was killed."""

    def __init__(self, port):
        self.changed = threading.Condition()
        self.port, self.life, self.answers, self.under_way = port, 1, 0, 0
        self.killed, self.failure, self.ending, self.lost = set(), None, False, 0

    def wait(self, what, condition, seconds=120):
        """With the lock held: until the condition is true or a client has failed."""
        met = self.changed.wait_for(lambda: self.failure or condition(), seconds)
        if self.failure:
            raise AssertionError(f"seed {SEED}") from self.failure
        assert met, f"no {what} within {seconds} s (seed {SEED})"

    def enter(self):
        with self.changed:
            self.wait("daemon that serves", lambda: self.port)
            self.under_way += 1
            return self.port, self.life

    def leave(self, life, error):
        """After an answer (`error` is None) or its loss, which only a kill excuses."""
        with self.changed:
            self.under_way -= 1
            if error is None:
                self.answers += 1
            else:
                self.lost += 1
            self.changed.notify_all()
            if error is not None and life not in self.killed:
                raise AssertionError("a connection was lost without a kill") from error

    def kill_after(self, answers, kill):
        """Kills once so many more requests are answered and others are under way."""
        with self.changed:
            until = self.answers + answers
            self.wait("answers", lambda: self.answers >= until and self.under_way > 0)
            self.killed.add(self.life)
            self.port = None
            kill()

    def open(self, port):
        with self.changed:
            self.port, self.life = port, self.life + 1
            self.changed.notify_all()

    def fail(self, error):
        with self.changed:
            self.failure = self.failure or error
            self.changed.notify_all()


class Customer(threading.Thread):
    """One client of the merchant: payment after payment until the end, each finished once begun."""

    def __init__(self, number, gate, client, move):
        super().__init__(daemon=True)
        self.number, self.gate, self.client, self.move = number, gate, client, move
        self.chance = random.Random(f"{SEED}-{number}")
        self.acknowledged, self.keys = [], 0

    def run(self):
        try:
            payments = 0
            while not self.gate.ending:
                self.pay(f"load-{self.number}-{payments}")
                payments += 1
        except BaseException as error:  # the test's thread raises it again
            self.gate.fail(error)

    def ask(self, call):
        """The answer, in whichever life of the daemon; a lost one is asked for again."""
        while True:
            port, life = self.gate.enter()
            self.move(self.client, port)
            answer = error = None
            try:
                answer = call(self.client)
            except (OSError, http.client.HTTPException) as lost:
                error = lost
            self.gate.leave(life, error)
            if answer is not None:
                return answer

    def write(self, make_call):
        """One intention under one key until it is answered; then the payment, once it is certain."""
        key = f"client-{self.number}-intention-{self.keys:05}"
        self.keys += 1
        call = make_call(key)

        def final():
            answer = self.ask(call)
            if answer.status in (201, 202):
                return answer
            assert answer.status in COME_AGAIN, (key, answer.status, answer.body)
            return None
        answer = wait_until(f"answer to {key}", final, seconds=60)
        self.acknowledged.append(Acknowledged(key, call, answer.status, answer.body))
        payment = answer.json
        return payment if is_certain(payment) else self.certain(payment["id"])

    def certain(self, payment):
        def shown():
            answer = self.ask(lambda client: client.get(payment))
            assert answer.status == 200, (payment, answer.status, answer.body)
            return answer.json if is_certain(answer.json) else None
        return wait_until(f"certainty about {payment}", shown, seconds=90)

    def pay(self, reference):
        currency = self.chance.choice(["EUR", "USD"])
        # The last two digits are plain: from 91 on they are the acquirer's orders to fail.
        value = self.chance.randrange(10, 5000) * 100 + self.chance.randrange(90)
        token = self.chance.choices(
            ["tok_approve", "tok_decline_insufficient_funds", "tok_close_after"], [90, 7, 3])[0]
        method = self.chance.choice(["manual", "manual", "manual", "automatic"])
        payment = self.write(lambda key: lambda client: client.create(
            value, currency, reference, token, method, key))
        if payment["status"] == "failed":
            return
        name, part = payment["id"], value // 200 * 100
        if method == "manual" and self.chance.random() < 0.4:
            self.write(lambda key: lambda client: client.capture(
                name, part, currency, idempotency_key=key))
        if method == "manual":
            payment = self.write(lambda key: lambda client: client.capture(
                name, idempotency_key=key))
        for _ in range(self.chance.randrange(3)):
            left = payment["amount_captured"]["value"] - payment["amount_refunded"]["value"]
            if left < 300:
                return
            back = self.chance.randrange(1, left // 200) * 100
            payment = self.write(lambda key, back=back: lambda client: client.refund(
                name, back, currency, idempotency_key=key))


def is_certain(payment):
    return payment["status"] not in OPEN_PAYMENT and all(
        part["status"] not in OPEN_PART for part in payment["captures"] + payment["refunds"])


def assert_same_or_later(was, now):
    """`now` may only have gone on from what was answered."""
    context = (was, now)
    assert was["id"] == now["id"] and was["version"] <= now["version"], context
    assert was["merchant_reference"] == now["merchant_reference"], context
    for name in ("authorized", "captured", "released", "refunded"):
        assert was[f"amount_{name}"]["value"] <= now[f"amount_{name}"]["value"], context
    going_on = {"requires_capture": ("requires_capture", "partially_captured", "succeeded",
                                     "canceled"),
                "partially_captured": ("partially_captured", "succeeded")}
    if was["status"] not in OPEN_PAYMENT:
        assert now["status"] in going_on.get(was["status"], (was["status"],)), context
    for kind in ("captures", "refunds"):
        parts = {part["id"]: part for part in now[kind]}
        for part in was[kind]:
            kept = parts[part["id"]]
            assert kept["amount"] == part["amount"], context
            assert part["status"] in (*OPEN_PART, kept["status"]), context


class KillUnderLoad(unittest.TestCase):
    customer = Customer

    def make_instance(self):
        return Instance(settings=SETTINGS)

    def test_nothing_is_lost_or_done_twice(self):
        print(f"seed {SEED}", flush=True)
        self.chance, self.log_read, self.starts_cut = random.Random(SEED), 0, 0
        with self.make_instance() as instance:
            self.instance, self.shop = instance, instance.set_up()
            self.gate = Gate(instance.api_port)
            self.customers = [self.customer(number, self.gate, self.new_client(), self.move)
                              for number in range(CLIENTS)]
            for customer in self.customers:
                customer.start()
            for number in range(KILLS):
                self.kill_and_start(number)
            self.end_load()
            self.acknowledged = [row for each in self.customers for row in each.acknowledged]
            print(f"{KILLS} kills under load, {self.starts_cut} while starting, {self.gate.lost} "
                  f"answers lost, {len(self.acknowledged)} writes acknowledged", flush=True)
            self.assertGreater(self.gate.lost, 0, "no kill met a request")
            self.check()

    def new_client(self):
        return self.instance.client(self.shop.key_id, self.instance.folder / "shop.secret")

    @staticmethod
    def move(client, port):
        client.port, client.authority = port, f"localhost:{port}"

    def kill_and_start(self, number):
        answers = self.chance.randrange(1, MOST_ANSWERS)
        self.gate.kill_after(answers, self.instance.kill_daemon)
        self.check_log(number)
        if self.chance.random() < 0.3:
            self.cut_a_start(number)
        self.instance.restart_daemon()
        self.check_log(number)
        self.gate.open(self.instance.api_port)

    def cut_a_start(self, number):
        """A start is killed after a random line of its log, but not inside the login: SoftHSM writes its
        token anew then and does not survive an end in the midst of it."""
        lines = self.chance.randrange(1, LINES_OF_A_START + 1)
        self.instance.start_daemon(wait=False)
        wait_until(f"{lines} lines of a start after the login",
                   lambda: self.lines_after_login() >= lines, interval_s=0.001)
        self.instance.kill_daemon()
        self.starts_cut += 1
        self.check_log(number)

    def lines_after_login(self):
        lines = self.new_lines()
        begun = [number for number, line in enumerate(lines) if LOGGED_IN in line]
        return len(lines) - begun[0] if begun else 0

    def new_lines(self):
        log = pathlib.Path(self.instance.daemon.log).read_bytes()
        return log[self.log_read:log.rfind(b"\n") + 1].decode().splitlines(keepends=True)

    def check_log(self, number):
        """Whatever the daemon said since the last look: neither damage nor any other trouble."""
        lines = self.new_lines()
        self.log_read += sum(len(line.encode()) for line in lines)
        for line in lines:
            level, event = int(line[1]), json.loads(line[3:])["event"]
            self.assertTrue(level > 4 or event in EXPECTED_WARNINGS,
                            f"seed {SEED}, kill {number}: {line}")

    def end_load(self):
        """The last life answers a few more; then everybody finishes the payment that is begun."""
        with self.gate.changed:
            until = self.gate.answers + 2 * CLIENTS
            self.gate.wait("answers after the last kill", lambda: self.gate.answers >= until)
            self.gate.ending = True
        deadline = time.monotonic() + 120
        for customer in self.customers:
            customer.join(max(0, deadline - time.monotonic()))
            self.assertFalse(customer.is_alive(), "a client did not come to its end")
        with self.gate.changed:
            self.gate.wait("end", lambda: True)
        self.instance.move_client(self.shop)
        wait_until("certainty about every payment",
                   lambda: self.instance.florin("status")["payments_in_doubt"] == 0, seconds=60)

    def check(self):
        entries = self.instance.entry_count()
        told = books.check_books(self.instance, self.shop)
        self.check_answers(told)
        made = self.instance.export_and_verify("after-kills")
        charges = self.instance.book()["charges"]
        self.assertEqual(books.exported(made["directory"]), books.executed(charges, told),
                         "the ledger's movements are not the acquirer's")
        self.assertEqual(self.instance.entry_count(), entries, "a replay wrote to the ledger")
        self.check_log("end")

    def check_answers(self, told):
        """Every acknowledged write is there, and its key gives the very same answer again."""
        keys = [row.key for row in self.acknowledged]
        self.assertEqual(len(keys), len(set(keys)))
        first = {json.loads(row.body)["id"] for row in self.acknowledged}
        self.assertEqual(first, set(told), "payments that nobody was told of")
        before = self.instance.book()
        for row in self.acknowledged:
            was = json.loads(row.body)
            assert_same_or_later(was, told[was["id"]])
            again = row.call(self.shop)
            self.assertEqual((again.status, again.body), (row.status, row.body), row.key)
            self.assertEqual(again.headers.get("idempotent-replayed"), "true", row.key)
        self.assertEqual(self.instance.book(), before, "a replay reached the acquirer")


if __name__ == "__main__":
    unittest.main(verbosity=2)
