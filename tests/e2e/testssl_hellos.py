"""Every real ClientHello of Debian's package testssl.sh against a legacy listener: old clients get an answer, and each
is counted as a client that has a name."""

import re
import socket
import unittest
from pathlib import Path

from lab.case import LabCase, main

LIST = Path("/etc/testssl/client-simulation.txt")  # GPL-2: read where the package puts it, never copied
KEYS = ("names", "handshakebytes")


def simulated_clients():
    """[(name, bytes as sent)]"""
    values = {key: [] for key in KEYS}
    for line in LIST.read_text().splitlines():
        found = re.fullmatch(r'\s*(\w+)\+=\("?(.*?)"?\)', line)
        if found and found[1] in values:
            values[found[1]].append(found[2])
    return [(name, bytes.fromhex(hello)) for name, hello in zip(*(values[key] for key in KEYS), strict=True)]


@unittest.skipUnless(LIST.exists(), "package testssl.sh is not installed")
class RealHellos(LabCase):
    def test_are_answered_and_told_apart(self):
        program = self.start(self.config(listeners=[self.listener(policy="legacy-tls10")]))
        clients = simulated_clients()
        unanswered = [name for name, hello in clients if not self.gets_server_hello(hello)]
        self.assertGreaterEqual(len(clients), 162)
        self.assertLessEqual(len(unanswered), len(clients) - 162 + 3, unanswered)
        program.wait_for_metric("tls_handshakes_total", len(clients))
        counted = {dict(labels)["client_type"]: 0 for (name, labels) in program.metrics()
                   if name == "chainmend_tls_handshakes_total"}
        for kind in counted:
            counted[kind] = program.metric("tls_handshakes_total", client_type=kind)
        unknown = sum(count for kind, count in counted.items() if kind.startswith("unknown_") or kind == "other")
        self.assertLessEqual(unknown, 3, counted)
        self.assertGreater(counted["chromium"], 20, counted)

    def gets_server_hello(self, hello):
        with socket.create_connection(("127.0.0.1", self.port), 10) as connection:
            connection.sendall(hello)
            got = b""
            while len(got) < 6:
                more = connection.recv(4096)
                if not more:
                    break
                got += more
        return got[:1] == b"\x16" and got[5:6] == b"\x02"


if __name__ == "__main__":
    main()
