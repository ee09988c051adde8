"""`check --upstreams` and the start of `run`: servers that requests could not use are told before a client comes, and a
check leaves nothing behind."""

import json
import os
import socket

from lab import chainmend
from lab.case import LabCase, main
from lab.nginx import ews_backend, tls_lines
from lab.programs import free_port
from lab.wire import Backend


class CheckUpstreams(LabCase):
    NAME = "cas.contoso.test"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leaf = cls.pki.leaf("cas", [cls.NAME])
        cls.stranger = cls.pki.authority.root("stranger", "Somebody else")
        cls.strange_leaf = cls.pki.leaf("strange", [cls.NAME], issuer=cls.stranger)

    def server(self, leaf):
        port = free_port()
        self.nginx(ews_backend(port, tls_lines(leaf))).wait_for_port(port)
        return f"https://127.0.0.1:{port}"

    def behind(self, server, **tls):
        return self.config(upstreams={"cas": {"servers": [server], "tls": tls}})

    def check(self, config, *options):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({"admin": {"listen": "off"}, **config}))
        return chainmend.run("check", file, "--upstreams", *options)

    def test_good_server(self):
        server = self.server(self.leaf)
        done = self.check(self.behind(server, server_name=self.NAME))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(f"upstream cas: {server} answers, TLS 1.3, TLS_", done.stdout)
        told = json.loads(self.check(self.behind(server, server_name=self.NAME), "--json").stdout)
        (answer,) = told["upstreams"][0]["servers"]
        self.assertEqual((answer["name"], answer["accepted"], answer["version"]), (server, True, "TLS 1.3"))

    def test_each_refusal_names_its_key(self):
        strange, ours = self.server(self.strange_leaf), self.server(self.leaf)
        cases = {
            "wrong name": (self.behind(ours), "upstreams.cas.tls.server_name"),
            "unknown root": (self.behind(strange, server_name=self.NAME), "upstreams.cas.tls.trust"),
            "nobody there": (self.behind(f"https://127.0.0.1:{free_port()}"), "Connection refused"),
            "no address": (self.behind("https://no-such-host.invalid"), "no-such-host.invalid"),
            "no TLS": (self.behind(self.plain()), "TLS handshake failed"),
        }
        for case, (config, words) in cases.items():
            with self.subTest(case):
                done = self.check(config)
                self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
                self.assertRegex(done.stderr, r"chainmend.yaml:\d+:\d+: warning: upstream cas: https://")
                self.assertIn(words, done.stderr)
                self.assertNotIn("answers", done.stdout)
                (answer,) = json.loads(self.check(config, "--json").stdout)["upstreams"][0]["servers"]
                self.assertFalse(answer["accepted"])

    def plain(self):
        backend = Backend(lambda wire: wire.send("SSH-2.0-OpenSSH_9.2\r\n"))
        self.addCleanup(backend.stop)
        return f"https://127.0.0.1:{backend.port}"

    def test_every_server_is_asked(self):
        good, bad = self.server(self.leaf), f"https://127.0.0.1:{free_port()}"
        done = self.check(self.config(upstreams={"cas": {"servers": [good, bad], "tls": {"server_name": self.NAME}}}))
        self.assertIn(f"upstream cas: {good} answers", done.stdout)
        self.assertIn(f"warning: upstream cas: {bad}: Connection refused", done.stderr)

    def test_run_logs_it_once(self):
        program = self.start(self.behind(self.server(self.strange_leaf), server_name=self.NAME))
        program.wait_until(lambda: "upstream_unusable" in program.output, 20, "log the server that it cannot use")
        (line,) = [line for line in program.output.splitlines() if "upstream_unusable" in line]
        self.assertIn("upstreams.cas.tls.trust", line)
        self.assertEqual(program.metric("upstream_failures_total"), 0)  # nobody asked for it yet

    def test_run_is_silent_about_servers_that_work(self):
        program = self.start(self.behind(self.server(self.leaf), server_name=self.NAME))
        program.stop()
        self.assertNotIn("upstream_unusable", program.output)

    def test_a_server_that_hangs_does_not_hold_up_the_stop(self):
        silent = self.silent_server()
        program = self.start(self.behind(f"https://127.0.0.1:{silent}"))
        program.stop()
        self.assertNotIn("upstream_unusable", program.output)

    def silent_server(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        return server.getsockname()[1]


class NothingLeftBehind(LabCase):
    def files(self):
        return sorted(os.path.join(folder, name) for folder, folders, names in os.walk(self.folder)
                      for name in folders + names)

    def test_by_check(self):
        config = self.config(chain=self.chain(bundles=[], aia={"mode": "fetch", "cache": str(self.folder / "aia"),
                                                                "allow_private_addresses": True}),
                             clients={"file": str(self.folder / "clients" / "learned")})
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({"admin": {"listen": "off"}, **config}))
        before = self.files()
        chainmend.run("check", file, "--upstreams")
        self.assertEqual(self.files(), before)

    def test_a_folder_that_cannot_be_made_is_told_all_the_same(self):
        (self.folder / "file").write_text("")
        config = self.config(chain=self.chain(aia={"mode": "fetch", "cache": str(self.folder / "file" / "aia")}))
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({"admin": {"listen": "off"}, **config}))
        done = chainmend.run("check", file)
        self.assertIn("cannot create: Not a directory", done.stderr)
        self.assertEqual(done.returncode, 1)


if __name__ == "__main__":
    main()
