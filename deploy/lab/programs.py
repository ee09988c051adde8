"""Programs that a lab starts: each in a session of its own, its output in a file, ended by its own process id.

A Ctrl-C on the terminal therefore reaches the lab alone, which ends its programs when it exits, however it exits.
`setpriv --pdeathsig` ends them even when the lab itself is killed.
"""

import atexit
import os
import signal
import socket
import subprocess
import time
from pathlib import Path


class Failed(Exception):
    """A program that did not do what the lab needs; the text says which and shows the end of its log."""


_STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
_started = []


@atexit.register
def stop_all():
    """Ends what was started and is still running, the last one first. Further signals wait until that is done."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    for program in reversed(list(_started)):
        program.stop()


class Program:
    def __init__(self, name, argv, log, environment=None, pass_fds=()):
        self.name = name
        self.log = Path(log)
        # No signal may come between the start of the process and the note that it runs.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
        try:
            with open(self.log, "ab") as output:
                self.process = subprocess.Popen(
                    ["setpriv", "--pdeathsig", "TERM", *map(str, argv)], stdin=subprocess.DEVNULL,
                    stdout=output, stderr=output, env={**os.environ, **(environment or {})},
                    start_new_session=True, pass_fds=pass_fds,
                    preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, before))
            _started.append(self)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    @property
    def pid(self):
        return self.process.pid

    @property
    def running(self):
        return self.process.poll() is None

    @property
    def output(self):
        return self.log.read_text(errors="replace")

    def send(self, signal_number):
        self.process.send_signal(signal_number)

    def wait(self, timeout=10):
        """The exit status; Failed when it is still running after timeout seconds."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{self.name} did not end within {timeout} s\n{self.tail()}") from None

    def stop(self, timeout=10):
        """SIGTERM, then SIGKILL after timeout. Returns the exit status; harmless when it has ended already."""
        if self.running:
            self.process.terminate()
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
        if self in _started:
            _started.remove(self)
        return self.process.wait()

    def tail(self, lines=30):
        return "\n".join(self.output.splitlines()[-lines:])

    def wait_for_port(self, port, timeout=20, address="127.0.0.1"):
        """Until something accepts on the port; Failed when the program ends before."""
        self.wait_until(lambda: accepts(port, address), timeout, f"listen on port {port}")

    def wait_for_text(self, text, timeout=20):
        """Until the log says so: programs write it beside their work."""
        self.wait_until(lambda: text in self.output, timeout, f"say {text!r}")

    def wait_until(self, condition, timeout, what):
        deadline = time.monotonic() + timeout
        while not condition():
            if not self.running:
                raise Failed(f"{self.name} ended with status {self.process.returncode} before it could "
                             f"{what}\n{self.tail()}")
            if time.monotonic() > deadline:
                raise Failed(f"{self.name} did not {what} within {timeout} s\n{self.tail()}")
            time.sleep(0.02)


def accepts(port, address="127.0.0.1"):
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as s:
        s.settimeout(1)
        return s.connect_ex((address, port)) == 0


def port_is_free(port, address="127.0.0.1"):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((address, port))
        except OSError:
            return False
    return True


def free_port():
    """A port that nobody uses, never given out twice by this process nor by another lab on this machine."""
    return free_ports(1)[0]


def free_ports(count):
    """So many free ports in a row, at most 20."""
    global _ports_left
    while True:
        if len(_ports_left) < count:
            _ports_left = _claim_ports()
        ports, _ports_left = list(_ports_left[:count]), _ports_left[count:]
        if all(map(port_is_free, ports)):
            return ports


def _claim_ports():
    """A range of ports that is this process's until it ends: its first port stays bound, and a process that cannot bind
    that one takes another range. The ranges lie below the ports that the kernel picks (ip_local_port_range)."""
    bases = range(12000, 32000, 50)
    for attempt in range(len(bases)):
        base = bases[(os.getpid() + attempt) % len(bases)]
        claim = socket.socket()
        try:
            claim.bind(("127.0.0.1", base))
        except OSError:
            claim.close()
            continue
        _claims.append(claim)
        return range(base + 1, base + 50)
    raise Failed("no free port: other labs hold all ranges from 12000 to 32000")


_claims = []  # bound sockets; closed when the process ends
_ports_left = range(0)
