"""A certificate authority for tests, run by the openssl program: good certificates and bad ones."""
import pathlib
import subprocess

CONFIG = """[ca]
default_ca = this
[this]
dir = .
database = index.txt
serial = serial
crlnumber = crlnumber
new_certs_dir = .
default_md = sha256
default_days = 30
default_crl_days = 7
policy = any
unique_subject = no
[any]
commonName = supplied
"""
CA_EXTENSIONS = ("basicConstraints = critical,CA:TRUE\nkeyUsage = critical,keyCertSign,cRLSign\n"
                 "subjectKeyIdentifier = hash\n")
EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
PAST = ("-startdate", "20200101000000Z", "-enddate", "20200201000000Z")


class Authority:
    """One folder; every certificate is NAME.pem with its key NAME.key, mode 0600."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        (self.folder / "ca.cnf").write_text(CONFIG)
        (self.folder / "index.txt").write_text("")
        for name in ("serial", "crlnumber"):
            (self.folder / name).write_text("1000\n")
        self.run("req", "-x509", *EC, "-nodes", "-keyout", "root.key", "-out", "root.pem", "-days",
                 "60", "-subj", "/CN=Root " + self.folder.name, "-addext",
                 "basicConstraints=critical,CA:TRUE", "-addext",
                 "keyUsage=critical,keyCertSign,cRLSign")

    def run(self, *words):
        done = subprocess.run(["openssl", *map(str, words)], cwd=self.folder, text=True,
                              capture_output=True)
        assert done.returncode == 0, (words, done.stderr)

    def path(self, name):
        return self.folder / name

    def issue(self, name, extensions, issuer="root", key=EC, subject=None, more=()):
        self.run("req", *key, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj",
                 f"/CN={subject or name}")
        self.path(f"{name}.ext").write_text(extensions)
        self.run("ca", "-batch", "-notext", "-config", "ca.cnf", "-cert", f"{issuer}.pem",
                 "-keyfile", f"{issuer}.key", "-in", f"{name}.csr", "-out", f"{name}.pem",
                 "-extfile", f"{name}.ext", *more)
        self.path(f"{name}.key").chmod(0o600)
        return self.path(f"{name}.pem")

    def server(self, name, host):
        return self.issue(name, f"subjectAltName = DNS:{host}\nextendedKeyUsage = serverAuth\n"
                                "basicConstraints = critical,CA:FALSE\n")

    def client(self, name, usage="clientAuth", names="URI:urn:merchant:shop", **more):
        extensions = "basicConstraints = critical,CA:FALSE\nkeyUsage = digitalSignature\n"
        if usage:
            extensions += f"extendedKeyUsage = {usage}\n"
        if names:
            extensions += f"subjectAltName = {names}\n"
        return self.issue(name, extensions, **more)

    def chain(self, name, length):
        """A client below `length` authorities; NAME.pem holds all but the root."""
        issuer, links = "root", []
        for number in range(1, length):
            link = f"{name}-{number}"
            self.issue(link, CA_EXTENSIONS, issuer=issuer)
            links.insert(0, self.path(f"{link}.pem").read_text())
            issuer = link
        path = self.client(name, issuer=issuer)
        path.write_text(path.read_text() + "".join(links))
        return path

    def self_signed(self, name, names="URI:urn:merchant:shop"):
        self.run("req", "-x509", *EC, "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.pem",
                 "-days", "30", "-subj", "/CN=shop", "-addext", f"subjectAltName={names}",
                 "-addext", "extendedKeyUsage=clientAuth", "-addext",
                 "basicConstraints=critical,CA:FALSE")
        return self.path(f"{name}.pem")

    def revoke(self, name):
        self.run("ca", "-config", "ca.cnf", "-cert", "root.pem", "-keyfile", "root.key", "-revoke",
                 f"{name}.pem")

    def revocations(self, *more):
        """A new list as PEM."""
        self.run("ca", "-config", "ca.cnf", "-cert", "root.pem", "-keyfile", "root.key", "-gencrl",
                 "-out", "list.crl", *more)
        return self.path("list.crl").read_text()
