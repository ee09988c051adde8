"""Who may speak what: listeners side by side, names, key types."""

import socket
import ssl
import time

from lab import clients
from lab.case import HOST, VERSIONS, LabCase, main
from lab.programs import free_port

ANY = {"root": None, "legacy": True}


class Versions(LabCase):
    def test_one_listener_speaks_tls10_while_its_neighbour_refuses_it(self):
        legacy, intermediate = free_port(), free_port()
        program = self.start(self.config(listeners=[
            self.listener("phones", legacy, "legacy-tls10"), self.listener("others", intermediate, "intermediate")]))
        for version in VERSIONS:
            with self.subTest(version=version):
                self.assertTrue(clients.s_client(legacy, version, **ANY).completed)
                seen = clients.s_client(intermediate, version, **ANY)
                modern = version in ("-tls1_2", "-tls1_3")
                self.assertEqual(seen.completed, modern, seen.output)
                if not modern:
                    self.assertEqual(seen.alert_received, 70)  # protocol_version
        self.assertTrue(clients.gnutls(legacy, root=self.pki.root.pem, host=HOST).completed)
        self.assertEqual(clients.gnutls(intermediate, root=self.pki.root.pem).alert_received, 70)
        program.wait_for_metric("tls_handshake_failures_total", 3, listener="others")
        self.assertEqual(program.metric("tls_handshake_failures_total", listener="phones"), 0)
        self.assertEqual(program.metric("tls_negotiated_total", listener="phones", tls_version="tls1.0"), 2)

    def test_alert_reaches_a_client_that_has_sent_more_than_its_hello(self):
        self.start(self.config())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1
        out = ssl.MemoryBIO()
        with self.assertRaises(ssl.SSLWantReadError):
            context.wrap_bio(ssl.MemoryBIO(), out).do_handshake()
        with socket.create_connection(("127.0.0.1", self.port), 20) as wire:
            wire.sendall(out.read() + b"more than anyone reads")
            time.sleep(0.3)  # a reset would have arrived by now, and taken what was not read
            self.assertRegex(wire.recv(100), rb"^\x15\x03.\x00\x02\x02\x46$")

    def test_modern_policy_takes_tls13_only(self):
        self.start(self.config(listeners=[self.listener(policy="modern")]))
        self.assertTrue(clients.s_client(self.port, "-tls1_3", root=self.pki.root.pem).completed)
        for version in ("-tls1", "-tls1_1", "-tls1_2"):
            self.assertEqual(clients.s_client(self.port, version, **ANY).alert_received, 70)

    def test_intermediate_policy_takes_forward_secrecy_with_aead_only(self):
        strict, compatible = free_port(), free_port()
        self.start(self.config(listeners=[
            self.listener("strict", strict, "intermediate"), self.listener("old", compatible, "compatible-tls12")]))
        for suite, is_strict in (("ECDHE-RSA-AES128-GCM-SHA256", True), ("ECDHE-RSA-CHACHA20-POLY1305", True),
                                 ("ECDHE-RSA-AES128-SHA", False), ("AES128-GCM-SHA256", False), ("AES128-SHA", False),
                                 ("DHE-RSA-AES128-GCM-SHA256", False)):
            with self.subTest(suite):
                seen = clients.s_client(strict, "-tls1_2", "-cipher", suite)
                self.assertEqual((seen.completed, seen.alert_received), (is_strict, None if is_strict else 40))
                seen = clients.s_client(compatible, "-tls1_2", "-cipher", suite)
                self.assertEqual((seen.completed, seen.cipher), (True, suite))

    def test_operator_chooses_the_diffie_hellman_group(self):
        for bits in (1024, 2048, 3072, 4096):
            with self.subTest(bits=bits):
                program = self.start(self.config(
                    tls_policies={"old": {"base": "legacy-tls10", "max": "1.1", "dh_bits": bits}},
                    listeners=[self.listener(policy="old")]))
                seen = clients.s_client(self.port, "-tls1", "-cipher", "DHE-RSA-AES128-SHA@SECLEVEL=0", root=None)
                self.assertTrue(seen.completed, seen.output)
                self.assertIn(f"Server Temp Key: DH, {bits} bits", seen.output)
                program.stop()

    def test_policy_of_the_operator(self):
        self.start(self.config(
            tls_policies={"phones": {"base": "legacy-tls10", "max": "1.0", "ciphers": ["AES128-SHA"]}},
            listeners=[self.listener(policy="phones")]))
        seen = clients.s_client(self.port, "-tls1", **ANY)
        self.assertEqual((seen.completed, seen.version, seen.cipher), (True, "TLSv1", "AES128-SHA"), seen.output)
        self.assertFalse(clients.s_client(self.port, "-tls1_2", **ANY).completed)


class Selection(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ecdsa = cls.pki.leaf("ecdsa", key="ec")
        cls.wildcard = cls.pki.leaf("wildcard", ["*.contoso.test"])
        cls.other = cls.pki.leaf("other", ["voice.fabrikam.test"])

    def test_by_name_then_wildcard_then_the_first(self):
        self.start(self.config(
            certificates={"mail": self.pem(self.pki.rsa), "any": self.pem(self.wildcard),
                          "voice": self.pem(self.other)},
            listeners=[self.listener(certificates=["mail", "any", "voice"])]))
        for name, expected in (
                (HOST, self.pki.rsa), ("MAIL.Contoso.test", self.pki.rsa),
                ("autodiscover.contoso.test", self.wildcard), ("voice.fabrikam.test", self.other),
                ("a.b.contoso.test", self.pki.rsa),  # a wildcard stands for one label
                ("unknown.test", self.pki.rsa), (None, self.pki.rsa)):
            with self.subTest(name=name):
                seen = clients.s_client(self.port, server_name=name)
                self.assertEqual(seen.chain[0], expected.bytes)

    def test_by_what_the_client_can_verify(self):
        self.start(self.config(
            certificates={"mail": [self.pem(self.pki.rsa), self.pem(self.ecdsa)]},
            listeners=[self.listener(policy="legacy-tls10")]))
        for what, options, expected in (
                ("TLS 1.3", ["-tls1_3"], self.ecdsa),
                ("TLS 1.3, RSA signatures only", ["-tls1_3", "-sigalgs", "rsa_pss_rsae_sha256"], self.pki.rsa),
                ("TLS 1.2, both", ["-tls1_2"], self.ecdsa),
                ("TLS 1.2, RSA suites only", ["-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"], self.pki.rsa),
                ("TLS 1.2, ECDSA suites only", ["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256"], self.ecdsa)):
            with self.subTest(what):
                seen = clients.s_client(self.port, *options, server_name=HOST, root=self.pki.root.pem)
                self.assertTrue(seen.completed, seen.output)
                self.assertEqual(seen.chain, self.pki.served(expected))
        with self.subTest("old phone"):
            seen = clients.gnutls(self.port, root=self.pki.root.pem, host=HOST)
            self.assertEqual(seen.chain, self.pki.served(self.pki.rsa), seen.output)

    def test_expired_leaf_is_served_with_a_warning(self):
        old = self.pki.leaf("old", days=(-30, -3))
        program = self.start(self.config(certificates={"mail": self.pem(old)}))
        self.assertEqual(clients.s_client(self.port).chain[0], old.bytes)
        self.assertRegex(program.output, "(?i)mail.*expired")


if __name__ == "__main__":
    main()
