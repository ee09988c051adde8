"""Health checks: a server is out as soon as it says so, or cannot be asked, and back when it is well."""

import time
from collections import Counter

from lab import chainmend
from lab.case import HOST, LabCase, main
from lab.faulty import Faulty
from lab.nginx import tls_lines
from lab.programs import free_port
from lab.wire import Wire, get

QUICK = {"interval": "200ms", "timeout": "200ms", "rise": 2, "fall": 2}


class Health(LabCase):
    def ask(self, target="/"):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get(target, HOST))

    def names(self, times, target="/"):
        return Counter(got.body.decode() if got.status == 200 else got.status
                       for got in (self.ask(target) for _ in range(times)))

    def begin(self, urls, health, **upstream):
        return self.start(self.config(upstreams={"cas": {"servers": urls, "health": health, **upstream}}))

    def down(self, program, url, cause=None):
        program.wait_until(lambda: program.metric("upstream_server_up", server=url) == 0, 10, f"take {url} out")
        if cause:
            line = next(line for line in program.output.splitlines() if "server_down" in line and url in line)
            self.assertIn(cause, line)

    def up(self, program, url):
        program.wait_until(lambda: program.metric("upstream_server_up", server=url) == 1, 10, f"take {url} back")

    def test_each_fault_takes_a_server_out_and_says_why(self):
        faults = {"refuse": ("connect", "refused"), "hang": ("timeout", "in time"), "hang_answer": ("timeout", "in time"),
                  "reset": ("closed", "reset"), "close": ("closed", "closed"), "garbage": ("protocol", "proper HTTP"),
                  "sick": ("status", "answered 503 to GET /health"), "hang_body": ("timeout", "in time")}
        for fault, (outcome, words) in faults.items():
            with self.subTest(fault=fault):
                self.__dict__.pop("port", None)  # one that failed is still there
                servers = [Faulty("s0"), Faulty("s1")]
                for server in servers:
                    self.addCleanup(server.stop)
                expect = {"expect": {"body": "s"}} if fault == "hang_body" else {}
                program = self.begin([s.url for s in servers], {"path": "/health", **QUICK, **expect})
                self.up(program, servers[0].url)
                servers[0].fault = fault
                self.down(program, servers[0].url)
                self.assertEqual(self.names(4), {"s1": 4})
                self.assertGreaterEqual(
                    program.metric("upstream_checks_total", server=servers[0].url, outcome=outcome), 2)
                told = program.status["upstreams"][0]["servers"][0]
                self.assertEqual(told["state"], "down")
                self.assertEqual(told["checks"][0]["outcome"], outcome)
                self.assertIn(words, told["checks"][0]["detail"])
                self.assertIn("server_down", program.output)
                servers[0].fault = "none"
                self.up(program, servers[0].url)
                self.assertEqual(set(self.names(4)), {"s0", "s1"})
                program.stop()

    def test_first_check_decides_alone_and_all_down_is_503(self):
        server = Faulty("s0", fault="sick")
        self.addCleanup(server.stop)
        program = self.begin([server.url], {"path": "/health", "interval": "1m", "fall": 100})
        self.down(program, server.url, "answered 503")
        got = self.ask()
        self.assertEqual(got.status, 503)
        self.assertGreater(int(got.get("retry-after")), 0)

    def test_least_bad_is_asked_when_told_to(self):
        server = Faulty("s0", fault="sick")
        self.addCleanup(server.stop)
        program = self.begin([server.url], {"path": "/health", "interval": "1m"}, all_down="least_bad")
        self.down(program, server.url)
        server.fault = "none"
        self.assertEqual(self.names(2), {"s0": 2})

    def test_exchange_takes_a_server_out_for_one_directory_only(self):
        ports = [free_port(), free_port()]
        flag = self.folder / "sick"

        def exchange(port, sick):
            test = f"if (-f {flag}) {{ return 503; }}" if sick else ""
            return f"""
  server {{
    listen 127.0.0.1:{port};
    location ~ /healthcheck.htm$ {{ return 200 "200 OK\\n"; }}
    location = /ews/healthcheck.htm {{ {test} return 200 "200 OK\\n"; }}
    location / {{ return 200 "{port}"; }}
  }}"""
        backend = self.nginx(exchange(ports[0], True), exchange(ports[1], False))
        for port in ports:
            backend.wait_for_port(port)
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        program = self.start(self.config(
            listeners=[self.listener(routes=[{"preset": "exchange", "upstream": "cas"}])],
            upstreams={"cas": {"servers": urls, "health": {"preset": "exchange", **QUICK}}}))
        program.wait_until(lambda: program.metric("upstream_check_up", scope="ews") == 2, 10, "check")
        flag.write_text("")
        program.wait_until(lambda: program.metric("upstream_check_up", server=urls[0], scope="ews") == 0, 10, "see it")
        self.assertEqual(program.metric("upstream_check_up", server=urls[0], scope="owa"), 1)
        self.assertEqual(self.names(4, "/EWS/Exchange.asmx"), {str(ports[1]): 4})
        self.assertEqual(set(self.names(4, "/owa/")), {str(port) for port in ports})
        self.assertIn("answered 503 to GET /ews/healthcheck.htm", program.output)

    def test_tls_is_verified_as_that_of_traffic(self):
        port = free_port()
        leaf = self.pki.leaf("other", ["other.contoso.test"])
        self.nginx(f"""
  server {{ listen 127.0.0.1:{port} ssl; {tls_lines(leaf)}
    location / {{ return 200 "s0"; }} }}""").wait_for_port(port)
        url = f"https://127.0.0.1:{port}"
        for kind in ("tls", "https"):
            with self.subTest(type=kind):
                program = self.begin([url], {"type": kind, **QUICK}, tls={"server_name": "cas.contoso.test"})
                self.down(program, url, "the certificate is not for cas.contoso.test, but for other.contoso.test")
                self.assertEqual(self.ask().status, 503)
                program.stop()
        program = self.begin([url], {"type": "tcp", **QUICK}, tls={"server_name": "cas.contoso.test"})
        self.up(program, url)

    def test_a_reload_keeps_what_is_known_and_forgets_checks_that_are_gone(self):
        server = Faulty("s0", fault="sick")
        self.addCleanup(server.stop)
        health = {"path": "/health", "interval": "1h"}
        program = self.begin([server.url], health)
        self.down(program, server.url)
        checked = program.metric("upstream_checks_total")
        self.assertTrue(program.reload())
        self.assertEqual(program.metric("upstream_server_up", server=server.url), 0)
        time.sleep(0.3)
        self.assertEqual(program.metric("upstream_checks_total"), checked)
        self.assertTrue(program.reload(self.config(upstreams={"cas": {"servers": [server.url]}})))
        self.up(program, server.url)

    def test_flapping_server_costs_no_request(self):
        servers = [Faulty("s0"), Faulty("s1")]
        for server in servers:
            self.addCleanup(server.stop)
        program = self.begin([s.url for s in servers], {"path": "/health", **QUICK}, eject={"failures": 1, "base": "1s"})
        until = time.monotonic() + 4
        got = Counter()
        while time.monotonic() < until:
            servers[0].fault = "none" if servers[0].fault == "refuse" else "refuse"
            got += self.names(10)
        self.assertEqual({name for name in got if not isinstance(name, str)}, set(), got)
        self.assertGreater(got["s1"], got["s0"])
        chainmend.until(lambda: program.running, 1)


if __name__ == "__main__":
    main()
