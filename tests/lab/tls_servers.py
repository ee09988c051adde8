"""TLS servers of other people that show a given list of certificates: what tests look at that are about such servers.

Each function gives the command line of one server. It speaks TLS 1.0 to 1.3 with every suite it has unless told
otherwise, and answers a request over HTTP.
"""

from dataclasses import dataclass
from pathlib import Path

from lab.nginx import ANY_TLS, Nginx
from lab.programs import Program, free_port

JAVA_SOURCE = Path(__file__).with_name("TlsServer.java")
VERSIONS = {"1.0": "TLSv1", "1.1": "TLSv1.1", "1.2": "TLSv1.2", "1.3": "TLSv1.3"}


@dataclass
class Terms:
    """What a server is told."""

    folder: Path  # of its own, for its files
    port: int
    chain: Path  # PEM, as it shall be sent
    key: Path
    kind: str = "RSA"  # of the key, or EC
    versions: tuple = ("1.0", "1.1", "1.2", "1.3")
    suites: str = "ALL:@SECLEVEL=0"  # OpenSSL's words; not for GnuTLS and OpenJDK
    authorities: Path | None = None  # PEM of those whose client certificates are asked for
    required: bool = False  # and who has none is refused; openssl and haproxy
    strict_sni: bool = False  # refuses who names another server or none; haproxy alone
    without_name: tuple = ()  # (chain, key) for who names none; nginx alone
    java: tuple = ()  # starts OpenJDK with our class


def nginx(terms):
    def server(chain, key, name, default=""):
        asks = (f"ssl_verify_client optional_no_ca; ssl_client_certificate {terms.authorities};"
                if terms.authorities else "")
        return f"""
  server {{
    listen 127.0.0.1:{terms.port} ssl {default};
    server_name {name};
    ssl_protocols {" ".join(VERSIONS[v] for v in terms.versions)};
    ssl_ciphers {terms.suites};
    ssl_certificate {chain};
    ssl_certificate_key {key};
    {asks}
    return 200 "ok";
  }}"""
    servers = [server(terms.chain, terms.key, "mail.contoso.test")]
    if terms.without_name:
        servers.append(server(*terms.without_name, "_", "default_server"))
    return Nginx(terms.folder, servers)


def openssl(terms):
    leaf, _, rest = terms.chain.read_text().partition("-----END CERTIFICATE-----\n")
    (terms.folder / "leaf.pem").write_text(leaf + "-----END CERTIFICATE-----\n")
    (terms.folder / "rest.pem").write_text(rest)
    off = [f"-no_tls{v.replace('.', '_').replace('_0', '')}" for v in VERSIONS if v not in terms.versions]
    return _program(terms, "openssl", "s_server", "-accept", f"127.0.0.1:{terms.port}", "-www", "-quiet",
                    "-cert", terms.folder / "leaf.pem", "-key", terms.key, "-cipher", terms.suites, *off,
                    *(["-cert_chain", terms.folder / "rest.pem"] if rest else []),
                    *(["-Verify" if terms.required else "-verify", "5", "-CAfile", terms.authorities]
                      if terms.authorities else []))


def haproxy(terms):
    (terms.folder / "server.pem").write_text(terms.chain.read_text() + terms.key.read_text())
    lowest, highest = (f"TLSv{terms.versions[i]}" for i in (0, -1))
    (terms.folder / "haproxy.cfg").write_text(f"""
defaults
  mode http
  timeout client 10s
frontend front
  bind 127.0.0.1:{terms.port} ssl crt {terms.folder}/server.pem ssl-min-ver {lowest} ssl-max-ver {highest} \
ciphers {terms.suites}{" strict-sni" if terms.strict_sni else ""}\
{f" ca-file {terms.authorities} verify {'required' if terms.required else 'optional'}" if terms.authorities else ""}
  http-request return status 200 content-type text/plain string ok
""")
    return _program(terms, "haproxy", "-db", "-f", terms.folder / "haproxy.cfg")


def gnutls(terms):
    """gnutls-serv cannot be told an address: it listens on all of them."""
    versions = "".join(f":+VERS-TLS{v}" for v in terms.versions)
    return _program(terms, "gnutls-serv", "--http", "-p", terms.port, "--x509certfile", terms.chain,
                    "--x509keyfile", terms.key, "--priority",
                    f"NORMAL:-VERS-ALL{versions}:+RSA:+AES-128-CBC:+AES-256-CBC:%VERIFY_ALLOW_BROKEN",
                    *(["--x509cafile", terms.authorities] if terms.authorities else ["--disable-client-cert"]))


def openjdk(terms):
    return _program(terms, *terms.java, "TlsServer", terms.port, terms.chain, terms.key, terms.kind,
                    ",".join(VERSIONS[v] for v in terms.versions), *([terms.authorities] if terms.authorities else []))


SERVERS = {"nginx": nginx, "openssl": openssl, "haproxy": haproxy, "gnutls": gnutls, "openjdk": openjdk}


def _program(terms, *argv):
    return Program(str(argv[0]), argv, terms.folder / "log")
