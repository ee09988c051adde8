"""HTTP/1.1 through the proxy, byte for byte on both sides."""

import socket
import ssl
import threading
import time

from lab import clients
from lab.case import HOST, LabCase, main
from lab.nginx import ews_backend
from lab.programs import free_port
from lab.wire import Backend, Wire, answer, get


class HttpCase(LabCase):
    def through(self, handle=None, **config):
        """chainmend in front of a backend; self.backend is that one."""
        self.backend = Backend(handle)
        self.addCleanup(self.backend.stop)
        self.addCleanup(lambda: self.assertEqual(self.backend.errors, []))
        return self.start(self.config(self.backend.url, **config))

    def client(self):
        wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
        self.addCleanup(wire.close)
        return wire


class Requests(HttpCase):
    def test_keep_alive_on_both_sides(self):
        self.through()
        wire = self.client()
        for number in range(5):
            self.assertEqual(wire.request(get(f"/{number}")).body, f"/{number}".encode())
        self.assertEqual(len(self.backend.requests), 5)
        self.assertEqual(self.backend.connections, 1)

    def test_clients_share_upstream_connections_unless_these_carry_an_identity(self):
        config = self.config()
        config["process"]["threads"] = 1  # each worker has a pool of its own
        self.through(process=config["process"])
        one, two = self.client(), self.client()
        for wire in (one, two, one, two):
            wire.request(get())
        self.assertEqual(self.backend.connections, 1)
        for wire in (one, two, one, two):
            wire.request(get("/", HOST, "Authorization: NTLM TlRMTVNTUAABAAAA"))
        self.assertEqual(self.backend.connections, 2)

    def test_pipelined_requests_are_answered_in_order(self):
        self.through()
        wire = self.client()
        wire.send(get("/1") + get("/2") + get("/3"))
        self.assertEqual([wire.message().body for _ in range(3)], [b"/1", b"/2", b"/3"])

    def test_connection_close_is_honoured(self):
        self.through()
        wire = self.client()
        self.assertEqual(wire.request(get("/", HOST, "Connection: close")).status, 200)
        self.assertTrue(wire.ended())

    def test_http10_client_gets_its_answer_and_the_end(self):
        self.through()
        wire = self.client()
        wire.send("GET /old HTTP/1.0\r\nHost: x\r\n\r\n")
        self.assertEqual(wire.message().body, b"/old")
        self.assertTrue(wire.ended())

    def test_request_body_with_a_length_and_chunked_with_trailers(self):
        self.through()
        wire = self.client()
        wire.request(f"POST /a HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\n\r\nhello")
        wire.request(f"POST /b HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                     "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n")
        first, second = self.backend.requests
        self.assertEqual((first.body, first.chunked), (b"hello", False))
        self.assertEqual((second.body, second.chunked, second.trailers), (b"abcde", True, [("X-Sum", "5")]))

    def test_malformed_requests_are_refused_and_never_reach_the_backend(self):
        self.through()
        for text in (
                "GET / HTTP/1.1\r\n\r\n",  # no Host
                f"GET / HTTP/1.1\r\nHost: {HOST}\r\nHost: other\r\n\r\n",
                f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5, 6\r\n\r\nhello",
                f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
                f"GET / HTTP/1.1\r\nHost: {HOST}\r\nX: 1\r\n folded\r\n\r\n",
                f"GET / HTTP/1.1\r\nHost: {HOST}\r\nBad Name: 1\r\n\r\n",
                "\x00\x01\x02\r\n\r\n"):
            with self.subTest(text):
                wire = self.client()
                wire.send(text)
                self.assertEqual(wire.message().status, 400)
                self.assertTrue(wire.ended())
        self.assertEqual(self.backend.requests, [])

    def test_head_that_never_ends_is_refused(self):
        self.through()
        wire = self.client()
        try:
            wire.send(f"GET / HTTP/1.1\r\nHost: {HOST}\r\n" + "X-Fill: " + "a" * (1 << 20))
        except OSError:
            pass  # refused while we were still sending
        self.assertIn(wire.message().status, (400, 431))
        self.assertEqual(self.backend.requests, [])


class Answers(HttpCase):
    def answering(self, *answers):
        """A backend that gives these answers, one a request."""
        def handle(wire):
            for text in answers:
                self.backend.requests.append(wire.message())
                wire.send(text)
        self.through(handle)
        return self.client()

    def test_head_204_and_304_have_no_body_and_keep_the_connection(self):
        wire = self.answering(answer(b"", "200 OK").replace(b"Content-Length: 0", b"Content-Length: 1000"),
                              b"HTTP/1.1 204 No Content\r\n\r\n",
                              b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1000\r\n\r\n", answer("end"))
        head = wire.request(get().replace("GET", "HEAD"))
        self.assertEqual((head.status, head.get("content-length")), (200, "1000"))
        self.assertEqual(wire.request(get()).status, 204)
        self.assertEqual(wire.request(get()).status, 304)
        self.assertEqual(wire.request(get()).body, b"end")
        self.assertEqual(self.backend.connections, 1)

    def test_chunked_with_trailers(self):
        wire = self.answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n"
                              b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 11\r\n\r\n", answer("next"))
        got = wire.request(get())
        self.assertEqual((got.body, got.trailers), (b"hello world", [("X-Sum", "11")]))
        self.assertEqual(wire.request(get()).body, b"next")

    def test_body_that_ends_with_the_connection(self):
        wire = self.answering(b"HTTP/1.1 200 OK\r\n\r\nuntil the end")
        self.assertEqual(wire.request(get()).body, b"until the end")

    def test_body_cut_short_by_the_backend_is_cut_short_for_the_client(self):
        wire = self.answering(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nonly this")
        wire.send(get())
        self.assertEqual(wire.head().status, 200)
        self.assertEqual(wire.to_end(), b"only this")

    def test_chunked_answer_reaches_an_http10_client_without_chunks(self):
        wire = self.answering(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
        wire.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n")
        got = wire.message()
        self.assertEqual((got.chunked, got.body), (False, b"hello"))

    def test_answer_arrives_piece_by_piece(self):
        release = threading.Event()

        def handle(wire):
            wire.message()
            wire.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            release.wait(20)
            wire.send(b"0\r\n\r\n")
        self.through(handle)
        wire = self.client()
        wire.send(get())
        wire.head()
        self.assertEqual(wire.until(b"first"), b"5\r\n")  # while the backend holds back the rest
        release.set()
        self.assertEqual(wire.until(b"0\r\n\r\n"), b"\r\n")


class HundredContinue(HttpCase):
    EXPECT = f"POST / HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"

    def test_passes_through(self):
        def handle(wire):
            request = wire.head()
            self.backend.requests.append(request)
            wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.body = wire.exactly(5)
            wire.send(answer(request.body))
        self.through(handle)
        wire = self.client()
        wire.send(self.EXPECT)
        self.assertEqual(wire.head().status, 100)  # before any byte of the body was sent
        wire.send("hello")
        self.assertEqual(wire.message().body, b"hello")
        self.assertEqual(self.backend.requests[0].get("expect"), "100-continue")

    def test_refusal_reaches_the_client_before_it_sends_its_body(self):
        def handle(wire):
            wire.head()
            wire.send(answer("too big", "413 Payload Too Large"))
        self.through(handle)
        wire = self.client()
        wire.send(self.EXPECT)
        self.assertEqual(wire.message(skip_interim=False).status, 413)

    def test_curl_upload(self):
        self.through()
        got = clients.curl(f"https://{HOST}:{self.port}/up", "--header", "Expect: 100-continue", "--data",
                           "x" * 2000, root=self.pki.root.pem, resolve=HOST)
        self.assertEqual(got.code, 200, got.errors)
        self.assertEqual(len(self.backend.requests[0].body), 2000)


class Upgrade(HttpCase):
    def test_becomes_a_tunnel_both_ways(self):
        def handle(wire):
            request = wire.head()
            self.backend.requests.append(request)
            wire.send("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\nready")
            while wire.unread or wire.more():
                taken, wire.unread = wire.unread, b""
                wire.send(taken.upper())
        self.through(handle)
        wire = self.client()
        wire.send(get("/socket", HOST, "Connection: Upgrade", "Upgrade: echo"))
        head = wire.head()
        self.assertEqual((head.status, head.get("upgrade")), (101, "echo"))
        self.assertEqual(wire.exactly(5), b"ready")
        for word in (b"one", b"two"):
            wire.send(word)
            self.assertEqual(wire.exactly(3), word.upper())
        self.assertEqual(self.backend.requests[0].get("upgrade"), "echo")

    def test_that_the_backend_declines_stays_http(self):
        self.through()
        wire = self.client()
        self.assertEqual(wire.request(get("/1", HOST, "Connection: Upgrade", "Upgrade: echo")).body, b"/1")
        self.assertEqual(wire.request(get("/2")).body, b"/2")


class Headers(HttpCase):
    def test_forwarded_headers_are_set(self):
        self.through()
        self.client().request(get("/", "mail.contoso.test:8443"))
        seen = self.backend.requests[0]
        self.assertEqual(seen.get("x-forwarded-for"), "127.0.0.1")
        self.assertEqual(seen.get("x-forwarded-proto"), "https")
        self.assertEqual(seen.get("x-forwarded-host"), "mail.contoso.test:8443")
        self.assertEqual(seen.get("host"), "mail.contoso.test:8443")

    def test_what_a_client_forges_is_not_believed(self):
        self.through()
        self.client().request(get("/", HOST, "X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: http",
                                  "X-Forwarded-Host: evil.test"))
        seen = self.backend.requests[0]
        self.assertEqual(seen.all("x-forwarded-proto"), ["https"])
        self.assertEqual(seen.all("x-forwarded-host"), [HOST])
        self.assertTrue(", ".join(seen.all("x-forwarded-for")).endswith("127.0.0.1"))

    def test_hop_by_hop_headers_stop_here(self):
        def handle(wire):
            self.backend.requests.append(wire.message())
            wire.send(answer("x", "200 OK", "Connection: X-Back", "X-Back: 1", "Keep-Alive: timeout=5", "X-Stays: 1"))
        self.through(handle)
        got = self.client().request(get(
            "/", HOST, "Connection: keep-alive, X-Hop", "X-Hop: 1", "Keep-Alive: 300", "Proxy-Connection: close",
            "TE: trailers", "X-Stays: 1"))
        seen = self.backend.requests[0]
        for name in ("x-hop", "keep-alive", "proxy-connection"):
            self.assertIsNone(seen.get(name), name)
        self.assertEqual(seen.get("x-stays"), "1")
        self.assertNotIn("x-hop", (seen.get("connection") or "").lower())
        for name in ("x-back", "keep-alive"):
            self.assertIsNone(got.get(name), name)
        self.assertEqual(got.get("x-stays"), "1")

    def test_everything_else_passes_unchanged(self):
        self.through()
        fields = ["Authorization: NTLM TlRMTVNTUAABAAAA", "Cookie: a=b; c=d", "User-Agent: OCPhone/4.0.7577.4451",
                  "X-Empty:", "X-Twice: 1", "X-Twice: 2", "Content-Type: text/xml; charset=utf-8"]
        self.client().request(get("/EWS/Exchange.asmx?a=%20b&c", HOST, *fields))
        seen = self.backend.requests[0]
        self.assertEqual(seen.target, "/EWS/Exchange.asmx?a=%20b&c")
        for line in fields:
            name, _, value = line.partition(":")
            self.assertIn((name.lower(), value.strip()), [(n.lower(), v) for n, v in seen.fields])


class Routes(HttpCase):
    def test_longest_prefix_wins_without_regard_to_case(self):
        ews, rest = Backend(), Backend()
        self.addCleanup(ews.stop)
        self.addCleanup(rest.stop)
        listener = self.listener(routes=[{"path": "/", "upstream": "rest"}, {"path": "/ews", "upstream": "ews"}])
        del listener["upstream"]
        self.start(self.config(listeners=[listener],
                               upstreams={"ews": {"servers": [ews.url]}, "rest": {"servers": [rest.url]}}))
        wire = self.client()
        for target in ("/EWS/Exchange.asmx", "/owa", "/ews/x", "/"):
            wire.request(get(target))
        self.assertEqual([r.target for r in ews.requests], ["/EWS/Exchange.asmx", "/ews/x"])
        self.assertEqual([r.target for r in rest.requests], ["/owa", "/"])


    def test_redirect_status_and_preset(self):
        listener = self.listener(routes=[
            {"preset": "exchange", "upstream": "cas"},
            {"path": "/owa", "method": ["GET"], "redirect": "https"},
            {"host": "autodiscover.contoso.test", "redirect": "https://mail.contoso.test", "status": 307},
            {"path": "/private", "status": 403}])
        del listener["upstream"]
        self.through(listeners=[listener])
        wire = self.client()
        for target, host, status, location in (
                ("/OWA/?a=b", HOST, 302, f"https://{HOST}/OWA/?a=b"),
                ("/autodiscover/autodiscover.xml", "Autodiscover.contoso.test", 307,
                 "https://mail.contoso.test/autodiscover/autodiscover.xml"),
                ("/private/x", HOST, 403, None),
                ("/EWS/Exchange.asmx", HOST, 200, None)):
            with self.subTest(target):
                got = wire.request(get(target, host))
                self.assertEqual((got.status, got.get("location")), (status, location))
        self.assertEqual([r.target for r in self.backend.requests], ["/EWS/Exchange.asmx"])


class Proxies(HttpCase):
    """Other proxies before and behind this one."""

    def behind_proxy(self, header):
        """A TLS client behind a proxy that speaks for it."""
        raw = socket.create_connection(("127.0.0.1", self.port), 20)
        raw.sendall(header)
        context = ssl.create_default_context(cafile=self.pki.root.pem)
        wire = Wire(context.wrap_socket(raw, server_hostname=HOST))
        self.addCleanup(wire.close)
        return wire

    def test_proxy_header_before_tls_tells_who_the_client_is(self):
        self.through(listeners=[self.listener(proxy_protocol=True, trusted_sources=["127.0.0.0/8"])])
        v2 = b"\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c\xc0\0\2\7\xc0\0\2\x50\x12\x34\x01\xbb"
        for header, address in ((b"PROXY TCP4 203.0.113.9 192.0.2.80 4660 443\r\n", "203.0.113.9"), (v2, "192.0.2.7")):
            with self.subTest(header):
                self.assertEqual(self.behind_proxy(header).request(get()).status, 200)
                self.assertEqual(self.backend.requests[-1].get("x-forwarded-for"), address)
                self.assertEqual(self.backend.requests[-1].get("x-forwarded-port"), "443")
        with self.assertRaises(OSError):
            self.behind_proxy(b"")

    def test_proxy_header_to_the_upstream(self):
        seen = []

        def handle(wire):
            seen.append(wire.until(b"\r\n"))
            self.backend.requests.append(wire.message())
            wire.send(answer("ok"))
        self.backend = Backend(handle)
        self.addCleanup(self.backend.stop)
        self.start(self.config(upstreams={"cas": {"servers": [self.backend.url], "proxy_protocol": "v1"}}))
        wire = self.client()
        self.assertEqual(wire.request(get()).body, b"ok")
        port = wire.socket.getsockname()[1]
        self.assertEqual(seen, [f"PROXY TCP4 127.0.0.1 127.0.0.1 {port} {self.port}".encode()])


class Nginx(LabCase):
    def test_is_a_good_upstream(self):
        backend = free_port()
        self.nginx(ews_backend(backend)).wait_for_port(backend)
        self.start(self.config(f"http://127.0.0.1:{backend}"))
        url = f"https://{HOST}:{self.port}/EWS/Exchange.asmx"
        # Two transfers of one curl: the second one uses the connection again.
        got = clients.curl(url, "--data", "<x/>", url, "--verbose", root=self.pki.root.pem, resolve=HOST)
        self.assertEqual((got.code, got.body.count(b"ServerVersionInfo")), (200, 2), got.errors)
        self.assertIn("Re-using existing connection", got.errors)


class Timeouts(HttpCase):
    def test_client_that_leaves_while_it_waits_is_noticed(self):
        over = threading.Event()

        def handle(wire):
            wire.message()
            if wire.ended():
                over.set()
        self.through(handle)
        wire = self.client()
        wire.send(get())
        time.sleep(0.2)
        wire.close()
        self.assertTrue(over.wait(15))

    def test_idle_connection_between_requests_is_closed(self):
        self.through(listeners=[self.listener(timeouts={"keep_alive": "1s"})])
        wire = self.client()
        wire.request(get())
        began = time.monotonic()
        self.assertTrue(wire.ended())
        self.assertLess(time.monotonic() - began, 10)

    def test_head_that_comes_too_slowly_is_answered_408(self):
        self.through(listeners=[self.listener(timeouts={"head": "1s"})])
        wire = self.client()
        wire.send("GET / HT")
        self.assertEqual(wire.message().status, 408)
        self.assertTrue(wire.ended())


if __name__ == "__main__":
    main()
