"""A wall clock that jumps: what lasts a while lasts as long as before, and nobody is lost."""

import signal
import struct
import subprocess
import threading
import time
from email.utils import parsedate_to_datetime
from pathlib import Path

import lab.case
from lab import clients
from lab.case import HOST, LabCase, main
from lab.faulty import Faulty
from lab.wire import Wire, get

SHIFTED_CLOCK = Path(lab.case.__file__).with_name("shifted_clock.c")
HOUR, DAY = 3600, 86400
JUMPS = (DAY, -HOUR, 0)  # from the true time; the leaf is good for all of them


class Clocks(LabCase):
    REQUEST = get("/", HOST, "Connection: close").encode()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.library = cls.class_folder / "shifted_clock.so"
        subprocess.run(["clang-19", "-shared", "-fPIC", "-O1", "-o", cls.library, SHIFTED_CLOCK], check=True)

    def setUp(self):
        super().setUp()
        self.clock = self.folder / "clock"
        self.jump(0)
        self.server = Faulty("s0", delay=2)
        self.addCleanup(self.server.stop)

    def jump(self, seconds):
        with open(self.clock, "r+b" if self.clock.exists() else "xb") as file:  # the program has it mapped
            file.write(struct.pack("q", seconds))

    def begin(self, listener=None, **config):
        upstream = {"servers": [self.server.url], **config.pop("upstream", {})}
        return self.start(
            self.config(listeners=[self.listener(**(listener or {}))], upstreams={"cas": upstream}, **config),
            environment={"LD_PRELOAD": str(self.library), "SHIFTED_CLOCK": str(self.clock)})

    def connect(self):
        wire = Wire.connect(self.port, host=HOST)
        self.addCleanup(wire.close)
        return wire

    def test_jump_for_the_program(self):
        self.begin()
        for seconds in JUMPS:
            self.jump(seconds)
            told = parsedate_to_datetime(self.connect().request(get("/", HOST)).get("date")).timestamp()
            self.assertAlmostEqual(told, time.time() + seconds, delta=10)

    def test_connections_and_requests_under_way_go_on(self):
        self.begin()
        kept = self.connect()
        self.assertEqual(kept.request(get("/", HOST)).status, 200)
        for seconds in JUMPS:
            with self.subTest(seconds=seconds):
                self.server.fault = "slow"
                waits = self.connect()
                waits.send(get("/poll", HOST))
                time.sleep(0.3)
                self.jump(seconds)
                self.assertEqual(waits.message().status, 200)
                self.server.fault = "none"
                self.assertEqual(kept.request(get("/", HOST)).status, 200)
                self.assertEqual(self.connect().request(get("/new", HOST)).status, 200)

    def test_deadlines_pass_when_they_would_have(self):
        self.server.fault = "hang_answer"
        self.begin(listener={"timeouts": {"response": "2s", "head": "2s", "keep_alive": "2s"}})
        for seconds in JUMPS:
            for sent, answers in ((self.REQUEST.decode(), True), ("GET / HTTP/1.1\r\n", True), ("", False)):
                with self.subTest(seconds=seconds, sent=sent):
                    wire = self.connect()
                    wire.send(sent)
                    began = time.monotonic()
                    time.sleep(0.5)
                    self.jump(seconds)
                    if answers:
                        self.assertIn(wire.message().status, (504, 408))
                    self.assertEqual(wire.to_end(), b"")
                    self.assertAlmostEqual(time.monotonic() - began, 2.5, delta=1.5)

    def test_checks_go_on_at_their_pace_and_the_server_stays_up(self):
        program = self.begin(upstream={"health": {"type": "http", "path": "/health", "interval": "200ms", "timeout": "200ms",
                                                  "jitter": "0%"}})
        for seconds in JUMPS:
            with self.subTest(seconds=seconds):
                self.jump(seconds)
                before = program.metric("upstream_checks_total")
                time.sleep(2)
                self.assertAlmostEqual(program.metric("upstream_checks_total") - before, 10, delta=6)
                self.assertEqual(self.connect().request(get("/", HOST)).status, 200)
        self.assertEqual(program.metric("upstream_checks_total", outcome="ok"),
                         program.metric("upstream_checks_total"))

    def test_an_ejected_server_comes_back_after_its_time(self):
        other = Faulty("s1")
        self.addCleanup(other.stop)
        program = self.begin(upstream={"servers": [self.server.url, other.url],
                                       "eject": {"failures": 1, "base": "3s", "longest": "3s"}})
        for seconds in JUMPS:
            with self.subTest(seconds=seconds):
                self.server.fault = "refuse"
                count = program.metric("upstream_ejections_total")
                program.wait_until(lambda: self.connect().request(get("/", HOST)).status == 200 and
                                   program.metric("upstream_ejections_total") > count, 10, "eject it")
                ejected = time.monotonic()
                self.server.fault = "none"
                self.jump(seconds)
                self.server.forget()
                program.wait_until(lambda: self.connect().request(get("/", HOST)).body == b"s0", 10, "ask it again")
                self.assertAlmostEqual(time.monotonic() - ejected, 3, delta=1.5)

    def test_an_address_keeps_its_server(self):
        others = [Faulty(f"s{number}") for number in (1, 2, 3)]
        for other in others:
            self.addCleanup(other.stop)
        self.begin(upstream={"servers": [server.url for server in (self.server, *others)],
                             "persistence": {"by": "source", "timeout": "1h"}})
        had = self.connect().request(get("/", HOST)).body
        for seconds in JUMPS:
            self.jump(seconds)
            self.assertEqual({self.connect().request(get("/", HOST)).body for _ in range(8)}, {had})

    def test_sessions_that_the_clock_outdates_cost_a_handshake_and_no_connection(self):
        self.begin()
        for version in ("-tls1_2", "-tls1_3"):
            for seconds in JUMPS:
                with self.subTest(version=version, seconds=seconds):
                    session = self.folder / "session"
                    self.jump(0)
                    saved = clients.s_client(self.port, version, "-sess_out", session, server_name=HOST, send=self.REQUEST)
                    self.assertTrue(saved.completed, saved.output)
                    self.jump(seconds)
                    used = clients.s_client(self.port, version, "-sess_in", session, server_name=HOST, send=self.REQUEST)
                    self.assertTrue(used.completed, used.output)
                    self.assertIn("HTTP/1.1 200", used.output)

    def test_a_stop_takes_as_long_as_it_may(self):
        self.server.fault = "hang_answer"
        program = self.begin(process={"threads": 1, "drain": "3s"})
        wire = self.connect()
        wire.send(get("/", HOST))
        program.wait_for_metric("upstream_connections", 1, state="active")
        threading.Timer(1, self.jump, [DAY]).start()
        began = time.monotonic()
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(20), 0)
        self.assertAlmostEqual(time.monotonic() - began, 3, delta=1.5)


if __name__ == "__main__":
    main()
