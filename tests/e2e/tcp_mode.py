"""mode: tcp. TLS off, bytes through, the two directions end one by one."""

import socket

from lab import clients
from lab.case import HOST, LabCase, main
from lab.chainmend import until
from lab.wire import Backend, Wire


class Tcp(LabCase):
    def through(self, handle, **listener):
        self.backend = Backend(handle)
        self.addCleanup(self.backend.stop)
        self.addCleanup(lambda: self.assertEqual(self.backend.errors, []))
        return self.start(self.config(f"http://127.0.0.1:{self.backend.port}",
                                      listeners=[self.listener(mode="tcp", tls={"policy": "legacy-tls10"}, **listener)]))

    def client(self):
        wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
        self.addCleanup(wire.close)
        return wire

    def test_bytes_pass_unchanged_both_ways(self):
        data = bytes(range(256)) * 2000

        def handle(wire):
            wire.send(wire.exactly(len(data))[::-1])
        self.through(handle)
        wire = self.client()
        wire.send(data)
        self.assertEqual(wire.exactly(len(data)), data[::-1])

    def test_server_that_speaks_first(self):
        self.through(lambda wire: wire.send("220 ready\r\n"))
        self.assertEqual(self.client().to_end(), b"220 ready\r\n")

    def test_half_close_of_the_client_lets_the_answer_through(self):
        """gnutls-cli sends close_notify at the end of its input and goes on reading."""
        def handle(wire):
            everything = wire.to_end()  # returns only when the client's direction has ended
            wire.send(f"got {len(everything)}\n")
        self.through(handle)
        for version in ("TLS1.0", "TLS1.2", "TLS1.3"):
            with self.subTest(version):
                client = clients.gnutls(self.port, root=self.pki.root.pem, host=HOST, send=b"x" * 100_000,
                                        priority=f"NORMAL:-VERS-ALL:+VERS-{version}")
                self.assertIn("got 100000\n", client.output)

    def test_half_close_of_the_server_lets_the_client_go_on(self):
        received = []

        def handle(wire):
            wire.send("that is all")
            wire.socket.shutdown(socket.SHUT_WR)
            received.append(wire.to_end())
        self.through(handle)
        wire = self.client()
        self.assertEqual(wire.to_end(), b"that is all")
        wire.send("thank you")
        wire.close()
        until(lambda: received, what="the server got the end")
        self.assertEqual(received, [b"thank you"])


if __name__ == "__main__":
    main()
