"""chainmend measure against nginx, haproxy and chainmend: what it counts, how it shows it, what it refuses."""

import base64
import csv
import io
import json
import signal
import socket
import subprocess
import threading
import time

from lab import clients
from lab.case import HOST, LabCase, main
from lab.chainmend import binary, run
from lab.nginx import ews_backend, vip
from lab.programs import free_port
from lab.prometheus import DEPLOY, Prometheus
from lab.schema import wrongs

PHONE = "lync_phone_edition"


class Measure(LabCase):
    def vip(self, pem=None):
        """A load balancer that serves the leaf alone: its port."""
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend), vip(port, backend, self.pki.rsa)).wait_for_port(port)
        return port

    def front(self, extra=""):
        """chainmend with the certificate's whole chain, and legacy TLS: its port."""
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend)).wait_for_port(backend)
        server = self.start(f"""
admin: {{ listen: off }}
clients: {{ learn: false }}
chain: {{ bundles: {self.pki.bundle}, trust: {self.pki.root.pem} }}
certificates: {{ mail: {{ cert: {self.pki.rsa.pem}, key: {self.pki.rsa.key} }} }}
upstreams: {{ cas: {{ servers: "http://127.0.0.1:{backend}" }} }}
listeners:
  - {{ name: phones, listen: "127.0.0.1:{port}", certificates: mail, tls: {{ policy: legacy-tls10 }}, upstream: cas }}
{extra}""", wait=False)
        server.wait_for_port(port)
        return port

    def measure(self, port, *options):
        return run("measure", f"127.0.0.1:{port}", "--sni", HOST, "--roots", self.pki.root.pem, "--bundle",
                   self.pki.bundle, *([] if "--rate" in options else ["--rate", "90"]), *options)

    def rows(self, port, *options):
        done = self.measure(port, "--json", *options)
        return {row["client"]: row for row in json.loads(done.stdout)["rows"]}, done

    def test_tells_the_story(self):
        rows, done = self.rows(self.vip(), "--count", "4", "--types", PHONE, "windows_10_schannel")
        self.assertEqual(rows["windows_10_schannel"]["succeeded"], 0)
        phone = rows[PHONE]
        self.assertEqual(done.returncode, 1)
        self.assertEqual((phone["attempts"], phone["succeeded"]), (4, 0))
        self.assertEqual([f["reason"] for f in phone["failures"]], ["client_unknown_ca"])
        self.assertIn("is missing", phone["failures"][0]["example"])

        before = self.folder / "before.json"
        before.write_text(done.stdout)
        rows, done = self.rows(self.front(), "--count", "4", "--types", PHONE, "--concurrency", "1")
        phone = rows[PHONE]
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual((phone["succeeded"], phone["completed"], phone["failures"]), (4, 4, []))
        self.assertEqual(phone["negotiated"], [{"version": "tls1.0", "suite": "TLS_RSA_WITH_AES_128_CBC_SHA", "count": 4}])
        self.assertEqual(phone["resumption"], {"asked": 2, "granted": 2})
        self.assertEqual(phone["handshake_ms"]["count"], 2)
        after = self.folder / "after.json"
        after.write_text(done.stdout)
        compared = run("measure", "--before", before, "--after", after)
        self.assertEqual(compared.returncode, 0, compared.stdout)
        self.assertRegex(" ".join(compared.stdout.split()), r"Lync Phone Edition: 0 % -> 100 % \(0/4 -> 4/4;")
        self.assertIn("Nothing got worse.", compared.stdout)
        compared = run("measure", "--before", after, "--after", before, "--json")
        self.assertEqual(compared.returncode, 1)
        self.assertEqual(json.loads(compared.stdout)["changes"][0]["direction"], "worse")

    def test_json_is_as_its_schema_says(self):
        schema = json.loads((DEPLOY / "schemas" / "measure.schema.json").read_text())
        _, done = self.rows(self.front(), "--count", "2", "--types", PHONE, "windows_xp_schannel")
        self.assertEqual(wrongs(json.loads(done.stdout), schema, schema), [])
        done = run("measure", f"127.0.0.1:{free_port()}", "--types", PHONE, "--json")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(wrongs(json.loads(done.stdout), schema, schema), [])
        self.assertIn("refused", json.loads(done.stdout)["unreachable"][0]["why"])

    def test_table_csv_and_textfile(self):
        port = self.front()
        metrics = self.folder / "phones.prom"
        done = self.measure(port, "--count", "2", "--types", PHONE, "windows_xp_schannel", "--textfile", metrics)
        self.assertTrue(all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout)
        self.assertRegex(done.stdout, rf"{PHONE} +###### 100 % +2/2 .*tls1.0")
        self.assertRegex(done.stdout, r"windows_xp_schannel +\.{6} +0 % +0/2")
        self.assertIn("no_shared_cipher: the server refuses it with alert 40", done.stdout)
        self.assertEqual(oct(metrics.stat().st_mode & 0o777), "0o644")
        checked = subprocess.run(["promtool", "check", "metrics"], input=metrics.read_bytes(), capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        self.assertIn(f'client="{PHONE}",client_type="lync_phone_edition",outcome="failed"}} 0', metrics.read_text())
        done = self.measure(port, "--count", "2", "--types", PHONE, "--csv")
        [row] = csv.DictReader(io.StringIO(done.stdout))
        self.assertEqual((row["client"], row["attempts"], row["success_percent"]), (PHONE, "2", "100.00"))

    def test_tells_servers_that_are_none_by_reason(self):
        """Each fault with the reason that the proxy's metrics would use."""
        def silent(conversation):
            conversation.recv(4096)
            time.sleep(3)
        faults = [
            (lambda c: c.recv(4096) and c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "protocol_error"),
            (lambda c: c.recv(4096), "upstream_failed"),
            (silent, "timeout"),
            (lambda c: c.recv(4096) and c.sendall(bytes.fromhex("15030100020246")), "version_unsupported"),
            (lambda c: c.recv(4096) and c.sendall(bytes.fromhex("15030100020270")), "sni_unknown"),
        ]
        for speak, reason in faults:
            with self.subTest(reason):
                rows, done = self.rows(self.tcp_server(speak), "--count", "1", "--types", PHONE, "--timeout", "1s")
                self.assertEqual([f["reason"] for f in rows[PHONE]["failures"]], [reason])
                self.assertEqual(done.returncode, 1)

    def tcp_server(self, speak):
        """A server that does this with each connection: its port."""
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            while True:
                try:
                    conversation, _ = listener.accept()
                except OSError:
                    return
                with conversation:
                    try:
                        speak(conversation)
                    except OSError:
                        pass
        threading.Thread(target=serve, daemon=True).start()
        return listener.getsockname()[1]

    def test_interrupted_it_prints_what_there_is(self):
        port = self.front()
        program = subprocess.Popen(
            [binary(), "measure", f"127.0.0.1:{port}", "--sni", HOST, "--roots", self.pki.root.pem, "--types", PHONE,
             "--rate", "20", "--count", "10000", "--json"], stdout=subprocess.PIPE, text=True)
        time.sleep(2)
        program.send_signal(signal.SIGINT)
        out, _ = program.communicate(timeout=10)
        found = json.loads(out)
        self.assertTrue(found["interrupted"])
        self.assertEqual(program.returncode, 0)
        [row] = found["rows"]
        self.assertGreater(row["attempts"], 3)
        self.assertEqual(row["failures"], [])

    def test_keeps_its_rate(self):
        began = time.monotonic()
        rows, _ = self.rows(self.front(), "--count", "10", "--types", PHONE, "--rate", "10/s")
        self.assertGreater(time.monotonic() - began, 0.85)
        self.assertEqual(rows[PHONE]["attempts"], 10)

    def test_records_hellos_and_says_them_again(self):
        log = self.folder / "handshakes.jsonl"
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend)).wait_for_port(backend)
        server = self.start(f"""
admin: {{ listen: off }}
clients: {{ learn: false }}
logs: {{ handshakes: {{ file: {log}, successes: all, hellos: true }} }}
chain: {{ bundles: {self.pki.bundle}, trust: {self.pki.root.pem} }}
certificates: {{ mail: {{ cert: {self.pki.rsa.pem}, key: {self.pki.rsa.key} }} }}
upstreams: {{ cas: {{ servers: "http://127.0.0.1:{backend}" }} }}
listeners:
  - {{ name: mail, listen: "127.0.0.1:{port}", certificates: mail, upstream: cas }}
""", wait=False)
        server.wait_for_port(port)
        phone = clients.gnutls(port, root=self.pki.root.pem, host=HOST)  # TLS 1.0 at most
        self.assertFalse(phone.completed)
        answer = clients.curl(f"https://{HOST}:{port}/", root=self.pki.root.pem, resolve=HOST)
        self.assertTrue(answer.code, answer)
        server.stop()
        lines = [json.loads(line) for line in log.read_text().splitlines()]
        self.assertEqual(len(lines), 2, lines)
        for line in lines:
            hello = base64.b64decode(line["hello"])
            self.assertEqual(hello[11:43], bytes(32))  # the random
        self.assertIn(HOST.encode(), base64.b64decode(lines[1]["hello"]))

        replayed = run("measure", "--hellos", log, "--policy", "intermediate", "--json")
        self.assertEqual(replayed.returncode, 1, replayed.stdout)
        refused = [row for row in json.loads(replayed.stdout)["client_types"] if row["accepted"] == 0]
        self.assertEqual([row["version_unsupported"] for row in refused], [1])
        self.assertEqual([one["reason"] for one in json.loads(replayed.stdout)["hellos"]], ["version_unsupported", "none"])
        replayed = run("measure", "--hellos", log, "--policy", "legacy-tls10")
        self.assertEqual(replayed.returncode, 0, replayed.stdout)
        again = run("measure", f"127.0.0.1:{self.front()}", "--hellos", log, "--count", "3", "--rate", "90", "--json")
        rows = json.loads(again.stdout)["rows"]
        self.assertEqual(sum(row["succeeded"] for row in rows), 6, again.stdout)
        again = run("measure", f"127.0.0.1:{self.vip()}", "--hellos", log, "--json")
        reasons = [failure["reason"] for row in json.loads(again.stdout)["rows"] for failure in row["failures"]]
        self.assertTrue(set(reasons) <= {"version_unsupported", "no_shared_cipher"}, again.stdout)

    def test_measures_when_prometheus_asks(self):
        front, port = self.front(), free_port()
        program = subprocess.Popen(
            [binary(), "measure", "--listen", f"127.0.0.1:{port}", "--allow", f"127.0.0.1:{front}", "--sni", HOST,
             "--roots", self.pki.root.pem], stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.stderr.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.terminate)
        self.assertIn("/probe?target=", program.stderr.readline())

        def ask(query):
            answer = subprocess.run(["curl", "-sS", "-w", "%{http_code}", f"http://127.0.0.1:{port}{query}"],
                                    capture_output=True, text=True, timeout=30)
            return int(answer.stdout[-3:]), answer.stdout[:-3]
        by_name = subprocess.run(["curl", "-sS", "-H", "Host: rebound.test", f"http://127.0.0.1:{port}/probe"],
                                 capture_output=True, text=True, timeout=30).stdout
        self.assertIn("is not asked by the name rebound.test: ask by its address, or name it with --name", by_name)
        self.assertEqual(self.words_of("--listen", f"0.0.0.0:{free_port()}").count("whoever reaches 0.0.0.0"), 1)
        code, page = ask(f"/probe?target=127.0.0.1%3A{front}&type={PHONE}")
        self.assertEqual(code, 200, page)
        self.assertIn(f'chainmend_measured_reachable{{target="127.0.0.1:{front}"}} 1', page)
        self.assertRegex(page, rf'chainmend_measured_success_ratio{{[^}}]*client="{PHONE}"[^}}]*}} 1\n')
        checked = subprocess.run(["promtool", "check", "metrics"], input=page.encode(), capture_output=True)
        self.assertEqual(checked.returncode, 0, checked.stderr)
        for query, wanted, says in [("/probe?target=127.0.0.1:1", 403, "--allow"), ("/probe", 400, "which target"),
                                    (f"/probe?target=127.0.0.1:{front}&type=lynx", 400, "lynx"),
                                    ("/probe?target=%00", 400, ""), ("/metrics", 404, "/probe?target=")]:
            code, page = ask(query)
            self.assertEqual(code, wanted, query)
            self.assertIn(says, page)

        prometheus = Prometheus(self.folder / "prometheus", "scrape-measure.yaml", {
            "127.0.0.1:9466": f"127.0.0.1:{port}", "mail.contoso.com:443": f"127.0.0.1:{front}", "60s": "1s", "30s": "1s"})
        self.addCleanup(prometheus.stop)
        query = f'chainmend_measured_success_ratio{{client="{PHONE}"}}'
        prometheus.wait_until(lambda: prometheus.query(query), 30, "a measurement")
        self.assertEqual(list(prometheus.query(query).values()), [1])

    def words_of(self, *options):
        """What an exporter says before it serves."""
        program = subprocess.Popen([binary(), "measure", *options, "--allow", "h"], stderr=subprocess.PIPE, text=True)
        self.addCleanup(program.stderr.close)
        self.addCleanup(program.wait)
        self.addCleanup(program.terminate)
        words = ""
        while "/probe?target=" not in words:
            line = program.stderr.readline()
            self.assertTrue(line, words)
            words += line
        return words

    def test_refuses_what_it_cannot_do(self):
        (self.folder / "empty.jsonl").write_text("")
        (self.folder / "plain.jsonl").write_text('{"event":"handshake","client_type":"ios"}\nnonsense\n')
        (self.folder / "no.json").write_text("{}")
        for options, says in [
            ([], "measure needs a server"),
            (["h", "--rate", "200"], "--i-own-this"),
            (["h", "--rate", "0"], "--rate: expected"),
            (["h", "--count", "none"], "--count: expected a number from 1 to"),
            (["h", "--concurrency", "0"], "--concurrency: expected"),
            (["h", "--duration", "soon"], "--duration: expected a time"),
            (["h", "--types", "lync_phon"], "no client type with a known hello is called"),
            (["ftp://h"], "ftp"),
            (["--before", self.folder / "no.json"], "--before and --after belong together"),
            (["--before", self.folder / "no.json", "--after", "/nowhere"], "--after /nowhere: it cannot be read"),
            (["--before", self.folder / "no.json", "--after", self.folder / "no.json"], "it has no rows"),
            (["--policy", "modern"], "--policy needs --hellos"),
            (["--policy", "legacy-tls1", "--hellos", "x"], 'did you mean "legacy-tls10"?'),
            (["--hellos", self.folder / "plain.jsonl", "--policy", "modern"], "logs.handshakes.hellos"),
            (["--hellos", self.folder / "plain.jsonl", "--policy", "modern"], "line 2: no JSON object"),
            (["--hellos", self.folder / "empty.jsonl", "h"], "it holds no recorded hello"),
            (["--listen", "9466", "--allow", "h"], "--listen: expected an address and a port"),
            (["--listen", "127.0.0.1:9466"], "--listen needs --allow"),
        ]:
            with self.subTest(options=options):
                done = run("measure", *options)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn(says, done.stderr)


if __name__ == "__main__":
    main()
