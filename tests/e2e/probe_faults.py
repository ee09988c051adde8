"""chainmend probe beside other people's servers and clients: each row of the table is a server with one fault. What
probe says of its list must be exactly this, and what it foretells of a kind of client must be what such a client does.
"""

import concurrent.futures
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import lab.chainmend
from lab import tls_servers
from lab.authority import openssl
from lab.case import HOST, LabCase, main
from lab.chainmend import run
from lab.clients import OLD_PHONE
from lab.programs import free_port
from lab.schema import wrongs

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "deploy/schemas/probe.schema.json").read_text())
CLIENT_SOURCE = Path(lab.chainmend.__file__).with_name("StrictClient.java")
WHOLE = ("server-ca", "primary")


@dataclass
class Fault:
    """What is wrong with a server, and what probe says of it."""

    name: str
    server: str  # of lab.tls_servers
    findings: set  # ids, all of them
    leaf: str = "rsa"
    chain: tuple = WHOLE  # names of certificates behind the leaf
    fails: tuple = ()  # clients of CLIENTS that fail, foretold and seen
    depends: tuple = ()  # on what the client is like: foretold to connect or not
    unlike: tuple = ()  # clients whose stand-in is known to judge otherwise: seen, and not what is foretold
    phone: str = ""  # more of the phone's priority string
    terms: dict = None  # more of tls_servers.Terms
    said: tuple = ()  # words of the page
    unsaid: tuple = ()  # words that must not be there


ALL = ("phone", "openssl", "curl", "java", "nss")
MODERN = ("openssl", "curl", "java", "nss")

FAULTS = [
    Fault("none, nginx", "nginx", set(), said=("complete: ends at the root", "TLS_RSA_WITH_AES")),
    Fault("none, openssl", "openssl", set()),
    Fault("none, haproxy", "haproxy", set()),
    Fault("none, gnutls", "gnutls", set()),
    Fault("none, openjdk", "openjdk", set()),
    Fault("leaf alone, nginx", "nginx", {"intermediate-missing"}, chain=(), fails=ALL,
          said=("0x80072f0d", "'Lab Server CA'", "tmsh", "--pem-out")),
    Fault("leaf alone, haproxy", "haproxy", {"intermediate-missing"}, chain=(), fails=ALL),
    Fault("leaf alone, openjdk", "openjdk", {"intermediate-missing"}, chain=(), fails=ALL),
    Fault("leaf alone, gnutls", "gnutls", {"intermediate-missing"}, chain=(), fails=ALL),
    Fault("second intermediate missing", "openssl", {"intermediate-missing"}, chain=("server-ca",), fails=ALL,
          said=("'Lab Primary CA'",)),
    Fault("first intermediate missing", "haproxy", {"intermediate-missing", "unrelated"}, chain=("primary",), fails=ALL),
    Fault("wrong order", "haproxy", {"wrong-order"}, chain=("primary", "server-ca"), fails=("phone",), said=("out of order",),
          unlike=("phone",)),  # GnuTLS sorts
    Fault("root included", "openssl", {"root-included"}, chain=(*WHOLE, "root")),
    Fault("root in place of the intermediates", "nginx", {"intermediate-missing", "unrelated"}, chain=("root",),
          fails=ALL),
    Fault("sent twice", "nginx", {"duplicate"}, chain=("server-ca", "server-ca", "primary")),
    Fault("stranger in the list", "nginx", {"unrelated"}, chain=(*WHOLE, "stranger")),
    Fault("stranger in the list, openjdk", "openjdk", {"unrelated"}, chain=(*WHOLE, "stranger")),
    Fault("expired leaf", "openssl", {"expired"}, leaf="expired", fails=ALL, said=("0x80072f05",)),
    Fault("leaf of tomorrow", "openjdk", {"not-yet-valid"}, leaf="early", fails=ALL),
    Fault("leaf that ends in days", "gnutls", {"expires-soon"}, leaf="short"),
    Fault("expired intermediate", "nginx", {"expired", "intermediate-missing"}, chain=("old-server-ca", "primary"), fails=ALL),
    Fault("other name", "haproxy", {"name-mismatch"}, leaf="other", fails=ALL, said=("0x80072f06",)),
    Fault("wildcard of another level", "openssl", {"name-mismatch"}, leaf="deep", fails=ALL),
    Fault("wildcard", "openssl", set(), leaf="wildcard"),
    Fault("name for an address alone", "nginx", {"name-mismatch", "no-alternative-names"}, leaf="address", fails=ALL),
    Fault("common name alone", "openjdk", {"no-alternative-names"}, leaf="cn", fails=("nss",),
          unlike=("nss",)),  # tstclnt verifies as NSS did before Firefox brought its own way
    Fault("unknown root", "nginx", {"root-not-trusted", "root-included"}, leaf="private", chain=("stranger",), fails=ALL,
          said=("--roots",)),
    Fault("self-signed leaf", "openssl", {"root-not-trusted"}, leaf="self", chain=(), fails=ALL),
    Fault("SHA-512", "nginx", {"sha512"}, leaf="sha512", fails=("phone",), said=("SHA-512",),
          unlike=("phone",)),  # GnuTLS reads it
    Fault("SHA-1", "nginx", {"weak"}, leaf="sha1", fails=("openssl", "curl", "java", "nss"), phone=":%VERIFY_ALLOW_BROKEN",
          unlike=("java", "nss")),  # the published hello of Java 17 lacks SHA-1, that of Debian's has it
    Fault("SHA-1 intermediate", "nginx", {"weak"}, leaf="under-sha1", chain=("sha1-ca", "primary"),
          fails=("openssl", "curl", "nss"), phone=":%VERIFY_ALLOW_BROKEN", unlike=("nss",)),
    Fault("RSA of 1024 bits", "nginx", {"weak"}, leaf="rsa1024", fails=("openssl", "curl")),
    Fault("RSA of 4104 bits", "openssl", {"rsa-too-long"}, leaf="rsa4104", fails=("phone",),
          unlike=("phone",)),  # GnuTLS reads it
    Fault("client's certificate", "nginx", {"wrong-purpose"}, leaf="purpose", fails=ALL),
    Fault("no keyEncipherment", "nginx", {"no-key-encipherment"}, leaf="signs", depends=("phone",),
          unlike=("nss",)),  # as for the common name
    Fault("list of twelve", "openssl", {"unrelated", "list-too-long"},
          chain=(*WHOLE, *(f"stranger-{i}" for i in range(9))), fails=("java",)),
    Fault("no TLS 1.0", "haproxy", set(), terms={"versions": ("1.2", "1.3")}, fails=("phone",),
          said=("alert 70 (protocol_version)", "TLS 1.0 at most")),
    Fault("TLS 1.3 alone", "openjdk", set(), terms={"versions": ("1.3",)}, fails=("phone",)),
    Fault("TLS 1.3 alone, leaf alone", "nginx", {"intermediate-missing"}, chain=(), terms={"versions": ("1.3",)}, fails=ALL),
    Fault("ECDHE alone", "openssl", set(), terms={"suites": "ECDHE:@SECLEVEL=0"}, fails=("phone",),
          said=("alert 40 (handshake_failure)",)),
    Fault("ECDSA alone", "nginx", set(), leaf="ec", terms={"kind": "EC"}, fails=("phone",)),
    Fault("name needed", "haproxy", set(), terms={"strict_sni": True}, fails=("phone",)),
    Fault("another list without a name", "nginx", {"intermediate-missing"}, terms={"without_name": "rsa"}, fails=("phone",),
          said=("127.0.0.1 without a name, compared with 127.0.0.1 with it", "the same certificate")),
    Fault("client certificate asked for, openssl", "openssl", set(), terms={"authorities": "root"},
          said=("client certificate: asked for, of 1 authority", "bytes) CN=Lab Root,O=Contoso lab"), unsaid=("Schannel",)),
    Fault("client certificate asked for, nginx", "nginx", set(), terms={"authorities": "root", "versions": ("1.0", "1.2")},
          said=("client certificate: asked for, of 1 authority",)),
    Fault("client certificate asked for, openjdk", "openjdk", set(), terms={"authorities": "root"},
          said=("client certificate: asked for, of 1 authority",)),
    Fault("client certificate asked for, gnutls", "gnutls", set(), terms={"authorities": "root"},
          said=("client certificate: asked for, of 1 authority",)),
    Fault("client certificate required", "openssl", set(), terms={"authorities": "root", "required": True}, depends=ALL,
          said=("client certificate: required", "if it shows a certificate that the server accepts")),
    Fault("client certificate required, TLS 1.2", "haproxy", set(), depends=ALL,
          terms={"authorities": "root", "required": True, "versions": ("1.0", "1.2")},
          said=("client certificate: required", "if it shows a certificate that the server accepts")),
    Fault("more authorities than Schannel handles", "openssl", set(), terms={"authorities": "many"},
          said=("of 30 authorities", "16384", "and 25 more", "SendTrustedIssuerList")),
    Fault("more authorities than Schannel handles, TLS 1.2", "haproxy", set(),
          terms={"authorities": "many", "versions": ("1.0", "1.2")}, said=("of 30 authorities", "16384")),
]

# What stands for a client, and the row of `probe --types` whose outcome it shows.
CLIENTS = {
    "phone": "lync_phone_edition",
    "openssl": "openssl_3",
    "curl": "openssl_3",
    "java": "java_17",
    "nss": "firefox",
}


def command(client, port, root, java, more=""):
    return {
        "phone": ["gnutls-cli", "--x509cafile", root, "--verify-hostname", HOST, "--disable-sni", "--priority", OLD_PHONE + more,
                  "-p", port, "127.0.0.1"],
        "openssl": ["openssl", "s_client", "-connect", f"127.0.0.1:{port}", "-CAfile", root, "-no-CApath", "-no-CAstore",
                    "-verify_return_error", "-servername", HOST, "-verify_hostname", HOST],
        "curl": ["curl", "--silent", "--show-error", "--cacert", root, "--resolve", f"{HOST}:{port}:127.0.0.1",
                 f"https://{HOST}:{port}/"],
        "java": [*java, "StrictClient", port, root, HOST, "", ""],
        "nss": ["tstclnt", "-h", "127.0.0.1", "-p", port, "-a", HOST, "-d", f"sql:{root}.nss", "-V", "tls1.0:tls1.3", "-Q", "-O"],
    }[client]


class ProbeFaults(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        pki = cls.pki
        authority = pki.authority
        stranger = authority.root("stranger", "Stranger Root")
        for i in range(9):
            authority.root(f"stranger-{i}", f"Stranger {i}", key="ec")
        authority.intermediate("old-server-ca", "Lab Server CA", pki.primary, key_file=pki.server_ca.key, days=(-30, -3))
        sha1_ca = authority.intermediate("sha1-ca", "Lab SHA-1 CA", pki.primary, digest="sha1")
        units = "".join(f"/OU={'x' * 60}{i}" for i in range(9))
        for i in range(30):
            openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                    pki.folder / "many.key", "-out", pki.folder / f"many-{i}.pem", "-subj", f"/CN=Authority {i}{units}")
        (pki.folder / "many.pem").write_text("".join((pki.folder / f"many-{i}.pem").read_text() for i in range(30)))
        pki.leaf("expired", days=(-30, -1))
        pki.leaf("early", days=(3, 300))  # NSS bears with a day
        pki.leaf("short", days=(-30, 10))
        pki.leaf("other", ["www.contoso.test"])
        pki.leaf("deep", ["*.exchange.contoso.test"])
        pki.leaf("wildcard", ["*.contoso.test"])
        pki.leaf("address", ["127.0.0.1"])
        pki.leaf("cn", alternative_names=False)
        pki.leaf("private", issuer=stranger)
        authority.leaf("self", None)
        pki.leaf("sha512", digest="sha512")
        pki.leaf("sha1", digest="sha1")
        pki.leaf("under-sha1", issuer=sha1_ca)
        pki.leaf("rsa1024", key="rsa-1024")
        pki.leaf("rsa4104", key="rsa-4104")
        pki.leaf("purpose", usage="clientAuth")
        pki.leaf("signs", key_usage="digitalSignature")
        pki.leaf("ec", key="ec")
        nss = f"{pki.root.pem}.nss"
        Path(nss).mkdir()
        for arguments in (["-N", "--empty-password"], ["-A", "-n", "root", "-t", "C,,", "-a", "-i", pki.root.pem]):
            subprocess.run(["certutil", *map(str, arguments), "-d", f"sql:{nss}"], check=True)
        subprocess.run(["javac", "-d", cls.class_folder, CLIENT_SOURCE, tls_servers.JAVA_SOURCE], check=True)
        cls.java = ["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", cls.class_folder]

    def file(self, name):
        return self.pki.folder / f"{name}.pem"

    def key(self, name):
        return self.pki.folder / f"{name}.key"

    def serve(self, fault):
        """The server with this fault: its port."""
        port = free_port()
        folder = self.folder / str(port)
        folder.mkdir()
        chain = folder / "chain.pem"
        chain.write_text("".join(self.file(name).read_text() for name in (fault.leaf, *fault.chain)))
        terms = dict(fault.terms or {})
        if "authorities" in terms:
            terms["authorities"] = self.file(terms["authorities"])
        if "without_name" in terms:
            terms["without_name"] = (self.file(terms["without_name"]), self.key(terms["without_name"]))
        server = tls_servers.SERVERS[fault.server](
            tls_servers.Terms(folder, port, chain, self.key(fault.leaf), java=self.java, **terms))
        self.addCleanup(server.stop)
        server.wait_for_port(port)
        return port

    def probe(self, port, *options):
        return run("probe", f"127.0.0.1:{port}", "--sni", HOST, "--roots", self.pki.root.pem, "--bundle",
                   self.pki.bundle, *options)

    def call(self, client, port, fault):
        """Whether a real client connects, and what it printed."""
        program = command(client, port, self.pki.root.pem, self.java, fault.phone)
        done = subprocess.run(list(map(str, program)), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60)
        return done.returncode == 0, done.stdout.decode(errors="replace")

    def foretold(self, port, *options):
        """What probe's JSON says of the one address, and its exit status."""
        types = [word for row in dict.fromkeys(CLIENTS.values()) for word in ("--as", row)]
        done = self.probe(port, "--json", "--against", self.pki.rsa.pem, *types, *options)
        report = json.loads(done.stdout)
        self.assertEqual(wrongs(report, SCHEMA, SCHEMA), [])
        return report["targets"][0]["addresses"][0], done.returncode

    def test_says_what_is_wrong_and_foretells_what_real_clients_do(self):
        for fault in FAULTS:
            with self.subTest(fault.name):
                port = self.serve(fault)
                with concurrent.futures.ThreadPoolExecutor(5) as pool:
                    calls = {client: pool.submit(self.call, client, port, fault) for client in CLIENTS}
                    seen, status = self.foretold(port)
                found = {finding["id"] for served in seen["served"] for finding in served["findings"]}
                self.assertEqual(found, fault.findings)
                outcomes = {client["client"]: client["outcome"] for client in seen["clients"]}
                for client, row in CLIENTS.items():
                    expected = ("fails" if client in fault.fails else "depends" if client in fault.depends
                                else "connects")
                    self.assertEqual(outcomes[row], expected, f"{client}: {seen['clients']}")
                    connects, output = calls[client].result()
                    if client not in fault.depends:
                        self.assertEqual(connects, (expected == "connects") != (client in fault.unlike), f"{client}: {output}")
                self.assertEqual(status, 1 if fault.fails else 0)
                self.assert_page(port, fault)

    def assert_page(self, port, fault):
        page = self.probe(port, "--as", "lync_phone_edition", "--as", "openssl_3")
        said = " ".join(page.stdout.split())  # wherever the lines break
        for words in fault.said:
            self.assertIn(words, said)
        for words in fault.unsaid:
            self.assertNotIn(words, said)
        self.assertEqual(page.stderr, "")
        for line in page.stdout.partition("\nFix\n")[0].splitlines():  # commands cannot be broken
            self.assertLessEqual(len(line), 80, line)


if __name__ == "__main__":
    main()
