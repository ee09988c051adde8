"""Servers that ask for a client's certificate are shown ours: in the handshake, by renegotiation, and after it."""

import json
import ssl

from lab import chainmend
from lab.case import HOST, LabCase, main
from lab.programs import free_port
from lab.wire import Backend, Wire, answer, get


class UpstreamCertificate(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        authority = cls.pki.authority
        cls.maker = authority.root("maker", "Lab Identity Root")
        cls.maker_ca = authority.intermediate("maker-ca", "Lab Identity CA", cls.maker)
        cls.ours = authority.certificate("ours", "chainmend gateway", cls.maker_ca, ca=False, usage="clientAuth",
                                         key_usage="digitalSignature")
        cls.behind = authority.bundle("behind.pem", cls.pki.rsa, cls.pki.server_ca, cls.pki.primary)

    def configuration(self, url, certificate="gateway", **tls):
        tls = {"server_name": HOST, **({"certificate": certificate} if certificate else {}), **tls}
        return self.config(
            chain=self.chain(bundles=[str(self.pki.bundle), str(self.maker_ca.pem)]),
            certificates={"mail": self.pem(self.pki.rsa), **({"gateway": self.pem(self.ours)} if certificate else {})},
            upstreams={"cas": {"servers": [url], "tls": tls}})

    def ask(self, target="/"):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get(target))

    def nginx_that_asks(self, versions):
        port = free_port()
        self.nginx(f"""
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_protocols {versions};
    ssl_certificate {self.behind};
    ssl_certificate_key {self.pki.rsa.key};
    ssl_client_certificate {self.maker.pem};
    ssl_verify_client on;
    ssl_verify_depth 3;
    default_type text/plain;
    location / {{ return 200 "$ssl_client_s_dn"; }}
  }}""").wait_for_port(port)
        return f"https://127.0.0.1:{port}"

    def test_in_the_handshake_with_its_chain(self):
        """nginx knows the root alone: the intermediate must come along."""
        for versions in ("TLSv1.2", "TLSv1.3"):
            with self.subTest(versions):
                url = self.nginx_that_asks(versions)
                program = self.start(self.configuration(url))
                got = self.ask()
                self.assertEqual((got.status, got.body), (200, b"CN=chainmend gateway,O=Contoso lab"))
                program.stop()
                self.start(self.configuration(url, certificate=None))
                self.assertNotEqual(self.ask().status, 200)
                self.port = free_port()

    def late(self, ask, version):
        """A server that asks after it has read the request."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.behind, self.pki.rsa.key)
        context.load_verify_locations(self.maker.pem)
        context.minimum_version = context.maximum_version = version

        def handle(wire):
            while True:
                wire.message()
                wire.send(answer(ask(wire)))
        backend = Backend(handle, context=context)
        self.addCleanup(backend.stop)
        return backend, context

    def test_after_the_handshake(self):
        """As TLS 1.3 has it (RFC 8446 4.6.2)."""
        def ask(wire):
            wire.socket.verify_client_post_handshake()
            wire.send("HTTP/1.1 103 Early Hints\r\n\r\n")  # what is asked goes out with the next bytes
            wire.socket.settimeout(1)
            try:
                wire.more()
            except TimeoutError:
                pass
            wire.socket.settimeout(20)
            return dict(pair[0] for pair in (wire.socket.getpeercert() or {}).get("subject", ())).get("commonName", "")
        backend, context = self.late(ask, ssl.TLSVersion.TLSv1_3)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.post_handshake_auth = True
        self.start(self.configuration(backend.url))
        self.assertEqual(self.ask().body, b"chainmend gateway")

    def test_check_warns_of_the_identity_that_all_have(self):
        file = self.folder / "check.yaml"
        file.write_text(json.dumps(self.configuration("https://127.0.0.1:9")))
        done = chainmend.run("check", "-c", file)
        output = done.stdout + done.stderr
        self.assertEqual(done.returncode, 1, output)  # a warning
        self.assertIn("every client whose requests go to upstream cas has the identity of certificate 'gateway'", output)
        self.assertEqual(output.count("warning:"), 1, output)  # it need not be what clients take
        file.write_text(json.dumps(self.configuration("https://127.0.0.1:9", certificate="lost")))
        self.assertEqual(chainmend.run("check", "-c", file).returncode, 2)

    def test_connections_of_another_identity_are_not_used(self):
        """A reload that changes what servers are shown ends what the pool has."""
        url = self.nginx_that_asks("TLSv1.2")
        program = self.start(self.configuration(url))
        self.assertEqual(self.ask().body, b"CN=chainmend gateway,O=Contoso lab")
        other = self.pki.authority.certificate("other", "another gateway", self.maker_ca, ca=False, usage="clientAuth",
                                               key_usage="digitalSignature")
        config = self.configuration(url)
        config["certificates"]["gateway"] = self.pem(other)
        self.assertTrue(program.reload(config))
        self.assertEqual(self.ask().body, b"CN=another gateway,O=Contoso lab")


if __name__ == "__main__":
    main()
