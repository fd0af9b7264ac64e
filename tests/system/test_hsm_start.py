"""Starts of the daemon that a security module makes impossible or uncertain: cases 1 to 5, 12, 13,
18 and 22. Every refusal ends the process before a merchant's port is open, with one clear line, an
event with its own code, and no secret told."""
import ctypes
import os
import pathlib
import resource
import shutil
import subprocess
import unittest

from hsm_faults import FOREVER, SHIM
from hsm_support import FaultyInstance
from support import BIN, LONG, CliError, wait_until

CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED = 0x20000, 0x40000
CKR_PIN_LOCKED = 0xA4
PR_CAPBSET_DROP, CAP_IPC_LOCK = 24, 14


class HsmStart(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.instance = FaultyInstance()
        cls.instance.__enter__()
        cls.shop = cls.instance.set_up()
        assert cls.shop.create(100, "EUR", "first").status == 201
        assert cls.instance.daemon.stop() == 0
        cls.config = cls.instance.folder / "florind.conf"
        cls.good_config = cls.config.read_text()

    @classmethod
    def tearDownClass(cls):
        cls.instance.close()

    def setUp(self):
        self.faults = self.instance.faults
        self.logins = self.faults.calls("C_Login")

    def tearDown(self):
        if self.instance.daemon.alive():
            self.instance.daemon.kill()
        self.faults.disarm()
        self.faults.token_flags(0)
        self.config.write_text(self.good_config)

    def will_damage_the_token(self):
        """Keeps a copy that comes back when the case is over. Only while nothing has run with the
        token in between: it anchors the newest state of the books."""
        saved = self.instance.base / "saved"
        shutil.copytree(self.tokens, saved)

        def back():
            shutil.rmtree(self.tokens)
            saved.rename(self.tokens)
        self.addCleanup(back)

    @property
    def tokens(self):
        return self.instance.folder / "tokens"

    def assert_serves(self):
        self.instance.restart_daemon()
        self.instance.move_client(self.shop)
        self.assertEqual(self.shop.create(100, "EUR", os.urandom(8).hex()).status, 201)
        self.assertEqual(self.instance.daemon.stop(), 0)

    def assert_refused(self, exit_code, code, *words):
        objects = self.instance.token_objects()
        port = self.instance.folder / "run/api.port"
        port.unlink(missing_ok=True)
        done = self.instance.run_daemon()
        self.assertEqual(done.returncode, exit_code, done.stderr)
        event = self.instance.refusal(done)
        self.assertEqual(event["code"], code, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)
        self.assertEqual(self.instance.token_objects(), objects, "a start makes no key")
        self.assertFalse(port.exists(), "merchants are not let in")
        for name in ("C_InitToken", "C_GenerateKey", "C_GenerateKeyPair"):
            self.assertEqual(self.faults.calls(name), self.made[name], name)

    @property
    def made(self):
        """What the ceremony of setUpClass made, and nothing since."""
        return {"C_InitToken": 1, "C_GenerateKey": 2, "C_GenerateKeyPair": 1}

    def logins_since(self):
        return self.faults.calls("C_Login") - self.logins

    def test_hsm_case_01_module(self):
        text = self.instance.base / "text.so"
        text.write_text("not a library")
        text.chmod(0o644)
        writable = self.instance.base / "writable.so"
        shutil.copy(SHIM, writable)
        writable.chmod(0o775)
        for path, words in ((self.instance.base / "absent.so", "cannot be found"),
                            (text, "not an ELF library"), (writable, "writable by group")):
            self.instance.change_config({"hsm.module": path})
            self.assert_refused(69, "hsm-module", words)
        self.assertEqual(self.logins_since(), 0)

    def test_hsm_case_02_token(self):
        self.will_damage_the_token()
        away = self.instance.base / "away"
        self.tokens.rename(away)
        self.tokens.mkdir(mode=0o700)
        self.assert_refused(69, "hsm-token-missing")
        self.assertEqual(list(self.tokens.iterdir()), [], "a start never makes a token")
        self.tokens.rmdir()
        away.rename(self.tokens)
        uri = next(line.partition("=")[2].strip() for line in self.good_config.splitlines()
                   if line.startswith("uri ="))
        self.instance.change_config({"hsm.uri": uri + ";serial=0000000000000000"})
        self.assert_refused(69, "hsm-token-missing")
        self.config.write_text(self.good_config)
        label = uri.partition("token=")[2].partition(";")[0].replace("%20", " ")
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", label, "--so-pin",
                        "123456", "--pin", "123456"], check=True, capture_output=True,
                       env={**os.environ, **self.instance.daemon_environment()})
        self.assert_refused(69, "hsm-token-missing", "More than one")
        self.assertEqual(self.logins_since(), 0)

    def test_hsm_case_03_wrong_pin_once(self):
        """One try; a service manager's restarts try none, until an operator gives the PIN."""
        pin = self.instance.folder / "user.pin"
        right = pin.read_text()
        pin.chmod(0o600)
        pin.write_text("0" * len(right.strip()) + "\n")
        try:
            self.assert_refused(77, "hsm-pin-incorrect")
        finally:
            pin.write_text(right)
            pin.chmod(0o400)
        self.assertEqual(self.logins_since(), 1, "exactly one try")
        for _ in range(2):
            self.instance.start_daemon(wait=False)
            self.instance.wait_state(("sealed",))
            self.assertEqual(self.instance.daemon.stop(), 0)
        self.assertEqual(self.logins_since(), 1, "a restart tries nothing")
        self.instance.start_daemon(wait=False)
        self.instance.wait_state(("sealed",))
        self.instance.florin("hsm", "unlock", "--pin-file", pin)
        self.instance.wait_state(("serving",))
        self.assertEqual(self.logins_since(), 2)
        self.assertEqual(self.instance.daemon.stop(), 0)
        self.assert_serves()

    def test_hsm_case_04_pin_nearly_locked(self):
        for flag in (CKF_USER_PIN_FINAL_TRY, CKF_USER_PIN_LOCKED):
            self.faults.token_flags(flag)
            self.assert_refused(77, "hsm-pin-incorrect", "no login is tried")
            self.forget_refusal()
        self.assertEqual(self.logins_since(), 0)
        self.faults.token_flags(0)
        self.faults.arm("C_Login", "FailBefore", return_value=CKR_PIN_LOCKED, count=FOREVER)
        self.assert_refused(77, "hsm-pin-incorrect")
        self.assertEqual(self.logins_since(), 1)
        self.forget_refusal()

    def forget_refusal(self):
        """What an operator's unlock does to the mark of a refused PIN."""
        (self.instance.folder / "data/pin-refused").unlink()

    def test_hsm_case_05_keys(self):
        self.will_damage_the_token()
        self.instance.pkcs11_tool("--keygen", "--key-type", "AES:32", "--label", "probe", "--id",
                                  "77", "--private", "--sensitive")
        self.assert_refused(69, "hsm-key-duplicate", "probe")
        self.instance.pkcs11_tool("--delete-object", "--type", "secrkey", "--label", "probe",
                                  "--id", "77")
        self.instance.pkcs11_tool("--delete-object", "--type", "secrkey", "--label", "kek/1")
        self.assert_refused(69, "hsm-key-missing", "kek/1")
        self.instance.pkcs11_tool("--keygen", "--key-type", "AES:32", "--label", "kek/1", "--id",
                                  "78", "--private", "--sensitive", "--extractable")
        self.assert_refused(69, "hsm-key-unfit", "kek/1", "extractable")

    def secret_key_file(self, label):
        """The file of an AES key: without it the start misses that label."""
        for path in self.instance.token_objects():
            whole = path.read_bytes()
            path.write_bytes(b"")
            done = self.instance.run_daemon()
            path.write_bytes(whole)
            if done.returncode != 0 and self.instance.refusal(done).get("field") == label:
                return path
        self.fail(f"no file holds {label}")

    def test_hsm_case_12_flipped_bit_in_the_kek(self):
        """SoftHSM uses the changed key silently; the wrapped roots show it before anything is
        served, and nothing is written with it."""
        self.will_damage_the_token()
        path = self.secret_key_file("kek/1")
        data = bytearray(path.read_bytes())
        value = (0x11).to_bytes(8, "big") + (3).to_bytes(8, "big")  # CKA_VALUE, a byte string
        at = data.index(value) + len(value) + 8
        data[at] ^= 1
        path.write_bytes(data)
        keyring = (self.instance.folder / "data/keyring/data.mdb").read_bytes()
        done = self.instance.run_daemon()
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(self.instance.refusal(done)["code"], "key-unwrap-failed")
        self.assertEqual((self.instance.folder / "data/keyring/data.mdb").read_bytes(), keyring)

    def test_hsm_case_13_truncated_object(self):
        self.will_damage_the_token()
        path = self.secret_key_file("kek/1")
        path.write_bytes(path.read_bytes()[:8])
        self.assert_refused(69, "hsm-key-missing", "kek/1")

    def test_hsm_case_18_two_daemons_and_command_lines(self):
        """A second daemon ends at once and disturbs nothing; command lines during a start do not
        open the token, so they cannot fail it. SoftHSM used naively fails 22 of 100 such starts."""
        for _ in range(200 if LONG else 5):
            logins = self.faults.calls("C_Login")
            self.instance.start_daemon(wait=False)
            answers = []
            while self.instance.daemon.alive():
                try:
                    answers.append(self.instance.florin("hsm", "status")["state"])
                except CliError as error:
                    self.assertEqual(error.code, 8)
                    continue
                if answers[-1] == "ready":
                    break
            self.assertEqual(answers[-1:], ["ready"], self.instance.daemon.tail())
            self.assertEqual(self.instance.run_daemon().returncode, 69)
            self.assertEqual(self.instance.florin("hsm", "status")["state"], "ready")
            self.assertEqual(self.faults.calls("C_Login"), logins + 1)
            self.assertEqual(self.instance.daemon.stop(), 0)

    def test_hsm_case_22_locked_memory(self):
        """Either the secrets are in locked memory or the daemon does not start."""
        def limited(size):
            def prepare():
                # Root may lock what it likes; the limit counts only without that capability.
                libc = ctypes.CDLL(None, use_errno=True)
                libc.prctl(PR_CAPBSET_DROP, CAP_IPC_LOCK, 0, 0, 0)
                resource.setrlimit(resource.RLIMIT_MEMLOCK, (size, size))
            return prepare
        done = self.instance.run_daemon(preexec=limited(0))
        self.assertGreater(done.returncode, 0, "it ends by itself, not by a signal")
        self.assertEqual(len([line for line in done.stderr.splitlines()
                              if line.startswith("florind: ")]), 1, done.stderr)
        highest = resource.getrlimit(resource.RLIMIT_MEMLOCK)[1]
        for size, must_run in ((64 << 10, False), (8 << 20, False), (64 << 20, True)):
            if highest != resource.RLIM_INFINITY and size > highest:
                print(f"SKIP hsm.case22: {size >> 20} MiB are more than the limit here")
                continue
            command = [str(BIN / "florind"), "--config", str(self.config)]
            log = self.instance.folder / f"memlock-{size}.log"
            with open(log, "wb") as output:
                child = subprocess.Popen(command, stdout=output, stderr=output,
                                         preexec_fn=limited(size),
                                         env={**os.environ, **self.instance.daemon_environment()})
            self.check_locked(child, log, must_run)

    def check_locked(self, child, log, must_run):
        def settled():
            return child.poll() is not None or '"daemon.serving"' in log.read_text()
        try:
            wait_until("start or refusal", settled, 60)
            if child.poll() is None:
                status = pathlib.Path(f"/proc/{child.pid}/status").read_text()
                locked = int(status.partition("VmLck:")[2].split()[0])
                self.assertGreater(locked, 0, "kB of locked memory")
                child.terminate()
                self.assertEqual(child.wait(30), 0)
            else:
                self.assertFalse(must_run, log.read_text())
                self.assertGreater(child.returncode, 0, log.read_text())
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        self.instance.assert_no_secret(log.read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
