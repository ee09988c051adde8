"""Programs of everyday, told to offer this and that: each is counted under the name of its library, never under that of
another. What a program is told changes its suites; the name must hold all the same."""

import subprocess
from pathlib import Path

import lab.chainmend
from lab.case import HOST, LabCase, main

JAVA = Path(lab.chainmend.__file__).with_name("StrictClient.java")
PYTHON = """
import socket, ssl, sys
context = ssl.create_default_context(cafile=sys.argv[2])
context.wrap_socket(socket.create_connection(("127.0.0.1", int(sys.argv[1]))), server_hostname=sys.argv[3]).close()
"""
NODE = """
const [port, root, servername] = process.argv.slice(1);
const socket = require('tls').connect(
  {host: '127.0.0.1', port, ca: require('fs').readFileSync(root), servername}, () => socket.end());
socket.on('error', () => process.exit(1));
"""


def openssl(*options):
    return lambda port, root: ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", *options]


def gnutls(priority, *options):
    return lambda port, root: ["gnutls-cli", "--insecure", "--priority", priority, "-p", port, *options, "127.0.0.1"]


def nss(version, *options):
    return lambda port, root: ["tstclnt", "-h", "127.0.0.1", "-p", port, "-o", "-b", "-Q", "-d", f"sql:{root}.nss",
                               "-V", f"tls{version}:tls{version}", *options]


def java(version, suite=""):
    return lambda port, root: ["java", JAVA, port, root, HOST, version, suite]


# Names that are right -> what the program is told.
TOLD = {
    "openssl": [
        openssl(), openssl("-noservername"), openssl("-tls1_3"), openssl("-tls1_2"),
        openssl("-tls1", "-cipher", "ALL:@SECLEVEL=0"),
        openssl("-tls1", "-cipher", "AES128-SHA:@SECLEVEL=0", "-noservername"),
        openssl("-tls1_2", "-cipher", "AES128-SHA:AES256-SHA"),
        openssl("-tls1_2", "-cipher", "DHE-RSA-AES128-GCM-SHA256"),
        openssl("-tls1_2", "-cipher", "ECDHE-RSA-AES128-GCM-SHA256"),
        openssl("-cipher", "AES128-GCM-SHA256"),
        lambda port, root: ["curl", "--silent", "--cacert", root, "--resolve", f"{HOST}:{port}:127.0.0.1",
                            f"https://{HOST}:{port}/"],
        lambda port, root: ["/usr/bin/python3", "-c", PYTHON, port, root, HOST],
        lambda port, root: ["node", "-e", NODE, port, root, HOST],
    ],
    "tool": [
        gnutls("NORMAL"), gnutls("NORMAL", "--disable-sni"), gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.0"),
        gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.2"), gnutls("NORMAL:-VERS-ALL:+VERS-TLS1.3"), gnutls("PERFORMANCE"),
        gnutls("SECURE256"), gnutls("PFS"), gnutls("NORMAL:-KX-ALL:+RSA:-VERS-ALL:+VERS-TLS1.0"),
        nss("1.0"), nss("1.2"), nss("1.3"), nss("1.2", "-c", ":002F"),
    ],
    "java_8plus": [java(""), java("TLSv1.2"), java("TLSv1"), java("TLSv1", "TLS_RSA_WITH_AES_128_CBC_SHA")],
    # What it says then is what old phones say: no extensions, and RSA alone.
    "legacy_phone": [gnutls("NONE:+VERS-TLS1.0:+RSA:+AES-128-CBC:+SHA1:+COMP-NULL:%NO_EXTENSIONS", "--disable-sni")],
}


class ClientNames(LabCase):
    def test_hold_whatever_a_program_is_told(self):
        database = f"{self.pki.root.pem}.nss"
        Path(database).mkdir()
        subprocess.run(["certutil", "-N", "-d", f"sql:{database}", "--empty-password"], check=True)
        program = self.start(self.config(
            listeners=[self.listener(policy="legacy-tls10")], clients={"learn": False},
            logs={"handshakes": {"file": "handshakes.jsonl", "successes": "all"}}))
        seen = 0
        for name, calls in TOLD.items():
            for call in calls:
                command = [str(word) for word in call(self.port, self.pki.root.pem)]
                with self.subTest(name=name, command=command[:1] + command[-6:]):
                    subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
                    lines = program.wait_for_lines(seen + 1)[seen:]
                    seen += len(lines)
                    self.assertEqual({line["client_type"] for line in lines}, {name},
                                     [line["client_rule"] for line in lines])


if __name__ == "__main__":
    main()
