"""Servers learn which certificate a client has shown, by fields of the request, and nobody can write these by himself."""

import base64
import re
import ssl
import subprocess
import urllib.parse

from client_certificates import PhoneCase
from lab.case import HOST, main
from lab.chainmend import until
from lab.programs import free_port
from lab.wire import Closed, Wire, get

HEADERS = ["X-ARR-ClientCert", "Client-Cert", "Client-Cert-Chain", "X-Forwarded-Client-Cert", "X-SSL-Client-Cert"]
FIELDS = {"X-SSL-Client-S-DN": "{subject}", "X-SSL-Client-I-DN": "{issuer}", "X-SSL-Client-Verify": "{verify}",
          "X-Client-Cert-Serial": "{serial}", "Client-Cert-SHA1": "{sha1}", "SSL-Client-Name": "phone {cn}"}
TO_UPSTREAM = {"headers": HEADERS, "fields": FIELDS}
# What applications that get fields as variables take for one name: IIS and CGI fold '-' and '_', some all else.
SPELLINGS = ("X-ARR-ClientCert", "x-arr-clientcert", "X_ARR_ClientCert", "X-ARR_CLIENTCERT", "X.ARR.ClientCert",
             "Client-Cert", "CLIENT_CERT", "client-cert-chain", "Client_Cert_Chain", "X-Forwarded-Client-Cert",
             "X_FORWARDED-CLIENT_CERT", "X-SSL-Client-Cert", "X_SSL_CLIENT_CERT", "X-SSL-Client-S-DN",
             "x_ssl_client_s_dn", "X-SSL-Client-Verify", "X~SSL~Client~Verify", "X-Client-Cert-Serial", "SSL_CLIENT_NAME",
             "SSL-Client-Name", "Client-Cert-SHA1", "X-ARR-SSL", "X_ARR_SSL")


def der_of(issued):
    return base64.b64encode(issued.bytes).decode()


class IdentityCase(PhoneCase):
    def context(self, show=None):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        if show:
            context.load_cert_chain(show.pem, show.key)
        return context

    def ask(self, text, show=None, port=None):
        """The answer, and the request as the server got it; None when it got none."""
        before = len(self.backend.requests)
        with Wire.connect(port or self.port, context=self.context(show), host=HOST) as wire:
            answer = wire.request(text)
        return answer, self.backend.requests[-1] if len(self.backend.requests) > before else None

    def tells(self, request="optional", to_upstream=TO_UPSTREAM, **listener):
        return self.asking(request, to_upstream=to_upstream, listener=listener, **self.terms)

    terms = {}


class Told(IdentityCase):
    def test_each_form(self):
        self.serve(self.tells())
        _, seen = self.ask(get(), self.phone)
        self.assertEqual(seen.all("X-ARR-ClientCert"), [der_of(self.phone)])
        self.assertEqual(seen.all("Client-Cert"), [f":{der_of(self.phone)}:"])
        self.assertEqual(seen.all("Client-Cert-Chain"), [f":{der_of(self.maker_ca)}:"])
        [pem] = seen.all("X-SSL-Client-Cert")
        self.assertRegex(pem, r"^[A-Za-z0-9%._~-]+$")
        self.assertEqual(ssl.PEM_cert_to_DER_cert(urllib.parse.unquote(pem)), self.phone.bytes)
        [xfcc] = seen.all("X-Forwarded-Client-Cert")
        found = re.fullmatch(r'Hash=([0-9a-f]{64});Cert="([^"]*)";Subject="(.*)"', xfcc)
        self.assertEqual(ssl.PEM_cert_to_DER_cert(urllib.parse.unquote(found[2])), self.phone.bytes)
        self.assertEqual(found[3], "CN=Mitel IP480,O=Contoso lab")
        self.assertEqual(seen.all("X-SSL-Client-S-DN"), ["CN=Mitel IP480,O=Contoso lab"])
        self.assertEqual(seen.all("X-SSL-Client-I-DN"), ["CN=Lab Phone CA,O=Contoso lab"])
        self.assertEqual(seen.all("X-SSL-Client-Verify"), ["SUCCESS"])
        self.assertEqual(seen.all("SSL-Client-Name"), ["phone Mitel IP480"])
        self.assertRegex(seen.get("Client-Cert-SHA1"), r"^[0-9A-F]{40}$")
        self.assertRegex(seen.get("X-Client-Cert-Serial"), r"^[0-9a-f]+$")

    def test_nothing_of_who_has_shown_none(self):
        self.serve(self.tells())
        _, seen = self.ask(get())
        self.assertEqual([name for name in [*HEADERS, *FIELDS] if seen.all(name)],
                         ["X-SSL-Client-Verify", "SSL-Client-Name"])
        self.assertEqual(seen.all("X-SSL-Client-Verify"), ["NONE"])

    def test_in_every_version_to_nginx(self):
        """The first whole way: openssl with its certificate, chainmend, and a server of other people that reads it."""
        port = free_port()
        self.nginx(f"""
  server {{
    listen 127.0.0.1:{port};
    location / {{ return 200 "arr=$http_x_arr_clientcert dn=$http_x_ssl_client_s_dn "; }}
  }}""").wait_for_port(port)
        self.port = free_port()
        self.start(self.config(f"http://127.0.0.1:{port}", listeners=[self.tells()],
                               chain=self.chain(bundles=self.bundles)))
        for version in ("-tls1", "-tls1_1", "-tls1_2", "-tls1_3"):
            with self.subTest(version):
                seen = self.call(version, show=self.phone)
                self.assertIn(f"arr={der_of(self.phone)} dn=CN=Mitel IP480", seen.output)
                self.assertIn("arr= dn= ", self.call(version).output)

    def test_after_resumption(self):
        self.serve(self.tells())
        for kind, options in (("id", ("-tls1_2", "-no_ticket")), ("ticket", ("-tls1_2",)), ("tls13", ("-tls1_3",))):
            for show in (self.phone, None):
                with self.subTest(kind, show=show):
                    file = self.folder / f"session-{kind}"
                    file.unlink(missing_ok=True)
                    self.call(*options, "-sess_out", file, show=show)
                    again = self.call(*options, "-sess_in", file)
                    self.assertTrue(again.resumed, again.output)
                    told = self.backend.requests[-1].all("X-ARR-ClientCert")
                    self.assertEqual(told, [der_of(self.phone)] if show else [])

    def test_route_says_otherwise(self):
        routes = [{"path": "/quiet", "upstream": "cas", "client_certificate": {"to_upstream": "none"}},
                  {"path": "/short", "upstream": "cas",
                   "client_certificate": {"to_upstream": {"headers": "Client-Cert"}}}]
        self.serve(self.tells(routes=routes))
        told = {path: [name for name in HEADERS if self.ask(get(path), self.phone)[1].all(name)]
                for path in ("/quiet", "/short", "/", "/ews")}
        self.assertEqual(told, {"/quiet": [], "/short": ["Client-Cert"], "/": HEADERS, "/ews": HEADERS})

    def test_route_that_requires_one(self):
        routes = [{"path": "/shoreauth", "upstream": "cas", "client_certificate": {"required": True}}]
        program = self.serve(self.tells(routes=routes))
        for path in ("/shoreauth/certauth", "/SHOREAUTH", "//shoreauth/x", "/./shoreauth/"):
            with self.subTest(path):
                answer, seen = self.ask(get(path))
                self.assertEqual((answer.status, seen), (403, None))
                self.assertIn(b"client certificate", answer.body)
                self.assertEqual(self.ask(get(path), self.phone)[0].status, 200)
        self.assertEqual(self.ask(get("/other"))[0].status, 200)
        self.assertEqual(program.output.count("client_certificate_missing"), 4)
        self.assertEqual(program.metric("http_auth_failures_total", code="403"), 4)

    def test_ends_with_the_certificate(self):
        """A connection may live longer than what it began with."""
        short = self.phone_certificate("phone-short", days=(-1, 8 / 86400))
        routes = [{"path": "/shoreauth", "upstream": "cas", "client_certificate": {"required": True}}]
        self.serve(self.tells(routes=routes))
        with Wire.connect(self.port, context=self.context(short), host=HOST) as wire:
            self.assertEqual(wire.request(get("/shoreauth/x")).status, 200)
            self.assertEqual(self.backend.requests[-1].all("X-SSL-Client-Verify"), ["SUCCESS"])
            until(lambda: wire.request(get("/shoreauth/x")).status == 403, 30, "the certificate ends")
            self.assertEqual(wire.request(get("/")).status, 200)
            self.assertEqual(self.backend.requests[-1].all("X-ARR-ClientCert"), [])

    def test_subjects_that_would_break_out(self):
        """What stands in a certificate is its maker's choice, and must stay within its field."""
        self.serve(self.tells())
        for number, name in enumerate((
                "a\r\nX-Admin: 1", 'q" ;Subject=CN=admin', "  blanks  ", "umlaut \u00fc", "del \x7f escape \x1b.",
                "colon: comma, semicolon;")):
            with self.subTest(name):
                shown = self.phone_certificate(f"odd-{number}", common_name=name)
                answer, seen = self.ask(get(), shown)
                self.assertEqual(answer.status, 200)
                self.assertEqual(seen.all("X-Admin"), [])
                self.assertEqual(seen.all("X-SSL-Client-Verify"), ["SUCCESS"])
                xfcc = seen.get("X-Forwarded-Client-Cert")
                self.assertRegex(xfcc, r'^Hash=[0-9a-f]{64};Cert="[^"]*";Subject="(?:[^"\\]|\\.)*"$')


class Injected(IdentityCase):
    """A client without a certificate, and one with its own, that claim to be somebody else."""

    FORGED = "MIIforged"

    def assert_nothing_forged(self, text, show=None, port=None):
        _, seen = self.ask(text, show, port)
        self.assertIsNotNone(seen, text)
        leaked = [field for field in [*seen.fields, *seen.trailers] if self.FORGED in field[1]]
        self.assertEqual(leaked, [], text)
        expected = [der_of(self.phone)] if show else []
        self.assertEqual(seen.all("X-ARR-ClientCert"), expected)

    def ports(self):
        """Listeners that ask and tell, that ask and do not tell, and that know nothing of certificates."""
        self.port, quiet, plain = free_port(), free_port(), free_port()
        self.serve(self.tells(), self.asking(port=quiet, name="quiet"), self.listener("plain", plain))
        return self.port, quiet, plain

    def test_every_spelling_on_every_listener(self):
        for port in self.ports():
            for name in SPELLINGS:
                for show in (None, self.phone if port == self.port else None):
                    with self.subTest(name, port=port, show=show):
                        self.assert_nothing_forged(get("/", HOST, f"{name}: {self.FORGED}"), show, port)

    def test_duplicates_and_company(self):
        self.ports()
        for fields in (
                [f"X-ARR-ClientCert: {self.FORGED}", f"X-ARR-ClientCert: {self.FORGED}2"],
                [f"X-ARR-ClientCert: {self.FORGED}", f"X_ARR_ClientCert: {self.FORGED}2"],
                ["Connection: X-ARR-ClientCert, Client-Cert", f"X-ARR-ClientCert: {self.FORGED}"],
                ["Connection: close, X-SSL-Client-S-DN, X_SSL_Client_S_DN", f"X_SSL_Client_S_DN: {self.FORGED}"],
                [f"X-ARR-ClientCert:\t{self.FORGED}\t"],
                [f"Forwarded: for=1.2.3.4;{self.FORGED}", f"X-Forwarded-Client-Cert: {self.FORGED}"]):
            for show in (None, self.phone):
                with self.subTest(fields, show=show):
                    self.assert_nothing_forged(get("/", HOST, *fields), show)
        for show in (None, self.phone):  # of HTTP/1.0
            self.assert_nothing_forged(f"GET / HTTP/1.0\r\nX-ARR-ClientCert: {self.FORGED}\r\n\r\n", show)

    def test_connection_cannot_take_ours_away(self):
        self.ports()
        _, seen = self.ask(get("/", HOST, "Connection: X-ARR-ClientCert, X-SSL-Client-Verify, Client-Cert"), self.phone)
        self.assertEqual(seen.all("X-ARR-ClientCert"), [der_of(self.phone)])
        self.assertEqual(seen.all("X-SSL-Client-Verify"), ["SUCCESS"])
        _, seen = self.ask(get("/", HOST, "Connection: X-SSL-Client-Verify"))
        self.assertEqual(seen.all("X-SSL-Client-Verify"), ["NONE"])

    def test_trailers(self):
        self.ports()
        for name in SPELLINGS:
            with self.subTest(name):
                self.assert_nothing_forged(
                    f"POST / HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\nTrailer: {name}\r\n\r\n"
                    f"1\r\na\r\n0\r\n{name}: {self.FORGED}\r\n\r\n", self.phone)

    def test_what_two_readers_could_read_in_two_ways_is_refused(self):
        self.ports()
        for fields in ([f"X-ARR-ClientCert : {self.FORGED}"], ["X-A: b", f" X-ARR-ClientCert: {self.FORGED}"],
                       [f"X-A: b\nX-ARR-ClientCert: {self.FORGED}"], [f"X-A: b\rX-ARR-ClientCert: {self.FORGED}"],
                       [f"X-ARR-ClientCert\0: {self.FORGED}"], [f"X-A: b\0X-ARR-ClientCert: {self.FORGED}"],
                       ["Content-Length: 5", "Transfer-Encoding: chunked", f"X-ARR-ClientCert: {self.FORGED}"],
                       [f"X\xa0ARR-ClientCert: {self.FORGED}"]):
            with self.subTest(fields):
                try:
                    answer, seen = self.ask(get("/", HOST, *fields), self.phone)
                except Closed:
                    continue
                self.assertEqual((answer.status, seen), (400, None))

    def test_pipelined_behind_another(self):
        self.ports()
        with Wire.connect(self.port, context=self.context(self.phone), host=HOST) as wire:
            wire.send(get("/1") + get("/2", HOST, f"X-ARR-ClientCert: {self.FORGED}"))
            self.assertEqual([wire.message().status for _ in range(2)], [200, 200])
        self.assertEqual([one.all("X-ARR-ClientCert") for one in self.backend.requests], [[der_of(self.phone)]] * 2)

    def test_two_clients_never_get_each_others(self):
        """Over connections to the server that both have used."""
        other = self.phone_certificate("phone-other", common_name="Mitel IP485")
        self.ports()
        shown = {"phone": self.phone, "other": other, "none": None}
        wires = {name: Wire.connect(self.port, context=self.context(show), host=HOST) for name, show in shown.items()}
        for number in range(40):
            for name, wire in wires.items():
                wire.request(get(f"/{name}/{number}"))
        for wire in wires.values():
            wire.close()
        for request in self.backend.requests:
            show = shown[request.target.split("/")[1]]
            self.assertEqual(request.all("X-ARR-ClientCert"), [der_of(show)] if show else [], request.target)
        self.assertLess(self.backend.connections, 120)

    def test_trusted_source_speaks_for_others(self):
        self.port = free_port()
        self.serve(self.tells(trusted_sources=["127.0.0.1"]))
        _, seen = self.ask(get("/", HOST, f"X-ARR-ClientCert: {self.FORGED}"), self.phone)
        self.assertEqual(seen.all("X-ARR-ClientCert"), [self.FORGED])
        self.assertEqual(seen.all("Client-Cert"), [f":{der_of(self.phone)}:"])  # of which it said nothing


class Attacked(IdentityCase):
    def test_certificates_that_are_odd(self):
        """NUL in a name, hundreds of names, a huge one: served or refused, and the process goes on."""
        self.serve(self.tells())
        many = self.phone_certificate("many-names", hosts=[f"phone-{i}.contoso.test" for i in range(300)])
        answer, seen = self.ask(get(), many)
        self.assertEqual((answer.status, seen.all("X-ARR-ClientCert")), (200, [der_of(many)]))
        nul = self.nul_certificate()
        answer, seen = self.ask(get(), nul)
        self.assertEqual(answer.status, 200)
        self.assertNotIn("\0", "".join(value for _, value in seen.fields))
        self.assertNotEqual(seen.get("SSL-Client-Name"), "phone admin")
        self.assert_accepted(self.call(show=self.phone))

    def nul_certificate(self):
        """CN=admin<NUL>.evil, which the openssl command does not write: changed in place, and signed again."""
        plain = self.phone_certificate("nul", common_name="admin#.evil")
        signature = 256  # of an RSA key of 2048 bits, the last part
        size = 4 + int.from_bytes(plain.bytes[6:8], "big")  # of the part that is signed, which comes first
        signed = plain.bytes[4:4 + size].replace(b"admin#.evil", b"admin\0.evil")
        self.assertIn(b"admin\0.evil", signed)
        made = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.maker_ca.key], input=signed,
                              capture_output=True, check=True, timeout=60).stdout
        der = plain.bytes[:4] + signed + plain.bytes[4 + size:-signature] + made
        plain.der.write_bytes(der)
        plain.pem.write_text(ssl.DER_cert_to_PEM_cert(der))
        return plain

    def test_chain_of_a_megabyte(self):
        program = self.serve()
        before = program.rss_kib()
        file = self.folder / "huge.pem"
        file.write_text(self.phone.text + self.maker_ca.text * 900)
        for _ in range(10):
            seen = self.call("-tls1_2", "-cert", self.phone.pem, "-key", self.phone.key, "-cert_chain", file)
            self.assertNotIn("HTTP/1.1 200", seen.output)
        self.assertLess(program.rss_kib() - before, 32 * 1024)
        self.assert_accepted(self.call(show=self.phone))

    def test_chain_of_namesakes_costs_no_time(self):
        """Thirty CAs of the name that is looked for, and more of them than are read at all."""
        self.serve()
        key = self.maker_ca.key
        ring = "".join(self.authority.intermediate(f"ring-{i}", "Lab Ring", self.maker_ca, key_file=key).text
                       for i in range(30))
        alien = self.authority.root("alien", "Lab Ring")
        shown = self.phone_certificate("of-ring", alien)
        file = self.folder / "ring.pem"
        file.write_text(ring)
        seen = self.call("-tls1_2", show=shown)
        self.assertEqual(seen.alert_received, 48)
        seen = self.call("-tls1_2", "-cert_chain", file, show=shown)
        self.assertEqual(seen.alert_received, 48)
        file.write_text(ring + ring)
        seen = self.call("-tls1_2", "-cert_chain", file, show=shown)
        self.assertEqual(seen.alert_received, 43)
        self.assert_accepted(self.call(show=self.phone))

    def test_client_that_renegotiates(self):
        self.serve()
        seen = self.call("-tls1_2", show=self.phone, send=b"R\n" + b"GET / HTTP/1.1\r\n\r\n")
        self.assertNotIn("HTTP/1.1 200", seen.output)
        self.assert_accepted(self.call(show=self.phone))


if __name__ == "__main__":
    main()
