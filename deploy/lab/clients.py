"""Real clients and what they said: openssl s_client, gnutls-cli as an old phone, curl.

Every fact in an outcome is read from the program's own output; nothing is concluded from what was expected.
"""

import re
import ssl
import subprocess
from dataclasses import dataclass, field

# TLS 1.0, AES with RSA key exchange, no extension, no server name: a Windows CE phone, less its RC4 and 3DES.
OLD_PHONE = "NONE:+VERS-TLS1.0:+RSA:+AES-128-CBC:+AES-256-CBC:+SHA1:+COMP-NULL:%NO_EXTENSIONS"


@dataclass
class Handshake:
    """What one client saw."""

    completed: bool  # and the certificate was accepted
    version: str = ""  # as the program prints it: TLSv1.2, TLS1.0
    cipher: str = ""
    alert_sent: int | None = None
    alert_received: int | None = None
    chain: list = field(default_factory=list)  # DER, as served
    resumed: bool = False
    reason: str = ""  # the program's own words when it failed
    output: str = ""

    def __str__(self):
        if self.completed:
            return f"OK    {self.version}, {len(self.chain)} certificates"
        alert = ""
        if self.alert_sent is not None:
            alert = f"sent alert {self.alert_sent}: "
        elif self.alert_received is not None:
            alert = f"got alert {self.alert_received}: "
        return f"FAIL  {alert}{self.reason}"


def s_client(port, *options, root=None, server_name=None, legacy=False, send=b"", address="127.0.0.1",
             timeout=30):
    """openssl s_client. root: a PEM file, the only anchor; without it nothing is verified. server_name: SNI, and
    checked against the certificate. legacy: security level 0, needed for TLS 1.0 and 1.1 (-tls1, -tls1_1)."""
    target = f"[{address}]:{port}" if ":" in address else f"{address}:{port}"
    command = ["openssl", "s_client", "-connect", target, "-showcerts", "-msg",
               *(["-CAfile", root, "-no-CApath", "-no-CAstore", "-verify_return_error"] if root else []),
               *(["-servername", server_name, "-verify_hostname", server_name] if server_name
                 else ["-noservername"]),
               *(["-cipher", "ALL:@SECLEVEL=0"] if legacy else []),
               *(["-ign_eof"] if send else []), *options]
    text = _run(command, send, timeout)
    session = re.search(r"^(New|Reused), (\S+), Cipher is (\S+)", text, re.M)  # [2] is the cipher's version
    protocol = re.search(r"^    Protocol\s*: (\S+)", text, re.M)  # TLS 1.3 prints it with a ticket only
    completed = bool(session) and session[3] != "(NONE)" and not (root and "verify error:" in text)
    return Handshake(
        completed=completed,
        version=(protocol or session)[1 if protocol else 2] if completed else "",
        cipher=session[3] if completed else "",
        alert_sent=_fatal_alert(text, ">>>"),
        alert_received=_fatal_alert(text, "<<<"),
        chain=certificates_in(text),
        resumed=completed and session[1] == "Reused",
        reason="" if completed else _first(text, r"verify error:num=\d+:(.*)",
                                           r"<<< .* Alert .*, fatal (\S+)", r"SSL routines:[^:]*:([^:]*):",
                                           r"(connect:[^:]*)"),
        output=text)


def gnutls(port, *options, root=None, host=None, priority=OLD_PHONE, sni=False, send=b"",
           address="127.0.0.1", timeout=30):
    """gnutls-cli. host: the name checked against the certificate, sent as SNI only when sni is set."""
    command = ["gnutls-cli", "--print-cert", "-d", "5", "--priority", priority, "-p", str(port),
               *(["--x509cafile", root] if root else ["--insecure"]),
               *(["--verify-hostname", host] if host else []),
               *(["--sni-hostname", host] if host and sni else ["--disable-sni"]),
               *options, address]
    text = _run(command, send, timeout)
    description = re.search(r"^- Description: \((TLS[\d.]+)[^)]*\)(\S+)", text, re.M)
    completed = "- Handshake was completed" in text
    received = re.search(r"Received alert \[(\d+)\]|Alert\[2\|(\d+)\] - .* - was received", text)
    return Handshake(
        completed=completed,
        version=description[1] if completed and description else "",
        cipher=description[2] if completed and description else "",
        alert_sent=_number(re.search(r"Sending Alert\[2\|(\d+)\]", text)),
        alert_received=_number(received),
        chain=certificates_in(text),
        reason="" if completed else _first(
            text, r"^- Status: The certificate is NOT trusted\. (.*?)\s*$", r"^\*\*\* (Fatal error: .*)",
            r"(Could not connect.*|.*: Connection refused)"),
        output=text)


@dataclass
class Answer:
    """What curl got."""

    code: int  # HTTP status; 0 when there was none
    exit: int  # curl's own exit status
    body: bytes
    errors: str


def curl(url, *options, root=None, resolve=None, timeout=30):
    """resolve: a host name that shall mean 127.0.0.1."""
    command = ["curl", "--silent", "--show-error", "--max-time", str(timeout),
               "--write-out", "%{stderr}\n%{http_code}",
               *(["--cacert", root] if root else []),
               *(["--resolve", f"{resolve}:{url.split(':')[2].split('/')[0]}:127.0.0.1"] if resolve else []),
               *options, url]
    done = subprocess.run(list(map(str, command)), stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=timeout + 10)
    errors, _, code = done.stderr.decode(errors="replace").rpartition("\n")
    return Answer(code=int(code or 0), exit=done.returncode, body=done.stdout, errors=errors)


def _run(command, send, timeout):
    done = subprocess.run(list(map(str, command)), input=send, capture_output=True, timeout=timeout)
    return (done.stdout + b"\n" + done.stderr).decode(errors="replace")


def _fatal_alert(text, direction):
    """The number of the first fatal alert in -msg output: level and number follow as two bytes in hex."""
    found = re.search(rf"^{direction} .*, Alert \[length 0002\], fatal.*\n\s+02 ([0-9a-f]{{2}})", text, re.M)
    return int(found[1], 16) if found else None


def _number(found):
    return int(next(g for g in found.groups() if g)) if found else None


def certificates_in(text):
    """DER of every PEM certificate, in order."""
    pems = re.findall(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", text, re.S)
    return [ssl.PEM_cert_to_DER_cert(pem) for pem in pems]


def _first(text, *patterns):
    for pattern in patterns:
        found = re.search(pattern, text, re.M)
        if found:
            return found[1]
    return "no reason found in its output"
