"""The story of ./deploy/quickstart with the program at hand (.ci/run has the whole command, build included)."""

import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

from lab.case import LabCase, main
from lab.chainmend import SANITIZERS, binary, until
from lab.programs import Program, free_ports, port_is_free


class Quickstart(LabCase):
    def setUp(self):
        super().setUp()
        self.base = free_ports(10)[0]
        self.command = [sys.executable, "-m", "lab.quickstart", "--chainmend", binary(), "--folder",
                        self.folder / "quickstart", "--port-base", str(self.base)]
        self.log = self.folder / "log"

    def once(self):
        return subprocess.run([*self.command, "--once"], capture_output=True, text=True, timeout=200,
                              env={**os.environ, **SANITIZERS})

    def test_once_shows_failure_and_success_and_can_be_repeated(self):
        for _ in range(2):
            done = self.once()
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for source in ("a bundle", "AIA, over HTTP", "a Windows PFX"):
                self.assertIn(source, done.stdout)
            self.assertEqual(len(re.findall(r"s_client.*FAIL .*alert 48.* OK .*TLSv1", done.stdout)), 6)
            self.assertEqual(len(re.findall(r"gnutls-cli.*FAIL .*alert 42.* OK .*TLS1.0", done.stdout)), 3)
            self.assertEqual(len(re.findall(r"curl.*FAIL .* OK .*HTTP 200", done.stdout)), 3)
            self.assertEqual(len(re.findall(r"lync_phone_edition +FAILS +would show 0x80072f0d", done.stdout)), 1)
            self.assertEqual(len(re.findall(r"lync_phone_edition +OK ", done.stdout)), 1)
            self.assert_nothing_left()

    def test_is_not_fooled_by_a_program_that_serves_nothing(self):
        self.command[self.command.index(binary())] = "/bin/true"
        self.assertEqual(self.once().returncode, 1)
        self.assert_nothing_left()

    def test_serves_until_it_is_told_to_stop(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number):
                program = self.start_serving()
                program.wait_until(lambda: "Serving until Ctrl-C" in program.output, 120, "serve")
                for command in re.findall(r"curl .*", program.output):
                    done = subprocess.run(["bash", "-c", command + " --silent"], capture_output=True, text=True)
                    self.assertIn("ServerVersionInfo", done.stdout)
                program.send(number)
                program.wait(30)
                self.assert_nothing_left()
                program.log.unlink()

    def test_can_be_stopped_at_any_moment(self):
        for mark in ("Making the lab", "What chainmend makes of it", "Strict clients", "AIA, over HTTP"):
            with self.subTest(mark):
                program = self.start_serving()
                program.wait_until(lambda: mark in program.output, 120, f"say {mark}")
                program.send(signal.SIGINT)
                self.assertEqual(program.wait(30), 130)
                self.assertNotIn("Traceback", program.output)
                self.assert_nothing_left()
                program.log.unlink()
        self.assertEqual(self.once().returncode, 0)  # and nothing half made stands in the way

    def test_taken_port_is_named(self):
        with socket.create_server(("127.0.0.1", self.base + 3)):
            done = self.once()
        self.assertEqual(done.returncode, 1)
        self.assertIn(str(self.base + 3), done.stderr)
        self.assertIn("--port-base", done.stderr)

    def start_serving(self):
        program = Program("quickstart", ["python3", "-u", *self.command[1:]], self.log, SANITIZERS)
        self.addCleanup(program.stop)
        return program

    def assert_nothing_left(self):
        """No process works in the quickstart's folder, and its ports are free."""
        def left():
            found = []
            for entry in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    command = entry.read_bytes()
                except OSError:
                    continue
                if str(self.folder / "quickstart").encode() in command:
                    found.append(command.replace(b"\0", b" ").decode())
            return found
        until(lambda: not left(), 10, f"everything ended: {left()}")
        for number in range(1, 10):
            self.assertTrue(port_is_free(self.base + number))


if __name__ == "__main__":
    main()
