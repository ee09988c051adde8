"""Raw connections: the client's end and the recording upstream's. Every byte received is kept."""

import socket
import ssl
import struct
import threading
import time

from messages import Incomplete, take_answer, take_request

_SPLIT_UP_TO = 2048  # longer messages are not cut into tiny segments: that would only take time


class Ended(Exception):
    """The peer closed, or stayed silent too long, before what was asked for had come."""


class End:
    """One connection. tls: an SSLContext makes it a TLS client. segment: at most so many bytes go into one TCP segment."""

    def __init__(self, connection, timeout, segment=0, tls=None):
        self.socket = connection
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.timeout = timeout
        self.segment = segment
        self.received = bytearray()
        self.taken = 0  # bytes of received that message() and exactly() have given out
        self.requests = []  # upstream: what answering() has read
        self.end = None  # None: open. clean: FIN, under TLS behind close_notify. cut: RST, or FIN without close_notify.
        # ours: the upstream's handler has closed it
        self._tls = None
        if tls:
            self._into, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
            self._tls = tls.wrap_bio(self._into, self._out)
            self._handshake()

    # Sending

    def send(self, data):
        """All of it; Ended when the peer does not take it."""
        try:
            self._send(data)
        except (OSError, ssl.SSLError) as error:
            raise Ended(f"the peer did not take {data[:40]!r}...: {error}") from None

    def try_send(self, data):
        """For bytes that the peer may refuse: what it says about them counts, not whether it took them."""
        try:
            self._send(data)
            return True
        except (OSError, ssl.SSLError):
            return False

    def _send(self, data):
        self.socket.settimeout(self.timeout)
        if self._tls:
            self._tls.write(data)
            data = self._out.read()
        if self.segment and len(data) <= _SPLIT_UP_TO:
            for at in range(0, len(data), self.segment):
                self.socket.sendall(data[at:at + self.segment])
        else:
            self.socket.sendall(data)

    def finish(self):
        """Half-close: nothing more comes from here."""
        try:
            if self._tls:
                try:
                    self._tls.unwrap()
                except ssl.SSLWantReadError:
                    pass
                self.socket.sendall(self._out.read())
            self.socket.shutdown(socket.SHUT_WR)
        except (OSError, ssl.SSLError) as error:
            raise Ended(str(error)) from None

    def reset(self):
        """RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.shut()

    def shut(self):
        self.socket.close()

    def wake(self):
        """Ends a wait of another thread in this end."""
        try:
            self.socket.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    # Receiving

    def read(self, timeout=None):
        """Waits for more bytes; False at the end of the stream, which `end` then describes."""
        if self.end:
            return False
        deadline = time.monotonic() + (timeout or self.timeout)
        while True:
            got = self._from_tls() if self._tls else b""
            if got or self.end:
                self.received += got
                return bool(got)
            data = self._recv(deadline)
            if data is None:
                return False
            if not self._tls:
                self.received += data
                return True
            self._into.write(data)

    def _recv(self, deadline):
        self.socket.settimeout(max(0.001, deadline - time.monotonic()))
        try:
            data = self.socket.recv(1 << 16)
        except TimeoutError:
            raise Ended(f"silence; so far {bytes(self.received[-300:])!r}") from None
        except OSError:
            self.end = "cut"
            return None
        if not data:
            self.end = "cut" if self._tls else "clean"
            return None
        return data

    def _from_tls(self):
        try:
            data = self._tls.read(1 << 16)
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLZeroReturnError:
            data = b""
        except ssl.SSLError:
            self.end = "cut"
            return b""
        if not data:
            self.end = "clean"
        return data

    def _handshake(self):
        while True:
            try:
                self._tls.do_handshake()
                self.socket.sendall(self._out.read())
                return
            except ssl.SSLWantReadError:
                self.socket.sendall(self._out.read())
                data = self._recv(time.monotonic() + self.timeout)
                if data is None:
                    raise Ended("no handshake") from None
                self._into.write(data)

    def peek(self):
        """Bytes that have arrived and nobody has read."""
        try:
            return self.socket.recv(1 << 16, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except OSError:
            return b""

    @property
    def secure(self):
        return self._tls is not None

    @property
    def unread(self):
        return bytes(self.received[self.taken:])

    def exactly(self, count):
        """The next count bytes."""
        while len(self.received) - self.taken < count:
            if not self.read():
                raise Ended(f"{self.end} end; wanted {count} bytes, got {self.unread!r}")
        taken = bytes(self.received[self.taken:self.taken + count])
        self.taken += count
        return taken

    def until(self, mark):
        """The next bytes up to and with mark."""
        while mark not in self.received[self.taken:]:
            if not self.read():
                raise Ended(f"{self.end} end; wanted {mark!r}, got {self.unread!r}")
        return self.exactly(self.received.index(mark, self.taken) + len(mark) - self.taken)

    def to_end(self):
        """Reads until the stream ends; `end` says how."""
        while self.read():
            pass
        rest, self.taken = self.unread, len(self.received)
        return rest

    def request(self):
        """The next whole request, read strictly (upstream)."""
        return self._message(lambda data, ended: take_request(data))

    def answer(self, to_head=False, interim=False):
        """The next whole answer, read strictly (client). Interim ones are skipped unless asked for."""
        while True:
            got = self._message(lambda data, ended: take_answer(data, to_head, ended))
            if interim or got.status >= 200 or got.status == 101:
                return got

    def _message(self, take):
        while True:
            try:
                message, rest = take(self.unread, self.end == "clean")
                if message.complete:
                    self.taken = len(self.received) - len(rest)
                    return message
            except Incomplete:
                pass
            if self.end:
                raise Ended(f"{self.end} end within {self.unread!r}")
            self.read()


class Upstream:
    """The recording server: each connection of the case under way is served by its handler, on a thread of its own."""

    def __init__(self, timeout):
        self.timeout = timeout
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self.listener.getsockname()[1]
        self.handler = None
        self.segment = 0
        self.connections = []
        self.errors = []
        self._ends, self._threads = [], []  # of the whole case
        self._mark = None  # address of settle()'s own connection, until it is seen
        self._changed = threading.Condition()
        threading.Thread(target=self._accept, daemon=True).start()

    def begin(self, handler, segment):
        """From now on connections are served by handler; `connections` forgets the ones before."""
        with self._changed:
            self.handler, self.segment, self.connections = handler, segment, []

    def begin_case(self):
        self.errors, self._ends, self._threads = [], [], []

    def settle(self):
        """Returns when every connection that the proxy has made so far is in `connections`."""
        with socket.socket() as mark:
            mark.bind(("127.0.0.1", 0))
            with self._changed:
                self._mark = mark.getsockname()
            mark.connect(("127.0.0.1", self.port))
            with self._changed:  # connections are accepted in the order in which they were made
                self._changed.wait_for(lambda: self._mark is None, self.timeout)

    def finish(self):
        """Ends the connections of this case; what it saw stays in `connections`."""
        self.settle()
        with self._changed:
            self.handler = None
            ends, threads = list(self._ends), list(self._threads)
        for end in ends:
            end.wake()
        for thread in threads:
            thread.join(10)

    def wait_for_connection(self, number, timeout):
        """The connection with this number, from 0; None when it does not come."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.connections) > number, timeout)
            return self.connections[number] if len(self.connections) > number else None

    def _accept(self):
        while True:
            connection, peer = self.listener.accept()
            with self._changed:
                if self._mark == peer:
                    self._mark = None
                    connection.close()
                elif self.handler is None:
                    connection.close()
                else:
                    self._begin(connection)
                self._changed.notify_all()

    def _begin(self, connection):
        end = End(connection, self.timeout, self.segment)
        thread = threading.Thread(target=self._serve, args=(self.handler, end, self.errors), daemon=True)
        self.connections.append(end)
        self._ends.append(end)
        self._threads.append(thread)
        thread.start()

    @staticmethod
    def _serve(handler, end, errors):
        try:
            handler(end)
        except (Ended, OSError):
            pass
        except Exception as error:  # a malformed request, or a mistake in the handler: the case fails with it
            errors.append(error)
        finally:
            end.end = end.end or "ours"
            end.shut()
