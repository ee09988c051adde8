"""Why handshakes fail, told by those that fail: each row of the table is a real client and what is wrong, with what must
then stand in the handshake log and in the metrics. Every row has a listener of its own, so all of them may call at once.
"""

import concurrent.futures
import select
import socket
import subprocess
import threading
from dataclasses import dataclass, replace
from pathlib import Path

import lab.chainmend
from lab.case import HOST, LabCase, main
from lab.chainmend import until
from lab.wire import Backend

SOURCE = Path(lab.chainmend.__file__).with_name("StrictClient.java")
OTHER_HOST = "other.contoso.test"
ECDSA = "ECDHE-ECDSA-AES128-GCM-SHA256"  # where the certificate's key is RSA

NODE = """
const [port, root, host, version, ciphers] = process.argv.slice(1);
const socket = require('tls').connect({host: '127.0.0.1', port, ca: require('fs').readFileSync(root), servername: host,
  ...(version && {minVersion: version, maxVersion: version}), ...(ciphers && {ciphers})});
socket.on('secureConnect', () => socket.write('GET / HTTP/1.0\\r\\n\\r\\n'));
socket.on('error', () => process.exit(1));
socket.resume();
"""
NODE_TEXT = """
const socket = require('net').connect(process.argv[1], '127.0.0.1', () => socket.write('EHLO mail\\r\\n'));
socket.resume();
"""
NODE_HTTP = "require('http').get('http://127.0.0.1:' + process.argv[1] + '/', (answer) => answer.resume());"


@dataclass
class Ask:
    """What a client is told to do."""

    port: int
    root: Path  # the only one that it trusts
    host: str = HOST
    version: str = ""  # "1.0", "1.2"; empty: what it likes
    ecdsa: bool = False  # offer nothing but ECDSA


def at(port):
    return f"127.0.0.1:{port}"


# How each program is told. java: how to start ours.


def s_client(ask, java):
    version = {"": [], "1.0": ["-tls1", "-cipher", "ALL:@SECLEVEL=0"], "1.2": ["-tls1_2"]}[ask.version]
    return ["openssl", "s_client", "-connect", at(ask.port), "-CAfile", ask.root, "-no-CApath", "-no-CAstore",
            "-verify_return_error", "-servername", ask.host, "-verify_hostname", ask.host, *version,
            *(["-cipher", ECDSA] if ask.ecdsa else [])]


def gnutls(ask, java):
    version = f":-VERS-ALL:+VERS-TLS{ask.version}" if ask.version else ""
    kinds = ":-KX-ALL:+ECDHE-ECDSA" if ask.ecdsa else ""
    return ["gnutls-cli", "--priority", f"NORMAL{version}{kinds}", "--x509cafile", ask.root, "-p", ask.port,
            "--verify-hostname", ask.host, "--sni-hostname", ask.host, "127.0.0.1"]


def curl(ask, java):
    version = {"": [], "1.0": ["--tlsv1.0", "--tls-max", "1.0", "--ciphers", "DEFAULT@SECLEVEL=0"],
               "1.2": ["--tls-max", "1.2"]}[ask.version]
    return ["curl", "--silent", "--cacert", ask.root, "--resolve", f"{ask.host}:{ask.port}:127.0.0.1", *version,
            *(["--ciphers", ECDSA] if ask.ecdsa else []), f"https://{ask.host}:{ask.port}/"]


def openjdk(ask, java):
    return [*java, ask.port, ask.root, ask.host, {"": "", "1.0": "TLSv1", "1.2": "TLSv1.2"}[ask.version],
            "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256" if ask.ecdsa else ""]


def nss(ask, java):
    version = f"tls{ask.version}:tls{ask.version}" if ask.version else "tls1.0:tls1.3"
    return ["tstclnt", "-h", "127.0.0.1", "-p", ask.port, "-a", ask.host, "-d", f"sql:{ask.root}.nss",
            "-V", version, *(["-c", ":C02B"] if ask.ecdsa else [])]


def node(ask, java):
    ciphers = ECDSA if ask.ecdsa else "DEFAULT@SECLEVEL=0" if ask.version == "1.0" else ""
    return ["node", "-e", NODE, ask.port, ask.root, ask.host,
            {"": "", "1.0": "TLSv1", "1.2": "TLSv1.2"}[ask.version], ciphers]


PROGRAMS = {"openssl": s_client, "gnutls": gnutls, "curl": curl, "java": openjdk, "nss": nss, "node": node}

# Those who forgot TLS, or speak something else: what to run, and what it reads. NSS's tools speak nothing but TLS.
PLAIN_HTTP = {
    "openssl": lambda port, java: (["openssl", "s_client", "-proxy", at(port), "-connect", "x:443"], b""),
    "gnutls": lambda port, java: (["gnutls-cli", "--starttls", "-p", port, "127.0.0.1"], b"GET / HTTP/1.0\r\n\r\n"),
    "curl": lambda port, java: (["curl", "--silent", f"http://{at(port)}/"], b""),
    "java": lambda port, java: ([*java, "http", port], b""),
    "node": lambda port, java: (["node", "-e", NODE_HTTP, port], b""),
}
GARBAGE = {
    "openssl": lambda port, java: (["openssl", "s_client", "-starttls", "postgres", "-connect", at(port)], b""),
    "gnutls": lambda port, java: (["gnutls-cli", "--starttls", "-p", port, "127.0.0.1"], b"EHLO mail\r\n"),
    "curl": lambda port, java: (["curl", "--silent", f"dict://{at(port)}/"], b""),
    "java": lambda port, java: ([*java, "text", port], b""),
    "node": lambda port, java: (["node", "-e", NODE_TEXT, port], b""),
}


@dataclass(frozen=True)
class Expected:
    outcome: str = "failed"
    reason: str = "none"
    stage: str = "after_finished"
    alert: str = ""
    direction: str = ""
    noise: str = ""  # then nothing else


def says(reason, alert, stage="server_flight"):
    """The client refuses with an alert."""
    return Expected(reason=reason, stage=stage, alert=alert, direction="received")


def refused(reason, alert):
    """We do."""
    return Expected(reason=reason, stage="hello", alert=alert, direction="sent")


UNKNOWN_CA = says("client_unknown_ca", "unknown_ca")
BAD = says("client_bad_certificate", "bad_certificate")
UNKNOWN = says("client_certificate_unknown", "certificate_unknown")
EXPIRED = says("client_certificate_expired", "certificate_expired")
LEAVES = Expected(outcome="completed_unused")  # as browsers do that connect ahead of need
PROTOCOL = refused("version_unsupported", "protocol_version")
NO_CIPHER = refused("no_shared_cipher", "handshake_failure")
GONE = Expected(reason="client_aborted", stage="server_flight")
SILENT = Expected(reason="timeout", stage="server_flight")
HTTP = Expected(noise="http_request")
NOT_TLS = Expected(noise="not_tls")


def late(expected):
    """The same alert, after a completed handshake."""
    return replace(expected, reason="alert_after_finished", stage="after_finished")


def all_of(expected, programs=PROGRAMS):
    return dict.fromkeys(programs, expected)


# Cause -> program -> what we must say of it. The chain ones twice, since two stacks refuse it elsewhere in TLS 1.2: NSS's
# alert and node's silence follow a completed handshake there. In TLS 1.3 node throws its own Finished away unsent.
CHAIN = {
    "missing_intermediate": {"openssl": UNKNOWN_CA, "gnutls": BAD, "curl": UNKNOWN_CA, "java": UNKNOWN,
                             "nss": UNKNOWN_CA, "node": GONE},
    "untrusted_root": {"openssl": UNKNOWN_CA, "gnutls": BAD, "curl": UNKNOWN_CA, "java": UNKNOWN,
                       "nss": UNKNOWN_CA, "node": GONE},
    "name_mismatch": {"openssl": BAD, "gnutls": BAD, "curl": LEAVES, "java": UNKNOWN, "nss": BAD, "node": GONE},
    "expired": {"openssl": EXPIRED, "gnutls": BAD, "curl": EXPIRED, "java": EXPIRED, "nss": EXPIRED, "node": GONE},
}
TABLE = {
    **CHAIN,
    **{f"{cause}_tls12": {**rows, "nss": late(rows["nss"]), "node": LEAVES} for cause, rows in CHAIN.items()},
    "old_version": all_of(PROTOCOL),
    "no_common_suite": all_of(NO_CIPHER),
    "plain_http": all_of(HTTP, PLAIN_HTTP),
    "garbage": all_of(NOT_TLS, GARBAGE),
    "abort_after_hello": all_of(GONE),
    "hang": all_of(SILENT),
}
ROWS = [(cause, program) for cause, programs in TABLE.items() for program in programs]


class MiddleBox:
    """Lets a client's bytes through, and nothing back: behind it a client hangs after its hello, whatever it is."""

    def __init__(self, target):
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.answered = threading.Event()  # the server did, and nobody heard it
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        with self._listener, self._listener.accept()[0] as client:
            first = client.recv(65536)  # before that the server's clock must not run
            with socket.create_connection(("127.0.0.1", self._target)) as server:
                server.sendall(first)
                while True:
                    for side in select.select([client, server], [], [])[0]:
                        try:
                            data = side.recv(65536)
                        except ConnectionResetError:
                            data = b""
                        if not data:
                            return
                        if side is client:
                            server.sendall(data)
                        else:
                            self.answered.set()


class Reasons(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.pki.authority.root("stranger", "Some other root")
        cls.expired = cls.pki.leaf("expired", days=(-30, -3))
        lonely = cls.pki.authority.intermediate("lonely", "CA that no bundle has", cls.pki.primary)
        cls.lonely = cls.pki.leaf("lonely-leaf", issuer=lonely)
        for root in (cls.pki.root, cls.stranger):
            folder = f"{root.pem}.nss"
            Path(folder).mkdir()
            run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
            run("certutil", "-A", "-d", f"sql:{folder}", "-n", "root", "-t", "C,,", "-a", "-i", root.pem)
        run("javac", "-d", cls.class_folder, SOURCE)
        cls.java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", cls.class_folder, "StrictClient"]

    def test_every_client_and_cause_is_told_as_what_it_is(self):
        backend = Backend()
        self.addCleanup(backend.stop)
        program = self.start(self.config(
            backend.url, listeners=[self.listener_of(cause, client) for cause, client in ROWS],
            logs={"handshakes": {"file": "handshakes.jsonl", "successes": "all"}},
            certificates={"mail": self.pem(self.pki.rsa), "lonely": self.pem(self.lonely),
                          "expired": self.pem(self.expired)}))
        ports = {one["name"]: int(one["addresses"][0].rpartition(":")[2]) for one in program.status["listeners"]}
        with concurrent.futures.ThreadPoolExecutor(6) as pool:
            outputs = dict(zip(ROWS, pool.map(lambda row: self.call(*row, ports[name(*row)]), ROWS)))

        def told(metrics):
            return sum(count for (metric, _), count in metrics.items()
                       if metric in ("chainmend_tls_handshakes_total", "chainmend_tls_noise_total"))
        until(lambda: told(program.metrics()) >= len(ROWS), 20, "every row counted")
        heard = [row for row in ROWS if not TABLE[row[0]][row[1]].noise]
        lines = {line["listener"]: line for line in program.wait_for_lines(len(heard))}
        self.assertEqual(len(program.lines()), len(heard))
        metrics = program.metrics()
        for cause, client in ROWS:
            with self.subTest(cause=cause, client=client):
                expected = TABLE[cause][client]
                output = outputs[cause, client]
                # OpenJDK 17.0.15 sends 46 for an expired certificate in TLS 1.3, later ones 45.
                if (cause, client) == ("expired", "java") and logged(lines.get(name(cause, client))) == UNKNOWN:
                    expected = UNKNOWN
                line = None if expected.noise else expected
                self.assertEqual(logged(lines.get(name(cause, client))), line, output)
                self.assertEqual(counted(metrics, name(cause, client)), samples_of(expected), output)

    def listener_of(self, cause, client):
        certificate = ("lonely" if cause.startswith("missing_intermediate") else
                       "expired" if cause.startswith("expired") else "mail")
        return {"name": name(cause, client), "listen": "127.0.0.1:0", "certificates": [certificate], "upstream": "cas",
                "timeouts": {"first_byte": "20s", "handshake": "2s" if cause == "hang" else "20s"}}

    def call(self, cause, client, port):
        """Runs the row's program to its end; gives what it printed."""
        if cause in ("plain_http", "garbage"):
            command, sent = (PLAIN_HTTP if cause == "plain_http" else GARBAGE)[client](port, self.java)
            return run(*command, send=sent, check=False)
        root = self.stranger if cause.startswith("untrusted_root") else self.pki.root
        ask = Ask(port, root.pem)
        if cause.startswith("name_mismatch"):
            ask.host = OTHER_HOST
        if cause == "old_version":
            ask.version = "1.0"
        elif cause.endswith("_tls12") or cause == "no_common_suite":
            ask.version = "1.2"
        ask.ecdsa = cause == "no_common_suite"
        if cause not in ("abort_after_hello", "hang"):
            return run(*PROGRAMS[client](ask, self.java), check=False)
        box = MiddleBox(port)
        ask.port = box.port
        process = subprocess.Popen(list(map(str, PROGRAMS[client](ask, self.java))), stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if cause == "abort_after_hello":
            box.answered.wait(60)
            process.kill()
        return process.communicate(timeout=60)[0].decode(errors="replace")


def name(cause, client):
    return f"{cause}.{client}"


def run(*command, send=b"", check=True):
    done = subprocess.run(list(map(str, command)), input=send, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          timeout=60, check=check)
    return done.stdout.decode(errors="replace")


def logged(line):
    return line and Expected(line["outcome"], line["reason"], line["stage"], line.get("alert", ""),
                             line.get("direction", ""))


def counted(metrics, listener):
    """The counters of one listener that say what became of a handshake."""
    of_outcome = {"handshakes_total": ("outcome",), "handshake_failures_total": ("reason",), "noise_total": ("kind",),
                  "alerts_total": ("direction", "alert")}
    found = {}
    for (metric, labels), value in metrics.items():
        labels = dict(labels)
        short = metric.removeprefix("chainmend_tls_")
        if labels.get("listener") == listener and short in of_outcome and value:
            found[short, *(labels[which] for which in of_outcome[short])] = value
    return found


def samples_of(expected):
    if expected.noise:
        return {("noise_total", expected.noise): 1}
    samples = {("handshakes_total", expected.outcome): 1}
    if expected.outcome == "failed":
        samples["handshake_failures_total", expected.reason] = 1
    if expected.alert:
        samples["alerts_total", expected.direction, expected.alert] = 1
    return samples


if __name__ == "__main__":
    main()
