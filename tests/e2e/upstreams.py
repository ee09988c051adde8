"""Servers behind: down, absent, slow, with TLS that deserves trust and TLS that does not."""

import socket
import time

from lab.case import HOST, LabCase, main
from lab.nginx import ews_backend, tls_lines
from lab.programs import free_port
from lab.wire import Backend, Wire, get


class UpstreamCase(LabCase):
    def ask(self, target="/"):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get(target))


    def assert_said(self, program, *words):
        """The log has one line with all of these."""
        program.wait_until(lambda: any(all(w in line for w in words) for line in program.output.splitlines()), 5,
                           f"log a line with {words}")


class Failing(UpstreamCase):
    def test_refused_is_502_and_the_log_says_which_and_why(self):
        port = free_port()
        program = self.start(self.config(f"http://127.0.0.1:{port}"))
        got = self.ask()
        self.assertEqual(got.status, 502)
        self.assertTrue(got.get("content-type").startswith("text/plain"))
        self.assertLess(len(got.body), 200)
        self.assertNotIn(str(port).encode(), got.body)  # the client learns nothing of what is behind
        self.assert_said(program, "cas", f"127.0.0.1:{port}", "refused")

    def test_closed_before_an_answer_is_502(self):
        backend = Backend(lambda wire: wire.message())
        self.addCleanup(backend.stop)
        program = self.start(self.config(backend.url))
        self.assertEqual(self.ask().status, 502)
        self.assert_said(program, "cas", f"127.0.0.1:{backend.port}")

    def test_answer_that_is_not_http_is_502(self):
        def handle(wire):
            wire.message()
            wire.send("SSH-2.0-OpenSSH_9.2\r\n\r\n")
        backend = Backend(handle)
        self.addCleanup(backend.stop)
        self.start(self.config(backend.url))
        self.assertEqual(self.ask().status, 502)

    def test_next_server_is_tried_when_the_first_cannot_be_reached(self):
        backend = Backend()
        self.addCleanup(backend.stop)
        self.start(self.config(upstreams={"cas": {"servers": [f"http://127.0.0.1:{free_port()}", backend.url]}}))
        for _ in range(4):
            self.assertEqual(self.ask().status, 200)

    def test_no_answer_in_time_is_504(self):
        backend = Backend(lambda wire: (wire.message(), time.sleep(20)))
        self.addCleanup(backend.stop)
        program = self.start(self.config(backend.url, listeners=[self.listener(timeouts={"idle": "1s"})]))
        self.assertEqual(self.ask().status, 504)
        self.assert_said(program, "cas", f"127.0.0.1:{backend.port}")

    def test_connect_that_hangs_is_504(self):
        # A full backlog: the kernel answers no further SYN.
        silent = socket.create_server(("127.0.0.1", 0), backlog=0)
        self.addCleanup(silent.close)
        fill = [socket.socket() for _ in range(4)]
        for one in fill:
            self.addCleanup(one.close)
            one.setblocking(False)
            one.connect_ex(silent.getsockname())
        self.start(self.config(upstreams={"cas": {"servers": [f"http://127.0.0.1:{silent.getsockname()[1]}"],
                                                  "timeouts": {"connect": "1s"}}}))
        self.assertEqual(self.ask().status, 504)

    def test_name_that_does_not_resolve_is_503(self):
        program = self.start(self.config("http://no-such-host.invalid:80"))
        self.assertEqual(self.ask().status, 503)
        self.assert_said(program, "cas", "no-such-host.invalid")

    def test_client_connection_survives_a_failed_request(self):
        program = self.start(self.config(f"http://127.0.0.1:{free_port()}"))
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            self.assertEqual(wire.request(get()).status, 502)
            self.assertEqual(wire.request(get()).status, 502)
        program.wait_for_metric("http_requests_total", 2, code_class="5xx")


class Tls(UpstreamCase):
    NAME = "cas.contoso.test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.backend_leaf = cls.pki.leaf("cas", [cls.NAME])
        cls.full = cls.pki.authority.bundle("cas-full.pem", cls.backend_leaf, cls.pki.server_ca, cls.pki.primary)
        cls.stranger = cls.pki.authority.root("stranger", "Somebody else")
        cls.strange_leaf = cls.pki.leaf("strange", [cls.NAME], issuer=cls.stranger)

    def behind(self, tls, **upstream_tls):
        port = free_port()
        self.nginx(ews_backend(port, tls)).wait_for_port(port)
        return self.start(self.config(upstreams={"cas": {
            "servers": [f"https://127.0.0.1:{port}"], "tls": {"server_name": self.NAME, **upstream_tls}}}))

    def status(self):
        return self.ask("/EWS/Exchange.asmx").status

    def test_full_chain_is_trusted(self):
        self.behind(tls_lines(self.backend_leaf, chain=self.full), repair_chain=False)
        self.assertEqual(self.status(), 200)

    def test_leaf_only_is_completed_and_trusted(self):
        self.behind(tls_lines(self.backend_leaf))
        self.assertEqual(self.status(), 200)

    def assert_refused(self, program, *words):
        """The client hears that it is a matter of trust, and the log names the key that mends it."""
        got = self.ask("/EWS/Exchange.asmx")
        self.assertEqual(got.status, 502)
        self.assertIn(b"is not trusted", got.body)
        self.assert_said(program, "upstream_failed", *words)
        self.assertNotIn("tls.verify", program.output)

    def test_leaf_only_is_refused_when_nothing_completes_it(self):
        program = self.behind(tls_lines(self.backend_leaf), repair_chain=False)
        self.assert_refused(program, "Lab Server CA", "upstreams.cas.tls.repair_chain")

    def test_stranger_is_refused(self):
        program = self.behind(tls_lines(self.strange_leaf))
        self.assert_refused(program, "Somebody else", "upstreams.cas.tls.trust")

    def test_stranger_is_trusted_when_named(self):
        self.behind(tls_lines(self.strange_leaf), trust=[str(self.stranger.pem)])
        self.assertEqual(self.status(), 200)

    def test_stranger_is_taken_when_verification_is_off(self):
        self.behind(tls_lines(self.strange_leaf), verify=False)
        self.assertEqual(self.status(), 200)

    def test_other_name_is_refused(self):
        program = self.behind(tls_lines(self.pki.rsa))
        self.assert_refused(program, self.NAME, HOST, "upstreams.cas.tls.server_name")

    def test_expired_certificate_is_refused(self):
        self.behind(tls_lines(self.pki.leaf("cas-old", [self.NAME], days=(-30, -2))))
        self.assertEqual(self.status(), 502)

    def test_plain_http_behind_https_is_502(self):
        self.behind(tls="")
        self.assertEqual(self.status(), 502)

    def test_handshake_that_hangs_is_504(self):
        backend = Backend(lambda wire: time.sleep(20))
        self.addCleanup(backend.stop)
        self.start(self.config(upstreams={"cas": {"servers": [f"https://127.0.0.1:{backend.port}"],
                                                  "timeouts": {"handshake": "1s"}}}))
        self.assertEqual(self.ask().status, 504)


if __name__ == "__main__":
    main()
