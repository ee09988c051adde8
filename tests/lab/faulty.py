"""A server whose fault can be switched while it runs: what a proxy has to live with behind it."""

import socket
import struct
import threading
import time

from lab.programs import free_port
from lab.wire import Closed, Wire, answer


class Faulty:
    """An HTTP server on one port of 127.0.0.1. fault is one of

    none        answers each request with its number, which is `name`
    refuse      nobody listens
    hang        takes connections and says nothing
    hang_answer reads the request and says nothing
    hang_body   stops within its answer
    reset       reads the request and resets
    close       reads the request and closes
    garbage     answers what is no HTTP
    slow        answers after `delay` seconds
    sick        answers 503 to everything
    """

    def __init__(self, name, fault="none", delay=0.2):
        self.name = name
        self.delay = delay
        self.port = free_port()
        self.connections = 0
        self.busy = 0
        self.most_busy = 0  # requests at a time
        self.targets = []
        self._lock = threading.Lock()
        self._listener = None
        self._stopped = threading.Event()
        self._fault = None
        self.fault = fault

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def fault(self):
        return self._fault

    @fault.setter
    def fault(self, fault):
        self._fault = fault
        if fault == "refuse":
            self._close()
        elif self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
            threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def asked(self, prefix="/"):
        """How many requests there were, checks left out."""
        with self._lock:
            return sum(target.startswith(prefix) and "health" not in target for target in self.targets)

    def forget(self):
        with self._lock:
            self.targets.clear()

    def stop(self):
        self._stopped.set()
        self._close()

    def _close(self):
        if self._listener is not None:
            try:
                self._listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            self._listener.close()
            self._listener = None

    def _accept(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self._lock:
            self.connections += 1
        try:
            with connection:
                self._talk(connection, Wire(connection, timeout=60))
        except (Closed, OSError):
            pass

    def _wait(self):
        self._stopped.wait(30)

    def _talk(self, connection, wire):
        if self._fault == "hang":
            return self._wait()
        while True:
            request = wire.message()
            with self._lock:
                self.targets.append(request.target)
                self.busy += 1
                self.most_busy = max(self.most_busy, self.busy)
            fault = self._fault
            if fault in ("hang", "hang_answer"):
                return self._wait()
            if fault == "close" or fault == "refuse":
                return None
            if fault == "reset":
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return None
            if fault == "garbage":
                return wire.send("220 smtp ready\r\n\r\n")
            if fault == "hang_body":
                wire.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun")
                return self._wait()
            if fault == "slow":
                time.sleep(self.delay)
            with self._lock:
                self.busy -= 1
            if fault == "sick":
                wire.send(answer("sick", "503 Service Unavailable"))
            else:
                wire.send(answer(self.name))
            if (request.get("connection") or "").lower() == "close":
                return None
