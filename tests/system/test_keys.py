"""Keys while payments go on: a new version, a new key-encryption key, a bundle, a tenant that ends."""
import shutil
import unittest

from support import CliError, Instance, wait_until


class Keys(unittest.TestCase):
    def order(self, *words):
        done = self.instance.two_people("alice", "bob", "key", *words, "--reason", "drill")
        self.assertEqual(done["state"], "executed", done)
        return done["result"]

    def refused(self, code, *words):
        with self.assertRaises(CliError) as refusal:
            self.instance.request("alice", "key", *words, "--reason", "drill")
        self.assertEqual(refusal.exception.code, code, str(refusal.exception))
        return str(refusal.exception)

    def keys(self):
        return {row["name"]: row for row in self.instance.florin("key", "list")["items"]}

    def restart(self):
        self.assertEqual(self.instance.daemon.stop(), 0)
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)

    def test_life_of_keys(self):
        with Instance() as instance:
            self.instance = instance
            self.shop = instance.set_up()
            self.first = self.shop.create(1000, "EUR", "before").json["id"]
            self.check_rotation()
            self.check_key_encryption_key()
            self.check_bundle()
            self.check_shredding()

    def check_rotation(self):
        names = [name for name in self.keys() if name.startswith("t/") and name.endswith("/gen/1")]
        self.assertEqual(len(names), 1)
        self.tenant_key = names[0].removesuffix("/1")
        made = self.order("rotate", "demo")
        self.assertEqual(made["new_key"], f"{self.tenant_key}/2")
        self.assertEqual(made["secrets_sealed_anew"], "3")
        self.assertIn("approved by", made["record"])
        self.assertEqual(self.shop.create(1100, "EUR", "after").status, 201)
        self.assertEqual(self.shop.get(self.first).status, 200)
        self.assertIn("segments of the books", self.refused(
            5, "revoke", f"{self.tenant_key}/1", "--state", "disabled"))
        self.restart()
        self.assertEqual(self.shop.get(self.first).status, 200)
        self.assertEqual(self.shop.create(1200, "EUR", "restarted").status, 201)
        self.assertEqual(self.keys()[f"{self.tenant_key}/1"]["state"], "decrypt-only")
        self.instance.assert_balanced()
        self.instance.export_and_verify("after-rotation")

    def check_key_encryption_key(self):
        self.assertEqual(self.order("rotate", "kek")["new_key"], "kek/2")
        self.refused(5, "revoke", "kek/1", "--state", "destroyed", "--confirm", "kek/1")
        self.order("rewrap")
        self.order("revoke", "kek/1", "--state", "destroyed", "--confirm", "kek/1")
        self.assertEqual(self.keys()["kek/1"]["state"], "destroyed")
        self.restart()
        report = self.instance.florin("key", "verify")
        self.assertEqual(report["canaries_opened"], ["kek/2"])
        self.assertEqual(self.shop.get(self.first).status, 200)

    def check_bundle(self):
        bundle = self.order("bundle-export")["file"]
        self.assertEqual(self.instance.daemon.stop(), 0)
        data = self.instance.folder / "data"
        (data / "keyring").rename(self.instance.base / "keyring-lost")
        self.instance.run_florin("key", "bundle-import", bundle, "--to", data)
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        self.assertEqual(self.shop.get(self.first).status, 200)
        # What was set aside is not the newest any more.
        self.assertEqual(self.instance.daemon.stop(), 0)
        (data / "keyring").rename(self.instance.base / "keyring-new")
        shutil.copytree(self.instance.base / "keyring-lost", data / "keyring")
        self.instance.start_daemon(wait=False)
        wait_until("the refusal", lambda: not self.instance.daemon.alive())
        self.assertEqual(self.instance.daemon.child.returncode, 65)
        self.assertIn("this is not the newest keyring", self.instance.daemon.tail())
        shutil.rmtree(data / "keyring")
        (self.instance.base / "keyring-new").rename(data / "keyring")
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)

    def check_shredding(self):
        self.order("shred-tenant", "demo", "--confirm", "demo")
        self.assertEqual(self.shop.get(self.first).status, 401)
        with self.assertRaises(CliError) as gone:
            self.instance.florin("ledger", "balances")
        self.assertEqual(gone.exception.code, 4)
        self.assertIn("the keys of this tenant were destroyed", str(gone.exception))
        self.assertEqual(self.keys()[f"{self.tenant_key}/2"]["state"], "destroyed")
        self.assertEqual(self.instance.daemon.stop(), 0)
        self.instance.restart_daemon()
        self.assertTrue(self.instance.florin("key", "verify")["ok"])
        self.assertEqual(len(self.instance.florin("status")["ledgers"]), 1)


if __name__ == "__main__":
    unittest.main(verbosity=2)
