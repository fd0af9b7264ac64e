"""The packages on a Debian that boots: accounts, sockets, the encrypted credential, reload, removal.

Long mode only (FLORIN_LONG=1), as root, with debootstrap and systemd-nspawn; what is missing is a
named skip. Debian comes from the machine's own mirror.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = pathlib.Path(os.environ.get("FLORIN_BUILD", ROOT / "build" / "dev"))
sys.path.insert(0, str(ROOT / "tests" / "system"))
from support import make_certificates  # noqa: E402

INCLUDE = ("systemd,systemd-sysv,dbus,libboost-json1.81.0,libboost-program-options1.81.0,"
           "libboost-url1.81.0,libfmt9,liblmdb0,libsodium23,libssl3,softhsm2")
CONFIG = """[instance]
data_directory = /var/lib/florin/data
run_directory = /run/florin
evaluation = true
evaluation_uids = 0
brand = payments
[api]
port = 8443
certificate = /etc/florin/tls/default/chain.pem
private_key = /etc/florin/tls/default/key.pem
certificates = /etc/florin/tls/domains
[hsm]
module = /usr/lib/softhsm/libsofthsm2.so
uri = pkcs11:token=boot
pin_source = credential:florin.hsm-pin
timeout_ms = 5000
[audit]
export_directory = /var/lib/florin/exports
origin = boot.invalid/ledger
"""
SCRIPT = r"""#!/bin/bash
exec >/result 2>&1
set -x
say() { set +x; echo "RESULT $*"; set -x; }
state() { florin --output json status | grep -o '"state":"[a-z]*"' | head -n 1 | cut -d '"' -f 4; }
until_state() { for i in $(seq 150); do [ "$(state 2>/dev/null)" = "$1" ] && break; sleep 0.2; done; say "$2 $(state)"; }

mkdir -m 0700 -p /etc/credstore.encrypted
printf 0123456789abcdef | systemd-creds encrypt --with-key=host --name=florin.hsm-pin - /etc/credstore.encrypted/florin.hsm-pin
systemctl restart florind
until_state setup started
mkdir -m 0700 /var/lib/florin/tokens && chown florin:florin /var/lib/florin/tokens
printf 87654321fedcba98 >/root/so.pin; chmod 0400 /root/so.pin
florin hsm init --so-pin-file /root/so.pin >/dev/null
until_state serving initialised
stat -c 'RESULT socket %n %U:%G %a' /run/florin/*.sock
say "state $(stat -c '%U:%G %a' /var/lib/florin)"
say "pin $(find / -xdev -type f -size -64k -newer /etc/hostname ! -path '/root/*' ! -path '/boot-test' ! -path '/result' -print0 | xargs -0 grep -l 0123456789abcdef 2>/dev/null | wc -l)"
pid=$(systemctl show -p MainPID --value florind)
say "locked $(systemctl show -p LimitMEMLOCK --value florind)"
say "core $(sed -n 's/^Max core file size *\([0-9]*\).*/\1/p' /proc/$pid/limits)"
systemctl reload florind; say "reload $?"
for i in $(seq 50); do journalctl -u florind | grep -q tls.reloaded && break; sleep 0.2; done
say "reloaded $(journalctl -u florind | grep -c tls.reloaded)"
cp /etc/florin/florind.conf /root/good; echo nonsense >>/etc/florin/florind.conf
systemctl reload florind; say "bad_reload $(( $? != 0 )) $(( $(systemctl show -p MainPID --value florind) == pid ))"
cp /root/good /etc/florin/florind.conf
useradd -G florin-auditor alice; useradd bob
say "alice $(runuser -u alice -- florin status 2>&1 | grep -c 'does not hold the role')"
say "bob $(runuser -u bob -- florin status 2>&1 | grep -ci 'permission denied')"
systemctl restart florind
until_state serving restarted
mv /etc/credstore.encrypted/florin.hsm-pin /root/blob
systemctl restart florind
until_state sealed without_credential
mv /root/blob /etc/credstore.encrypted/florin.hsm-pin
systemctl restart florind
until_state serving with_credential
dpkg -r florin-server; say "removed $(systemctl is-active florind)"
dpkg -P florin-server; say "purged $(test -d /var/lib/florin/data && echo books) $(getent passwd florin | cut -d: -f1) $(ls /etc/florin/florind.conf 2>/dev/null)"
journalctl -u florind --no-pager
systemctl poweroff
"""
UNIT = """[Unit]
After=multi-user.target
[Service]
ExecStart=/boot-test
StandardOutput=null
"""
# A control group file system of its own, since the machine may have one of the old kind; and locked
# memory, which systemd-nspawn keeps from its guests.
NSPAWN = r"""
cg=/sys/fs/cgroup
while umount -l "$cg" 2>/dev/null; do :; done
mount -t cgroup2 cgroup2 "$cg" && mkdir -p "$cg/florin-$$" && echo $$ >"$cg/florin-$$/cgroup.procs" || exit 77
SYSTEMD_NSPAWN_UNIFIED_HIERARCHY=1 exec systemd-nspawn -q -D "$1" --register=no --keep-unit \
  --private-network --system-call-filter=@memlock --console=pipe -b -- --show-status=0 </dev/null
"""


def run(*words, seconds=600, **more):
    return subprocess.run([str(word) for word in words], text=True, capture_output=True,
                          timeout=seconds, **more)


def mirror():
    for path in sorted(pathlib.Path("/etc/apt").glob("sources.list.d/*.sources")):
        for line in path.read_text().splitlines():
            if line.startswith("URIs:"):
                return line.split()[1]
    return "http://deb.debian.org/debian"


@unittest.skipUnless(os.environ.get("FLORIN_LONG") == "1", "SKIP packages.boot: long mode only")
class Boot(unittest.TestCase):
    def setUp(self):
        for program in ("debootstrap", "systemd-nspawn"):
            if not shutil.which(program):
                self.skipTest(f"SKIP packages.boot: {program} is not installed")
        if os.geteuid() != 0:
            self.skipTest("SKIP packages.boot: needs root")
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="fl-boot-"))
        self.addCleanup(shutil.rmtree, self.base, ignore_errors=True)
        self.tree = self.base / "root"

    def install(self):
        ready = os.environ.get("FLORIN_BOOT_ROOT")
        if ready:
            done = run("cp", "-a", ready, self.tree)
        else:
            done = run("debootstrap", "--variant=minbase", f"--include={INCLUDE}", "bookworm",
                       self.tree, mirror(), seconds=1500)
        self.assertEqual(done.returncode, 0, done.stdout[-2000:] + done.stderr)
        out = self.tree / "packages"
        done = run(ROOT / "scripts/package.sh", "--quick", "--binaries", BUILD / "bin", "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        names = [f"/packages/{path.name}" for path in out.glob("*.deb")]
        # systemd-tmpfiles wants to see processes.
        install = ('mount -t proc proc "$0/proc" && exec chroot "$0" env '
                   'DEBIAN_FRONTEND=noninteractive dpkg -i "$@"')
        done = run("unshare", "-m", "--propagation", "private", "sh", "-c", install, self.tree, *names)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def prepare(self):
        etc = self.tree / "etc/florin"
        (etc / "florind.conf").write_text(CONFIG)
        (etc / "softhsm2.conf").write_text("directories.tokendir = /var/lib/florin/tokens\n")
        (etc / "softhsm2.conf").chmod(0o644)
        tls = self.base / "tls"
        tls.mkdir()
        make_certificates(tls)
        shutil.copy(tls / "server.pem", etc / "tls/default/chain.pem")
        shutil.copy(tls / "server.key", etc / "tls/default/key.pem")
        done = run("chroot", self.tree, "sh", "-c", "chmod 0400 /etc/florin/tls/default/key.pem; "
                   "chown florin:florin /etc/florin/tls/default/key.pem")
        self.assertEqual(done.returncode, 0, done.stderr)
        drop_in = self.tree / "etc/systemd/system/florind.service.d/softhsm.conf"
        drop_in.parent.mkdir(parents=True)
        drop_in.write_text("[Service]\nEnvironment=SOFTHSM2_CONF=/etc/florin/softhsm2.conf\n")
        script = self.tree / "boot-test"
        script.write_text(SCRIPT)
        script.chmod(0o755)
        unit = self.tree / "etc/systemd/system/boot-test.service"
        unit.write_text(UNIT)
        wants = self.tree / "etc/systemd/system/multi-user.target.wants"
        wants.mkdir(exist_ok=True)
        (wants / unit.name).symlink_to(f"../{unit.name}")

    def test_installed_booted_operated_removed(self):
        self.install()
        self.prepare()
        done = run("unshare", "-m", "--propagation", "private", "sh", "-c", NSPAWN, "boot",
                   self.tree, seconds=300)
        result = self.tree / "result"
        if not result.exists():
            self.skipTest("SKIP packages.boot: nothing boots here: "
                          + (done.stderr.strip().splitlines() or ["?"])[-1])
        text = result.read_text(errors="replace")
        seen = dict(line[7:].strip().split(" ", 1) for line in text.splitlines()
                    if line.startswith("RESULT ") and not line.startswith("RESULT socket"))
        self.assertEqual(
            {name: seen.get(name) for name in EXPECTED}, EXPECTED, text)
        for role in ("admin", "operator", "custodian", "auditor"):
            self.assertIn(f"RESULT socket /run/florin/{role}.sock florin:florin-{role} 660", text)


EXPECTED = {
    "started": "setup", "initialised": "serving", "state": "florin:florin 700", "pin": "0",
    "locked": str(64 * 1024 * 1024), "core": "0", "reload": "0", "reloaded": "1",
    "bad_reload": "1 1", "alice": "1", "bob": "1", "restarted": "serving",
    "without_credential": "sealed", "with_credential": "serving", "removed": "inactive",
    "purged": "books florin",
}

if __name__ == "__main__":
    result = unittest.main(exit=False).result
    # What could not run is told as skipped, never as passed.
    sys.exit(77 if result.skipped and result.wasSuccessful() else not result.wasSuccessful())
