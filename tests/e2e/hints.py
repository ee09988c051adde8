"""Hints that name the cause: sixteen faults, six real clients. What a client says of a fault differs from library to
library; what was served, its dates and its names are known, so the hint can do better than the alert.

A cause is `named` when it is among the causes of the row's line, and named `alone` when it is the only one.
"""

import concurrent.futures
import select
import socket
import threading
from pathlib import Path

from lab.case import LabCase, main
from lab.chainmend import until
from lab.wire import Backend

from reasons import OTHER_HOST, PROGRAMS, SOURCE, Ask, run

CHAIN_FAULTS = {
    "missing_intermediate": "intermediate_missing",
    "untrusted_root": "root_not_trusted",
    "wrong_name": "name_mismatch",
    "expired": "expired",
    "not_yet_valid": "not_yet_valid",
    "clock": "client_clock",
}
# Fault -> the cause that must be named; the chain ones in TLS 1.3 and in TLS 1.2, where some judge after the handshake.
FAULTS = {
    **CHAIN_FAULTS,
    **{f"{fault}_tls12": cause for fault, cause in CHAIN_FAULTS.items()},
    "expired_intermediate": "expired",
    "old_version": "version_unsupported",
    "other_key": "key_type",
    "proxy_header": "proxy_header_unexpected",
}
NAMED, ALONE = 90, 60  # of 96


class Sender:
    """A load balancer that begins each connection with a PROXY header."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with self._listener, self._listener.accept()[0] as client:
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                server.sendall(b"PROXY TCP4 192.0.2.1 192.0.2.2 50000 443\r\n")
                while True:
                    for side in select.select([client, server], [], [], 20)[0]:
                        try:
                            data = side.recv(65536)
                            (server if side is client else client).sendall(data)
                        except OSError:
                            return
                        if not data:
                            return


class Hints(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pki = cls.pki
        cls.stranger = pki.authority.root("stranger", "Some other root")
        lonely = pki.authority.intermediate("lonely", "CA that no bundle has", pki.primary)
        old = pki.authority.intermediate("old-ca", "Lab Server CA", pki.primary, key_file=pki.server_ca.key,
                                         days=(-30, -3))
        whole = pki.authority.bundle("old-list.pem", pki.rsa, old, pki.primary)
        cls.certificates = {
            "mail": cls.pem_of(pki.rsa), "lonely": cls.pem_of(pki.leaf("lonely-leaf", issuer=lonely)),
            "expired": cls.pem_of(pki.leaf("expired", days=(-30, -3))),
            "early": cls.pem_of(pki.leaf("early", days=(3, 300))),
            "old_list": {"cert": str(whole), "key": str(pki.rsa.key), "serve": "as-given"},
        }
        for root in (pki.root, cls.stranger):
            folder = f"{root.pem}.nss"
            Path(folder).mkdir()
            run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
            run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "C,,", "-a", "-i", root.pem)
        run("javac", "-d", cls.class_folder, SOURCE)
        cls.java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", cls.class_folder, "StrictClient"]

    @staticmethod
    def pem_of(leaf):
        return {"cert": str(leaf.pem), "key": str(leaf.key)}

    @staticmethod
    def certificate_for(fault):
        plain = fault.removesuffix("_tls12")
        return {"missing_intermediate": "lonely", "expired": "expired", "not_yet_valid": "early",
                "expired_intermediate": "old_list"}.get(plain, "mail")

    def test_names_the_cause(self):
        rows = [(fault, client) for fault in FAULTS for client in PROGRAMS]
        backend = Backend()
        self.addCleanup(backend.stop)
        program = self.start(self.config(
            backend.url, certificates=self.certificates,
            listeners=[{"name": ".".join(row), "listen": "127.0.0.1:0", "upstream": "cas",
                        "certificates": [self.certificate_for(row[0])]} for row in rows],
            logs={"handshakes": {"file": "handshakes.jsonl", "successes": "all"}}))
        ports = {one["name"]: int(one["addresses"][0].rpartition(":")[2]) for one in program.status["listeners"]}
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            outputs = dict(zip(rows, pool.map(lambda row: self.call(*row, ports[".".join(row)]), rows)))
        in_log = [row for row in rows if row[0] != "proxy_header"]
        until(lambda: len({line["listener"] for line in program.lines()}) >= len(in_log), 20,
              "every row is in the log")
        lines = {line["listener"]: line for line in program.lines()}
        until(lambda: program.output.count("proxy_header_unexpected") >= len(PROGRAMS), 20, "every header is told")

        named, alone, table = 0, 0, []
        for row in rows:
            causes = self.causes(row, lines, program.output)
            found = FAULTS[row[0]] in causes
            named += found
            alone += found and len(causes) == 1
            table.append(f"{'.'.join(row):32} {'alone' if causes == [FAULTS[row[0]]] else 'named' if found else 'NO'}"
                         f"  {causes}")
        report = "\n".join(table) + f"\nnamed {named}, alone {alone} of {len(rows)}"
        print(report)
        self.assertEqual(len(rows), 96)
        self.assertGreaterEqual(named, NAMED, report + "\n" + "\n".join(
            f"{row}: {outputs[row][-300:]}" for row in rows if "NO" in report and row[0] in report)[:4000])
        self.assertGreaterEqual(alone, ALONE, report)

    @staticmethod
    def causes(row, lines, log):
        if row[0] == "proxy_header":
            told = any("proxy_header_unexpected" in line and ".".join(row) in line and "proxy_protocol: true" in line
                       for line in log.splitlines())
            return ["proxy_header_unexpected"] if told else []
        line = lines[".".join(row)]
        return line.get("causes") or [line["reason"]]

    def call(self, fault, client, port):
        """Runs the row's program to its end; gives what it printed."""
        ask = Ask(port, (self.stranger if fault.startswith("untrusted_root") else self.pki.root).pem)
        if fault.startswith("wrong_name"):
            ask.host = OTHER_HOST
        if fault == "old_version":
            ask.version = "1.0"
        elif fault.endswith("_tls12") or fault == "other_key":
            ask.version = "1.2"
        ask.ecdsa = fault == "other_key"
        if fault == "proxy_header":
            ask.port = Sender(port).port
        command = PROGRAMS[client](ask, self.java)
        if fault.startswith("clock"):
            command = ["faketime", "-f", "+3y", *command]
        return run(*command, check=False)


if __name__ == "__main__":
    main()
