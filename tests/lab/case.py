"""The base of every end-to-end test: a folder, a hierarchy of certificates, and programs that end with the test."""

import os
import tempfile
import unittest
from pathlib import Path

from lab import clients
from lab.authority import Authority
from lab.chainmend import Chainmend
from lab.nginx import Nginx
from lab.programs import free_port

HOST = "mail.contoso.test"
VERSIONS = ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3")  # as s_client calls them


os.umask(0o077)  # keys that everybody can read are warned of


class Hierarchy:
    """Root, two intermediates and leaves for HOST; everything in one folder of PEM, DER and key files."""

    def __init__(self, folder):
        self.authority = Authority(folder)
        self.folder = self.authority.folder
        self.root = self.authority.root("root", "Lab Root")
        self.primary = self.authority.intermediate("primary", "Lab Primary CA", self.root)
        self.server_ca = self.authority.intermediate("server-ca", "Lab Server CA", self.primary)
        self.rsa = self.leaf("rsa", [HOST])
        self.bundle = self.authority.bundle("bundle.pem", self.primary, self.server_ca)

    def leaf(self, name, hosts=(HOST,), **how):
        return self.authority.leaf(name, how.pop("issuer", self.server_ca), hosts, **how)

    def served(self, leaf):
        """What must be on the wire for a leaf of server_ca, in DER."""
        return [leaf.bytes, self.server_ca.bytes, self.primary.bytes]


class LabCase(unittest.TestCase):
    """One hierarchy per class, one folder per test."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="chainmend-")
        cls.addClassCleanup(folder.cleanup)
        cls.class_folder = Path(folder.name)
        cls.pki = Hierarchy(cls.class_folder / "pki")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="chainmend-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self._count = 0

    def start(self, config, **how):
        """chainmend run with this configuration. Ends with the test; then it must have ended well."""
        self._count += 1
        program = Chainmend(self.folder / f"chainmend-{self._count}", config, **how)
        self.addCleanup(self._end, program)
        return program

    def nginx(self, *servers):
        self._count += 1
        program = Nginx(self.folder / f"nginx-{self._count}", servers)
        self.addCleanup(program.stop)
        return program

    def _end(self, program):
        was_running = program.running
        status = program.stop(timeout=30)
        # Shown with the failure of the test, if there is one: unittest's buffer drops it otherwise.
        print(f"---- {program.name}\n{program.tail(60)}")
        trouble = "Sanitizer" in program.output or "runtime error:" in program.output
        if trouble or (was_running and status != 0):
            self.fail(f"chainmend ended with status {status}\n{program.tail(200)}")

    def assert_served(self, port, expected, versions=VERSIONS, name=HOST):
        """s_client in each version, and an old phone, accept what the port serves, and it is exactly this list."""
        for version in versions:
            with self.subTest(version=version):
                seen = clients.s_client(port, version, root=self.pki.root.pem, server_name=name, legacy=True)
                self.assertTrue(seen.completed, seen.output)
                self.assertEqual(seen.chain, expected)
        if "-tls1" in versions:
            with self.subTest(client="gnutls-cli, TLS 1.0, no extensions, no server name"):
                seen = clients.gnutls(port, root=self.pki.root.pem, host=name)
                self.assertTrue(seen.completed, seen.output)
                self.assertEqual((seen.version, seen.chain), ("TLS1.0", expected))

    def config(self, upstream=None, certificates=None, listeners=None, **more):
        """The usual configuration: listener `exchange` on self.port with the RSA leaf and the bundle. Whole top-level
        keys are replaced by keyword."""
        if not hasattr(self, "port"):
            self.port = free_port()
        return {
            "process": {"threads": 2, "drain": "2s"},
            "logs": {"handshakes": {"file": "handshakes.jsonl"}},
            "chain": self.chain(),
            "certificates": certificates or {"mail": self.pem(self.pki.rsa)},
            "listeners": listeners or [self.listener()],
            "upstreams": {"cas": {"servers": [upstream or "http://127.0.0.1:9"]}},
            **more,
        }

    def chain(self, **more):
        return {"bundles": [str(self.pki.bundle)], "trust": [str(self.pki.root.pem)], "aia": {"mode": "off"}, **more}

    def listener(self, name="exchange", port=None, policy="intermediate", **more):
        if port is None:
            if not hasattr(self, "port"):
                self.port = free_port()
            port = self.port
        return {"name": name, "listen": f"127.0.0.1:{port}", "certificates": ["mail"], "tls": {"policy": policy},
                "upstream": "cas", **more}

    @staticmethod
    def pem(issued):
        return {"cert": str(issued.pem), "key": str(issued.key)}


def main():
    unittest.main(verbosity=2, buffer=True)
