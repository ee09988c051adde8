"""HTTP/1.1 byte for byte, from both ends: a client that sends what it is told, a backend that answers what it is told.

No HTTP library on either side: what passes through the proxy is compared as it was on the wire.
"""

import socket
import ssl
import threading
from dataclasses import dataclass, field

from lab.programs import Failed, free_port


class Closed(Exception):
    """The peer closed before everything asked for had come."""


@dataclass
class Message:
    """A request or an answer: its first line, its fields in order, and its body as far as it was read."""

    start: str
    fields: list  # (name, value)
    body: bytes = b""
    trailers: list = field(default_factory=list)
    chunked: bool = False

    def all(self, name):
        return [value for its, value in self.fields if its.lower() == name.lower()]

    def get(self, name):
        return next(iter(self.all(name)), None)

    @property
    def status(self):
        return int(self.start.split()[1])

    @property
    def method(self):
        return self.start.split()[0]

    @property
    def target(self):
        return self.start.split()[1]


class Wire:
    """One connection, either end."""

    def __init__(self, connection, timeout=20):
        self.socket = connection
        self.socket.settimeout(timeout)
        self.unread = b""

    @classmethod
    def connect(cls, port, root=None, host=None, tls=True, context=None, timeout=20):
        """To 127.0.0.1:port. root: the anchor that the certificate must reach; without it nothing is verified."""
        connection = socket.create_connection(("127.0.0.1", port), timeout)
        if tls:
            if context is None:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                context.check_hostname = bool(root and host)
                context.verify_mode = ssl.CERT_REQUIRED if root else ssl.CERT_NONE
                if root:
                    context.load_verify_locations(root)
            connection = context.wrap_socket(connection, server_hostname=host)
        return cls(connection, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def more(self):
        """Reads once; False at the end of the stream."""
        try:
            got = self.socket.recv(65536)
        except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionResetError):
            got = b""
        self.unread += got
        return bool(got)

    def exactly(self, count):
        while len(self.unread) < count:
            if not self.more():
                raise Closed(f"wanted {count} bytes, got {self.unread!r}")
        taken, self.unread = self.unread[:count], self.unread[count:]
        return taken

    def until(self, mark):
        while mark not in self.unread:
            if not self.more():
                raise Closed(f"wanted {mark!r}, got {self.unread!r}")
        taken, _, self.unread = self.unread.partition(mark)
        return taken

    def to_end(self):
        while self.more():
            pass
        taken, self.unread = self.unread, b""
        return taken

    def ended(self):
        """True when the peer closes without another byte."""
        return self.to_end() == b""

    def head(self):
        first, *lines = self.until(b"\r\n\r\n").decode("latin-1").split("\r\n")
        return Message(first, _fields(lines))

    def message(self, to_head=False, skip_interim=True):
        """Head and body. to_head: the answer to a HEAD request, which has no body."""
        got = self.head()
        while skip_interim and got.start.startswith("HTTP/") and 100 <= got.status < 200 and got.status != 101:
            got = self.head()
        is_answer = got.start.startswith("HTTP/")
        if to_head or (is_answer and (got.status in (204, 304) or got.status < 200)):
            return got
        if "chunked" in (got.get("transfer-encoding") or ""):
            got.chunked = True
            got.body, got.trailers = self.chunks()
        elif got.get("content-length") is not None:
            got.body = self.exactly(int(got.get("content-length")))
        elif is_answer:
            got.body = self.to_end()
        return got

    def chunks(self):
        body = b""
        while size := int(self.until(b"\r\n").split(b";")[0], 16):
            body += self.exactly(size)
            if self.exactly(2) != b"\r\n":
                raise Failed("chunk without its line end")
        lines = []
        while line := self.until(b"\r\n"):
            lines.append(line.decode("latin-1"))
        return body, _fields(lines)

    def request(self, text, **how):
        """Sends and reads the answer."""
        self.send(text)
        return self.message(to_head=text.startswith("HEAD") if isinstance(text, str) else False, **how)


class Backend:
    """A server whose every connection is served by handle(wire) on a thread of its own.

    The default handler answers each request with 200 and its target, and remembers it in `requests`.
    """

    def __init__(self, handle=None, context=None, port=None):
        self.port = port or free_port()
        self.requests = []
        self.connections = 0
        self.errors = []
        self._handle = handle or self._remember
        self._context = context
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self):
        return f"{'https' if self._context else 'http'}://127.0.0.1:{self.port}"

    def stop(self):
        # shutdown wakes the thread in accept(); close alone does not.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with connection:
                if self._context:
                    connection = self._context.wrap_socket(connection, server_side=True)
                self._handle(Wire(connection))
        except (Closed, OSError):
            pass
        except Exception as error:  # a mistake in a test's handler must show
            self.errors.append(error)
            raise

    def _remember(self, wire):
        while True:
            request = wire.message()
            self.requests.append(request)
            wire.send(answer(request.target))
            if (request.get("connection") or "").lower() == "close":
                return


def answer(body="", status="200 OK", *fields):
    """An answer with a length."""
    body = body if isinstance(body, bytes) else body.encode()
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def get(target="/", host="mail.contoso.test", *fields):
    return "\r\n".join([f"GET {target} HTTP/1.1", f"Host: {host}", *fields]) + "\r\n\r\n"


def _fields(lines):
    pairs = [line.partition(":") for line in lines]
    return [(name, value.strip()) for name, _, value in pairs]
