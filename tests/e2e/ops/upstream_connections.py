"""How servers are connected to: TLS versions, suites and sessions, certificates that Extended Protection compares, names."""

import os
import unittest
from collections import Counter

from lab import chainmend
from lab.case import HOST, LabCase, main
from lab.names import Names, possible
from lab.nginx import tls_lines
from lab.programs import free_port
from lab.wire import Wire, get

NAME = "cas.contoso.test"


class Case(LabCase):
    def ask(self, target="/"):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get(target, HOST))

    def behind(self, leaf, addresses=("127.0.0.1",)):
        """An nginx that says how it was connected to; its port."""
        port = free_port()
        listens = "".join(f"listen {address}:{port} ssl;\n" for address in addresses)
        self.nginx(f"""
  server {{ {listens} {tls_lines(leaf)}
    location / {{ return 200 "$ssl_protocol $ssl_cipher $ssl_session_reused $server_addr"; }} }}""").wait_for_port(port)
        return port

    def begin(self, port, host="127.0.0.1", **upstream):
        tls = {"server_name": NAME, **upstream.pop("tls", {})}
        return self.start(self.config(upstreams={"cas": {
            "servers": [f"https://{host}:{port}"], "tls": tls, "keep_alive": "off", **upstream}}))


class Tls(Case):
    def setUp(self):
        super().setUp()
        self.cas = self.behind(self.pki.leaf("cas", [NAME]))

    def test_versions_and_suites_are_as_configured(self):
        for tls, said in (({}, "TLSv1.3 TLS_"), ({"max": "1.2"}, "TLSv1.2 ECDHE-"),
                          ({"max": "1.2", "ciphers": ["AES128-SHA"]}, "TLSv1.2 AES128-SHA "),
                          ({"min": "1.0", "max": "1.0"}, "TLSv1 ")):
            with self.subTest(tls=tls):
                program = self.begin(self.cas, tls=tls)
                self.assertTrue(self.ask().body.decode().startswith(said), self.ask().body)
                program.stop()

    def test_what_cannot_be_spoken_is_said_at_once(self):
        file = self.folder / "chainmend.yaml"
        file.write_text("listeners: [{ name: a, listen: '127.0.0.1:1', tls: off, upstream: cas }]\n"
                        "upstreams:\n  cas:\n    servers: https://127.0.0.1\n    tls: { ciphers: [NO-SUCH-SUITE] }\n")
        done = chainmend.run("check", file)
        self.assertEqual(done.returncode, 2)
        self.assertIn("chainmend.yaml:5:", done.stderr)
        self.assertIn("NO-SUCH-SUITE", done.stderr)

    def test_sessions_are_used_again_unless_off(self):
        for tls in ({}, {"max": "1.2"}):
            with self.subTest(tls=tls):
                program = self.begin(self.cas, tls=tls)
                got = [self.ask().body.split()[2].decode() for _ in range(4)]
                self.assertEqual(got, [".", "r", "r", "r"])
                program.stop()
        self.begin(self.cas, tls={"resume": False})
        self.assertEqual([self.ask().body.split()[2] for _ in range(3)], [b"."] * 3)

    def test_times_are_shown(self):
        program = self.begin(self.cas)
        for _ in range(3):
            self.ask()
        for step in ("connect", "handshake", "first_byte"):
            program.wait_for_metric(f"upstream_{step}_duration_seconds_count", 3)

    def test_certificates_are_compared(self):
        program = self.begin(self.cas, tls={"extended_protection": "check"})
        self.ask()
        program.wait_until(lambda: "certificate_differs" in program.output, 15, "compare")
        self.assertIn("0xC000035B", program.output)
        labels = {"upstream": "cas", "listener": "exchange", "server": f"https://127.0.0.1:{self.cas}"}
        name = ("chainmend_upstream_certificate_matches_listener", tuple(sorted(labels.items())))
        self.assertEqual(program.metrics()[name], 0)
        program.stop()
        same = self.behind(self.pki.rsa)
        program = self.begin(same, tls={"server_name": HOST, "extended_protection": "check"})
        self.ask()
        self.assertEqual(program.metric("upstream_certificate_matches_listener"), 1)
        self.assertNotIn("certificate_differs", program.output)


@unittest.skipUnless(possible(), "needs root, for a resolv.conf of its own")
class Resolving(Case):
    HOSTS = ("127.0.0.1", "127.0.0.2", "127.0.0.3")

    def setUp(self):
        super().setUp()
        self.names = Names(self.folder / "names")
        self.addCleanup(self.names.stop)
        before = os.environ["CHAINMEND"]
        os.environ["CHAINMEND"] = str(self.names.program())
        self.addCleanup(os.environ.__setitem__, "CHAINMEND", before)
        self.cas = self.behind(self.pki.leaf("cas", [NAME]), self.HOSTS)

    def addresses(self, times):
        return Counter(self.ask().body.split()[3].decode() for _ in range(times))

    def test_all_addresses_are_used_and_a_dead_one_is_passed_over(self):
        self.names.known[NAME] = (["127.0.0.1", "127.0.0.2", "127.0.0.9"], 300)
        program = self.begin(self.cas, NAME)
        got = self.addresses(8)
        self.assertEqual(set(got), {"127.0.0.1", "127.0.0.2"})
        self.assertEqual(program.metric("upstream_failures_total"), 0)

    def test_a_name_is_asked_for_again_when_its_time_is_over(self):
        self.names.known[NAME] = (["127.0.0.1"], 1)
        program = self.begin(self.cas, NAME, dns={"min_ttl": "1s", "max_ttl": "10m"})
        self.assertEqual(self.addresses(2), {"127.0.0.1": 2})
        self.names.known[NAME] = (["127.0.0.3"], 600)
        chainmend.until(lambda: set(self.addresses(1)) == {"127.0.0.3"}, 15, "the new address is used")
        self.assertIn("server_addresses", program.output)
        # Ten minutes now; nobody asks before.
        program.wait_until(lambda: program.status["upstreams"][0]["servers"][0]["addresses"] == ["127.0.0.3"], 5, "show it")
        asked = self.names.asked
        self.addresses(3)
        self.assertEqual(self.names.asked, asked)

    def test_answers_are_kept_when_nobody_answers(self):
        self.names.known[NAME] = (["127.0.0.1"], 1)
        program = self.begin(self.cas, NAME, dns={"min_ttl": "1s", "max_ttl": "2s"})
        self.assertEqual(self.addresses(1), {"127.0.0.1": 1})
        self.names.mute = True
        program.wait_until(lambda: "name_lookup_failed" in program.output, 30, "notice")
        self.assertEqual(self.addresses(3), {"127.0.0.1": 3})
        self.names.mute = False
        self.names.known[NAME] = (["127.0.0.2"], 1)
        chainmend.until(lambda: set(self.addresses(1)) == {"127.0.0.2"}, 15, "the new address is used")


if __name__ == "__main__":
    main()
