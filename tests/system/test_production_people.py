"""A production instance: an account may use the sockets of the roles that its person holds; root none.

Every person is an account of its own here, so the test needs the right to change the uid.
"""
import json
import os
import shutil
import subprocess
import sys
import unittest

from support import BIN, Instance, wait_until

UIDS = {"alice": 54321, "bob": 54322, "carol": 54323}  # none needs an account on this machine


class ProductionPeople(unittest.TestCase):
    def test_roles_of_people_open_the_sockets(self):
        with Production() as instance:
            self.instance = instance
            self.check_setup()
            self.check_root_is_nobody()
            self.check_roles()
            self.check_root_is_nobody_after_a_refused_pin()

    def run_as(self, person, *words, code=0):
        """`florin` from the person's account and home."""
        home = self.instance.base / person
        command = [self.program(), "--output", "json", "--run-dir", self.instance.folder / "run",
                   *words]
        done = subprocess.run([str(word) for word in command], text=True, capture_output=True,
                              timeout=60, user=UIDS[person], group=UIDS[person], extra_groups=[],
                              cwd=home, env={"HOME": str(home), "PATH": os.environ["PATH"],
                                             "FLORIN_PASSPHRASE_FILE": str(home / "passphrase")})
        self.assertEqual(done.returncode, code, f"{person}: {words}: {done.stderr}")
        return json.loads(done.stdout) if done.stdout else done.stderr

    def program(self):
        """A copy that every account may run, wherever the build tree is."""
        copy = self.instance.base / "florin"
        if not copy.exists():
            shutil.copy(BIN / "florin", copy)
            copy.chmod(0o755)
        return copy

    def enrol(self, person):
        home = self.instance.base / person
        home.mkdir(mode=0o755)
        (home / "passphrase").write_text("a passphrase\n")
        for path in (home, home / "passphrase"):
            os.chown(path, UIDS[person], UIDS[person])
        made = self.run_as(person, "role", "enrol", person, "--out", home / f"{person}.pub")
        self.assertEqual(made["uid"], UIDS[person])
        self.assertEqual((home / ".config/florin/person.key").stat().st_mode & 0o777, 0o600)
        return home / f"{person}.pub"

    def check_setup(self):
        """Before anybody is known the kernel's permission decides: here root's."""
        parts = {person: self.enrol(person) for person in UIDS}
        root = self.instance.folder / "root.pub"
        self.instance.enrol("root")
        init = ["hsm", "init", "--so-pin-file", self.instance.folder / "so.pin",
                "--first-person", parts["alice"], "--second-person"]
        refused = self.instance.run_florin(*init, root, check=False)
        self.assertEqual(refused.returncode, 5, refused.stderr)
        self.assertIn("uid 0", refused.stderr)
        self.instance.florin(*init, parts["bob"])

    def check_root_is_nobody(self):
        for words in (["status"], ["tenant", "create", "acme"], ["role", "list"]):
            done = self.instance.run_florin(*words, check=False)
            self.assertEqual(done.returncode, 7, done.stderr)
            self.assertIn("not through sudo", done.stderr)

    def check_roles(self):
        # An admin reads and keeps tenants, and is no operator.
        self.assertEqual(self.run_as("alice", "status")["state"], "serving")
        self.assertEqual(self.run_as("alice", "whoami")["roles"], "admin")
        self.run_as("alice", "tenant", "create", "acme")
        merchant = ["merchant", "create", "shop", "--tenant", "acme", "--mode", "test"]
        self.run_as("alice", *merchant, code=7)
        self.run_as("carol", "status", code=7)
        # carol becomes an operator: alice asks, bob approves.
        asked = self.run_as("alice", "role", "bind", "--public",
                            self.instance.base / "carol/carol.pub", "--roles", "operator",
                            "--reason", "joins", "--yes", code=6)
        self.run_as("carol", "request", "approve", asked["number"], "--digest",
                    asked["digest"][:8], code=7)
        done = self.run_as("bob", "request", "approve", asked["number"], "--digest",
                           asked["digest"][:8])
        self.assertEqual(done["state"], "executed")
        self.assertFalse(done["evaluation"])
        self.run_as("carol", *merchant)
        self.run_as("carol", "tenant", "create", "other", code=7)
        # bob cannot be somebody else, not even with that person's key.
        key = self.instance.base / "bob/stolen.key"
        key.write_bytes((self.instance.base / "alice/.config/florin/person.key").read_bytes())
        key.chmod(0o600)
        os.chown(key, UIDS["bob"], UIDS["bob"])
        said = self.run_as("bob", "role", "unbind", "carol", "--reason", "x", "--confirm", "carol",
                           "--key-file", key, code=7)
        self.assertIn("alice is not bound to uid", said)

    def check_root_is_nobody_after_a_refused_pin(self):
        pin = self.instance.folder / "user.pin"
        right = pin.read_text()
        self.assertEqual(self.instance.daemon.stop(), 0)
        pin.chmod(0o600)
        pin.write_text("0" * len(right))
        pin.chmod(0o400)
        self.instance.start_daemon(wait=False)
        wait_until("the end", lambda: not self.instance.daemon.alive(), 60)
        self.assertEqual(self.instance.daemon.child.returncode, 77)
        # The service manager starts it again; it is sealed and tries no PIN.
        self.instance.start_daemon(wait=False)

        def ask():
            done = self.instance.run_florin("status", check=False)
            return done if done.returncode != 8 else None
        done = wait_until("an answer", ask)
        self.assertEqual(done.returncode, 7, done.stderr)
        self.assertIn("not through sudo", done.stderr)


class Production(Instance):
    """The sockets are open to everybody as far as the kernel is concerned: the groups are not what
    is tested here."""

    def start_daemon(self, wait=True):
        path = self.folder / "florind.conf"
        path.write_text("\n".join(line for line in path.read_text().splitlines()
                                  if "evaluation_uids" not in line
                                  and "allow_private" not in line)
                        .replace("evaluation = true", "evaluation = false") + "\n")
        super().start_daemon(wait)
        for folder in (self.base, self.folder, self.folder / "run"):
            folder.chmod(0o711)
        for socket in (self.folder / "run").glob("*.sock"):
            socket.chmod(0o666)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("SKIP production_people: accounts of their own need the right to change the uid")
        sys.exit(77)
    unittest.main(verbosity=2)
