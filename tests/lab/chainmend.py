"""The program under test: started from a dict, asked through its admin listener, ended by its process id.

With PYTHONPATH=deploy:tests the package `lab` is deploy/lab and tests/lab together.
"""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from lab.programs import Failed, Program, free_port

# A leak or a race is a failure like any other; the small quarantine keeps ASan's own memory out of our measurements.
SANITIZERS = {
    "ASAN_OPTIONS": "quarantine_size_mb=8:detect_leaks=1:abort_on_error=0",
    "UBSAN_OPTIONS": "print_stacktrace=1",
}


def binary():
    path = os.environ.get("CHAINMEND")
    if not path:
        raise Failed("set CHAINMEND to the chainmend program that the test shall drive")
    return path


def run(*arguments, cwd=None, environment=None, send=b"", timeout=60):
    """One command to its end: CompletedProcess with text."""
    return subprocess.run([binary(), *map(str, arguments)], input=send.decode(), capture_output=True, text=True,
                          cwd=cwd, env={**os.environ, **SANITIZERS, **(environment or {})}, timeout=timeout)


class Chainmend(Program):
    """chainmend run. config: a dict, or YAML text; the admin listener, and a place for what is learned of clients, are
    added when it names none. sockets: listening ones by name, passed to it as systemd does. under: a command that becomes
    it."""

    def __init__(self, folder, config, environment=None, wait=True, sockets=None, under=()):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.config_file = self.folder / "chainmend.yaml"
        self.admin_port = free_port()
        self.write(config)
        argv, pass_fds = passing(sockets, [*under, binary(), "run", "-c", self.config_file])
        super().__init__("chainmend", argv, self.folder / "chainmend.log", {**SANITIZERS, **(environment or {})},
                         pass_fds)
        if wait:
            self.wait_until(lambda: self.get("/readyz") == 200, 60, "become ready")

    def write(self, config):
        """Replaces the configuration file; it counts after reload()."""
        if isinstance(config, dict):
            config = json.dumps({"admin": {"listen": f"127.0.0.1:{self.admin_port}"}, "clients": {"file": "clients"},
                                 **config}, indent=1)
        self.config_file.write_text(config)

    def ask(self, path, method="GET"):
        """(status, headers, body) from the admin listener; OSError when nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.admin_port, timeout=10)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode()
        finally:
            connection.close()

    def get(self, path):
        """The status code alone; 0 when nobody answers."""
        try:
            return self.ask(path)[0]
        except OSError:
            return 0

    @property
    def status(self):
        return json.loads(self.ask("/status")[2])

    def metrics(self):
        """{(name, ((label, value), ...)): number}, labels sorted."""
        found = {}
        for line in self.ask("/metrics")[2].splitlines():
            sample = re.fullmatch(r"([a-z_:]\w*)(?:\{(.*)\})? (\S+)", line)
            if sample:
                labels = tuple(sorted(re.findall(r'(\w+)="((?:\\.|[^"\\])*)"', sample[2] or "")))
                found[sample[1], labels] = float(sample[3])
        return found

    def metric(self, name, **labels):
        """Sum of the samples of chainmend_NAME that carry these labels; 0 when there is none."""
        wanted = set(labels.items())
        return sum(value for (found, its), value in self.metrics().items()
                   if found == f"chainmend_{name}" and wanted <= set(its))

    def wait_for_metric(self, name, at_least, timeout=10, **labels):
        self.wait_until(lambda: self.metric(name, **labels) >= at_least, timeout,
                        f"count {name}{labels} to {at_least}")

    def reload(self, config=None):
        """SIGHUP; returns when the log says how it went, True for taken."""
        if config is not None:
            self.write(config)
        before = self.reloads()
        self.send(signal.SIGHUP)
        self.wait_until(lambda: self.reloads() != before, 30, "reload")
        return self.metric("config_last_reload_successful") == 1

    def reloads(self):
        """Something that changes with every reload, taken or not."""
        return self.metric("config_reloads_total", outcome="success"), self.metric(
            "config_reloads_total", outcome="failure")

    def rss_kib(self):
        return int(re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{self.worker_pid}/status").read_text())[1])

    @property
    def worker_pid(self):
        return self.pid  # setpriv becomes the program

    def lines(self, name="handshakes.jsonl"):
        """The records of a JSON lines log."""
        path = self.folder / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def wait_for_lines(self, count, name="handshakes.jsonl", timeout=10):
        self.wait_until(lambda: len(self.lines(name)) >= count, timeout, f"write {count} lines to {name}")
        return self.lines(name)


# Puts descriptors where sd_listen_fds(3) has them, and becomes the program.
ACTIVATE = """
import fcntl, os, sys
fds = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1].split(",")]
for place, fd in enumerate(fds, 3):
    os.dup2(fd, place)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS=str(len(fds)), LISTEN_FDNAMES=sys.argv[2])
os.execv(sys.argv[3], sys.argv[3:])
"""


def passing(sockets, argv):
    """argv that passes the sockets, a dict of name to socket, and the descriptors that it must inherit."""
    if not sockets:
        return argv, ()
    fds = [one.fileno() for one in sockets.values()]
    return [sys.executable, "-c", ACTIVATE, ",".join(map(str, fds)), ":".join(sockets), *argv], fds


class Manager:
    """The side of a service manager that hears sd_notify(3)."""

    def __init__(self, folder):
        self.path = Path(folder) / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.socket.settimeout(30)
        self.environment = {"NOTIFY_SOCKET": str(self.path)}

    def hear(self):
        """The next datagram as a dict."""
        return dict(line.split("=", 1) for line in self.socket.recv(4096).decode().splitlines())

    def close(self):
        self.socket.close()


def until(condition, timeout=10, what="it happened"):
    """Waits without a program to watch."""
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"not within {timeout} s: {what}")
        time.sleep(0.02)
