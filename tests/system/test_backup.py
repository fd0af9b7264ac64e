"""A backup under load, restored: the same books, closed to payments until two people open them.

Payments run while the backup is made. It is verified, damaged and found damaged, restored into a new
data directory with the same token, first whole, then up to an earlier entry.
"""
import os
import pathlib
import shutil
import subprocess
import threading
import unittest

from support import BIN, CliError, Instance, wait_until


class Load(threading.Thread):
    """Payments until it is told to stop."""

    def __init__(self, shop):
        super().__init__(daemon=True)
        self.shop, self.stopping, self.answers = shop, threading.Event(), {}
        self.failure = None
        self.start()

    def run(self):
        try:
            self.pay()
        except Exception as failure:  # noqa: BLE001 - told where it is waited for
            self.failure = failure

    def pay(self):
        number = 0
        while not self.stopping.is_set():
            answer = self.shop.create(1000 + number, "EUR", f"load-{number}")
            assert answer.status == 201, answer.body
            self.answers[answer.json["id"]] = answer.json
            number += 1

    def end(self):
        self.stopping.set()
        self.join(30)
        assert not self.is_alive()
        if self.failure is not None:
            raise self.failure


class Backup(unittest.TestCase):
    def test_restore_is_the_backup_and_waits_for_two_people(self):
        with Instance() as instance:
            self.instance = instance
            self.shop = instance.set_up()
            self.keyring = instance.folder / "data/keyring"
            backup = self.back_up_under_load()
            self.check_verification(backup)
            self.check_whole_restore(backup)
            self.check_cut_restore(backup)
            self.check_restore_after_shredding(backup)

    def back_up_under_load(self):
        load = Load(self.shop)
        wait_until("payments", lambda: len(load.answers) >= 5)
        begun = self.instance.florin("backup", "create")
        self.assertEqual(begun["state"], "running")

        def ended():
            last = self.instance.florin("backup", "list")["items"][-1]
            self.assertEqual(last["name"], begun["name"])
            return last if last["state"] != "running" else None
        made = wait_until("backup", ended, seconds=60)
        after = len(load.answers)
        wait_until("payments after the backup", lambda: len(load.answers) > after)
        load.end()
        self.assertEqual(made["state"], "made", made)
        self.assertEqual(made["ledgers"], 3)
        self.answers = load.answers
        return pathlib.Path(made["directory"])

    def offline(self, *words, code=0):
        done = self.instance.run_florin("backup", *words, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done

    def check_verification(self, backup):
        report = self.instance.florin("backup", "verify", backup)
        self.assertTrue(report["ok"])
        self.sizes = {row["ledger"]: row["entries"] for row in report["ledgers"]}
        self.tenant = next(name for name in self.sizes if name.endswith("/test"))
        subprocess.run(["sha256sum", "--quiet", "-c", "SHA256SUMS"], cwd=backup, check=True)
        subprocess.run(["openssl", "dgst", "-sha256", "-verify", "audit-key.pem", "-signature",
                        "manifest.sig", "manifest.json"], cwd=backup, check=True,
                       stdout=subprocess.DEVNULL)
        segment = next((backup / "data" / "tenants").rglob("*.seg"))
        good = segment.read_bytes()
        segment.write_bytes(good[:5000] + bytes([good[5000] ^ 1]) + good[5001:])
        self.offline("verify", backup, code=3)
        self.offline("restore", backup, "--to", self.instance.base / "never", code=3)
        self.assertFalse((self.instance.base / "never").exists())
        segment.write_bytes(good)
        self.offline("restore", backup, "--to", self.instance.folder / "data", code=5)

    def bring_keys(self, data):
        """A backup of data has no keys in it: without them the start says what is missing."""
        self.assertFalse((data / "keyring").exists())
        self.instance.change_config({"instance.data_directory": data})
        folder = self.instance.folder
        refused = subprocess.run(
            [str(BIN / "florind"), "--config", str(folder / "florind.conf")], text=True,
            capture_output=True, timeout=60,
            env={**os.environ, "SOFTHSM2_CONF": str(folder / "softhsm2.conf")})
        self.assertEqual(refused.returncode, 65, refused.stderr)
        self.assertIn("key bundle-import", refused.stderr)
        shutil.copytree(self.keyring, data / "keyring", dirs_exist_ok=True)
        self.keyring = data / "keyring"

    def move_to(self, data):
        """Stops the daemon and starts it on another data directory, with the same token."""
        self.assertEqual(self.instance.daemon.stop(), 0)
        self.bring_keys(data)
        self.instance.change_config({"instance.data_directory": data})
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)

    def ledger_of_status(self):
        return next(row for row in self.instance.florin("status")["ledgers"]
                    if (row["tenant"], row["mode"]) == ("demo", "test"))

    def reopen(self, ledger):
        request = self.instance.request("alice", "ledger", "reopen", ledger, "--reason",
                                        "restore drill")
        with self.assertRaises(CliError) as refused:  # the same person: still not enough
            self.instance.act("alice", "approve", request["number"])
        self.assertEqual(refused.exception.code, 7)
        self.assertTrue(self.ledger_of_status()["recovering"] or ledger == "system")
        done = self.instance.act("bob", "approve", request["number"])
        self.assertEqual(done["state"], "executed", done)
        self.assertEqual(done["result"]["state"], "open")

    def check_closed_then_open(self):
        answer = self.shop.create(500, "EUR", "while-recovering", idempotency_key="k" * 20)
        self.assertEqual(answer.status, 503, answer.body)
        self.assertEqual(answer.json["code"], "ledger-recovering")
        self.assertGreater(int(answer.headers["retry-after"]), 0)
        booked = self.instance.book()["charges"]
        self.assertNotIn("while-recovering", [row["merchant_reference"] for row in booked])
        self.reopen("demo/test")
        self.assertFalse(self.ledger_of_status()["recovering"])
        answer = self.shop.create(500, "EUR", "while-recovering", idempotency_key="k" * 20)
        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual(self.shop.capture(answer.json["id"]).status, 201)
        self.instance.assert_balanced()
        wait_until("certainty about every payment",
                   lambda: self.instance.florin("status")["payments_in_doubt"] == 0)

    def check_whole_restore(self, backup):
        data = self.instance.base / "restored"
        made = self.instance.florin("backup", "restore", backup, "--to", data)
        self.assertTrue(made["deliveries"])
        self.move_to(data)
        row = self.ledger_of_status()
        self.assertTrue(row["recovering"])
        # What the backup has, the entry that says so, and what the start found in doubt.
        self.assertGreater(row["entries"], self.sizes[self.tenant])
        entries = self.instance.florin("ledger", "entries", "--from", self.sizes[self.tenant])
        self.assertEqual(entries["items"][0]["type"], "recovery")
        self.instance.assert_balanced()
        page = self.shop.list(limit=100)
        self.assertEqual(page.status, 200, "reads go on")
        self.assertGreater(len(page.json["data"]), 4)
        for payment in page.json["data"]:
            if payment["id"] in self.answers and payment["status"] == "authorized":
                self.assertEqual(payment["amount_authorized"],
                                 self.answers[payment["id"]]["amount_authorized"])
        self.check_closed_then_open()
        self.reopen("system")
        self.instance.export_and_verify("after-restore")
        origin = self.instance.folder / "exports/after-restore/checkpoint"
        self.assertRegex(origin.read_text().splitlines()[0], r"/test/r1-[0-9a-f]{8}$")

    def check_cut_restore(self, backup):
        kept = self.sizes[self.tenant] - 5
        data = self.instance.base / "earlier"
        made = self.instance.florin("backup", "restore", backup, "--to", data, "--to-entry",
                                    f"{self.tenant}={kept}")
        self.assertFalse(made["deliveries"])
        for note in data.rglob("cp/superseded/*"):
            # Later restores leave notes of the same size behind.
            self.assertRegex(note.name, r"^[0-9]{20}-[0-9a-f]{8}\.note$")
        before = sorted((self.instance.base / "restored").rglob("proj/data.mdb"))
        self.assertEqual(len(before), 3)
        self.move_to(data)
        entries = self.instance.florin("ledger", "entries", "--from", kept)
        self.assertEqual(entries["items"][0]["type"], "recovery")
        self.instance.assert_balanced()
        # Under another key: what was left behind would be found again under its own.
        self.reopen("demo/test")
        answer = self.shop.create(700, "EUR", "after-cut")
        self.assertEqual(answer.status, 201, answer.body)
        self.assertEqual(self.instance.daemon.stop(), 0)
        for proj in data.rglob("proj"):
            shutil.rmtree(proj)
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        self.assertEqual(self.shop.get(answer.json["id"]).status, 200)
        self.instance.assert_balanced()
        self.instance.export_and_verify("after-cut")

    def check_restore_after_shredding(self, backup):
        """Old data and today's keys: everything is there but what was shredded since."""
        self.instance.two_people("alice", "bob", "key", "shred-tenant", "demo", "--reason",
                                 "contract ended", "--confirm", "demo")
        data = self.instance.base / "shredded"
        self.instance.florin("backup", "restore", backup, "--to", data)
        self.move_to(data)
        for _ in range(2):
            with self.assertRaises(CliError) as gone:
                self.instance.florin("ledger", "balances")
            self.assertIn("the keys of this tenant were destroyed", str(gone.exception))
            self.assertEqual(len(self.instance.florin("status")["ledgers"]), 1)
            self.assertEqual(self.instance.daemon.stop(), 0)
            self.instance.restart_daemon()


if __name__ == "__main__":
    unittest.main(verbosity=2)
