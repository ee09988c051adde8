"""What systemd asks of a service: readiness, reloads and the end are told, and sockets are taken from it."""

import signal
import socket
import threading
import time

from lab.case import HOST, LabCase, main
from lab.chainmend import Manager, binary
from lab.programs import Program, accepts, free_port
from lab.wire import Backend, Closed, Wire, get


class Case(LabCase):
    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

    def socket_for(self, port):
        listening = socket.create_server(("127.0.0.1", port), backlog=512)
        self.addCleanup(listening.close)
        return listening

    def ask(self, port):
        with Wire.connect(port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get("/")).status


class Notifications(Case):
    def setUp(self):
        super().setUp()
        self.manager = Manager(self.folder)
        self.addCleanup(self.manager.close)

    def test_tell_start_reload_refusal_and_end(self):
        program = self.start(self.config(self.backend.url), environment=self.manager.environment)
        self.assertEqual(self.manager.hear()["READY"], "1")
        self.assertTrue(accepts(self.port))
        self.assertTrue(program.reload())
        heard = self.manager.hear()
        self.assertEqual(heard["RELOADING"], "1")
        self.assertLessEqual(int(heard["MONOTONIC_USEC"]), time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000)
        self.assertEqual(self.manager.hear()["READY"], "1")
        self.assertFalse(program.reload("nonsense: 1"))
        self.assertEqual(self.manager.hear()["RELOADING"], "1")
        heard = self.manager.hear()
        self.assertEqual(heard["READY"], "1")
        self.assertIn("refused", heard["STATUS"])
        program.send(signal.SIGTERM)
        heard = self.manager.hear()
        self.assertEqual((heard["STOPPING"], heard["EXTEND_TIMEOUT_USEC"]), ("1", "12000000"))
        self.assertEqual(program.wait(20), 0)

    def test_nothing_is_ready_that_cannot_start(self):
        program = self.start("nonsense: 1", environment=self.manager.environment, wait=False)
        self.assertEqual(program.wait(20), 2)
        self.manager.socket.settimeout(0)
        with self.assertRaises(BlockingIOError):
            self.manager.hear()

    def test_watchdog_is_fed(self):
        self.start(self.config(self.backend.url), environment={**self.manager.environment, "WATCHDOG_USEC": "3000000"})
        heard = [self.manager.hear() for _ in range(3)]
        self.assertEqual(heard[1:], [{"WATCHDOG": "1"}] * 2)


class Activation(Case):
    def test_a_listener_takes_the_socket_with_its_address(self):
        config = self.config(self.backend.url)
        program = self.start(config, sockets={"chainmend.socket": self.socket_for(self.port)})
        self.assertEqual(self.ask(self.port), 200)
        self.assertEqual(program.status["listeners"][0]["addresses"], [f"127.0.0.1:{self.port}"])
        self.assertNotIn("passed_socket", program.output)

    def test_a_listener_takes_the_socket_with_its_name(self):
        passed = free_port()
        program = self.start(self.config(self.backend.url), sockets={"exchange": self.socket_for(passed)})
        self.assertEqual(self.ask(passed), 200)
        self.assertFalse(accepts(self.port))
        self.assertEqual(program.status["listeners"][0]["addresses"], [f"127.0.0.1:{passed}"])

    def test_the_admin_listener_takes_its_socket(self):
        admin = free_port()
        config = self.config(self.backend.url, admin={"listen": f"127.0.0.1:{admin}"})
        program = self.start(config, sockets={"admin": self.socket_for(admin)}, wait=False)
        program.admin_port = admin
        program.wait_until(lambda: program.get("/readyz") == 200, 60, "become ready")
        self.assertNotIn("passed_socket", program.output)

    def test_a_socket_that_nobody_takes_is_warned_of(self):
        program = self.start(self.config(self.backend.url), sockets={"web": self.socket_for(free_port())})
        program.wait_for_text('passed_socket name=web')

    def test_what_is_no_listening_socket_is_refused(self):
        with socket.socket() as unbound:
            program = self.start(self.config(self.backend.url), sockets={"web": unbound}, wait=False)
            self.assertEqual(program.wait(20), 2)
        self.assertIn('LISTEN_FDS: error: descriptor 3 ("web") is no listening TCP socket', program.output)

    def test_reloads_keep_it_and_give_it_back(self):
        config = self.config(self.backend.url)
        program = self.start(config, sockets={"chainmend.socket": self.socket_for(self.port)})
        for _ in range(3):
            self.assertTrue(program.reload())
            self.assertEqual(self.ask(self.port), 200)
        elsewhere = free_port()
        self.assertTrue(program.reload({**config, "listeners": [self.listener(port=elsewhere)]}))
        program.wait_for_text('passed_socket name=chainmend.socket')
        self.assertEqual(self.ask(elsewhere), 200)
        self.assertTrue(program.reload(config))
        self.assertEqual(self.ask(self.port), 200)

    def test_a_restart_loses_no_connection(self):
        """The manager holds the socket; clients that come while nobody accepts wait in its queue."""
        config = self.config(self.backend.url, process={"threads": 2, "drain": "5s", "shutdown_delay": "500ms"})
        listening = self.socket_for(self.port)
        over, served, lost = threading.Event(), [], []

        def storm(*fields):
            wire = None
            while not over.is_set():
                try:
                    wire = wire or Wire.connect(self.port, root=self.pki.root.pem, host=HOST, timeout=60)
                    got = wire.request(get("/", HOST, *fields))
                    served.append(got.status)
                    if got.get("connection") == "close":
                        wire.close()
                        wire = None
                except (Closed, OSError) as error:
                    lost.append(repr(error))
                    wire = None
                time.sleep(0.01)
            if wire:
                wire.close()
        clients = [threading.Thread(target=storm, args=how) for how in [("Connection: close",), ()] * 4]
        program = self.start(config, sockets={"exchange": listening})
        for thread in clients:
            thread.start()
        try:
            for _ in range(4):
                before = len(served)
                program.wait_until(lambda: len(served) > before + 20, 30, "serve some")
                program.send(signal.SIGTERM)
                self.assertEqual(program.wait(30), 0)
                program = self.start(config, sockets={"exchange": listening})
        finally:
            over.set()
            for thread in clients:
                thread.join(60)
        self.assertEqual(lost, [])
        self.assertEqual(set(served), {200})

    def test_systemd_socket_activate_starts_it_with_the_first_connection(self):
        config = self.config(self.backend.url)
        first = self.start(config)  # writes the file
        file = first.config_file
        first.stop()
        program = Program("systemd-socket-activate", [
            "systemd-socket-activate", f"--listen=127.0.0.1:{self.port}", "--fdname=exchange",
            "-E", "ASAN_OPTIONS=detect_leaks=0", binary(), "run", "-c", file], self.folder / "activated.log")
        self.addCleanup(program.stop)
        program.wait_for_port(self.port)
        self.assertEqual(self.ask(self.port), 200)
        self.assertEqual(self.ask(self.port), 200)
        # Nobody else holds the socket: whoever comes during the drain is refused, and does not wait in vain.
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(20), 0)
        self.assertFalse(accepts(self.port))


if __name__ == "__main__":
    main()
