"""What nobody may take from all others: connections, new ones, handshakes, descriptors, time."""

import resource
import socket
import ssl
import threading
import time

from lab.case import HOST, LabCase, main
from lab.chainmend import SANITIZERS, binary
from lab.programs import Program
from lab.wire import Backend, Wire, answer, get


def connect(port, source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", port), 20, (source, 0))


def last_word(connection):
    """(what came until the end, how it ended: closed or reset)"""
    connection.settimeout(20)
    came = b""
    try:
        while data := connection.recv(65536):
            came += data
        return came, "closed"
    except ConnectionError:
        return came, "reset"


ALERT = bytes.fromhex("15030100020250")  # fatal internal_error, of the record version that all know


class Case(LabCase):
    def setUp(self):
        super().setUp()
        self.hold = threading.Event()
        self.backend = Backend(self.handle)
        self.addCleanup(self.backend.stop)
        self.addCleanup(self.hold.set)
        self.open = []
        self.addCleanup(lambda: [one.close() for one in self.open])

    def handle(self, wire):
        while True:
            request = wire.message()
            if request.target == "/wait":
                self.hold.wait(60)
            wire.send(answer(request.target))

    def through(self, plain=False, listener=None, connections=20, **config):
        listener = {**(listener or {}), **({"tls": "off", "certificates": []} if plain else {})}
        config = self.config(self.backend.url, listeners=[self.listener(**listener)], **config)
        config["process"] = {"threads": 1, "drain": "2s", "max_connections": connections}
        if plain:
            del config["listeners"][0]["certificates"]
            del config["certificates"]
        return self.start(config)

    def client(self, source="127.0.0.1", tls=True):
        connection = connect(self.port, source)
        if tls:
            context = ssl.create_default_context(cafile=self.pki.root.pem)
            connection = context.wrap_socket(connection, server_hostname=HOST)
        wire = Wire(connection)
        self.open.append(wire)
        return wire

    def rejected(self, program, reason):
        return program.metric("connections_rejected_total", reason=reason)


class OneSource(Case):
    def test_that_holds_all_idle_connections_locks_nobody_out(self):
        program = self.through()
        for _ in range(40):
            self.assertEqual(self.client().request(get()).status, 200)
        for source in ("127.0.0.9", "127.7.0.1"):
            self.assertEqual(self.client(source).request(get("/next")).status, 200)
        self.assertGreaterEqual(program.metric("connections_cut_total", reason="idle"), 20)
        self.assertLessEqual(program.status["open_connections"], 21)
        program.wait_for_text("cut limit=idle")
        self.assertEqual(program.output.count("cut limit=idle"), 1)  # said now and then, not each time

    def test_that_says_nothing_locks_nobody_out(self):
        program = self.through()
        self.open += [connect(self.port) for _ in range(40)]
        for source in ("127.0.0.9", "127.7.0.1"):
            self.assertEqual(self.client(source).request(get("/next")).status, 200)
        program.wait_until(lambda: program.status["open_connections"] <= 21, 10, "close the others")

    def test_that_keeps_all_busy_gets_503_and_others_are_served(self):
        program = self.through()
        for _ in range(10):
            self.client().send(get("/wait"))
        program.wait_until(lambda: self.backend.connections == 10, 10, "pass them on")
        late = self.client()
        told = late.request(get())
        self.assertEqual((told.status, told.get("connection"), told.get("retry-after")), (503, "close", "5"))
        self.assertTrue(late.ended())
        self.assertEqual(self.rejected(program, "per_source"), 1)
        self.assertEqual(self.client("127.7.0.1").request(get()).status, 200)
        program.wait_for_text("turned_away limit=per_source listener=exchange source=127.0.0.0/24")
        self.assertIn("limits.exempt", program.output)

    def test_is_a_network_and_may_be_exempt(self):
        self.through(limits={"per_source": 3, "ipv4_prefix": 16, "exempt": ["127.9.0.0/16"]})
        for source in ("127.0.0.1", "127.0.4.1", "127.0.200.1"):
            self.client(source).send(get("/wait"))
        self.assertEqual(self.client("127.0.77.1").request(get()).status, 503)
        for _ in range(5):
            self.assertEqual(self.client("127.9.0.1").request(get()).status, 200)

    def test_may_open_only_so_many_a_second(self):
        program = self.through(limits={"new_per_second": 1, "burst": 5})
        for _ in range(5):
            self.client().request(get())
        # A handshake is what costs: it is not had for a word.
        self.assertEqual(last_word(connect(self.port)), (ALERT, "closed"))
        with self.assertRaisesRegex(ssl.SSLError, "INTERNAL_ERROR"):
            self.client()
        self.assertGreaterEqual(self.rejected(program, "new_per_second"), 2)
        self.assertEqual(self.client("127.7.0.1").request(get()).status, 200)

    def test_is_the_client_that_a_proxy_speaks_for(self):
        program = self.through(limits={"per_source": 1, "ipv4_prefix": 32}, listener={
            "proxy_protocol": True, "trusted_sources": ["127.0.0.1"]})

        def client(source):
            connection = connect(self.port)
            connection.sendall(f"PROXY TCP4 {source} 127.0.0.1 5000 443\r\n".encode())
            context = ssl.create_default_context(cafile=self.pki.root.pem)
            self.open.append(Wire(context.wrap_socket(connection, server_hostname=HOST)))
            return self.open[-1]
        client("192.0.2.1").send(get("/wait"))
        program.wait_until(lambda: self.backend.connections == 1, 10, "pass it on")
        self.assertEqual(client("192.0.2.1").request(get()).status, 503)
        self.assertEqual(client("192.0.2.2").request(get()).status, 200)


class AllTogether(Case):
    def test_the_total_is_told_by_503(self):
        program = self.through(plain=True, connections=3, limits={"per_source": "off"})
        for _ in range(3):
            self.client(tls=False).send(get("/wait"))
        program.wait_until(lambda: self.backend.connections == 3, 10, "pass them on")
        self.assertEqual(self.client(tls=False).request(get()).status, 503)
        self.assertEqual(self.rejected(program, "max_connections"), 1)
        self.hold.set()
        for wire in self.open[:3]:
            self.assertEqual(wire.message().status, 200)
        self.assertEqual(self.client(tls=False).request(get()).status, 200)

    def test_a_listener_has_a_share_of_its_own(self):
        program = self.through(listener={"max_connections": 2})
        for _ in range(2):
            self.client().send(get("/wait"))
        program.wait_until(lambda: self.backend.connections == 2, 10, "pass them on")
        self.assertEqual(self.client().request(get()).status, 503)
        self.assertEqual(self.rejected(program, "listener_connections"), 1)

    def test_handshakes_under_way(self):
        program = self.through(limits={"handshakes": 2})
        for _ in range(2):
            half = connect(self.port)
            half.sendall(bytes.fromhex("160301"))
            self.open.append(half)
        program.wait_until(lambda: program.metric("tls_handshakes_in_progress") == 2, 10, "begin them")
        time.sleep(0.2)  # their first bytes have come
        self.assertEqual(last_word(connect(self.port)), (ALERT, "closed"))
        self.assertEqual(self.rejected(program, "handshakes"), 1)
        for half in self.open:
            half.close()
        program.wait_until(lambda: program.metric("tls_handshakes_in_progress") == 0, 10, "end them")
        self.assertEqual(self.client().request(get()).status, 200)

    def test_a_connection_that_waits_for_its_proxy_header_counts(self):
        program = self.through(listener={"proxy_protocol": True, "trusted_sources": ["127.0.0.1"]})
        self.open.append(connect(self.port))
        program.wait_until(lambda: program.metric("connections", listener="exchange") == 1, 10, "count it")


class Many(Case):
    def test_slow_and_idle_ones_do_not_stop_a_worker(self):
        """Ten thousand heads that never end, or as many as this machine gives us descriptors for."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        count = min(10_000, hard - 200)
        self.through(plain=True, connections=2 * count, limits={"per_source": "off"})
        for i in range(count):
            one = connect(self.port, f"127.0.{i % 200}.1")
            one.sendall(b"GET / HTTP/1.1\r\nX-Slow: " if i % 2 else b"GET /idle HTTP/1.1\r\nHost: a\r\n\r\n")
            self.open.append(one)
        for _ in range(20):
            self.assertEqual(self.client("127.7.0.1", tls=False).request(get()).status, 200)


class Descriptors(Case):
    def test_running_out_of_them_pauses_and_recovers(self):
        config = self.config(self.backend.url, limits={"per_source": "off"})
        config["process"]["threads"] = 1
        program = self.start(config)
        program.stop()
        small = Program("chainmend", ["prlimit", "--nofile=120:120", binary(), "run", "-c", program.config_file],
                        self.folder / "small.log", SANITIZERS)
        self.addCleanup(small.stop)
        small.wait_until(lambda: program.get("/readyz") == 200, 60, "become ready")
        held = []
        for _ in range(200):
            one = connect(self.port)
            one.sendall(bytes.fromhex("160301"))  # busy: its place cannot be had
            held.append(one)
        small.wait_for_text("limit=no_descriptors")
        # The last descriptors are for those who look after it.
        self.assertEqual(program.get("/healthz"), 200)
        self.assertGreaterEqual(self.rejected(program, "no_descriptors"), 1)
        for one in held:
            one.close()
        small.wait_until(self.is_served, 20, "serve again")

    def is_served(self):
        try:
            return self.client().request(get()).status == 200
        except OSError:
            return False


class Pace(Case):
    def test_bodies_that_hardly_move_are_cut_both_ways(self):
        done = threading.Event()

        def handle(wire):
            if wire.head().target == "/big":
                try:
                    wire.send("HTTP/1.1 200 OK\r\n\r\n")
                    while True:
                        wire.send(b"x" * 65536)
                except OSError:
                    done.set()
            else:
                wire.to_end()
        self.backend = Backend(handle)
        self.addCleanup(self.backend.stop)
        program = self.through(plain=True, listener={
            "limits": {"request_rate": "1KiB", "answer_rate": "10KiB"}})
        slow = socket.socket()
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", self.port))
        self.open.append(slow)
        slow.sendall(get("/big").encode())
        sender = self.client(tls=False)
        sender.socket.settimeout(90)
        sender.send("POST /upload HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")

        def trickle():
            try:
                for _ in range(90):
                    sender.send(b"x" * 10)
                    slow.recv(10)
                    time.sleep(1)
            except OSError:
                pass
        threading.Thread(target=trickle, daemon=True).start()
        self.assertEqual(sender.message().status, 408)
        program.wait_for_metric("connections_cut_total", 1, timeout=90, reason="request_rate")
        program.wait_for_metric("connections_cut_total", 1, timeout=90, reason="answer_rate")
        self.assertTrue(done.wait(10))


class HalfClosed(Case):
    """A client that says that it will say no more, and waits."""

    def setUp(self):
        super().setUp()
        self.program = self.through()
        threading.Timer(3, self.hold.set).start()

    def test_by_a_fin(self):
        wire = self.client()
        wire.send(get("/wait"))
        socket.socket.shutdown(wire.socket, socket.SHUT_WR)
        self.assertEqual(wire.message().body, b"/wait")

    def test_by_close_notify_and_a_fin(self):
        raw = connect(self.port)
        self.open.append(raw)
        come, gone = ssl.MemoryBIO(), ssl.MemoryBIO()
        context = ssl.create_default_context(cafile=self.pki.root.pem)
        tls = context.wrap_bio(come, gone, server_hostname=HOST)

        def step(call):
            while True:
                try:
                    return call()
                except ssl.SSLWantReadError:
                    if gone.pending:
                        raw.sendall(gone.read())
                    come.write(raw.recv(65536))
                finally:
                    if gone.pending:
                        raw.sendall(gone.read())
        step(tls.do_handshake)
        step(lambda: tls.write(get("/wait").encode()))
        with self.assertRaises(ssl.SSLWantReadError):
            tls.unwrap()
        raw.sendall(gone.read())
        raw.shutdown(socket.SHUT_WR)
        came = b""
        while not came.endswith(b"/wait"):
            came += step(lambda: tls.read(65536))
        self.assertTrue(came.startswith(b"HTTP/1.1 200"), came)


if __name__ == "__main__":
    main()
