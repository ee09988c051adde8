"""Servers that are weighted, full, ejected, where somebody belongs: who gets the requests."""

import json
import socket
import struct
import threading
import time
from collections import Counter

from lab import chainmend
from lab.case import HOST, LabCase, main
from lab.faulty import Faulty
from lab.wire import Backend, Wire, get


class Case(LabCase):
    def farm(self, count, **how):
        servers = [Faulty(f"s{i}", **how) for i in range(count)]
        for server in servers:
            self.addCleanup(server.stop)
        return servers

    def begin(self, farm, /, threads=2, **upstream):
        entries = upstream.pop("servers", [server.url for server in farm])
        return self.start(self.config(upstreams={"cas": {"servers": entries, **upstream}},
                                      process={"threads": threads, "drain": "2s"}))

    def ask(self, target="/", *fields):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get(target, HOST, *fields))

    def names(self, times, target="/"):
        """By whom that many requests were answered, each of a client of its own."""
        return Counter(got.body.decode() if got.status == 200 else got.status
                       for got in (self.ask(target) for _ in range(times)))


class Shares(Case):
    def test_round_robin_follows_the_weights(self):
        servers = self.farm(2)
        self.begin(servers, servers=[{"url": servers[0].url, "weight": 3}, servers[1].url])
        self.assertEqual(self.names(20), {"s0": 15, "s1": 5})

    def test_lower_priority_is_used_when_too_few_are_there(self):
        servers = self.farm(3)
        self.begin(servers, servers=[{"url": servers[0].url, "priority": 2}, {"url": servers[1].url, "priority": 2},
                                     servers[2].url],
                   balance={"min_in_priority": 2}, eject={"failures": 1, "base": "1m"})
        self.assertEqual(self.names(6), {"s0": 3, "s1": 3})
        servers[0].fault = "refuse"
        self.names(2)
        self.assertEqual(self.names(6), {"s1": 3, "s2": 3})

    def test_least_connections_leaves_the_busy_one_alone(self):
        servers = self.farm(2)
        self.begin(servers, balance={"method": "least_connections"})
        servers[0].fault = servers[1].fault = "hang_answer"
        held = [self.hold() for _ in range(4)]
        while servers[0].asked() + servers[1].asked() < 4:
            time.sleep(0.01)
        self.assertEqual((servers[0].asked(), servers[1].asked()), (2, 2))
        for wire in held:
            wire.close()

    def hold(self):
        wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
        wire.send(get("/", HOST))
        return wire

    def test_source_stays_at_one_server(self):
        servers = self.farm(4)
        self.begin(servers, balance={"method": "source"})
        self.assertEqual(len(self.names(8)), 1)

    def test_each_request_may_go_elsewhere(self):
        servers = self.farm(2)
        self.begin(servers, threads=1, balance={"per": "request"})
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            got = [wire.request(get("/", HOST)).body.decode() for _ in range(4)]
        self.assertEqual(got, ["s0", "s1", "s0", "s1"])


class Full(Case):
    def test_a_server_gets_no_more_than_it_may_have_and_the_others_wait(self):
        servers = self.farm(1, fault="slow", delay=0.3)
        program = self.begin(servers, servers=[{"url": servers[0].url, "max_connections": 2}])
        got = self.at_once(8)
        self.assertEqual(got, {"s0": 8})
        self.assertEqual(servers[0].most_busy, 2)
        self.assertEqual(program.metric("upstream_waiting", upstream="cas"), 0)

    def at_once(self, count):
        answers = Counter()
        lock = threading.Lock()

        def one():
            got = self.ask()
            with lock:
                answers[got.body.decode() if got.status == 200 else got.status] += 1
        threads = [threading.Thread(target=one) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        return answers

    def test_the_queue_has_a_length_and_a_time(self):
        servers = self.farm(1, fault="hang_answer")
        program = self.begin(servers, servers=[{"url": servers[0].url, "max_connections": 1}],
                             queue={"length": 2, "timeout": "500ms"})
        held = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
        self.addCleanup(held.close)
        held.send(get("/", HOST))
        program.wait_for_metric("upstream_connections", 1, state="active")
        self.assertEqual(self.at_once(6), {503: 6})
        self.assertEqual(program.metric("upstream_refused_total", reason="queue_full"), 4)
        self.assertEqual(program.metric("upstream_refused_total", reason="queue_timeout"), 2)

    def test_who_leaves_the_queue_makes_room_for_the_next(self):
        servers = self.farm(1, fault="hang_answer")
        program = self.begin(servers, servers=[{"url": servers[0].url, "max_connections": 1}],
                             queue={"length": 1, "timeout": "60s"})

        def come(target):
            wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
            self.addCleanup(wire.close)
            wire.send(get(target, HOST))
            return wire
        come("/held")
        program.wait_for_metric("upstream_connections", 1, state="active")
        impatient = come("/impatient")
        program.wait_for_metric("upstream_waiting", 1)
        impatient.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        impatient.close()
        program.wait_until(lambda: program.metric("upstream_waiting") == 0, 10, "notice that the client left")
        self.assertEqual(program.metric("upstream_refused_total"), 0)
        come("/next")
        program.wait_for_metric("upstream_waiting", 1)


class Faults(Case):
    def test_a_server_that_fails_is_left_out_and_comes_back(self):
        servers = self.farm(2)
        servers[0].fault = "refuse"
        program = self.begin(servers, threads=1, eject={"failures": 2, "base": "1s", "longest": "2s"})
        self.assertEqual(self.names(10), {"s1": 10})
        self.assertEqual(program.metric("upstream_failures_total", server=servers[0].url), 2)
        self.assertEqual(program.metric("upstream_ejections_total", server=servers[0].url), 1)
        self.assertIn("server_ejected", program.output)
        servers[0].fault = "none"
        chainmend.until(lambda: "s0" in self.names(4), 10, "the server comes back")

    def test_each_fault_counts_and_ejects(self):
        for fault in ("reset", "close", "garbage", "hang_answer"):
            with self.subTest(fault=fault):
                self.__dict__.pop("port", None)  # one that failed is still there
                servers = self.farm(2)
                servers[0].fault = fault
                program = self.start(self.config(
                    listeners=[self.listener(timeouts={"response": "300ms"})],
                    process={"threads": 1, "drain": "2s"},
                    upstreams={"cas": {"servers": [s.url for s in servers], "eject": {"failures": 2, "base": "1m"}}}))
                got = self.names(12)
                self.assertEqual(got["s1"], 10)
                self.assertEqual(program.metric("upstream_ejections_total", server=servers[0].url), 1)
                program.stop()

    def test_the_last_server_is_never_ejected(self):
        servers = self.farm(2)
        for server in servers:
            server.fault = "reset"
        program = self.begin(servers, eject={"failures": 1, "base": "1m", "at_most": "100%"})
        self.assertEqual(self.names(6), {502: 6})
        self.assertEqual(program.metric("upstream_ejections_total"), 1)


class Wanted(Case):
    """chainmend upstream: what the operator says of a server holds until it is taken back."""

    def command(self, program, *words):
        return chainmend.run("upstream", *words, "-c", program.config_file)

    def test_a_drained_server_gets_no_new_client_also_after_a_reload(self):
        servers = self.farm(2)
        program = self.begin(servers)
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as old:
            self.assertEqual(old.request(get("/", HOST)).body, b"s0")
            done = self.command(program, "drain", "cas", servers[0].url)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("draining", done.stdout)
            self.assertEqual(self.names(4), {"s1": 4})
            self.assertEqual(old.request(get("/", HOST)).body, b"s0", "who is there may stay")
        self.assertTrue(program.reload())
        self.assertEqual(self.names(4), {"s1": 4})
        self.assertRegex(self.command(program, "list").stdout, r"(?m)^cas\t.*\tdraining\t")
        self.assertEqual(self.command(program, "enable", "cas", servers[0].url).returncode, 0)
        self.assertEqual(set(self.names(4)), {"s0", "s1"})

    def test_a_disabled_server_gets_nothing(self):
        servers = self.farm(2)
        program = self.begin(servers)
        self.assertEqual(self.command(program, "disable", "cas", servers[1].url).returncode, 0)
        self.assertEqual(self.names(4), {"s0": 4})
        shown = json.loads(self.command(program, "list", "cas", "--json").stdout)
        self.assertEqual([server["wanted"] for server in shown[0]["servers"]], ["enabled", "disabled"])

    def test_says_which_there_are(self):
        servers = self.farm(1)
        program = self.begin(servers)
        for words, said in ((("drain", "dogs", "x"), "there are: cas"), (("drain", "cas", "x"), servers[0].url),
                            (("drain", "cas"), "UPSTREAM SERVER"), (("list", "dogs"), "no upstream is called dogs")):
            with self.subTest(words):
                done = self.command(program, *words)
                self.assertEqual(done.returncode, 2)
                self.assertIn(said, done.stderr)


class Persistent(Case):
    def test_a_cookie_brings_the_client_back_also_after_a_reload(self):
        servers = self.farm(3)
        key = self.folder / "cookie.key"
        key.write_bytes(bytes(range(40)))
        for more in ({}, {"key_file": str(key), "name": "where"}):
            with self.subTest(more=more):
                program = self.begin(servers, persistence={"by": "cookie", **more})
                first = self.ask()
                given = first.get("set-cookie")
                self.assertIn("; HttpOnly", given)
                self.assertIn("; Secure", given)
                cookie = given.split(";")[0]
                name, _, value = cookie.partition("=")
                self.assertEqual(name, more.get("name", "chainmend-cas"))
                self.assertNotIn("127.0.0.1", value)
                for _ in range(6):
                    again = self.ask("/", f"Cookie: a=b; {cookie}")
                    self.assertEqual((again.body, again.get("set-cookie")), (first.body, None))
                self.assertTrue(program.reload())
                self.assertEqual(self.ask("/", f"Cookie: {cookie}").body, first.body)
                # What was made up is worth nothing, and is replaced.
                self.assertIsNotNone(self.ask("/", f"Cookie: {name}={'0' * 32}").get("set-cookie"))
                # A server that is gone: another one, and its cookie.
                mine = servers[int(first.body[1:])]
                mine.fault = "refuse"
                moved = self.ask("/", f"Cookie: {cookie}")
                self.assertEqual(moved.status, 200)
                self.assertNotEqual(moved.get("set-cookie").split(";")[0], cookie)
                mine.fault = "none"
                program.stop()

    def test_the_cookie_is_not_for_the_server(self):
        backend = Backend()
        self.addCleanup(backend.stop)
        self.start(self.config(upstreams={"cas": {"servers": [backend.url], "persistence": {"by": "cookie"}}}))
        given = self.ask("/").get("set-cookie").split(";")[0]
        self.assertIsNone(self.ask("/", f"Cookie: a=b; {given}; c=d").get("set-cookie"))
        self.ask("/", f"Cookie: {given}")
        self.assertEqual([request.get("cookie") for request in backend.requests], [None, "a=b; c=d", None])

    def test_an_address_comes_back_also_after_a_reload(self):
        servers = self.farm(4)
        program = self.begin(servers, persistence={"by": "source"})
        got = self.names(8)
        self.assertEqual(len(got), 1)
        self.assertTrue(program.reload())
        self.assertEqual(set(self.names(8)), set(got))


if __name__ == "__main__":
    main()
