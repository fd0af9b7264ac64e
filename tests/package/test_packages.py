"""The Debian packages: that they build, that lintian and systemd have nothing to say, and that the
daemon works from what they hold, with its PIN in an encrypted credential."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FLORIN_BUILD", ROOT / "build" / "dev"))
WORK = pathlib.Path(tempfile.mkdtemp(prefix="fl-packages-"))
# The instance below runs the programs of the packages, beside the sandbox of the tree.
os.environ["FLORIN_BUILD"] = str(WORK / "programs")
sys.path.insert(0, str(ROOT / "tests" / "system"))
from support import Instance, make_certificates, wait_until  # noqa: E402

CREDENTIAL = "florin.hsm-pin"
UNIT = "lib/systemd/system/florind.service"


def run(*words, **more):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True,
                          timeout=500, **more)


def tearDownModule():
    shutil.rmtree(WORK, ignore_errors=True)


class CredentialInstance(Instance):
    """Its PIN is in a systemd credential and nowhere else."""

    def start(self):
        self.settings["hsm.pin_source"] = f"credential:{CREDENTIAL}"
        self.credentials = self.base / "credentials"
        self.blob = self.base / "blob"
        super().start()

    def start_daemon(self, wait=True):
        if not self.blob.exists():
            self.encrypt_pin()
            self.pass_credential()
        os.environ["CREDENTIALS_DIRECTORY"] = str(self.credentials)
        super().start_daemon(wait)

    def encrypt_pin(self):
        pin = self.folder / "user.pin"
        done = run("systemd-creds", "encrypt", "--with-key=host", f"--name={CREDENTIAL}", pin,
                   self.blob)
        if done.returncode != 0:
            raise unittest.SkipTest(f"SKIP packages.credential: {done.stderr.strip()}")
        self.pin = pin.read_text().strip()
        pin.unlink()

    def pass_credential(self):
        """What the service manager does before it starts the unit."""
        self.credentials.mkdir()
        target = self.credentials / CREDENTIAL
        done = run("systemd-creds", "decrypt", f"--name={CREDENTIAL}", self.blob, target)
        assert done.returncode == 0, done.stderr
        target.chmod(0o400)


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.out, cls.tree = WORK / "out", WORK / "tree"
        done = run(ROOT / "scripts/package.sh", "--quick", "--binaries", BUILD / "bin", "--out",
                   cls.out)
        assert done.returncode == 0, done.stderr
        names = sorted(path.name.split("_")[0] for path in cls.out.glob("*.deb"))
        assert names == ["florin-cli", "florin-server"], names
        for package in cls.out.glob("*.deb"):
            done = run("dpkg-deb", "--extract", package, cls.tree)
            assert done.returncode == 0, done.stderr
        programs = WORK / "programs/bin"
        programs.mkdir(parents=True)
        for path in (cls.tree / "usr/sbin/florind", cls.tree / "usr/bin/florin",
                     cls.tree / "usr/bin/florin-verify", BUILD / "bin/florin-sandbox"):
            (programs / path.name).symlink_to(path)

    def test_lintian_has_nothing_to_say(self):
        done = run("lintian", "--allow-root", "--fail-on", "error,warning", "--tag-display-limit",
                   "0", *self.out.glob("*.changes"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_files(self):
        for name in ("usr/sbin/florind", "usr/bin/florin", "usr/bin/florin-verify", UNIT,
                     "etc/florin/florind.conf", "usr/lib/sysusers.d/florin-server.conf",
                     "usr/lib/tmpfiles.d/florin-server.conf", "usr/share/man/man8/florind.8.gz",
                     "usr/share/man/man1/florin.1.gz", "usr/share/man/man1/florin-verify.1.gz",
                     "usr/share/doc/florin-server/tls.md.gz"):
            self.assertTrue((self.tree / name).is_file(), name)
        # Nothing that a package must never bring.
        for part in ("var", "run", "home", "etc/florin/tls"):
            self.assertFalse((self.tree / part).exists(), part)
        package = next(self.out.glob("florin-server_*.deb"))
        self.assertEqual(run("dpkg-deb", "--info", package, "conffiles").stdout.split(),
                         ["/etc/florin/florind.conf"])
        for script in ("postinst", "prerm", "postrm"):
            text = run("dpkg-deb", "--info", package, script).stdout
            for word in ("openssl", "userdel", "deluser", "rm -r"):
                self.assertNotIn(word, text, script)

    def test_unit(self):
        unit = self.tree / UNIT
        done = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no",
                   f"--root={self.tree}", unit)
        self.assertEqual((done.returncode, done.stderr.strip()), (0, ""))
        done = run("systemd-analyze", "security", "--offline=true", "--threshold=16", unit)
        self.assertEqual(done.returncode, 0, done.stdout)
        text = unit.read_text()
        for line in (f"LoadCredentialEncrypted={CREDENTIAL}", "LimitMEMLOCK=64M", "LimitCORE=0",
                     "NoNewPrivileges=yes", "CapabilityBoundingSet="):
            self.assertIn("\n" + line + "\n", text)
        # It would make one and the same "nobody" of all callers of the control sockets.
        self.assertNotIn("\nPrivateUsers=", text)

    def daemon(self, *words):
        return [self.tree / "usr/sbin/florind", "--config", self.tree / "etc/florin/florind.conf",
                *words]

    def test_configuration_as_installed(self):
        """With certificates in place it is good, and the daemon starts in setup."""
        folder = WORK / "installed"
        for name in ("tls", "domains"):
            (folder / name).mkdir(parents=True)
        make_certificates(folder / "tls")
        settings = {"instance.data_directory": folder / "data",
                    "instance.run_directory": folder / "run",
                    "api.certificate": folder / "tls/server.pem",
                    "api.private_key": folder / "tls/server.key",
                    "api.certificates": folder / "domains"}
        words = [f"--set={name}={value}" for name, value in settings.items()]
        done = run(*self.daemon("--check-config", *words))
        self.assertEqual(done.returncode, 0, done.stderr)
        (folder / "tls/server.key").chmod(0o644)
        done = run(*self.daemon("--check-config", *words))
        self.assertEqual(done.returncode, 69)
        self.assertIn("mode 0600", done.stderr)
        child = subprocess.Popen([str(word) for word in self.daemon(*words)],
                                 stderr=subprocess.DEVNULL)
        try:
            wait_until("sockets", lambda: len(list((folder / "run").glob("*.sock"))) == 4)
            for socket in (folder / "run").glob("*.sock"):
                self.assertEqual(socket.stat().st_mode & 0o777, 0o660, socket)
            # A signal by the daemon's own option: no shell, no kill program.
            done = run(self.tree / "usr/sbin/florind", "--reload", child.pid)
            self.assertEqual((done.returncode, child.poll()), (0, None))
        finally:
            child.terminate()
            self.assertEqual(child.wait(30), 0)
        self.assertEqual(run(self.tree / "usr/sbin/florind", "--reload", child.pid).returncode, 69)

    def test_pin_comes_from_an_encrypted_credential(self):
        with CredentialInstance() as instance:
            shop = instance.set_up()
            self.assertEqual(shop.create(100, "EUR", "first").status, 201)
            blob = instance.blob.read_bytes()
            self.assertNotIn(instance.pin.encode(), blob)
            # Under another name the blob opens nothing.
            done = run("systemd-creds", "decrypt", "--name=other", instance.blob, "-")
            self.assertNotEqual(done.returncode, 0)
            self.assertNotIn(instance.pin, done.stdout)
            self.assertEqual(instance.daemon.stop(), 0)
            # Without the credential it starts sealed, and serves nobody.
            shutil.rmtree(instance.credentials)
            instance.start_daemon()
            self.assertEqual(instance.florin("status")["state"], "sealed")
            self.assertFalse((instance.folder / "run/api.port").exists())
            self.assertEqual(instance.daemon.stop(), 0)
            instance.pass_credential()
            instance.restart_daemon()
            instance.move_client(shop)
            self.assertEqual(shop.create(100, "EUR", "second").status, 201)
            self.assertNotIn(instance.pin, (instance.folder / "florind.log").read_text())


if __name__ == "__main__":
    result = unittest.main(exit=False).result
    # What could not run is told as skipped, never as passed.
    sys.exit(77 if result.skipped and result.wasSuccessful() else not result.wasSuccessful())
