"""The web server of a certificate authority: answers from a table, misbehaves as told, remembers who asked for what."""

import subprocess
import threading
import time

from lab.programs import free_port
from lab.wire import Backend


class Web:
    def __init__(self):
        self.port = free_port()
        self.asked = []
        self._pages = {}
        self._backend = None
        self._released = threading.Event()
        self.on()

    @property
    def host(self):
        return f"127.0.0.1:{self.port}"

    @property
    def connections(self):
        return self._connections + (self._backend.connections if self._backend else 0)

    _connections = 0

    def on(self):
        self._backend = Backend(self._answer, port=self.port)

    def off(self):
        """Nobody listens any more."""
        self._connections += self._backend.connections
        self._backend.stop()
        self._backend = None

    def page(self, target, body=b"", status="200 OK", fields=(), pace=0.0, kind=""):
        """What the target, as it stands in the request line, gets: body in one piece, or a byte every `pace` seconds.
        kind silent: nothing at all; held: only after release()."""
        self._pages[target] = (body, status, fields, pace, kind)
        self._released.clear()

    def release(self):
        self._released.set()

    def _answer(self, wire):
        request = wire.message()
        self.asked.append(request.target)
        body, status, fields, pace, kind = self._pages.get(
            request.target, (b"no such page", "404 Not Found", (), 0.0, ""))
        if kind == "silent":
            wire.to_end()
        elif kind == "held":
            self._released.wait()
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
        wire.send("\r\n".join(head) + "\r\n\r\n")
        for piece in ([body] if not pace else (body[i:i + 1] for i in range(len(body)))):
            wire.send(piece)
            time.sleep(pace)


def encode(pems, form, size=0):
    """Certificates as AIA URLs bring them: der, pem, p7c (PKCS#7 in DER) or p7b (the same in PEM). size: padded with text
    in front to so many bytes, which only PEM bears."""
    text = "".join(pems).encode()
    if form == "der":
        return _openssl(["x509", "-outform", "DER"], text)
    if form in ("p7c", "p7b"):
        kind = "DER" if form == "p7c" else "PEM"
        return _openssl(["crl2pkcs7", "-nocrl", "-outform", kind, *(["-certfile", "/dev/stdin"] if pems else [])], text)
    return b" " * (size - len(text) - 1) + b"\n" + text if size else text


def _openssl(arguments, given):
    return subprocess.run(["openssl", *arguments], input=given, capture_output=True, check=True, timeout=60).stdout
