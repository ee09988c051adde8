"""SIGHUP: a good configuration is taken, a broken one refused and counted; whoever is connected notices neither."""

import json
import signal
import threading
import time

from lab import clients
from lab.case import HOST, LabCase, main
from lab.chainmend import run
from lab.programs import accepts, free_port
from lab.wire import Backend, Closed, Wire, get


class Reload(LabCase):
    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

    def served(self):
        return clients.s_client(self.port, root=self.pki.root.pem, server_name=HOST).chain

    def test_takes_a_new_certificate_in_the_same_files(self):
        files = {"cert": self.folder / "mail.pem", "key": self.folder / "mail.key"}

        def install(leaf):
            files["cert"].write_text(leaf.text)
            files["key"].write_bytes(leaf.key.read_bytes())
        install(self.pki.rsa)
        program = self.start(self.config(certificates={"mail": {k: str(v) for k, v in files.items()}}))
        self.assertEqual(self.served(), self.pki.served(self.pki.rsa))
        renewed = self.pki.leaf("renewed")
        install(renewed)
        self.assertTrue(program.reload())
        self.assertEqual(self.served(), self.pki.served(renewed))

    def test_broken_configuration_is_refused_and_the_old_one_serves_on(self):
        program = self.start(self.config(self.backend.url))
        for broken in ("listeners: [", "nonsense: 1\n", ""):
            with self.subTest(broken):
                self.assertFalse(program.reload(broken))
                self.assertEqual(self.served(), self.pki.served(self.pki.rsa))
        self.assertEqual(program.metric("config_last_reload_successful"), 0)
        program.wait_for_text("chainmend.yaml:1:1")
        self.assertTrue(program.reload(self.config(self.backend.url)))
        self.assertEqual(program.metric("config_last_reload_successful"), 1)

    def test_broken_certificate_is_refused_and_the_old_one_serves_on(self):
        program = self.start(self.config(self.backend.url))
        other_key = self.pki.leaf("other").key
        mismatch = {"mail": {"cert": str(self.pki.rsa.pem), "key": str(other_key)}}
        self.assertFalse(program.reload(self.config(self.backend.url, certificates=mismatch)))
        self.assertEqual(self.served(), self.pki.served(self.pki.rsa))

    def test_open_connection_lives_on_with_what_it_began_with(self):
        program = self.start(self.config(self.backend.url))
        second = Backend()
        self.addCleanup(second.stop)
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            self.assertEqual(wire.request(get("/before")).body, b"/before")
            self.assertTrue(program.reload(self.config(second.url)))
            self.assertEqual(wire.request(get("/after")).body, b"/after")
        self.assertEqual([r.target for r in self.backend.requests], ["/before", "/after"])
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            wire.request(get("/new"))
        self.assertEqual([r.target for r in second.requests], ["/new"])

    def test_listeners_come_and_go(self):
        program = self.start(self.config(self.backend.url))
        other = free_port()
        self.assertTrue(program.reload(self.config(self.backend.url, listeners=[
            self.listener(), self.listener("second", other)])))
        program.wait_for_port(other)
        self.assertTrue(program.reload(self.config(self.backend.url)))
        program.wait_until(lambda: not accepts(other), 10, "close the second listener")
        self.assertEqual(self.served(), self.pki.served(self.pki.rsa))

    def test_a_listener_that_goes_serves_what_the_kernel_has_accepted(self):
        """Clients storm a listener while it is taken away, again and again: refused is fine, reset is not."""
        program = self.start(self.config(self.backend.url))
        port = free_port()
        plain = {"name": "second", "listen": f"127.0.0.1:{port}", "tls": "off", "upstream": "cas"}
        both = self.config(self.backend.url, listeners=[self.listener(), plain])
        over, served, lost = threading.Event(), [], []

        def storm():
            while not over.is_set():
                try:
                    wire = Wire.connect(port, tls=False)
                except OSError:  # refused: it was told
                    continue
                try:
                    with wire:
                        served.append(wire.request(get("/", HOST, "Connection: close")).status)
                except (Closed, OSError) as error:
                    lost.append(repr(error))
        clients_of_it = [threading.Thread(target=storm) for _ in range(8)]
        for thread in clients_of_it:
            thread.start()
        try:
            for _ in range(10):
                self.assertTrue(program.reload(both))
                program.wait_for_port(port)
                self.assertTrue(program.reload(self.config(self.backend.url)))
        finally:
            over.set()
            for thread in clients_of_it:
                thread.join(30)
        self.assertEqual(lost, [])
        self.assertGreater(served.count(200), 10)

    def test_listener_that_cannot_be_opened_is_refused(self):
        program = self.start(self.config(self.backend.url))
        self.assertFalse(program.reload(self.config(self.backend.url, listeners=[
            self.listener(), self.listener("second", self.backend.port)])))
        self.assertEqual(self.served(), self.pki.served(self.pki.rsa))

    def test_says_what_only_a_restart_takes(self):
        program = self.start(self.config(self.backend.url))
        self.assertEqual(program.status["config"]["needs_restart"], [])
        self.assertTrue(program.reload(self.config(
            self.backend.url, process={"threads": 3}, admin={"listen": f"127.0.0.1:{free_port()}"})))
        self.assertEqual(program.status["config"]["needs_restart"], ["process.threads", "admin.listen"])
        program.wait_for_text("process.threads, admin.listen")

    def test_many_in_a_row_under_load(self):
        program = self.start(self.config(self.backend.url))
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            for number in range(10):
                program.send(signal.SIGHUP)
                self.assertEqual(wire.request(get(f"/{number}")).body, f"/{number}".encode())
                with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as another:
                    self.assertEqual(another.request(get("/x")).status, 200)
        self.assertEqual(program.get("/readyz"), 200)


class Command(LabCase):
    """chainmend reload: asks, waits, and says what came of it."""

    def test_says_that_it_was_taken_and_what_needs_a_restart(self):
        program = self.start(self.config())
        program.write(self.config(process={"threads": 3}))
        done = run("reload", program.config_file)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("process.threads keeps its old value", done.stdout)
        self.assertTrue(done.stdout.endswith("reloaded\n"))
        self.assertEqual(program.metric("config_reloads_total", outcome="success"), 1)

    def test_says_why_it_was_refused_with_the_place(self):
        program = self.start(self.config())
        other_key = self.pki.leaf("reload-other").key
        program.write(self.config(certificates={"mail": {"cert": str(self.pki.rsa.pem), "key": str(other_key)}}))
        done = run("reload", "-c", program.config_file)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"chainmend\.yaml:\d+:\d+: error: ")
        self.assertIn("refused; what was served before is served on", done.stdout)
        report = json.loads(run("reload", "-c", program.config_file, "--json").stdout)
        self.assertFalse(report["taken"])
        self.assertRegex(report["errors"][0]["at"], r"chainmend\.yaml:\d+:\d+$")
        self.assertEqual(program.metric("config_last_reload_successful"), 0)

    def test_says_that_nobody_is_there(self):
        done = run("reload", "--admin", f"127.0.0.1:{free_port()}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("does chainmend run there?", done.stderr)

    def test_brings_the_token_that_the_configuration_names(self):
        token = self.folder / "token"
        token.write_text("a-token-of-sixteen-letters\n")
        config = {"admin": {"listen": f"127.0.0.1:{free_port()}", "token_file": str(token)}, **self.config()}
        program = self.start(config, wait=False)
        program.wait_for_port(self.port)
        done = run("reload", program.config_file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_reading_its_page_reloads_nothing(self):
        program = self.start(self.config())
        status, headers, _ = program.ask("/reload")
        self.assertEqual((status, headers.get("Allow")), (405, "POST"))
        self.assertEqual(program.metric("config_reloads_total"), 0)


class Watch(LabCase):
    """reload.watch: what changes on disk is taken without a signal."""

    def served(self):
        return clients.s_client(self.port, server_name=HOST).chain

    def start_with(self, certificate, watch=True, **more):
        return self.start(self.config(certificates={"mail": certificate},
                                      reload={"watch": watch, "settle": "400ms"}, **more))

    def wait_until_served(self, program, leaf):
        program.wait_until(lambda: self.served() == self.pki.served(leaf), 20, "serve the new certificate")

    def test_takes_a_pair_that_is_copied_over_the_old_one(self):
        cert, key = self.folder / "mail.pem", self.folder / "mail.key"
        cert.write_bytes(self.pki.rsa.pem.read_bytes())
        key.write_bytes(self.pki.rsa.key.read_bytes())
        program = self.start_with({"cert": str(cert), "key": str(key)})
        renewed = self.pki.leaf("copied")
        cert.write_bytes(renewed.pem.read_bytes())
        key.write_bytes(renewed.key.read_bytes())
        self.wait_until_served(program, renewed)
        program.wait_for_text("mail.key")
        self.assertEqual(program.metric("config_refreshes_total", outcome="failure"), 0)

    def test_never_takes_half_a_pair(self):
        cert, key = self.folder / "mail.pem", self.folder / "mail.key"
        cert.write_bytes(self.pki.rsa.pem.read_bytes())
        key.write_bytes(self.pki.rsa.key.read_bytes())
        program = self.start_with({"cert": str(cert), "key": str(key)})
        renewed = self.pki.leaf("halves")
        cert.write_bytes(renewed.pem.read_bytes())
        program.wait_for_metric("config_refreshes_total", 1, outcome="failure")
        self.assertEqual(self.served(), self.pki.served(self.pki.rsa))
        self.assertIn("mail.key", program.status["config"]["last_refresh_error"])
        key.write_bytes(renewed.key.read_bytes())
        self.wait_until_served(program, renewed)
        self.assertIsNone(program.status["config"]["last_refresh_error"])

    def test_takes_a_secret_that_kubernetes_turns(self):
        def version(name, leaf):
            folder = self.folder / name
            folder.mkdir()
            (folder / "tls.crt").write_bytes(leaf.pem.read_bytes())
            (folder / "tls.key").write_bytes(leaf.key.read_bytes())
        version("..1", self.pki.rsa)
        (self.folder / "..data").symlink_to("..1")
        for name in ("tls.crt", "tls.key"):
            (self.folder / name).symlink_to(f"..data/{name}")
        program = self.start_with({"cert": str(self.folder / "tls.crt"), "key": str(self.folder / "tls.key")})
        for number in (2, 3):
            leaf = self.pki.leaf(f"secret-{number}")
            version(f"..{number}", leaf)
            (self.folder / "..tmp").symlink_to(f"..{number}")
            (self.folder / "..tmp").rename(self.folder / "..data")
            self.wait_until_served(program, leaf)

    def test_takes_what_certbot_links_anew(self):
        archive, live = self.folder / "archive", self.folder / "live"
        archive.mkdir()
        live.mkdir()

        def renew(number, leaf):
            for name, source in (("fullchain", leaf.pem), ("privkey", leaf.key)):
                (archive / f"{name}{number}.pem").write_bytes(source.read_bytes())
                link = live / f"{name}.pem"
                link.unlink(missing_ok=True)
                link.symlink_to(f"../archive/{name}{number}.pem")
        renew(1, self.pki.rsa)
        program = self.start_with({"cert": str(live / "fullchain.pem"), "key": str(live / "privkey.pem")})
        renewed = self.pki.leaf("certbot")
        renew(2, renewed)
        self.wait_until_served(program, renewed)

    def test_completes_a_chain_when_its_intermediate_is_put_into_the_folder(self):
        bundles = self.folder / "ca"
        bundles.mkdir()
        program = self.start_with(self.pem(self.pki.rsa), chain=self.chain(bundles=[str(bundles)]))
        self.assertEqual(self.served(), [self.pki.rsa.bytes])
        (bundles / "all.pem").write_bytes(self.pki.bundle.read_bytes())
        self.wait_until_served(program, self.pki.rsa)

    def test_without_it_files_wait_for_a_signal(self):
        cert = self.folder / "mail.pem"
        cert.write_bytes(self.pki.rsa.pem.read_bytes())
        program = self.start_with({"cert": str(cert), "key": str(self.pki.rsa.key)}, watch=False)
        cert.write_text("nothing")
        time.sleep(2)
        self.assertEqual(program.metric("config_refreshes_total"), 0)
        self.assertEqual(self.served(), self.pki.served(self.pki.rsa))


class Refresh(LabCase):
    def test_an_intermediate_that_ends_is_replaced_without_a_signal(self):
        """A minute at least lies between two looks, so that this takes one. A refused SIGHUP stays visible over it."""
        ending = self.pki.authority.intermediate("ending", "Lab Ending CA", self.pki.primary, days=(-1, 50 / 86400))
        leaf = self.pki.leaf("under-ending", issuer=ending)
        successor = self.pki.authority.intermediate("successor", "Lab Ending CA", self.pki.primary,
                                                    key_file=ending.key)
        bundles = self.folder / "ca"
        bundles.mkdir()
        (bundles / "old.pem").write_text(ending.text + self.pki.primary.text)
        program = self.start(self.config(certificates={"mail": self.pem(leaf)},
                                         chain=self.chain(bundles=[f"{bundles}/*"])))

        def served():
            return clients.s_client(self.port, server_name=HOST).chain
        self.assertEqual(served(), [leaf.bytes, ending.bytes, self.pki.primary.bytes])
        (bundles / "new.pem").write_text(successor.text)
        self.assertFalse(program.reload("nonsense: 1"))
        program.wait_for_metric("config_refreshes_total", 1, timeout=150, outcome="success")
        self.assertEqual(served(), [leaf.bytes, successor.bytes, self.pki.primary.bytes])
        self.assertEqual(program.metric("config_last_reload_successful"), 0)
        self.assertIn("nonsense", program.status["config"]["last_reload_error"])
        self.assertEqual(program.metric("config_reloads_total", outcome="success"), 0)


if __name__ == "__main__":
    main()
