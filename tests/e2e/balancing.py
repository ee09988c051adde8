"""Several servers behind one listener: equal shares, connections that are used again, also after a reload."""

from collections import Counter

from lab.case import HOST, LabCase, main
from lab.nginx import tls_lines
from lab.programs import free_port
from lab.wire import Wire, get

NAME = "cas.contoso.test"


def numbered_server(port, tls=""):
    """Says where the request arrived: the server's port and the number of the connection."""
    return f"""
  server {{
    listen 127.0.0.1:{port} {"ssl" if tls else ""};
    {tls}
    location / {{ return 200 "$server_port $connection\\n"; }}
  }}"""


class Balancing(LabCase):
    def ask(self, times):
        """(port, connection) of that many requests, each of a client of its own."""
        answers = []
        for _ in range(times):
            with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
                port, connection = wire.request(get("/")).body.split()
                answers.append((int(port), int(connection)))
        return answers

    def test_shares_are_equal_and_connections_used_again(self):
        for servers in (2, 3, 4):
            ports = [free_port() for _ in range(servers)]
            backend = self.nginx(*map(numbered_server, ports))
            for port in ports:
                backend.wait_for_port(port)
            for threads in (1, 2):
                with self.subTest(servers=servers, threads=threads):
                    program = self.start(self.config(
                        upstreams={"cas": {"servers": [f"http://127.0.0.1:{port}" for port in ports]}},
                        process={"threads": threads, "drain": "2s"}))
                    answers = self.ask(12 * servers)
                    self.assertEqual(Counter(port for port, _ in answers), {port: 12 for port in ports})
                    self.assertLessEqual(len(set(answers)), servers * threads)
                    program.stop()

    def test_unchanged_servers_keep_their_connections_over_a_reload(self):
        ports = [free_port() for _ in range(3)]
        leaf = self.pki.leaf("cas", [NAME, "other.contoso.test"])
        backend = self.nginx(numbered_server(ports[0]), *(numbered_server(port, tls_lines(leaf)) for port in ports[1:]))
        for port in ports:
            backend.wait_for_port(port)

        def config(**tls):
            return self.config(upstreams={"cas": {
                "servers": [f"http://127.0.0.1:{ports[0]}", *(f"https://127.0.0.1:{port}" for port in ports[1:])],
                "tls": {"server_name": NAME, **tls}}}, process={"threads": 1, "drain": "2s"})
        program = self.start(config())
        before = set(self.ask(6))
        self.assertEqual(len(before), 3)
        self.assertTrue(program.reload(config()))
        self.assertEqual(set(self.ask(6)), before)
        # Another name to verify makes other connections, where there is something to verify.
        self.assertTrue(program.reload(config(server_name="other.contoso.test")))
        after = set(self.ask(6))
        self.assertEqual({port for port, _ in after & before}, {ports[0]})
        self.assertEqual(len(after), 3)


if __name__ == "__main__":
    main()
