"""Bodies of any size stream through one bounded buffer per direction. BIG_UPLOAD_MIB=5120 makes it 5 GiB."""

import os
import threading

from lab.case import HOST, LabCase, main
from lab.wire import Backend, Wire, answer, get

SIZE = int(os.environ.get("BIG_UPLOAD_MIB", "300")) << 20
BLOCK = bytes(range(256)) * 4096  # 1 MiB
MAY_GROW_KIB = 24 * 1024


class Bodies(LabCase):
    def through(self, handle):
        backend = Backend(handle)
        self.addCleanup(backend.stop)
        self.addCleanup(lambda: self.assertEqual(backend.errors, []))
        return self.start(self.config(backend.url))

    def client(self):
        wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST, timeout=600)
        self.addCleanup(wire.close)
        return wire

    def watch(self, program, ended):
        """The most memory that the program has while it works."""
        most = [program.rss_kib()]

        def look():
            while not ended.wait(0.05):
                most[0] = max(most[0], program.rss_kib())
        thread = threading.Thread(target=look)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(ended.set)
        return most

    def test_big_upload_does_not_grow_memory(self):
        got = []

        def handle(wire):
            wire.socket.settimeout(600)
            wire.head()
            left = SIZE - len(wire.unread)
            while left:
                left -= len(wire.socket.recv(min(left, 1 << 20)))
            got.append(SIZE)
            wire.send(answer("all there"))
        program = self.through(handle)
        wire = self.client()
        ended = threading.Event()
        before = program.rss_kib()
        most = self.watch(program, ended)
        wire.send(f"POST /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {SIZE}\r\n\r\n")
        for _ in range(SIZE >> 20):
            wire.send(BLOCK)
        self.assertEqual(wire.message().body, b"all there")
        ended.set()
        self.assertEqual(got, [SIZE])
        self.assertLess(most[0] - before, MAY_GROW_KIB)

    def test_big_answer_arrives_whole_and_does_not_grow_memory_when_the_client_is_slow(self):
        def handle(wire):
            wire.socket.settimeout(600)
            wire.message()
            wire.send(f"HTTP/1.1 200 OK\r\nContent-Length: {SIZE}\r\n\r\n")
            for _ in range(SIZE >> 20):
                wire.send(BLOCK)
        program = self.through(handle)
        wire = self.client()
        ended = threading.Event()
        before = program.rss_kib()
        most = self.watch(program, ended)
        wire.send(get("/download"))
        self.assertEqual(wire.head().status, 200)
        ended.wait(1)  # the client reads nothing meanwhile: the backend must be held back
        for number in range(SIZE >> 20):
            if wire.exactly(1 << 20) != BLOCK:
                self.fail(f"MiB {number} arrived changed")
        ended.set()
        self.assertLess(most[0] - before, MAY_GROW_KIB)


if __name__ == "__main__":
    main()
