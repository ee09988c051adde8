"""TLS that goes on to the server as it comes: client certificates reach it, and the proxy still tells what became of
each handshake, and whether the chain that the server shows is whole."""

import json
import socket
import ssl

from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.nginx import ANY_TLS
from lab.programs import free_port
from lab.wire import Backend, Wire, get

CERTAUTH = "certauth.contoso.test"
ELSEWHERE = ("-bind", "127.0.0.2")  # all of 127/8 is ours to call from


class PassthroughCase(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        authority = cls.pki.authority
        cls.behind = cls.pki.leaf("certauth", [CERTAUTH])
        cls.whole = authority.bundle("certauth-whole.pem", cls.behind, cls.pki.server_ca, cls.pki.primary)
        cls.phone = authority.certificate("phone", "Mitel IP480", cls.pki.root, ca=False, usage="clientAuth")
        cls.stranger = authority.root("stranger", "Somebody else")

    def server(self, chain=None, protocols=ANY_TLS, listen="ssl", says="client $ssl_client_s_dn"):
        """nginx that wants the phone's certificate. Returns its port."""
        port = free_port()
        self.nginx(f"""
  server {{
    listen 127.0.0.1:{port} {listen};
    {protocols}
    ssl_certificate {chain or self.whole};
    ssl_certificate_key {self.behind.key};
    ssl_client_certificate {self.pki.root.pem};
    ssl_verify_client on;
    default_type text/plain;
    location / {{ return 200 "{says}\\n"; }}
  }}""").wait_for_port(port)
        return port

    def everyone(self, port, **listener):
        """A listener in mode passthrough to the server on this port."""
        self.port = free_port()
        return self.start(self.config(upstreams=self.upstreams(port),
                                      listeners=[{"name": "certauth", "listen": f"127.0.0.1:{self.port}",
                                                  "mode": "passthrough", "upstream": "hq", **listener}]))

    def some(self, port, *rules, **more):
        """A listener that ends TLS, but for those that a rule takes."""
        backend = Backend()
        self.addCleanup(backend.stop)
        upstreams = {"cas": {"servers": [backend.url]}, **self.upstreams(port)}
        rules = [{"upstream": "hq", **rule} for rule in rules]
        return self.start(self.config(
            upstreams=upstreams, listeners=[self.listener(passthrough=rules, **more.pop("listener", {}))], **more))

    def assert_noise(self, program, **strangers):
        """What each sends is counted as that kind, and who speaks plain HTTP is told so."""
        for kind, noise in strangers.items():
            with self.subTest(kind), Wire.connect(self.port, tls=False) as wire:
                wire.send(noise)
                told = wire.to_end() if noise else b""
                self.assertEqual(told.startswith(b"HTTP/1.1 400 "), kind == "http_request", told)
                wire.close()
                program.wait_for_metric("tls_noise_total", 1, kind=kind)

    @staticmethod
    def upstreams(port, **more):
        return {"hq": {"servers": [f"https://127.0.0.1:{port}"], **more}}

    def ask(self, *options, host=CERTAUTH):
        """What the server says to the phone."""
        answer = clients.curl(f"https://{host}:{self.port}/shoreauth/certauth", "--cert", self.phone.pem, "--key",
                              self.phone.key, *options, root=self.pki.root.pem, resolve=host)
        return answer.body.decode() or answer.errors

    def s_client(self, *options, **how):
        return clients.s_client(self.port, *options, legacy=True, **how)


class Everyone(PassthroughCase):
    def test_client_certificate_reaches_the_server(self):
        program = self.everyone(self.server())
        for version in ("1.2", "1.3"):
            with self.subTest(version):
                self.assertIn("Mitel IP480", self.ask(f"--tlsv{version}", "--tls-max", version))
        program.wait_for_metric("tls_handshakes_total", 2, listener="certauth", outcome="full")
        for version in ("tls1.2", "tls1.3"):
            self.assertEqual(program.metric("tls_negotiated_total", tls_version=version), 1)
        self.assertEqual(program.metric("tls_handshakes_total"), 2)
        self.assertEqual(program.metric("client_certificate_total", listener="certauth", outcome="accepted"), 1)
        self.assertTrue(self.s_client("-tls1_2", send=get("/", CERTAUTH).encode()).completed)  # has none
        program.wait_for_metric("client_certificate_total", 1, outcome="none")
        self.assertEqual(program.metric("client_certificate_total"), 2)

    def test_every_version_is_seen_full_and_resumed(self):
        program = self.everyone(self.server())
        for version, name in (("-tls1", "tls1.0"), ("-tls1_1", "tls1.1"), ("-tls1_2", "tls1.2"), ("-tls1_3", "tls1.3")):
            with self.subTest(version):
                file = self.folder / f"session{version}"
                certificate = ("-cert", self.phone.pem, "-key", self.phone.key)
                request = get("/", CERTAUTH, "Connection: close").encode()
                made = self.s_client(version, *certificate, "-sess_out", file, send=request)
                self.assertIn("Mitel IP480", made.output)
                used = self.s_client(version, *certificate, "-sess_in", file, send=request)
                self.assertTrue(used.resumed, used.output)
                program.wait_for_metric("tls_negotiated_total", 2, tls_version=name)
        self.assertEqual(program.metric("tls_handshakes_total", outcome="full"), 4)
        self.assertEqual(program.metric("tls_handshakes_total", outcome="resumed"), 4)
        self.assertEqual(program.metric("tls_handshakes_total", outcome="failed"), 0)

    def test_client_that_asks_for_nothing(self):
        program = self.everyone(self.server())
        for version in ("-tls1", "-tls1_2", "-tls1_3"):
            self.assertTrue(self.s_client(version).completed)
        program.wait_for_metric("tls_handshakes_total", 3, outcome="completed_unused")
        self.assertEqual(program.metric("tls_handshakes_total", outcome="failed"), 0)

    def test_client_that_refuses_the_chain(self):
        program = self.everyone(self.server())
        seen = self.s_client("-tls1_2", root=self.stranger.pem, server_name=CERTAUTH)
        self.assertEqual(seen.alert_sent, 48)
        line = program.wait_for_lines(1)[0]
        self.assertEqual((line["reason"], line["alert"], line["direction"], line["stage"]),
                         ("client_unknown_ca", "unknown_ca", "received", "server_flight"))
        self.assertEqual((line["sni"], line["upstream"], line["listener"]), (CERTAUTH, "hq", "certauth"))
        self.assertIn("ja4", line)
        self.assertEqual(clients.gnutls(self.port, root=self.stranger.pem, host=CERTAUTH).alert_sent, 42)
        line = program.wait_for_lines(2)[1]
        self.assertEqual((line["reason"], line["versions"]), ("client_bad_certificate", ["tls1.0"]))
        # In TLS 1.3 the alert is encrypted, though not OpenSSL's: what can be seen is that there was one, and when.
        self.s_client("-tls1_3", root=self.stranger.pem, server_name=CERTAUTH)
        self.assertEqual(program.wait_for_lines(3)[2]["reason"], "client_unknown_ca")
        clients.gnutls(self.port, root=self.stranger.pem, host=CERTAUTH, priority="NORMAL:-VERS-ALL:+VERS-TLS1.3")
        line = program.wait_for_lines(4)[3]
        self.assertEqual((line["reason"], line["alert"], line["stage"]),
                         ("client_alert_other", "encrypted", "server_flight"))
        self.assertIn("most likely it refuses the server's certificate", line["hint"])
        self.assertEqual(program.metric("tls_handshake_failures_total", reason="client_unknown_ca"), 2)
        self.assertEqual(program.metric("tls_alerts_total", direction="received", alert="unknown_ca"), 2)

    def test_server_that_refuses_the_version(self):
        program = self.everyone(self.server(protocols="ssl_protocols TLSv1.2 TLSv1.3;"))
        seen = self.s_client("-tls1", server_name=CERTAUTH)
        self.assertEqual(seen.alert_received, 70, seen.output)  # the server's own word
        line = program.wait_for_lines(1)[0]
        self.assertEqual((line["reason"], line["alert"], line["direction"], line["sni"]),
                         ("version_unsupported", "protocol_version", "sent", CERTAUTH))
        self.assertIn("the server behind", line["hint"])
        self.assertEqual(program.metric("tls_recoverable_total", policy="legacy-tls10"), 1)

    def test_hello_byte_by_byte(self):
        program = self.everyone(self.server())
        context = ssl.create_default_context(cafile=str(self.pki.root.pem))
        context.load_cert_chain(self.phone.pem, self.phone.key)
        received, to_send = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(received, to_send, server_hostname=CERTAUTH)
        with socket.create_connection(("127.0.0.1", self.port), 20) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

            def until_done(step):
                while True:
                    try:
                        return step()
                    except ssl.SSLWantReadError:
                        flush()
                        received.write(wire.recv(65536))

            def flush():
                for byte in to_send.read():
                    wire.sendall(bytes([byte]))
            until_done(tls.do_handshake)
            tls.write(get(host=CERTAUTH).encode())
            flush()
            self.assertIn(b"200 OK", until_done(lambda: tls.read(4096)))
        program.wait_for_metric("tls_handshakes_total", 1, outcome="full")

    def test_strangers_are_noise(self):
        program = self.everyone(self.server(), timeouts={"first_byte": "1s", "handshake": "2s"})
        self.assert_noise(program, connect_close=b"", http_request=get().encode(), not_tls=b"\x00garbage\xff" * 10,
                          partial_hello_timeout=b"\x16\x03\x01\x00\xf0\x01\x00\x00")
        self.assertEqual(program.metric("tls_handshakes_total"), 0)

    def test_server_that_is_down(self):
        program = self.everyone(free_port())
        seen = self.s_client(server_name=CERTAUTH)
        self.assertFalse(seen.completed)
        line = program.wait_for_lines(1)[0]
        self.assertEqual((line["reason"], line["sni"], line["upstream"]), ("upstream_failed", CERTAUTH, "hq"))
        self.assertEqual(program.metric("upstream_failures_total", upstream="hq", reason="connect"), 1)
        program.wait_for_text("upstream_failed")

    def test_server_that_speaks_no_tls(self):
        backend = Backend(lambda wire: (wire.more(), wire.send("HTTP/1.1 400 Bad Request\r\n\r\n")))
        self.addCleanup(backend.stop)
        program = self.everyone(backend.port)
        self.assertFalse(self.s_client().completed)
        self.assertEqual(program.wait_for_lines(1)[0]["reason"], "upstream_failed")

    def test_server_learns_who_the_client_is(self):
        port = self.server(listen="ssl proxy_protocol", says="address $proxy_protocol_addr")
        self.port = free_port()
        self.start(self.config(upstreams=self.upstreams(port, proxy_protocol="v2"), listeners=[
            {"name": "certauth", "listen": f"127.0.0.1:{self.port}", "mode": "passthrough", "upstream": "hq"}]))
        self.assertEqual(self.ask("--interface", "127.0.0.2"), "address 127.0.0.2\n")

    def test_bytes_pass_unchanged_both_ways(self):
        data = bytes(range(256)) * 20_000
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.whole, self.behind.key)

        def handle(wire):
            wire.send(wire.exactly(len(data))[::-1])
        backend = Backend(handle, context)
        self.addCleanup(backend.stop)
        self.everyone(backend.port)
        with Wire.connect(self.port, root=self.pki.root.pem, host=CERTAUTH) as wire:
            wire.send(data)
            self.assertEqual(wire.exactly(len(data)), data[::-1])


class Some(PassthroughCase):
    def assert_passed_on(self, yes, *options, root=None, **how):
        seen = self.s_client("-tls1_2", *options, **how)
        self.assertTrue(seen.completed, seen.output)
        self.assertEqual(seen.chain[0], self.behind.bytes if yes else self.pki.rsa.bytes)

    def test_by_server_name(self):
        program = self.some(self.server(), {"server_name": CERTAUTH})
        self.assertIn("Mitel IP480", self.ask())
        self.assert_passed_on(True, server_name=CERTAUTH)
        self.assert_passed_on(False, server_name=HOST)
        self.assert_passed_on(False)
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            self.assertEqual(wire.request(get("/ews")).body, b"/ews")
        program.wait_for_metric("tls_handshakes_total", 2, outcome="full")
        program.wait_for_metric("tls_handshakes_total", 3, outcome="completed_unused")

    def test_by_pattern_of_the_server_name(self):
        self.some(self.server(), {"server_name": ["*.contoso.test", "none"]})
        self.assert_passed_on(True, server_name=HOST)
        self.assert_passed_on(True)
        self.assert_passed_on(False, server_name="a.b.contoso.test")

    def test_by_source(self):
        self.some(self.server(), {"source": ["127.0.0.2"]})
        self.assert_passed_on(True, *ELSEWHERE)
        self.assert_passed_on(False)
        self.assertIn("Mitel IP480", self.ask("--interface", "127.0.0.2"))

    def test_by_source_that_a_trusted_proxy_tells(self):
        self.some(self.server(), {"source": ["192.0.2.0/24"]},
                  listener={"proxy_protocol": True, "trusted_sources": ["127.0.0.1"]})
        for source, served in (("192.0.2.7", self.behind), ("198.51.100.7", self.pki.rsa)):
            with self.subTest(source), socket.create_connection(("127.0.0.1", self.port), 20) as wire:
                wire.sendall(f"PROXY TCP4 {source} 203.0.113.1 1024 443\r\n".encode())
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                with context.wrap_socket(wire, server_hostname=HOST) as tls:
                    self.assertEqual(tls.getpeercert(binary_form=True), served.bytes)

    def test_by_client_type(self):
        program = self.some(
            self.server(), {"client_type": "desk_phone"}, listener={"tls": {"policy": "legacy-tls10"}},
            client_types=[{"name": "desk_phone", "match": {"offers_at_most": "1.0", "extensions": []}}])
        phone = clients.gnutls(self.port, root=self.pki.root.pem, host=CERTAUTH)
        self.assertTrue(phone.completed, phone.output)
        self.assertEqual((phone.version, phone.chain[0]), ("TLS1.0", self.behind.bytes))
        other = self.s_client("-tls1", root=self.pki.root.pem, server_name=HOST)
        self.assertEqual((other.version, other.chain), ("TLSv1", self.pki.served(self.pki.rsa)))
        program.wait_for_metric("tls_handshakes_total", 1, client_type="desk_phone", outcome="completed_unused")

    def test_all_conditions_must_hold_and_the_first_rule_wins(self):
        self.some(self.server(), {"server_name": CERTAUTH, "source": ["127.0.0.2"]})
        self.assert_passed_on(False, server_name=CERTAUTH)
        self.assert_passed_on(False, *ELSEWHERE, server_name=HOST)
        self.assert_passed_on(True, *ELSEWHERE, server_name=CERTAUTH)

    def test_others_are_served_as_ever(self):
        program = self.some(self.server(), {"server_name": CERTAUTH})
        self.assert_served(self.port, self.pki.served(self.pki.rsa), versions=("-tls1_2", "-tls1_3"))
        self.assertEqual(self.s_client("-tls1", server_name=HOST).alert_received, 70)
        self.assertEqual(program.wait_for_lines(1)[0]["reason"], "version_unsupported")
        self.assert_noise(program, connect_close=b"", http_request=get().encode(), not_tls=b"garbage" * 10)


class Chain(PassthroughCase):
    def said(self, program, upstream):
        return [line for line in program.output.splitlines() if "upstream_chain" in line and upstream in line]

    def test_is_judged_as_a_client_would(self):
        broken, whole = self.server(chain=self.behind.pem), self.server()
        self.port = free_port()
        other = free_port()
        mode = {"mode": "passthrough"}
        program = self.start(self.config(
            upstreams={"broken": self.upstreams(broken)["hq"], "whole": self.upstreams(whole)["hq"]},
            listeners=[{"name": "a", "listen": f"127.0.0.1:{self.port}", "upstream": "broken", **mode},
                       {"name": "b", "listen": f"127.0.0.1:{other}", "upstream": "whole", **mode}]))
        self.s_client("-tls1_3")  # where nobody can see it
        self.assertNotIn("chainmend_upstream_chain_complete", program.ask("/metrics")[2])
        for _ in range(3):
            self.s_client("-tls1_2")
            clients.gnutls(other)
        program.wait_until(lambda: self.said(program, "whole") and self.said(program, "broken"), 10, "judge both")
        self.assertEqual(program.metric("upstream_chain_complete", upstream="broken"), 0)
        self.assertEqual(program.metric("upstream_chain_complete", upstream="whole"), 1)
        self.assertIn("chainmend_upstream_chain_complete{upstream=\"broken\"} 0", program.ask("/metrics")[2])
        (said,) = self.said(program, "upstream=broken")  # once, for three clients
        self.assertIn("Lab Server CA", said)
        self.assertIn("is missing", said)
        (said,) = self.said(program, "upstream=whole")
        self.assertIn("Lab Root", said)


class Report(PassthroughCase):
    def configuration(self):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps(self.config(
            upstreams={"cas": {"servers": ["http://127.0.0.1:9"]}, **self.upstreams(9)},
            client_types=[{"name": "desk_phone", "match": {"source": "10.1.0.0/16"}}],
            listeners=[self.listener(port=free_port(), passthrough=[
                {"server_name": CERTAUTH, "source": "10.0.0.0/8", "client_type": "desk_phone", "upstream": "hq"}]),
                {"name": "certauth", "listen": "127.0.0.1:8443", "mode": "passthrough", "upstream": "hq"}])))
        return file

    def test_check_shows_what_is_passed_on(self):
        told = chainmend.run("check", "-c", self.configuration())
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("listener certauth on 127.0.0.1:8443, passthrough to hq\n", told.stdout)
        self.assertIn(f"  passes on to hq who calls {CERTAUTH} and comes from 10.0.0.0/8 and is desk_phone\n",
                      told.stdout)
        told = json.loads(chainmend.run("check", "--json", "-c", self.configuration()).stdout)
        exchange, certauth = told["listeners"]
        self.assertEqual(exchange["passthrough"], [{"server_name": [CERTAUTH], "source": ["10.0.0.0/8"],
                                                    "client_type": ["desk_phone"], "upstream": "hq"}])
        self.assertEqual((certauth["mode"], certauth["policy"]), ("passthrough", None))

    def test_explain_writes_it_out(self):
        told = chainmend.run("config", "--explain", self.configuration())
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("    mode: passthrough\n    upstream: hq\n", told.stdout)
        self.assertIn(f"        server_name: ['{CERTAUTH}']\n", told.stdout)

    def test_status_shows_the_mode(self):
        program = self.everyone(self.server())
        (listener,) = program.status["listeners"]
        self.assertEqual((listener["mode"], listener["policy"]), ("passthrough", None))


if __name__ == "__main__":
    main()
