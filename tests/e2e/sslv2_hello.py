"""A hello in the SSLv2 format that offers TLS 1.0 completes a full handshake; OpenJDK 17 still sends one."""

import socket
import subprocess
import threading
from pathlib import Path

import lab.chainmend
from lab.case import LabCase, main
from lab.programs import free_port
from lab.wire import Backend

SOURCE = Path(lab.chainmend.__file__).with_name("OldHello.java")


class Sslv2Hello(LabCase):
    def java(self, port):
        return subprocess.run(["java", SOURCE, str(port), self.pki.root.pem], capture_output=True, text=True,
                              timeout=120)

    def test_completes_a_handshake_and_a_request(self):
        backend = Backend()
        self.addCleanup(backend.stop)
        program = self.start(self.config(backend.url, listeners=[self.listener(policy="legacy-tls10")]))
        first_bytes, port = self.recorder()
        done = self.java(port)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("protocol TLSv1\n", done.stdout)
        self.assertIn("certificates 3\n", done.stdout)
        self.assertIn("/from-java", done.stdout)
        # It was that format: a length with the top bit set, then CLIENT-HELLO, then TLS 1.0.
        self.assertGreaterEqual(first_bytes[0][0], 0x80)
        self.assertEqual(first_bytes[0][2:5], b"\x01\x03\x01")
        self.assertEqual(program.metric("tls_handshakes_total", listener="exchange", outcome="full"), 1)

    def test_is_refused_where_tls10_is(self):
        self.start(self.config())
        self.assertNotEqual(self.java(self.port).returncode, 0)

    def recorder(self):
        """A pipe to the listener that keeps the first bytes of each client."""
        port, seen = free_port(), []
        server = socket.create_server(("127.0.0.1", port))
        self.addCleanup(server.close)

        def copy(source, target):
            try:
                while data := source.recv(65536):
                    target.sendall(data)
                target.shutdown(socket.SHUT_WR)
            except OSError:
                pass

        def serve():
            client, _ = server.accept()
            with client, socket.create_connection(("127.0.0.1", self.port)) as proxy:
                seen.append(client.recv(65536))
                proxy.sendall(seen[0])
                back = threading.Thread(target=copy, args=(proxy, client))
                back.start()
                copy(client, proxy)
                back.join()

        threading.Thread(target=serve, daemon=True).start()
        return seen, port


if __name__ == "__main__":
    main()
