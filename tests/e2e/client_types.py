"""Who calls: named by the operator's rules, by what a client said of itself before, by its hello; in metrics, log and
`chainmend clients`, over a restart and with a damaged file."""

import json

from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.wire import Backend, Wire, get

PHONE = "OCPhone/4.0.7577.4463"


class ClientTypes(LabCase):
    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

    def serve(self, **more):
        return self.start(self.config(upstream=self.backend.url, clients={"file": str(self.folder / "known")}, **more))

    def ask(self, agent, path="/ews/exchange.asmx"):
        with Wire.connect(self.port) as wire:
            self.assertEqual(wire.request(get(path, HOST, f"User-Agent: {agent}")).status, 200)

    def test_is_named_by_its_hello_first_and_then_by_what_it_said(self):
        program = self.serve()
        self.ask(PHONE)
        program.wait_for_metric("tls_handshakes_total", 1, client_type="openssl", outcome="full")
        self.ask("something")
        program.wait_for_metric("tls_handshakes_total", 1, client_type="lync_phone_edition", outcome="full")

    def test_is_named_by_a_path_that_tells(self):
        program = self.serve()
        self.ask("Mozilla/5.0", "/ShoreAuth/certauth")
        self.ask("Mozilla/5.0", "/")
        program.wait_for_metric("tls_handshakes_total", 1, client_type="mitel_ip400")

    def test_failures_are_counted_and_logged_by_type(self):
        program = self.serve()
        self.ask(PHONE)
        clients.s_client(self.port, "-tls1", legacy=True)  # another hello of the same address
        line = program.wait_for_lines(1)[0]
        self.assertEqual((line["client_type"], line["client_rule"], line["client_confidence"]),
                         ("openssl", "openssl_points_first", "medium"))
        program.wait_for_metric("tls_handshake_failures_total", 1, client_type="openssl", reason="version_unsupported")

    def test_successes_are_logged_when_asked_for(self):
        program = self.serve(logs={"handshakes": {"file": "handshakes.jsonl", "successes": "all"}})
        self.ask(PHONE)
        line = program.wait_for_lines(1)[0]
        self.assertEqual((line["outcome"], line["reason"]), ("full", "none"))

    def test_operator_goes_first(self):
        program = self.serve(client_types=[{"name": "lobby", "match": {"source": "127.0.0.1", "listener": "exchange"}}])
        self.ask(PHONE)
        self.ask(PHONE)
        program.wait_for_metric("tls_handshakes_total", 2, client_type="lobby", outcome="full")
        self.assertEqual(program.metric("tls_handshakes_total", client_type="lync_phone_edition"), 0)

    def test_what_was_learned_survives_a_restart_and_damage(self):
        program = self.serve()
        self.ask(PHONE)
        program.wait_for_metric("tls_handshakes_total", 1, client_type="openssl")
        program.stop()
        file = self.folder / "known"
        self.assertIn("lync_phone_edition", file.read_text())
        file.write_text(file.read_text() + "half a li")
        again = self.serve()
        self.ask("something")
        again.wait_for_metric("tls_handshakes_total", 1, client_type="lync_phone_edition")
        self.assertIn("1 damaged lines are left out", again.output)
        again.stop()
        file.write_bytes(b"\xff\x00 something else")
        third = self.serve()
        self.ask("something")
        third.wait_for_metric("tls_handshakes_total", 1, client_type="openssl")

    def test_learning_can_be_switched_off(self):
        program = self.start(self.config(upstream=self.backend.url,
                                         clients={"learn": False, "file": str(self.folder / "known")}))
        self.ask(PHONE)
        self.ask(PHONE)
        program.wait_for_metric("tls_handshakes_total", 2, client_type="openssl")
        program.stop()
        self.assertFalse((self.folder / "known").exists())

    def test_learned_type_admits_nobody(self):
        # The phone is known by its words; its TLS 1.0 stays refused, because anyone could have said them.
        program = self.start(self.config(
            upstream=self.backend.url, clients={"file": str(self.folder / "known")},
            listeners=[self.listener(tls={"policy": "legacy-tls10"})]))
        request = get("/", HOST, f"User-Agent: {PHONE}", "Connection: close").encode()
        seen = clients.s_client(self.port, "-tls1", legacy=True, send=request)
        self.assertTrue(seen.completed, seen.output)
        program.write({**json.loads(program.config_file.read_text()), "listeners": [self.listener(tls={
            "policy": "intermediate",
            "for_clients": [{"client_type": "lync_phone_edition", "policy": "legacy-tls10"}]})]})
        self.assertTrue(program.reload())
        refused = clients.s_client(self.port, "-tls1", legacy=True)
        self.assertEqual(refused.alert_received, 70, refused.output)
        program.wait_for_metric("tls_recoverable_total", 1, client_type="lync_phone_edition", policy="legacy-tls10")
        line = program.wait_for_lines(1)[-1]
        self.assertEqual((line["client_type"], line["client_rule"]), ("lync_phone_edition", "learned_address"))


class ClientsCommand(LabCase):
    def test_lists_them_and_prints_an_entry_that_works(self):
        program = self.start(self.config(listeners=[self.listener(policy="legacy-tls10")]))
        seen = clients.gnutls(self.port, root=self.pki.root.pem, host=HOST)  # no extensions, TLS 1.0
        self.assertTrue(seen.completed, seen.output)
        clients.s_client(self.port, root=self.pki.root.pem, server_name=HOST)
        program.wait_for_metric("tls_handshakes_total", 2)
        told = chainmend.run("clients", "-c", program.config_file)
        self.assertEqual(told.returncode, 0, told.stderr)
        types = {row.split("\t")[1]: row.split("\t") for row in told.stdout.splitlines() if row.startswith("exchange")}
        self.assertIn("legacy_phone", types, told.stdout)
        page = json.loads(chainmend.run("clients", "-c", program.config_file, "--json").stdout)
        phone, = [hello for hello in page["hellos"] if hello["client_type"] == "legacy_phone"]
        self.assertIn(phone["ja4"], told.stdout)
        self.assertIn("LISTENER\tCLIENT TYPE\t", told.stdout)
        self.assertIn("TLS_RSA_WITH_AES_128_CBC_SHA", told.stdout)
        self.assertEqual((phone["confidence"], phone["last_address"], phone["count"]), ("low", "127.0.0.1", 1))
        entry = chainmend.run("clients", "-c", program.config_file, "--entry", phone["ja4"], "--name", "lobby")
        self.assertEqual(entry.returncode, 0, entry.stderr)

        program.write(entry.stdout + self.rest_of(program))
        self.assertTrue(program.reload(), program.tail(20))
        clients.gnutls(self.port, root=self.pki.root.pem, host=HOST)
        program.wait_for_metric("tls_handshakes_total", 1, client_type="lobby")

    def test_tells_which_phone_failed_and_why(self):
        program = self.start(self.config(listeners=[self.listener()]))
        other = self.pki.authority.root("other", "Other root")
        clients.gnutls(self.port, root=self.pki.root.pem, host=HOST)
        clients.s_client(self.port, root=other.pem, server_name=HOST)
        program.wait_for_metric("tls_handshakes_total", 2, outcome="failed")
        told = chainmend.run("clients", "-c", program.config_file)
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("version_unsupported 1", told.stdout)
        self.assertIn("client_unknown_ca 1", told.stdout)
        self.assertIn(f"asked for {HOST}", told.stdout)
        self.assertIn("does not trust the root 'Lab Root'", " ".join(told.stdout.split()))
        listed = chainmend.run("clients", "-c", program.config_file, "--failures").stdout
        self.assertEqual(listed.count("asked for"), 2, listed)
        mine = chainmend.run("clients", "-c", program.config_file, "--client", "127.0.0.1").stdout
        self.assertEqual(mine.count("asked for"), 2, mine)
        nobody = chainmend.run("clients", "-c", program.config_file, "--client", "192.0.2.1").stdout
        self.assertIn("no failed handshake from 192.0.2.1", nobody)
        failures = json.loads(chainmend.run("clients", "-c", program.config_file, "--json").stdout)["failures"]
        self.assertEqual({failure["reason"] for failure in failures}, {"version_unsupported", "client_unknown_ca"})

    @staticmethod
    def rest_of(program):
        """The configuration as a block map, so that another section can stand above it."""
        config = json.loads(program.config_file.read_text())
        return "".join(f"{key}: {json.dumps(value)}\n" for key, value in config.items())

    def test_says_that_nobody_is_there(self):
        program = self.start(self.config())
        program.stop()
        told = chainmend.run("clients", "-c", program.config_file)
        self.assertEqual((told.returncode, told.stdout), (2, ""))
        self.assertIn("/clients", told.stderr)

    def test_lists_the_built_in_types(self):
        told = chainmend.run("clients", "--types")
        self.assertEqual(told.returncode, 0, told.stderr)
        self.assertIn("lync_phone_edition\twhat it asks for", told.stdout)
        self.assertIn("windows_xp_schannel\tits hello", told.stdout)


if __name__ == "__main__":
    main()
