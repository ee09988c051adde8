"""The log of requests: what is in it, what never is, and how it is rotated."""

import json
import os
import signal
import time

from lab.case import HOST, LabCase, main
from lab.programs import free_port
from lab.wire import Backend, Wire, answer, get

SECRET = "c2VjcmV0LXBhc3N3b3Jk"


class AccessLog(LabCase):
    def through(self, handle=None, upstream=None, listener=None, **access):
        self.backend = Backend(handle)
        self.addCleanup(self.backend.stop)
        config = self.config(upstream or self.backend.url, listeners=[self.listener(**(listener or {}))])
        config["logs"] = {"access": {"file": "access.log", **access}}
        self.program = self.start(config)
        return self.program

    def client(self):
        wire = Wire.connect(self.port, root=self.pki.root.pem, host=HOST)
        self.addCleanup(wire.close)
        return wire

    def text(self, name="access.log"):
        path = self.program.folder / name
        return path.read_text() if path.exists() else ""

    def lines(self, count, name="access.log"):
        self.program.wait_until(lambda: self.text(name).count("\n") >= count, 10, f"log {count} requests")
        return self.text(name).splitlines()

    def test_says_who_asked_for_what_and_how_it_went(self):
        self.through()
        wire = self.client()
        wire.request(get("/EWS/Exchange.asmx?mailbox=" + SECRET, HOST, f"Authorization: Basic {SECRET}",
                         f"Cookie: {SECRET}", "User-Agent: A \"phone\""))
        wire.request("POST /EWS/two HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello")
        first, second = map(json.loads, self.lines(2))
        self.assertEqual(
            {key: first[key] for key in ("listener", "client", "method", "host", "path", "protocol", "status", "end",
                                         "bytes_in", "bytes_out", "upstream", "server", "tls_version", "server_name",
                                         "resumed", "reused", "upstream_reused", "user_agent")},
            {"listener": "exchange", "client": "127.0.0.1", "method": "GET", "host": HOST, "path": "/EWS/Exchange.asmx",
             "protocol": "HTTP/1.1", "status": 200, "end": "whole", "bytes_in": 0,
             "bytes_out": len("/EWS/Exchange.asmx?mailbox=" + SECRET), "upstream": "cas", "server": self.backend.url,
             "tls_version": "tls1.3", "server_name": HOST, "resumed": False, "reused": False,
             "upstream_reused": False, "user_agent": 'A "phone"'})
        self.assertEqual((second["bytes_in"], second["reused"], second["upstream_reused"]), (5, True, True))
        self.assertEqual(second["connection"], first["connection"])
        self.assertTrue(first["tls_suite"].startswith("TLS_"))
        self.assertEqual(self.backend.requests[0].get("x-request-id"), first["request_id"])
        self.assertLessEqual(first["connect_ms"], first["total_ms"])
        self.assertLessEqual(first["first_byte_ms"], first["total_ms"])
        self.assertNotIn("connect_ms", second)
        self.assertNotIn(SECRET, self.text())
        self.assertNotIn("query", first)

    def test_has_what_we_answer_ourselves(self):
        self.through(upstream=f"http://127.0.0.1:{free_port()}")
        wire = self.client()
        self.assertEqual(wire.request(get("/owa")).status, 502)
        wire.send("GET / HTTP/9\r\n\r\n")
        wire.message()
        failed, bad = map(json.loads, self.lines(2))
        self.assertEqual((failed["status"], failed["upstream"], "server" in failed), (502, "cas", False))
        self.assertEqual((bad["status"] >= 400, "path" in bad), (True, False))

    def test_has_what_was_cut(self):
        def handle(wire):
            wire.message()
            wire.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        self.through(handle)
        self.client().send(get("/cut"))
        (line,) = map(json.loads, self.lines(1))
        self.assertEqual((line["status"], line["end"], line["bytes_out"]), (200, "cut", 4))

    def test_is_written_as_it_is_formatted(self):
        self.through(format="{client} {{{method}}} {path}{query} {status} {upstream_reused}", query=True)
        self.client().request(get("/a?b=\"c"))
        self.assertEqual(self.lines(1), [r"127.0.0.1 {GET} /a?b=\x22c 200 no"])

    def test_takes_a_sample_and_all_failures(self):
        statuses = iter([200] * 10 + [503] * 3)

        def handle(wire):
            while True:
                wire.message()
                wire.send(answer("", f"{next(statuses)} X"))
        self.through(handle, sample="20%", format="{status}")
        wire = self.client()
        for _ in range(13):
            wire.request(get())
        self.assertEqual(sorted(self.lines(5)), ["200", "200", "503", "503", "503"])

    def test_has_the_clients_that_were_asked_for(self):
        self.through(client_types=["lync_phone_edition"], format="{client_type}")
        wire = self.client()
        wire.request(get())
        wire.request(get("/", HOST, "User-Agent: CPE/4.0.7577.4512 OCPhone/4.0.7577.4512 (Microsoft Lync Phone Edition)"))
        wire.request(get())
        self.assertEqual(set(self.lines(1)), {"lync_phone_edition"})

    def test_goes_on_in_a_new_file_after_a_signal(self):
        self.through(format="{path}")
        wire = self.client()
        for number, how in enumerate((signal.SIGUSR1, signal.SIGHUP)):
            wire.request(get(f"/before-{number}"))
            self.lines(1)
            os.rename(self.program.folder / "access.log", self.program.folder / f"old-{number}")
            self.program.send(how)
            self.program.wait_until(lambda: (self.program.folder / "access.log").exists(), 20, "open it again")
            wire.request(get(f"/after-{number}"))
            self.assertEqual(self.lines(1), [f"/after-{number}"])
            (self.program.folder / "access.log").unlink()
            self.program.send(signal.SIGUSR1)
            self.program.wait_until(lambda: (self.program.folder / "access.log").exists(), 20, "open it again")
        self.assertIn("reopen_logs outcome=done", self.program.output)

    def test_a_disk_that_takes_nothing_stops_nobody(self):
        self.backend = Backend()
        self.addCleanup(self.backend.stop)
        config = self.config(self.backend.url)
        config["logs"] = {"access": {"file": "/dev/full"}}
        self.program = self.start(config)
        wire = self.client()
        for _ in range(20):
            self.assertEqual(wire.request(get()).status, 200)
        self.program.wait_for_text("access_log_failed")
        self.program.wait_for_metric("log_dropped_total", 20, log="access")


if __name__ == "__main__":
    main()
