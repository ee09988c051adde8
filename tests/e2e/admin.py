"""The admin listener: health, state, and metrics under the names that dashboards rely on."""

import json

from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.programs import free_port
from lab.wire import Backend, Wire, get


class Admin(LabCase):
    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

    def use(self):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            wire.request(get("/EWS/"))

    def test_health(self):
        program = self.start(self.config(self.backend.url))
        self.assertEqual(program.get("/healthz"), 200)
        self.assertEqual(program.get("/readyz"), 200)

    def test_check_health_tells_by_its_exit_code(self):
        program = self.start(self.config(self.backend.url))
        asked = lambda *to: chainmend.run("check-health", *to)
        done = asked("--admin", f"127.0.0.1:{program.admin_port}")
        self.assertEqual((done.returncode, done.stdout), (0, "ready\n"))
        done = asked("--admin", f"127.0.0.1:{free_port()}")
        self.assertEqual((done.returncode, done.stdout[:9]), (1, "not ready"))
        self.assertEqual(asked("--admin", "nobody").returncode, 2)
        off = self.folder / "off.yaml"
        off.write_text(json.dumps({**self.config(self.backend.url), "admin": "off"}))
        self.assertEqual(asked("-c", off).returncode, 2)

    def test_other_places_and_methods(self):
        program = self.start(self.config(self.backend.url))
        self.assertEqual(program.get("/nowhere"), 404)
        self.assertEqual(program.ask("/metrics", "DELETE")[0], 405)
        status, headers, body = program.ask("/metrics", "HEAD")
        self.assertEqual((status, body), (200, ""))

    def test_survives_garbage(self):
        program = self.start(self.config(self.backend.url))
        for garbage in (b"\x16\x03\x01\x00\x05hello", b"GET /" + b"a" * 100_000, b"\r\n" * 1000):
            with Wire.connect(program.admin_port, tls=False) as wire:
                try:
                    wire.send(garbage)
                    wire.socket.shutdown(1)
                    wire.to_end()
                except OSError:
                    pass
        self.assertEqual(program.get("/healthz"), 200)

    def test_status_is_json_and_says_what_is_served(self):
        program = self.start(self.config(self.backend.url))
        status, headers, body = program.ask("/status")
        self.assertEqual(status, 200)
        self.assertTrue({k.lower(): v for k, v in headers.items()}["content-type"].startswith("application/json"))
        self.assertIn("exchange", json.dumps(json.loads(body)))
        self.assertIn("Lab Server CA", body)

    def test_status_and_check_say_the_same(self):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({"admin": {"listen": "127.0.0.1:0"}, **self.config(self.backend.url)}))
        checked = json.loads(chainmend.run("check", file, "--json").stdout)
        status = self.start(self.config(self.backend.url)).status
        self.assertEqual(checked["listeners"][0]["clients"][-1]["lowest"], "TLS 1.2")
        for key in ("clients", "policy", "passthrough", "notes", "certificates", "mode"):
            self.assertEqual(status["listeners"][0][key], checked["listeners"][0][key], key)
        for certificate in checked["certificates"]:
            for link in certificate["chain"]:
                del link["pem"]
        self.assertEqual(status["certificates"], checked["certificates"])

    def test_status_shows_how_servers_fare(self):
        for url, well in ((self.backend.url, True), (f"http://127.0.0.1:{free_port()}", False)):
            program = self.start(self.config(url))
            (before,) = program.status["upstreams"][0]["servers"]
            self.assertEqual((before["name"], before["last_success"], before["last_failure"]), (url, None, None))
            self.use()
            (after,) = program.status["upstreams"][0]["servers"]
            self.assertEqual((after["last_success"] is not None, after["last_failure"] is None), (well, well))
            if not well:
                self.assertEqual((after["last_failure"]["reason"], after["failures"]["connect"]), ("connect", 1))
                self.assertIn("refused", after["last_failure"]["text"])
            program.stop()

    def test_metrics_have_the_agreed_names(self):
        program = self.start(self.config(self.backend.url))
        self.use()
        clients.s_client(self.port, "-tls1", legacy=True)  # fails
        with Wire.connect(self.port, tls=False) as wire:  # noise
            wire.send("GET / HTTP/1.1\r\n\r\n")
            wire.to_end()
        program.wait_for_metric("tls_noise_total", 1)
        program.wait_for_metric("tls_handshake_failures_total", 1)
        program.wait_for_metric("http_requests_total", 1)
        found = {}
        for name, labels in program.metrics():
            found.setdefault(name, set()).update(label for label, _ in labels)
        for name, labels in {
            "tls_handshakes_total": {"listener", "client_type", "outcome"},
            "tls_handshake_failures_total": {"listener", "client_type", "reason"},
            "tls_noise_total": {"listener", "kind"},
            "tls_negotiated_total": {"listener", "client_type", "tls_version"},
            "tls_offered_max_version_total": {"listener", "client_type", "tls_version"},
            "tls_policy_handshakes_total": {"listener", "policy", "tls_version"},
            "tls_alerts_total": {"listener", "direction", "alert"},
            "tls_handshake_duration_seconds_bucket": {"listener", "le"},
            "tls_handshake_duration_seconds_count": {"listener"},
            "tls_server_name_total": {"listener", "server_name", "outcome"},
            "tls_handshakes_in_progress": {"listener"},
            "certificate_not_after_timestamp_seconds": {"cert"},
            "certificate_info": {"cert", "subject_cn", "issuer_cn", "key_type"},
            "certificate_chain_complete": {"cert", "chain"},
            "certificate_chain_length": {"cert", "chain"},
            "certificate_chain_source": {"cert", "chain", "source"},
            "aia_fetches_total": {"outcome"},
            "connections": {"listener"},
            "http_requests_total": {"listener", "route", "code_class"},
            "http_request_duration_seconds_bucket": {"listener", "route", "le"},
            "config_last_reload_successful": set(),
            "build_info": None,
        }.items():
            with self.subTest(name):
                self.assertIn(f"chainmend_{name}", found)
                if labels is not None:
                    self.assertEqual(found[f"chainmend_{name}"], labels)

    def test_numbers_are_what_happened(self):
        program = self.start(self.config(self.backend.url))
        for _ in range(3):
            self.use()
        clients.s_client(self.port, "-tls1", legacy=True)
        program.wait_for_metric("tls_handshake_failures_total", 1)
        self.assertEqual(program.metric("tls_handshakes_total", outcome="full"), 3)
        self.assertEqual(program.metric("tls_negotiated_total", tls_version="tls1.3"), 3)
        self.assertEqual(program.metric("tls_policy_handshakes_total", policy="intermediate", tls_version="tls1.3"), 3)
        self.assertEqual(program.metric("tls_policy_handshakes_total", policy="legacy-tls10"), 0)
        self.assertEqual(program.metric("tls_offered_max_version_total", tls_version="tls1.0"), 1)
        self.assertEqual(program.metric("tls_alerts_total", direction="sent", alert="protocol_version"), 1)
        self.assertEqual(program.metric("http_requests_total", listener="exchange", code_class="2xx"), 3)
        self.assertEqual(program.metric("tls_server_name_total", server_name=HOST, outcome="full"), 3)
        self.assertEqual(program.metric("tls_server_name_total", server_name="none", outcome="failed"), 1)
        self.assertGreater(program.metric("certificate_not_after_timestamp_seconds", cert="mail"), 1e9)
        self.assertEqual(program.metric("certificate_info", cert="mail", subject_cn=HOST, issuer_cn="Lab Server CA",
                                        key_type="RSA 2048"), 1)
        self.assertEqual(program.metric("certificate_chain_source", cert="mail", chain="auto", source="bundle"), 1)
        self.assertEqual(program.metric("certificate_chain_source", source="file"), 0)

    def test_server_names_are_those_that_are_served(self):
        wild = self.pki.leaf("wild", ["*.fabrikam.test"])
        program = self.start(self.config(
            self.backend.url, certificates={"mail": self.pem(self.pki.rsa), "wild": self.pem(wild)},
            listeners=[self.listener(certificates=["mail", "wild"])]))
        for name in (HOST, "a.fabrikam.test", "b.fabrikam.test", "stranger.test", "another.stranger.test"):
            with Wire.connect(self.port, host=name) as wire:
                wire.request(get("/EWS/"))
        program.wait_for_metric("tls_server_name_total", 5)
        named = {dict(labels)["server_name"]: value for (name, labels), value in program.metrics().items()
                 if name == "chainmend_tls_server_name_total"}
        self.assertEqual(named, {HOST: 1, "*.fabrikam.test": 2, "other": 2})

    def test_handshakes_in_progress_are_counted_up_and_down(self):
        program = self.start(self.config(self.backend.url))
        with Wire.connect(self.port, tls=False), Wire.connect(self.port, root=self.pki.root.pem, host=HOST):
            program.wait_until(lambda: program.metric("connections") == 2, 10, "count 2")
            program.wait_until(lambda: program.metric("tls_handshakes_in_progress", listener="exchange") == 1, 10,
                               "count the one that has not said hello")
        program.wait_until(lambda: program.metric("tls_handshakes_in_progress") == 0, 10, "count 0")

    def test_open_connections_are_counted_up_and_down(self):
        program = self.start(self.config(self.backend.url))
        wires = [Wire.connect(self.port, root=self.pki.root.pem, host=HOST) for _ in range(5)]
        program.wait_until(lambda: program.metric("connections", listener="exchange") == 5, 10, "count 5")
        for wire in wires:
            wire.close()
        program.wait_until(lambda: program.metric("connections", listener="exchange") == 0, 10, "count 0")

    def test_off_opens_nothing(self):
        config = {"admin": {"listen": "off"}, **self.config(self.backend.url)}
        program = self.start(config, wait=False)
        program.wait_for_port(self.port, 60)
        self.assertEqual(program.get("/healthz"), 0)
        self.use()
        self.assertEqual(len(self.backend.requests), 1)


if __name__ == "__main__":
    main()
