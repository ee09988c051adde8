"""The program under the system call filter of its systemd unit: a call that the unit does not allow would end it."""

import signal
import socket
import sys
from pathlib import Path

from lab.case import HOST, LabCase, main
from lab.confined import allowed
from lab.wire import Backend, Wire, get

UNIT = Path(__file__).resolve().parents[3] / "deploy/systemd/chainmend.service"


class SystemCalls(LabCase):
    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

    def begin(self, config, environment=None, **how):
        # What looks for leaks stops the program as a debugger does.
        environment = {"ASAN_OPTIONS": "quarantine_size_mb=8:detect_leaks=0", **(environment or {})}
        return self.start(config, environment=environment, under=[sys.executable, "-m", "lab.confined", UNIT], **how)

    def ask(self):
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get("/", HOST)).status

    def test_the_filter_ends_who_calls_something_else(self):
        names = allowed(UNIT)
        self.assertFalse({"ptrace", "mount", "setuid", "keyctl", "io_setup", "chown", "reboot"} & names)
        self.assertLessEqual({"accept4", "epoll_wait", "clone3", "sendmmsg", "timerfd_settime"}, names)

    def test_suffice_for_serving_reloading_and_stopping(self):
        server = "http://localhost:" + str(self.backend.port)
        extra = {
            "process": {"drain": "2s"},  # as many threads as there are processors
            "reload": {"watch": True, "settle": "200ms"},
            "logs": {"handshakes": {"file": "handshakes.jsonl", "successes": "all"}, "access": {"file": "access.log"}},
            "chain": self.chain(aia={"mode": "fetch", "cache": "aia"}),
        }
        upstreams = {"cas": {"servers": [server], "health": {"type": "http", "path": "/", "interval": "200ms", "timeout": "200ms"},
                             "persistence": {"by": "cookie"}}}
        program = self.begin(self.config(upstreams=upstreams, **extra))
        for _ in range(5):
            self.assertEqual(self.ask(), 200)
        program.wait_for_metric("upstream_checks_total", 3)
        self.assertTrue(program.reload())
        program.send(signal.SIGUSR1)
        self.assertEqual(program.ask("/status")[0], 200)
        self.assertEqual(self.ask(), 200)
        waiting = socket.create_connection(("127.0.0.1", self.port))
        self.addCleanup(waiting.close)
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(30), 0)

    def test_suffice_for_a_passed_socket(self):
        listening = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listening.close)
        self.port = listening.getsockname()[1]
        self.begin(self.config(self.backend.url), sockets={"exchange": listening})
        self.assertEqual(self.ask(), 200)


if __name__ == "__main__":
    main()
