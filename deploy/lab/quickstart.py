"""The story that ./deploy/quickstart tells, once everything is installed and built.

A VIP serves its leaves without intermediates and strict clients refuse it; chainmend serves the same leaves with the
chains that it found, and they accept it. What is printed is what the clients said; the story counts as told only when
they said what it claims.
"""

import argparse
import http.client
import re
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from lab import clients, nginx
from lab.authority import Authority
from lab.programs import Failed, Program, port_is_free

HOST = "mail.contoso.test"
EWS = "/EWS/Exchange.asmx"
EXAMPLE = Path(__file__).parent.parent / "examples" / "quickstart.yaml"
EXAMPLE_BASE = 8440  # the ports in that file


@dataclass
class Case:
    """A leaf, and one way in which chainmend gets the intermediates for it."""

    name: str
    leaves: list  # Issued; RSA first
    intermediates: list  # Issued, in the order in which they must be served
    vip: int  # ports
    listener: int


@dataclass
class Lab:
    folder: Path
    base: int  # ports base + 1 to base + 9 are the lab's

    def port(self, number):
        return self.base + number

    @property
    def root(self):
        return self.folder / "pki" / "root.pem"


VIPS, LISTENERS, BACKEND, RESPONDER, ADMIN = (1, 2, 3), (4, 5, 6), 7, 8, 9


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--chainmend", type=Path, required=True)
    options.add_argument("--folder", type=Path, required=True)
    options.add_argument("--port-base", type=int, default=EXAMPLE_BASE)
    options.add_argument("--once", action="store_true")
    chosen = options.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, frame: sys.exit(128 + number))
    try:
        return tell(chosen.chainmend, Lab(chosen.folder, chosen.port_base), chosen.once)
    except Failed as failure:
        print(f"\nquickstart: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped.")
        return 130


def tell(chainmend, lab, once):
    taken = [lab.port(n) for n in range(1, 10) if not port_is_free(lab.port(n))]
    if taken:
        raise Failed(f"in use on 127.0.0.1: port {', '.join(map(str, taken))}; --port-base PORT takes others")
    step(f"Making the lab in {lab.folder}")
    shutil.rmtree(lab.folder, ignore_errors=True)
    cases = make_certificates(lab)
    start_servers(lab, cases)
    config = write_config(lab)

    step(f"What chainmend makes of it: chainmend check {config}")
    checked = subprocess.run([chainmend, "check", config], stdin=subprocess.DEVNULL)
    if checked.returncode:
        raise Failed("chainmend finds something wrong with the configuration; its message is above")
    proxy = Program("chainmend", [chainmend, "run", config], lab.folder / "chainmend.log")
    proxy.wait_until(lambda: is_ready(lab.port(ADMIN)), 30, "become ready")

    step("Strict clients: they know the root, fetch nothing and want the whole chain")
    as_claimed = try_clients(lab, cases)
    step("Before any client fails: chainmend probe, at the VIP and at chainmend")
    as_claimed = probe(chainmend, lab, cases[0]) and as_claimed
    print("\nAll as it should be." if as_claimed else
          "\nNot as it should be: the VIP must fail and chainmend must not. Its log is "
          f"{lab.folder}/chainmend.log")
    if not as_claimed or once:
        return 0 if as_claimed else 1
    return serve(lab, cases, proxy)


def probe(chainmend, lab, case):
    """What chainmend itself foretells of an old phone at both; true when it is what phones do."""
    answers = []
    for port in (case.vip, case.listener):
        command = [chainmend, "probe", f"127.0.0.1:{port}", "--sni", HOST, "--roots", lab.root, "--bundle",
                   lab.folder / "pki" / "bundle.pem", "--as", "lync_phone_edition"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        print(f"\n{' '.join(map(str, command))}")
        print("  ...\n" + "\n".join(verdict_lines(done.stdout)) + done.stderr)
        answers.append(done.returncode)
    return answers == [1, 0]


def verdict_lines(page):
    """Of a page of chainmend probe, what is wrong with the lists, and what becomes of the clients."""
    lines = page.partition("\nFix\n")[0].splitlines()
    kept = False
    for line in lines:
        if not line.startswith("    "):  # else it goes on
            kept = line.startswith(("  error", "  warning", "  should be", "  complete", "Clients", "  lync"))
        if kept:
            yield line


def make_certificates(lab):
    """One root. Two intermediates that a bundle holds, as in 2012; two others that only their CA's web server has."""
    authority = Authority(lab.folder / "pki")
    root = authority.root("root", "Contoso Lab Root")
    primary = authority.intermediate("primary", "Contoso Lab Primary CA - G5", root)
    server_ca = authority.intermediate("server-ca", "Contoso Lab Secure Server CA - G3", primary)
    rsa = authority.leaf("mail-rsa", server_ca, [HOST])
    ecdsa = authority.leaf("mail-ecdsa", server_ca, [HOST], key="ec")
    from_windows = authority.leaf("mail-pfx", server_ca, [HOST])
    authority.pfx("mail.pfx", from_windows, "quickstart", windows_kind=True)
    password_file = authority.folder / "mail.pass"
    password_file.touch(mode=0o600)
    password_file.write_text("quickstart\n")
    authority.bundle("bundle.pem", primary, server_ca)

    published = f"http://127.0.0.1:{lab.port(RESPONDER)}"
    policy = authority.intermediate("policy-ca", "Contoso Lab Policy CA", root)
    issuing = authority.intermediate("issuing-ca", "Contoso Lab Issuing CA", policy,
                                     aia=[f"{published}/policy-ca.der"])
    remote = authority.leaf("mail-aia", issuing, [HOST], aia=[f"{published}/issuing-ca.der"])
    (lab.folder / "published").mkdir()
    for ca in (policy, issuing):
        shutil.copy(ca.der, lab.folder / "published")

    return [Case(name, leaves, intermediates, lab.port(vip), lab.port(listener))
            for (name, leaves, intermediates), vip, listener in zip((
                ("a bundle", [rsa, ecdsa], [server_ca, primary]),
                ("AIA, over HTTP", [remote], [issuing, policy]),
                ("a bundle, for a leaf in a Windows PFX", [from_windows], [server_ca, primary])), VIPS, LISTENERS)]


def start_servers(lab, cases):
    backend, responder = lab.port(BACKEND), lab.port(RESPONDER)
    server = nginx.Nginx(lab.folder / "nginx", [
        nginx.ews_backend(backend),
        nginx.aia_responder(responder, lab.folder / "published"),
        *(nginx.vip(case.vip, backend, *case.leaves) for case in cases)])
    for port in (backend, responder, *(case.vip for case in cases)):
        server.wait_for_port(port)


def write_config(lab):
    def moved(match):
        return f"127.0.0.1:{int(match[1]) - EXAMPLE_BASE + lab.base}"

    path = lab.folder / "quickstart.yaml"
    path.write_text(re.sub(r"127\.0\.0\.1:(844\d)", moved, EXAMPLE.read_text()))
    return path


def is_ready(admin_port):
    connection = http.client.HTTPConnection("127.0.0.1", admin_port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def try_clients(lab, cases):
    """Prints what each client says to the VIP and to chainmend. True when all refuse the first and accept the second."""
    as_claimed = True
    for case in cases:
        print(f"\nintermediates from {case.name}")
        row("", "the VIP, leaf only", "chainmend")
        for name, client, alert in CLIENTS:
            refused, accepted = client(lab, case.vip), client(lab, case.listener)
            row(name, refused, accepted)
            as_claimed &= not refused.completed and refused.alert_sent == alert
            as_claimed &= accepted.completed and is_expected(case, accepted.chain)
        to_vip, through = ask_ews(lab, case.vip), ask_ews(lab, case.listener)
        row("curl, POST to EWS", in_words(to_vip), in_words(through))
        as_claimed &= to_vip.code == 0 and through.code == 200 and b"ServerVersionInfo" in through.body
    return as_claimed


def row(client, vip, chainmend):
    print(f"   {client:<24}  {str(vip):<60}  {chainmend}", flush=True)


# Name, how it connects, and the alert that it sends when the chain does not reach its root.
CLIENTS = (
    ("openssl s_client", lambda lab, port: clients.s_client(
        port, root=lab.root, server_name=HOST), 48),
    ("openssl s_client -tls1", lambda lab, port: clients.s_client(
        port, "-tls1", root=lab.root, server_name=HOST, legacy=True), 48),
    ("gnutls-cli, old phone", lambda lab, port: clients.gnutls(port, root=lab.root, host=HOST), 42),
)


def is_expected(case, chain):
    intermediates = [issued.bytes for issued in case.intermediates]
    return chain in ([leaf.bytes, *intermediates] for leaf in case.leaves)


def ask_ews(lab, port):
    return clients.curl(f"https://{HOST}:{port}{EWS}", "--data", "<GetFolder/>", root=lab.root, resolve=HOST)


def in_words(answer):
    if answer.code:
        return f"{'OK  ' if answer.code == 200 else 'FAIL'}  HTTP {answer.code}, {len(answer.body)} bytes"
    words = answer.errors.splitlines()[0].partition(") ")[2].removeprefix("SSL certificate problem: ")
    return f"FAIL  exit {answer.exit}: {words}"


def serve(lab, cases, proxy):
    port, admin = cases[0].listener, lab.port(ADMIN)
    step("To try by hand")
    print(f"""
   curl --cacert {lab.root} --resolve {HOST}:{port}:127.0.0.1 https://{HOST}:{port}{EWS}
   openssl s_client -connect 127.0.0.1:{cases[0].vip} -CAfile {lab.root} -verify_return_error   # the VIP
   openssl s_client -connect 127.0.0.1:{port} -CAfile {lab.root} -verify_return_error   # chainmend
   http://127.0.0.1:{admin}/status     http://127.0.0.1:{admin}/metrics
   {lab.folder}/handshakes.jsonl   one line per failed handshake

Serving until Ctrl-C.""", flush=True)
    while proxy.running:
        time.sleep(0.2)
    raise Failed(f"chainmend ended by itself\n{proxy.tail()}")


def step(what):
    print(f"\n== {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
