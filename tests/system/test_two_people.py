"""What one person must not do alone: every way around it is refused, and what two people decided
survives kill -9 and is carried out once.
"""
import http.client
import json
import os
import socket
import subprocess
import unittest

from support import BIN, CliError, Instance, wait_until

DAY = "2026-01-{:02}"


class TwoPeople(unittest.TestCase):
    def setUp(self):
        self.day = 0

    def lock(self, instance, person="alice", **more):
        """A request that can be made again and again: each one locks a day more."""
        self.day += 1
        return instance.request(person, "ledger", "lock-period", "demo/test", "--through",
                                DAY.format(self.day), "--reason", "month closed", **more)

    def refused(self, code, call, *words, **more):
        with self.assertRaises(CliError) as raised:
            call(*words, **more)
        self.assertEqual(raised.exception.code, code, raised.exception)
        return str(raised.exception)

    def state(self, instance, request):
        return instance.florin("request", "show", request["number"])["state"]

    def set_two_person(self, instance, **settings):
        """[two_person] as given; the daemon is not running."""
        path = instance.folder / "florind.conf"
        text = path.read_text().split("[two_person]")[0]
        lines = "".join(f"{key} = {value}\n" for key, value in settings.items())
        path.write_text(f"{text}[two_person]\n{lines}")

    def restart(self, instance, **settings):
        if instance.daemon.alive():
            self.assertEqual(instance.daemon.stop(), 0)
        self.set_two_person(instance, **settings)
        instance.restart_daemon()

    def test_two_people(self):
        with Instance() as instance:
            self.check_init(instance)
            self.check_the_way(instance)
            self.check_refusals(instance)
            self.check_edited_and_replayed(instance)
            self.check_roles(instance)
            self.check_books(instance)
            self.check_expiry(instance)
            self.check_crashes(instance)
            self.check_records(instance)

    def check_init(self, instance):
        for person in ("alice", "bob", "carol"):
            instance.enrol(person)
        key = instance.folder / "alice.key"
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        self.assertNotIn("passphrase of", key.read_text())
        self.refused(5, instance.enrol, "alice")
        init = ["hsm", "init", "--so-pin-file", instance.folder / "so.pin"]
        alice, bob = instance.folder / "alice.pub", instance.folder / "bob.pub"
        self.refused(2, instance.florin, *init)
        self.refused(2, instance.florin, *init, "--first-person", alice)
        said = self.refused(5, instance.florin, *init, "--first-person", alice,
                            "--second-person", alice)
        self.assertIn("two", said)
        edited = instance.folder / "edited.pub"
        edited.write_text(bob.read_text().replace("name bob", "name rob"))
        self.refused(7, instance.florin, *init, "--first-person", alice,
                     "--second-person", edited)
        self.assertEqual(instance.florin("status")["state"], "setup", "nothing was begun")
        instance.florin(*init, "--first-person", alice, "--second-person", bob)
        instance.wait_state(("serving",))
        self.assertEqual([row["name"] for row in instance.florin("role", "list")["items"]],
                         ["alice", "bob"])
        me = instance.florin("whoami", "--person", "bob")
        self.assertEqual((me["name"], me["uid"]), ("bob", os.geteuid()))
        self.assertIn("shared", me["proof"])
        instance.florin("tenant", "create", "demo", "--display", "Demo Bank")

    def check_the_way(self, instance):
        before = instance.florin("status")["requests"]
        done = instance.run_florin("ledger", "lock-period", "demo/test", "--through",
                                   "2025-12-31", "--reason", "year closed", "--yes",
                                   *instance.as_person("alice"), check=False)
        self.assertEqual(done.returncode, 6, done.stderr)
        request = json.loads(done.stdout)
        self.assertIn("\nconsequence Nothing but", done.stderr, "the text that is signed")
        self.assertIn('\nparameter through "2025-12-31"\n', done.stderr)
        self.assertNotIn("passphrase of", done.stdout + done.stderr)
        self.assertIn(f"florin request approve {request['number']}", done.stderr)
        self.assertEqual(instance.florin("status")["requests"]["waiting"], before["waiting"] + 1)
        shown = instance.florin("request", "show", request["number"])
        self.assertEqual(shown["state"], "waiting")
        self.assertIn("\nreason year closed\n", shown["text"])
        self.assertIn("demo/test", shown["text"])
        self.assertEqual(shown["requested_by"], "alice")
        done = instance.act("bob", "approve", request["number"])
        self.assertEqual(done["state"], "executed")
        self.assertEqual([vote["person"] for vote in done["votes"]], ["bob"])
        entries = instance.florin("ledger", "entries")["items"]
        self.assertEqual(entries[-1]["type"], "period")
        self.assertEqual(entries[-1]["note"], "year closed")

    def check_refusals(self, instance):
        request = self.lock(instance)
        number = request["number"]
        said = self.refused(7, instance.act, "alice", "approve", number)
        self.assertIn("somebody else", said)
        digest = instance.florin("request", "show", number)["digest"]
        bob = instance.as_person("bob")
        other = "0" if digest[0] != "0" else "1"
        self.refused(5, instance.florin, "request", "approve", number, "--digest",
                     other + digest[1:16], *bob)
        self.refused(2, instance.florin, "request", "approve", number, "--digest", digest[:7], *bob)
        done = instance.run_florin("--no-input", "request", "approve", number, *bob, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--digest", done.stderr)
        # Somebody who is bound nowhere, and somebody's name with another key.
        self.refused(7, instance.act, "carol", "approve", number)
        forged = instance.folder / "forged.key"
        words = instance.folder / "forged.passphrase"
        words.write_text("passphrase of mallory\n")
        words.chmod(0o400)
        instance.florin("role", "enrol", "bob", "--key-file", forged, "--passphrase-file", words,
                        "--out", instance.folder / "forged.pub")
        said = self.refused(7, instance.act, "forged", "approve", number)
        self.assertIn("signature", said)
        # The right key with another passphrase.
        self.refused(7, instance.florin, "request", "approve", number, "--digest", digest[:16],
                     "--key-file", instance.folder / "bob.key", "--passphrase-file", words)
        self.refused(7, instance.act, "bob", "cancel", number)
        shown = instance.florin("request", "show", number)
        self.assertEqual(shown["state"], "waiting")
        # alice, carol (nobody), the forged key, bob's cancel reached the daemon.
        self.assertEqual(shown["refused_attempts"], 4)
        self.assertGreaterEqual(
            instance.florin("status")["requests"]["refused_attempts"], 4)
        self.assertIn("request.refused", (instance.folder / "florind.log").read_text())
        rejected = instance.act("bob", "reject", number, "--reason", "not this month")
        self.assertEqual(rejected["state"], "rejected")
        self.refused(5, instance.act, "bob", "approve", number)
        cancelled = self.lock(instance)
        self.assertEqual(instance.act("alice", "cancel", cancelled["number"])["state"],
                         "cancelled")
        self.refused(5, instance.act, "bob", "approve", cancelled["number"])
        for words in (("--no-input",), ()):
            done = subprocess.run(
                [str(word) for word in (BIN / "florin", "--run-dir", instance.folder / "run",
                                        *words, "ledger", "lock-period", "demo/test", "--through",
                                        "2026-01-31", "--reason", "x",
                                        *instance.as_person("alice"))],
                capture_output=True, text=True, timeout=60, start_new_session=True)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("--yes", done.stderr)

    def raw(self, instance, path, body):
        """A request to the daemon that no florin would send."""
        connection = http.client.HTTPConnection("localhost", timeout=30)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(30)
        connection.sock.connect(str(instance.folder / "run/operator.sock"))
        try:
            connection.request("POST", f"/operator/v1/{path}", json.dumps(body),
                               {"Content-Type": "application/json"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def check_edited_and_replayed(self, instance):
        first, second = self.lock(instance), self.lock(instance)
        shown = {row["number"]: instance.florin("request", "show", row["number"])
                 for row in (first, second)}
        done = instance.act("bob", "approve", first["number"])
        vote = done["votes"][0]
        # bob's approval of the first request, used for the second one; and once more for the first.
        for number, status in ((second["number"], 401), (first["number"], 403)):
            answer = self.raw(instance, f"requests/{number}/approve", {
                "person": "bob", "digest": shown[number]["digest"],
                "signature": vote["signature"]})
            self.assertEqual(answer[0], status, answer)
        answer = self.raw(instance, f"requests/{second['number']}/approve", {
            "person": "bob", "digest": shown[first["number"]]["digest"],
            "signature": vote["signature"]})
        self.assertEqual(answer[0], 409, answer)
        # The request itself again, and with another day.
        document = shown[second["number"]]
        body = {"operation": document["operation"], "parameters": document["parameters"],
                "reason": document["reason"], "person": "alice", "request": document["id"],
                "requested_at": document["requested_at"], "signature": document["signature"]}
        self.assertEqual(self.raw(instance, "requests", body)[0], 409)
        body["request"] = "rqt_" + document["id"][4:-1] + (
            "0" if document["id"][-1] != "0" else "1")
        self.assertEqual(self.raw(instance, "requests", body)[0], 401)
        body["parameters"] = {**document["parameters"], "through": "2026-01-31"}
        self.assertEqual(self.raw(instance, "requests", body)[0], 401)
        self.assertEqual(self.state(instance, second), "waiting")
        instance.act("bob", "approve", second["number"])

    def check_roles(self, instance):
        self.refused(5, instance.request, "alice", "role", "bind", "--public",
                     instance.folder / "carol.pub", "--roles", "custodian,operator", "--reason", "x")
        said = self.refused(5, instance.request, "alice", "role", "unbind", "bob",
                            "--reason", "x", "--confirm", "bob")
        self.assertIn("last two admins", said)
        done = instance.two_people("alice", "bob", "role", "bind", "--public",
                                   instance.folder / "carol.pub", "--roles", "auditor",
                                   "--reason", "joins the audit")
        self.assertEqual(done["result"], {"person": "carol", "roles": "auditor"})
        self.assertEqual(instance.florin("role", "show", "carol")["roles"], "auditor")
        request = self.lock(instance)
        said = self.refused(7, instance.act, "carol", "approve", request["number"])
        self.assertIn("carol is auditor", said)
        self.refused(7, self.lock, instance, "carol")
        self.refused(5, instance.request, "alice", "role", "bind", "--to", "carol", "--roles",
                     "operator", "--reason", "x")
        instance.act("alice", "cancel", request["number"])
        done = instance.two_people("alice", "bob", "role", "unbind", "carol", "--reason", "leaves",
                                   "--confirm", "carol")
        self.assertEqual(done["result"]["roles"], "")
        self.refused(4, instance.florin, "role", "show", "carol")
        said = self.refused(5, instance.request, "alice", "role", "bind", "--public",
                            instance.folder / "carol.pub", "--roles", "auditor", "--reason", "back")
        self.assertIn("bound already", said)

    def check_books(self, instance):
        """Corrections of books without a payment: what cannot be is refused at the preview."""
        self.refused(4, instance.request, "alice", "ledger", "reverse", "demo/test", "--entry",
                     "4711", "--reason", "x")
        self.refused(5, instance.request, "alice", "ledger", "reverse", "demo/test", "--entry",
                     "1", "--reason", "x")
        self.refused(4, instance.request, "alice", "ledger", "account-flags", "demo/test",
                     "--account", "1", "--state", "frozen", "--reason", "x")
        self.refused(4, instance.request, "alice", "ledger", "adjust", "demo/test", "--debit", "1",
                     "--credit", "2", "--amount", "5", "--reason", "x")
        self.refused(5, instance.request, "alice", "ledger", "reopen", "demo/test",
                     "--reason", "x")
        self.refused(4, instance.request, "alice", "ledger", "lock-period", "nobody/test",
                     "--through", "2026-01-31", "--reason", "x")

    def check_expiry(self, instance):
        self.restart(instance, approve_within_s=1)
        late = self.lock(instance)
        wait_until("expiry", lambda: self.state(instance, late) == "expired")
        self.refused(5, instance.act, "bob", "approve", late["number"])
        self.restart(instance, execute_within_s=1, execute_on_approval="false")
        late = self.lock(instance)
        self.assertEqual(instance.act("bob", "approve", late["number"])["state"], "approved")
        wait_until("expiry", lambda: self.state(instance, late) == "expired")
        self.refused(5, instance.act, "alice", "execute", late["number"])

    def locks(self, instance):
        return sum(row["type"] == "period"
                   for row in instance.florin("ledger", "entries", "--limit", "1000")["items"])

    def check_crashes(self, instance):
        self.restart(instance, execute_on_approval="false")
        before = self.locks(instance)
        waiting, approved = self.lock(instance), self.lock(instance)
        instance.act("bob", "approve", approved["number"])
        instance.kill_daemon()
        instance.restart_daemon()
        self.assertEqual(self.state(instance, waiting), "waiting")
        self.assertEqual(self.state(instance, approved), "approved")
        self.assertEqual(self.locks(instance), before)
        done = instance.act("alice", "execute", approved["number"])
        self.assertEqual(done["state"], "executed")
        self.assertEqual(self.locks(instance), before + 1)
        instance.act("alice", "cancel", waiting["number"])
        # Approved, killed, and started to execute by itself.
        approved = self.lock(instance)
        instance.act("bob", "approve", approved["number"])
        instance.kill_daemon()
        self.restart(instance, execute_on_approval="true")
        wait_until("execution", lambda: self.state(instance, approved) == "executed")
        self.assertEqual(self.locks(instance), before + 2)
        self.restart(instance, execute_on_approval="true")
        self.assertEqual(self.locks(instance), before + 2, "carried out once")

    def check_records(self, instance):
        """The whole story again, after all these restarts."""
        everything = instance.florin("request", "list", "--state", "all")["items"]
        numbers = [int(row["number"][2:]) for row in everything]
        self.assertEqual(numbers, list(range(len(numbers), 0, -1)))
        self.assertEqual({row["state"] for row in everything},
                         {"executed", "rejected", "cancelled", "expired"})
        self.assertEqual(instance.florin("request", "list")["items"], [])
        done = subprocess.run(
            [str(BIN / "florin"), "--run-dir", str(instance.folder / "run"), "request", "show",
             everything[0]["number"]], capture_output=True, text=True, timeout=60, check=True)
        for part in ("text that is signed:", "sha256 ", "requested by alice", "approved by bob",
                     "signature ", "evaluation instance", "result: "):
            self.assertIn(part, done.stdout)


if __name__ == "__main__":
    unittest.main(verbosity=2)
