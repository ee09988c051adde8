"""chainmend explain FILE: what real clients print, and what real servers log, of handshakes that fail, comes to the cause
that the test gave them."""

import array
import fcntl
import gzip
import json
import os
import signal
import socket
import subprocess
import termios
import threading
from pathlib import Path

import lab.chainmend
from lab import chainmend, tls_servers
from lab.case import HOST, LabCase, main
from lab.nginx import ews_backend, tls_lines
from lab.programs import Failed, Program, free_port
from lab.schema import wrongs
from lab.wire import Backend

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = json.loads((ROOT / "deploy/schemas/explain-log.schema.json").read_text())
ARTICLES = ROOT / "tests/proxy/diagnose/logs"
SOURCE = Path(lab.chainmend.__file__).with_name("StrictClient.java")
NODE = """
const [port, root, host] = process.argv.slice(1);
const socket = require('tls').connect({host: '127.0.0.1', port, ca: require('fs').readFileSync(root), servername: host});
socket.on('error', (error) => { console.error(error); process.exit(1); });
socket.on('secureConnect', () => process.exit(0));
"""
PYTHON = """
import socket, ssl, sys
port, root, host = sys.argv[1:]
ssl.create_default_context(cafile=root).wrap_socket(socket.create_connection(("127.0.0.1", int(port))), server_hostname=host)
"""


def explained(*arguments, stdin=None):
    """The causes that are found, the first first, and all objects that were printed."""
    done = subprocess.run([chainmend.binary(), "explain", "--json", *map(str, arguments)], input=stdin, capture_output=True,
                          env={**os.environ, **chainmend.SANITIZERS}, timeout=120)
    said = [json.loads(line) for line in done.stdout.decode().splitlines()]
    return [one for one in said if "cause" in one], said, done


def waits_for_input(pid):
    """True when a process sleeps in a system call and its pipe is empty."""
    state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    pending = array.array("i", [0])
    with open(f"/proc/{pid}/fd/0", "rb") as pipe:
        fcntl.ioctl(pipe, termios.FIONREAD, pending)
    return state == "S" and pending[0] == 0


class AlertWatch:
    """A relay to a port of TLS 1.2 that notes the alert which a client sends before it encrypts."""

    def __init__(self, to):
        self.to, self.sent = to, b""
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.relay, daemon=True)

    def relay(self):
        client, _ = self.listening.accept()
        server = socket.create_connection(("127.0.0.1", self.to))
        client.settimeout(30)
        server.settimeout(30)
        back = threading.Thread(target=self.copy, args=(server, client), daemon=True)
        back.start()
        self.copy(client, server, keep=True)
        back.join(30)
        client.close()
        server.close()

    def copy(self, source, sink, keep=False):
        try:
            while data := source.recv(65536):
                self.sent += data if keep else b""
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def alert(self):
        """Its number; None: the client sent none in plain text."""
        self.thread.join(30)
        rest = self.sent
        while len(rest) >= 5 and rest[0] != 20:  # ChangeCipherSpec: what follows is encrypted
            size = int.from_bytes(rest[3:5], "big")
            if rest[0] == 21:
                return rest[6]
            rest = rest[5 + size:]
        return None

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.listening.close()


class Clients(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        subprocess.run(["javac", "-d", cls.class_folder, SOURCE], check=True, capture_output=True)
        cls.nss = cls.class_folder / "nss"
        cls.nss.mkdir()
        for step in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,,", "-a", "-i", cls.pki.root.pem]):
            subprocess.run(["certutil", "-d", f"sql:{cls.nss}", *step], check=True, capture_output=True)
        cls.expired = cls.pki.leaf("expired", days=(-30, -3))
        cls.whole = {leaf: cls.pki.authority.bundle(f"{leaf.pem.stem}-full.pem", leaf, cls.pki.server_ca, cls.pki.primary)
                     for leaf in (cls.pki.rsa, cls.expired)}

    def said(self, program, port, host):
        root = self.pki.root.pem
        command = {
            "openssl": ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", root, "-no-CApath", "-no-CAstore",
                        "-verify_return_error", "-servername", host, "-verify_hostname", host],
            "curl": ["curl", "-sS", "-v", "--cacert", root, "--resolve", f"{host}:{port}:127.0.0.1", f"https://{host}:{port}/"],
            "gnutls": ["gnutls-cli", "--x509cafile", root, "-p", port, "--verify-hostname", host, "--sni-hostname", host,
                       "127.0.0.1"],
            "java": ["java", "-XX:TieredStopAtLevel=1", "-cp", self.class_folder, "StrictClient", port, root, host, "", ""],
            "node": ["node", "-e", NODE, port, root, host],
            "python": ["python3", "-c", PYTHON, port, root, host],
            "nss": ["tstclnt", "-h", "127.0.0.1", "-p", port, "-a", host, "-d", f"sql:{self.nss}", "-V", "tls1.0:tls1.3"],
        }[program]
        done = subprocess.run([str(word) for word in command], capture_output=True, timeout=60, stdin=subprocess.DEVNULL)
        file = self.folder / f"{program}-{host}-{port}.txt"
        file.write_bytes(done.stdout + done.stderr)
        return file

    def test_what_clients_print_comes_to_the_cause(self):
        ports = {what: free_port() for what in ("leaf alone", "expired", "whole")}
        self.nginx(ews_backend(ports["leaf alone"], tls_lines(self.pki.rsa)),
                   ews_backend(ports["expired"], tls_lines(self.expired, chain=self.whole[self.expired])),
                   ews_backend(ports["whole"], tls_lines(self.pki.rsa, chain=self.whole[self.pki.rsa])),
                   ).wait_for_port(ports["whole"])
        for what, host, cause in (("leaf alone", HOST, "chain-untrusted"), ("expired", HOST, "certificate-dates"),
                                  ("whole", "other.contoso.test", "name-mismatch")):
            for program in ("openssl", "curl", "gnutls", "java", "node", "python", "nss"):
                with self.subTest(what, program=program):
                    file = self.said(program, ports[what], host)
                    causes, _, done = explained(file)
                    self.assertEqual(done.returncode, 1, file.read_text())
                    self.assertEqual(causes[0]["cause"], cause, file.read_text())

    def test_what_a_client_prints_when_all_is_well_is_no_failure(self):
        port = free_port()
        self.nginx(ews_backend(port, tls_lines(self.pki.rsa, chain=self.whole[self.pki.rsa]))).wait_for_port(port)
        for program in ("openssl", "curl", "gnutls", "java", "node", "python"):
            with self.subTest(program):
                file = self.said(program, port, HOST)
                causes, _, done = explained(file)
                self.assertEqual((causes, done.returncode), ([], 0), file.read_text())

    def test_clients_send_the_alerts_that_the_table_of_explain_says(self):
        """In TLS 1.2 the alert of a client that refuses the list is in plain text. That of NSS is not: it comes later."""
        lists = {"no root": (self.pki.rsa.pem, self.pki.rsa), "date": (self.whole[self.expired], self.expired),
                 "name": (self.whole[self.pki.rsa], self.pki.rsa)}
        phrases = {"no root": "a list that leads to no root that it trusts", "date": "a date that is past", "name": "another name"}
        clients = {"openssl": "OpenSSL 3, Python 3", "python": "OpenSSL 3, Python 3", "curl": "curl with OpenSSL", "gnutls": "GnuTLS 3.7",
                   "java": "Java 17", "node": "Node.js 20"}
        told = {number: json.loads(chainmend.run("explain", "--json", f"alert {number}").stdout)["codes"][0]["clients"]
                for number in (42, 45, 46, 48)}
        for fault, (chain, leaf) in lists.items():
            folder = self.folder / fault.replace(" ", "-")
            folder.mkdir()
            terms = tls_servers.Terms(folder, free_port(), chain, leaf.key, versions=("1.2",))
            server = tls_servers.nginx(terms)
            self.addCleanup(server.stop)
            server.wait_for_port(terms.port)
            for program, name in clients.items():
                with self.subTest(fault, program=program), AlertWatch(terms.port) as watch:
                    self.said(program, watch.port, "other.contoso.test" if fault == "name" else HOST)
                    alert = watch.alert()
                    if alert is None:
                        says = [line for line in told[42] if line.startswith(f"{name} sends no alert of ")]
                    else:
                        says = [line for line in told[alert] if line.startswith(f"{name}: ")]
                    self.assertIn(phrases[fault], " ".join(says), f"alert {alert}")

    def test_what_clients_print_when_nobody_is_there(self):
        for program in ("curl", "node"):
            file = self.said(program, free_port(), HOST)
            self.assertEqual(explained(file)[0][0]["cause"], "connect-failed", file.read_text())


class Servers(LabCase):
    """Their logs, of a client that does not trust them."""

    def refuse(self, port):
        return subprocess.run(["curl", "-sS", "--cacert", self.pki.root.pem, "--resolve", f"{HOST}:{port}:127.0.0.1",
                               f"https://{HOST}:{port}/"], capture_output=True, timeout=60)

    def cause_of(self, file):
        causes, _, _ = explained(file)
        self.assertEqual([cause["cause"] for cause in causes[:1]], ["chain-untrusted"], Path(file).read_text())
        self.assertEqual(causes[0]["groups"][0]["client"], "127.0.0.1")
        self.assertIsNotNone(causes[0]["first"])

    def test_nginx(self):
        port = free_port()
        server = self.nginx(ews_backend(port, tls_lines(self.pki.rsa)))
        server.wait_for_port(port)
        self.refuse(port)
        server.wait_until(lambda: "SSL_do_handshake() failed" in server.errors, 10, "the error is logged")
        self.cause_of(server.folder / "error.log")

    def test_haproxy(self):
        port = free_port()
        (self.folder / "server.pem").write_text(self.pki.rsa.pem.read_text() + self.pki.rsa.key.read_text())
        (self.folder / "haproxy.cfg").write_text(f"""
global
  log stdout format rfc3164 local0
defaults
  mode http
  log global
  timeout client 10s
frontend front
  bind 127.0.0.1:{port} ssl crt {self.folder}/server.pem
  error-log-format "%ci:%cp [%t] %ft: SSL handshake failure: %[ssl_fc_err_str]"
  http-request return status 200
""")
        server = Program("haproxy", ["haproxy", "-db", "-f", self.folder / "haproxy.cfg"], self.folder / "haproxy.log")
        self.addCleanup(server.stop)
        server.wait_for_port(port)
        for _ in range(10):  # an alert that a reset overtakes leaves HAProxy without an error to log
            self.refuse(port)
            try:
                server.wait_for_text("handshake failure: error", 2)
                break
            except Failed:
                pass
        # Lines without an error are of connections that ended without a word: this test's look at the port, and resets.
        log = (self.folder / "haproxy.log").read_text().splitlines(keepends=True)
        told = self.folder / "told.log"
        told.write_text("".join(line for line in log if not line.endswith("failure: -\n")))
        self.cause_of(told)

    def test_stunnel(self):
        port = free_port()
        (self.folder / "stunnel.conf").write_text(f"""
foreground = yes
debug = info
pid =
[tls]
accept = 127.0.0.1:{port}
connect = 127.0.0.1:{free_port()}
cert = {self.pki.rsa.pem}
key = {self.pki.rsa.key}
""")
        server = Program("stunnel", ["/usr/bin/stunnel4", self.folder / "stunnel.conf"], self.folder / "stunnel.log")
        self.addCleanup(server.stop)
        server.wait_for_port(port)
        self.refuse(port)
        server.wait_for_text("SSL_accept:")
        self.cause_of(self.folder / "stunnel.log")

    def test_chainmend(self):
        backend = Backend()
        self.addCleanup(backend.stop)
        program = self.start(self.config(backend.url, chain=self.chain(bundles=[])))
        self.refuse(self.port)
        program.wait_for_lines(1)
        self.cause_of(program.folder / "handshakes.jsonl")
        program.wait_for_text("handshake_failed")
        (self.folder / "people.log").write_text(program.output)
        self.cause_of(self.folder / "people.log")
        both = self.folder / "both"
        both.mkdir()
        for log in (program.folder / "handshakes.jsonl", self.folder / "people.log"):
            (both / log.name).write_bytes(log.read_bytes())
        causes, _, _ = explained(both)
        self.assertEqual([cause["count"] for cause in causes], [1])


class Files(LabCase):
    def entry(self, client, status="403 16 2148204809"):
        return (f"2016-12-21 15:01:37 10.169.24.10 POST /shoreauth/certauth - 443 - {client} Mozilla/5.0 - {status} 1\n")

    def test_the_two_articles_come_out_right(self):
        causes, said, done = explained(ARTICLES / "mitel_phones_article.txt", ARTICLES / "lync_phone_article.txt")
        self.assertEqual(wrongs(said, {"type": "array", "items": SCHEMA}, SCHEMA), [])
        self.assertEqual(done.returncode, 1)
        self.assertEqual(causes[0]["cause"], "client-certificate-untrusted")
        self.assertIn("ClientAuthTrustMode = 2", " ".join(causes[0]["fix"]))
        told = {cause["cause"] for cause in causes}
        self.assertLessEqual({"chain-untrusted", "name-not-resolved"}, told)

    def test_the_page_is_as_it_was_looked_at(self):
        """Whoever changes what is printed looks at it again, 80 columns wide, and keeps it as the .out file."""
        done = subprocess.run([chainmend.binary(), "explain", "-"], capture_output=True, text=True, timeout=60,
                              input=(ARTICLES / "mitel_phones_article.txt").read_text(),
                              env={**os.environ, **chainmend.SANITIZERS})
        self.assertEqual(done.stdout, (ARTICLES / "mitel_phones_article.out").read_text())
        for line in done.stdout.splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_a_folder_with_packed_and_windows_files(self):
        (self.folder / "logs").mkdir()
        (self.folder / "logs/x.log.1.gz").write_bytes(gzip.compress(self.entry("10.0.0.1").encode()))
        (self.folder / "logs/x.log").write_bytes(self.entry("10.0.0.2").encode("utf-16"))
        os.symlink(self.folder / "logs", self.folder / "logs/loop")
        causes, said, _ = explained(self.folder / "logs")
        self.assertEqual([group["client"] for group in causes[0]["groups"]], ["10.0.0.1", "10.0.0.2"])
        self.assertEqual([Path(one["file"]).name for one in said if "file" in one], ["x.log.1.gz", "x.log"])

    def test_a_pipe_and_filters(self):
        lines = "".join(self.entry(f"10.0.0.{i}") for i in range(9)).encode()
        causes, _, _ = explained("-", "--client", "10.0.0.4/31", stdin=lines)
        self.assertEqual(causes[0]["clients"], 2)
        causes, _, done = explained("-", "--since", "2016-12-22", stdin=lines)
        self.assertEqual((causes, done.returncode), ([], 0))
        causes, _, _ = explained("-", "--top", "3", stdin=lines)
        self.assertEqual((len(causes[0]["groups"]), causes[0]["groups_left_out"]), (3, 6))

    def test_a_pipe_that_never_ends_tells_what_came_when_it_is_interrupted(self):
        reader = subprocess.Popen([chainmend.binary(), "explain", "--json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                  env={**os.environ, **chainmend.SANITIZERS})
        self.addCleanup(reader.stdout.close)
        self.addCleanup(reader.stdin.close)
        reader.stdin.write(self.entry("10.0.0.1").encode() * 100)
        reader.stdin.flush()
        chainmend.until(lambda: waits_for_input(reader.pid), 10, "all that came is read")
        reader.send_signal(signal.SIGINT)
        self.assertEqual(reader.wait(10), 1)
        causes = [json.loads(line) for line in reader.stdout.read().splitlines()]
        self.assertEqual(causes[1]["count"], 100)

    def test_one_bad_file_does_not_end_the_rest(self):
        good, bad = self.folder / "good.log", self.folder / "bad.gz"
        good.write_text(self.entry("10.0.0.1"))
        bad.write_bytes(gzip.compress(b"x" * 1000)[:-9])
        causes, _, done = explained(bad, "/dev/null", good)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(causes[0]["count"], 1)
        self.assertIn("ends too early", done.stderr.decode())
        self.assertIn("a device", done.stderr.decode())

    def test_says_what_is_wrong_with_an_option(self):
        (self.folder / "x.log").write_text("x")
        for option, value, expected in (("--type", "nonsense", "known are w3c"), ("--since", "yesterday", "2016-12-21"),
                                        ("--until", "x", "--until")):
            done = chainmend.run("explain", self.folder / "x.log", option, value)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(expected, done.stderr)

    def test_nothing_of_a_file_reaches_the_terminal_as_it_is(self):
        evil = "\x1b[31m\x9b1m\u202e"
        file = self.folder / "evil\x1b.log"
        file.write_text(self.entry(evil) + f"{evil} curl: (60) SSL certificate problem https://h/{evil}\n"
                        + f"2016-12-21 10:00:00 {evil}\n")
        for arguments in ((file,), (file, "--json")):
            done = chainmend.run("explain", *arguments)
            for character in "\x1b\x9b\u202e":
                self.assertNotIn(character, done.stdout + done.stderr)


if __name__ == "__main__":
    main()
