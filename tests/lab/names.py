"""Names of a test's own: a small DNS server, and programs that ask it and nobody else."""

import os
import socket
import struct
import subprocess
import threading
from pathlib import Path

from lab.chainmend import binary


def possible():
    """Whether a program can be given a resolv.conf of its own here."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


class Names:
    """Answers A and AAAA for `known`: name -> (addresses, TTL in seconds). mute: says nothing at all."""

    def __init__(self, folder, address="127.53.0.1"):
        self.known = {}
        self.mute = False
        self.asked = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((address, 53))
        self._folder = Path(folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n")
        (self._folder / "hosts").write_text("127.0.0.1 localhost\n")
        self._socket.settimeout(0.2)
        self._stopped = False
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def stop(self):
        self._stopped = True
        self._thread.join()
        self._socket.close()

    def program(self):
        """A script that runs chainmend among these names."""
        script = self._folder / "chainmend"
        script.write_text(f"""#!/bin/sh
exec unshare -m sh -c 'mount --bind {self._folder}/resolv.conf /etc/resolv.conf &&
  mount --bind {self._folder}/hosts /etc/hosts && exec "$0" "$@"' {binary()} "$@"
""")
        script.chmod(0o755)
        return script

    def _serve(self):
        while not self._stopped:
            try:
                query, client = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            if not self.mute:
                self._socket.sendto(self._answer(query), client)

    def _answer(self, query):
        labels, at = [], 12
        while length := query[at]:
            labels.append(query[at + 1:at + 1 + length].decode().lower())
            at += 1 + length
        question = query[12:at + 5]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        self.asked += 1
        addresses, ttl = self.known.get(".".join(labels), (None, 0))
        family = {1: socket.AF_INET, 28: socket.AF_INET6}.get(kind)
        records = b""
        count = 0
        for address in addresses or []:
            if family and (":" in address) == (family == socket.AF_INET6):
                data = socket.inet_pton(family, address)
                records += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data
                count += 1
        code = 3 if addresses is None else 0
        return query[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, count, 0, 0) + question + records
