"""Starting where one cannot, and stopping while others are still talking."""

import signal
import socket
import threading
import time

from lab.case import HOST, LabCase, main
from lab.programs import accepts, free_port
from lab.wire import Backend, Wire, answer, get


class Stop(LabCase):
    def setUp(self):
        super().setUp()
        self.release = threading.Event()
        self.addCleanup(self.release.set)

        def handle(wire):
            request = wire.message()
            if request.target == "/slow":
                self.release.wait(30)
            wire.send(answer(request.target))
        self.backend = Backend(handle)
        self.addCleanup(self.backend.stop)

    def connect(self):
        wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
        self.addCleanup(wire.close)
        return wire

    def drain_with(self, number):
        program = self.start(self.config(self.backend.url, process={"threads": 2, "drain": "30s"}))
        wire = self.connect()
        wire.send(get("/slow"))
        program.wait_until(lambda: self.backend.connections == 1, 10, "pass the request on")
        program.send(number)
        program.wait_until(lambda: not accepts(self.port), 10, "stop to listen")
        self.assertTrue(program.running)
        self.release.set()
        self.assertEqual(wire.message().body, b"/slow")
        self.assertTrue(wire.ended())
        self.assertEqual(program.wait(10), 0)

    def test_sigterm_lets_the_open_request_end(self):
        self.drain_with(signal.SIGTERM)

    def test_sigint_too(self):
        self.drain_with(signal.SIGINT)

    def test_idle_connections_do_not_hold_it(self):
        program = self.start(self.config(self.backend.url, process={"drain": "30s"}))
        wires = [self.connect() for _ in range(3)]
        wires[0].request(get("/quick"))
        began = time.monotonic()
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(15), 0)
        self.assertLess(time.monotonic() - began, 15)

    def test_drain_has_an_end(self):
        program = self.start(self.config(self.backend.url, process={"drain": "1s"}))
        self.connect().send(get("/slow"))
        program.wait_until(lambda: self.backend.connections == 1, 10, "pass the request on")
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(20), 0)

    def test_balancers_learn_it_before_the_port_closes(self):
        program = self.start(self.config(self.backend.url, process={"drain": "30s", "shutdown_delay": "3s"}))
        idle = self.connect()
        self.assertEqual(idle.request(get("/one")).get("connection"), None)
        program.send(signal.SIGTERM)
        program.wait_until(lambda: program.get("/readyz") == 503, 2, "say that it is not ready")
        for wire in (idle, self.connect()):
            self.assertEqual(wire.request(get("/two")).get("connection"), "close")
            self.assertTrue(wire.ended())
        self.assertTrue(program.running)
        self.assertEqual(program.wait(15), 0)
        self.assertIn("leaving", program.output)

    def test_names_what_it_cuts(self):
        program = self.start(self.config(self.backend.url, process={"drain": "1s"}))
        self.connect().send(get("/slow"))
        program.wait_until(lambda: self.backend.connections == 1, 10, "pass the request on")
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(20), 0)
        self.assertRegex(program.output, r"cut .*from 127\.0\.0\.1:\d+ at exchange: GET /slow\b")

    def test_a_second_signal_ends_the_delay_too(self):
        program = self.start(self.config(self.backend.url, process={"shutdown_delay": "60s"}))
        program.send(signal.SIGTERM)
        program.wait_for_text("leaving")
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(10), 0)

    def test_not_ready_while_it_drains(self):
        program = self.start(self.config(self.backend.url, process={"drain": "30s"}))
        self.connect().send(get("/slow"))
        program.wait_until(lambda: self.backend.connections == 1, 10, "pass the request on")
        program.send(signal.SIGTERM)
        program.wait_until(lambda: program.get("/readyz") == 503, 10, "say that it is not ready")
        self.assertEqual(program.get("/healthz"), 200)
        self.release.set()


class Start(LabCase):
    def test_port_in_use_is_refused_by_name(self):
        with socket.create_server(("127.0.0.1", free_port())) as taken:
            port = taken.getsockname()[1]
            program = self.start(self.config(listeners=[self.listener(port=port)]), wait=False)
            self.assertNotEqual(program.wait(30), 0)
        self.assertRegex(program.output, rf"chainmend\.yaml:\d+:\d+: .*127\.0\.0\.1:{port}.*in use")

    def test_port_of_another_chainmend_is_in_use_too(self):
        self.start(self.config())
        second = self.start(self.config(), wait=False)
        self.assertNotEqual(second.wait(30), 0)
        self.assertRegex(second.output, rf"127\.0\.0\.1:{self.port}.*in use")

    def test_two_with_one_file_of_learned_clients_do_not_overwrite_it(self):
        clients = {"file": str(self.folder / "clients")}
        first = self.start(self.config(clients=clients))
        self.port = free_port()
        second = self.start(self.config(clients=clients))
        second.wait_for_text("clients.file")
        self.assertNotIn("clients.file", first.output)

    def test_admin_port_in_use_is_refused(self):
        first = self.start(self.config())
        self.port = free_port()
        config = {"admin": {"listen": f"127.0.0.1:{first.admin_port}"}, **self.config()}
        second = self.start(config, wait=False)
        self.assertNotEqual(second.wait(30), 0)
        self.assertRegex(second.output, rf"127\.0\.0\.1:{first.admin_port}.*in use")


if __name__ == "__main__":
    main()
