"""Mistakes that people make, and what they are told: the place, the cause and what mends it.

Each row is one mistake in a folder where all else is right. A row that is added says three things in words that must
appear: where (file and line, option, file name), what is wrong, and what to do.
"""

import shlex
import socket
from dataclasses import dataclass, field

from lab import chainmend
from lab.authority import openssl
from lab.case import LabCase, main

GOOD = """\
admin: { listen: off }
chain:
  bundles: [ca.pem]
  trust: [root.pem]
  aia: { mode: off }
certificates:
  mail: { pfx: mail.pfx, password_file: mail.pass }
client_types:
  - name: lync_phone_edition
    match: { source: [10.20.0.0/16] }
listeners:
  - name: exchange
    listen: 127.0.0.1:8443
    certificates: [mail]
    tls:
      for_clients: [{ client_type: lync_phone_edition, policy: legacy-tls10 }]
    upstream: cas
upstreams:
  cas:
    servers: [http://127.0.0.1:9]
"""


ZIP = b"PK\x03\x04" + bytes(60)


@dataclass
class Mistake:
    name: str
    place: str
    cause: str
    remedy: str
    command: str = "check"
    change: tuple = ()  # (old, new) in GOOD
    add: str = ""  # to the end of GOOD
    files: dict = field(default_factory=dict)  # name: text, or a function of the test that gives bytes; None: not there
    status: int = 2


def yaml(name, old, new, place, cause, remedy, **more):
    return Mistake(name, "chainmend.yaml:" + place, cause, remedy, change=(old, new), **more)


def line(name, command, cause, remedy, place="error: ", **more):
    return Mistake(name, place, cause, remedy, command=command, **more)


COMMAND_LINE = (
    line("command misspelt", "chekc", 'no command "chekc"', 'did you mean "check"?'),
    line("command of another program", "start", 'no command "start"', '"chainmend help" lists the commands'),
    line("no command", "", "COMMAND", "Commands:", place="Usage: chainmend"),
    line("option misspelt", "check --jsno", '"check" has no option "--jsno"', 'did you mean "--json"?'),
    line("option with an underscore", "chain --password_file x", '"--password_file"', 'did you mean "--password-file"?'),
    line("option before the command", "-c chainmend.yaml check", "options follow the command", "chainmend check -c"),
    line("option without its value", "check -c", "--config", '"chainmend help check"'),
    line("two configurations", "check chainmend.yaml other.yaml", 'no use for "other.yaml"', '"chainmend help check"'),
    line("no configuration anywhere", "check", "no configuration", "chainmend init", files={"chainmend.yaml": None},
         place="./chainmend.yaml"),
    line("configuration misnamed", "check chainmend.yml", "No such file", "chainmend init", place="chainmend.yml: "),
    line("folder for a file", "check .", "Is a directory", "name the file in it", place=".: error: "),
    line("init over a file", "init --pfx mail.pfx --upstream http://a.test", "chainmend.yaml is there already", "--force"),
    line("init without a terminal", "init -o new.yaml", "no terminal", "--upstream URL"),
    line("init without a password", "init -o new.yaml --pfx mail.pfx --upstream http://a.test", "no password",
         "--password-file FILE", place="mail.pfx"),
    line("init with a wrong password", "init -o new.yaml --pfx mail.pfx --password-file wrong --upstream http://a.test",
         "the password is wrong", "--password-file must be the password alone", place="mail.pfx",
         files={"wrong": "falsch\n"}),
    line("proxy without a certificate", "proxy --from :1 --to http://a.test", "which certificate?", "--pfx FILE"),
    line("proxy without a scheme", "proxy --from :1 --to a.test --pfx mail.pfx --password-file mail.pass", '"a.test"',
         "https://host:port", place="--to: error: "),
    line("proxy from a name", "proxy --from localhost:1 --to http://a.test --pfx mail.pfx --password-file mail.pass",
         '"localhost:1"', "0.0.0.0:443", place="--from: error: "),
    line("proxy with admin pages nowhere", "proxy --from :1 --to http://a.test --pfx mail.pfx --password-file mail.pass --admin 9",
         '"9"', "an address and port", place="--admin: error: "),
    line("init with a server without a scheme", "init -o new.yaml --pfx mail.pfx --password-file mail.pass --upstream a.test",
         '"a.test"', "https://host:port", place="--upstream: error: "),
    line("init with a port to listen on", "init -o new.yaml --pfx mail.pfx --password-file mail.pass --upstream http://a.test "
         "--listen 443", '"443"', "0.0.0.0:443", place="--listen: error: "),
    line("init with a bundle misspelt", "init -o new.yaml --pfx mail.pfx --password-file mail.pass --upstream http://a.test "
         "--bundle c.pem", "c.pem: cannot read this file", "No such file", place="--bundle: error: "),
    line("init with an address for the phones' network", "init --force --pfx mail.pfx --password-file mail.pass --bundle ca.pem "
         "--root root.pem --upstream http://127.0.0.1:9 --phones 10.20.0.0", '"10.20.0.0" is one address alone',
         "write 10.20.0.0/16", place="chainmend.yaml:12:", status=1),
    line("probe of an address with its port apart", "probe mail.contoso.test --connect 127.0.0.1:8443", '"127.0.0.1:8443"',
         "the port stands with the target: mail.contoso.com:8443", place="--connect: "),
    line("probe of a misspelt client type", "probe a.test --as lync_phone_editon", '"lync_phone_editon"',
         'did you mean "lync_phone_edition"?'),
    line("clients of a chainmend that does not run", "clients --admin 127.0.0.1:9", "Connection refused", "--admin ADDRESS",
         place="http://127.0.0.1:9/clients"),
    line("clients of a port", "clients --admin 9465", '"9465"', "127.0.0.1:9465", place="--admin: "),
    line("clients with a name for an address", "clients --client phone1", '"phone1"', "an address such as 10.20.0.5",
         place="--client: "),
    line("chain without a leaf", "chain --bundle ca.pem", "--leaf is required", '"chainmend help chain"'),
    line("chain at a moment that is none", "chain --leaf leaf.pem --at yesterday", "is no time", "write 2026-11-22T10:00:00Z",
         place="'yesterday'"),
    line("explain a key misspelt", "config --explain proces.drain", 'no key is called "proces.drain"',
         'did you mean "process.drain"?'),
    line("explain no key", "config --explain frontends", 'no key is called "frontends"', '"chainmend config" prints every key'),
    line("explain nothing", "config --explain nowhere.yaml", "No such file", "chainmend init", place="nowhere.yaml: "),
)

CONFIGURATION = (
    yaml("key misspelt", "upstream: cas", "upstraem: cas", "17:5", 'unknown key "upstraem"', 'did you mean "upstream"?'),
    yaml("key at the wrong depth", "admin: { listen: off }", "listen: off", "1:1", 'unknown key "listen"', "did you mean"),
    yaml("name that nothing has", "upstream: cas", "upstream: cass", "17:15", 'no upstream is called "cass"',
         'did you mean "cas"?'),
    yaml("certificate that nothing has", "certificates: [mail]", "certificates: [mial]", "14:20",
         'no certificate is called "mial"', 'did you mean "mail"?'),
    yaml("policy that nothing has", "policy: legacy-tls10", "policy: legacy", "16:64", 'no TLS policy is called "legacy"',
         "legacy-tls10"),
    yaml("client type that nothing has", "client_type: lync_phone_edition", "client_type: lync_phone", "16:36",
         '"lync_phone"', "lync_phone_edition"),
    yaml("address without a port", "127.0.0.1:8443", "127.0.0.1", "13:13", '"127.0.0.1"', "0.0.0.0:443"),
    yaml("name to listen on", "127.0.0.1:8443", "localhost:8443", "13:13", '"localhost:8443"', "0.0.0.0:443"),
    yaml("IPv6 without quotes", "127.0.0.1:8443", "[::]:8443", "13:17", "IPv6 address", 'in quotes, as in "[::]:443"'),
    yaml("server without a scheme", "[http://127.0.0.1:9]", "[127.0.0.1:9]", "20:15", '"127.0.0.1:9"', "https://host:port"),
    yaml("duration without a unit", "admin: { listen: off }", "process: { drain: 10 }", "1:19", '"drain"', "10s"),
    yaml("mode that is none", "mode: off", "mode: none", "5:16", '"none"', "cache-only"),
    yaml("tab", "  bundles:", "\tbundles:", "3:1", "indented with a tab", "YAML wants spaces"),
    yaml("key given twice", "admin: { listen: off }", "chain: {}", "2:1", 'key "chain" is given twice', "line 1"),
    yaml("missing brace", "password_file: mail.pass }", "password_file: mail.pass", "8:13", "a { is not closed",
         "it was opened on line 7 column 9"),
    yaml("missing bracket", "bundles: [ca.pem]", "bundles: [ca.pem", "4:8", "a [ is not closed", "it was opened on line 3 column 12"),
    yaml("Windows path in double quotes", "pfx: mail.pfx", r'pfx: "C:\certs\mail.pfx"', "7:19", "backslash in double quotes",
         r"'C:\certs\mail.pfx'"),
    yaml("Windows path with \\n in double quotes", "pfx: mail.pfx", r'pfx: "C:\new.pfx"', "7:16", "holds a line end",
         "single quotes"),
    yaml("key with a blank of a web page", "upstream: cas", "upstream\u00a0: cas", "17:5", "upstream<U+00A0>",
         'did you mean "upstream"?'),
    yaml("value with a character of no width", "mode: off", "mode: \u200boff", "5:16", "<U+200B>off", 'did you mean "off"?'),
    yaml("cipher string of OpenSSL", "admin: { listen: off }", 'tls_policies: { p: { ciphers: "AES128-SHA:AES256-SHA" } }',
         "1:31", "AES128-SHA:AES256-SHA", "write a list"),
    yaml("suite that this OpenSSL lacks", "admin: { listen: off }", "tls_policies: { p: { base: legacy-tls10, ciphers: [RC4-SHA] } }",
         "1:", "RC4-SHA", "deploy/openssl-weak.md"),
    yaml("versions the wrong way round", "admin: { listen: off }", "tls_policies: { p: { min: 1.3, max: 1.2 } }", "1:37",
         '"max" is lower', '"min"'),
    yaml("address for a network", "10.20.0.0/16", "10.20.0.0", "10:23", "is one address alone", "write 10.20.0.0/16", status=1),
    yaml("certificate of a type that some cannot use", "mode: off", "mode: cache-only", "12:5", "windows_8_schannel (has no suite",
         "with an ECDSA key it connects", status=0),
    yaml("network with bits of a host", "10.20.0.0/16", "10.20.30.40/16", "10:23", "is no network", "10.20.0.0/16", status=1),
    yaml("legacy policy for everybody", "client_type: lync_phone_edition", "client_type: unknown_tls10", "16:36",
         "open to everybody", "source: [10.20.0.0/16]", status=1),
    yaml("phones that are anywhere", "source: [10.20.0.0/16]", "source: [0.0.0.0/0]", "16:36", "rule on line 9, and anybody can",
         "name the phones' networks", status=1),
    yaml("phones that offer little", "source: [10.20.0.0/16]", "offers_at_most: 1.0", "16:36", "open to everybody",
         "name the phones' networks", status=1),
    yaml("phones without a rule", "name: lync_phone_edition", "name: desk_phone", "16:36", "known only by what it asks for",
         "client_types: [{ name: lync_phone_edition, match: { source: [10.20.0.0/16] } }]", status=1),
    yaml("admin for everybody", "admin: { listen: off }", "admin: { listen: 0.0.0.0:9465 }", "1:18", "open to everybody",
         "127.0.0.1:9465", status=1),
    yaml("one address twice", "listen: 127.0.0.1:8443", "listen: [127.0.0.1:8443, 127.0.0.1:8443]", "13:30", "collides with",
         "on line 13"),
    yaml("upstream without servers", "servers: [http://127.0.0.1:9]", "servers: []", "20:14", '"servers"', "the list is empty"),
    yaml("PROXY header from anybody", "upstream: cas", "proxy_protocol: true\n    upstream: cas", "12:5",
         '"proxy_protocol" needs "trusted_sources"', "anyone could claim"),
    yaml("certificates without TLS", "    tls:\n      for_clients: [{ client_type: lync_phone_edition, policy: legacy-tls10 }]\n",
         "    tls: off\n", "14:20", '"certificates" have no use', '"tls: off"'),
    Mistake("empty file", "chainmend.yaml", "empty", "chainmend config", files={"chainmend.yaml": ""}),
    Mistake("two documents", "chainmend.yaml:21:1", "a second document", "one file holds one", add="---\nadmin: { listen: off }\n"),
)

FILES = (
    Mistake("PFX that is not there", "chainmend.yaml:7:16", "mail.pfx", "No such file", files={"mail.pfx": None}),
    Mistake("password file that is not there", "chainmend.yaml:7:41", "mail.pass", "No such file", files={"mail.pass": None}),
    Mistake("bundle that is not there", "chainmend.yaml:3:13", "ca.pem", "No such file", files={"ca.pem": None}),
    yaml("file that is not there beside a key misspelt", "upstream: cas", "upstraem: cas", "7:16", "mail.pfx: cannot read",
         'unknown key "upstraem"', files={"mail.pfx": None}),
    Mistake("wrong password", "chainmend.yaml:7:16", "the password is wrong", "must be the password alone",
            files={"mail.pass": "falsch\n"}),
    Mistake("empty password file", "chainmend.yaml:7:16", "the password is wrong", "mail.pass is empty", files={"mail.pass": ""}),
    Mistake("password with a blank behind", "chainmend.yaml:7:16", "the password is wrong", "begins or ends with a blank",
            files={"mail.pass": "geheim \n"}),
    Mistake("password in quotes", "chainmend.yaml:7:16", "the password is wrong", "is in quotes",
            files={"mail.pass": '"geheim"\n'}),
    Mistake("password file of PowerShell", "chainmend.yaml:7:41", "is UTF-16", "save it as UTF-8",
            files={"mail.pass": lambda test: "geheim\r\n".encode("utf-16")}),
    yaml("PFX without its password", "pfx: mail.pfx, password_file: mail.pass", "pfx: mail.pfx", "7:16", "password",
         "password_file"),
    yaml("intermediate that is missing", "bundles: [ca.pem]", "bundles: []", "7:", "CN=Lab Server CA", "chain.bundles", status=1),
    yaml("file that is served as it is", "password_file: mail.pass }", "password_file: mail.pass, serve: as-given }", "7:9",
         "CN=Lab Server CA", 'leave out "serve: as-given"', status=1),
    Mistake("root of somebody else", "chainmend.yaml:7:", "CN=Lab Root", "chain.trust", status=1,
            files={"root.pem": lambda test: test.stranger.pem.read_bytes()}),
    yaml("key of another certificate", "pfx: mail.pfx, password_file: mail.pass", "cert: leaf.pem, key: other.key", "7:32",
         "other.key", "does not belong", files={"leaf.pem": lambda test: test.pki.rsa.pem.read_bytes(),
                                                "other.key": lambda test: test.stranger.key.read_bytes()}),
    yaml("request for a certificate", "pfx: mail.pfx, password_file: mail.pass", "cert: mail.csr", "7:17", "request",
         "send it to the authority", files={"mail.csr": lambda test: test.request()}),
    Mistake("bundle in a zip", "chainmend.yaml:3:13", "zip", "unpack it", status=1, files={"ca.pem": lambda test: ZIP}),
    Mistake("upstream that is down", "chainmend.yaml:19:3", "http://127.0.0.1:9", "Connection refused", status=1,
            command="check --upstreams"),
    yaml("upstream whose name is wrong", "http://127.0.0.1:9", "https://cas.contoso.invalid", "19:3", "cas.contoso.invalid",
         "upstreams.cas.servers", status=1, command="check --upstreams"),
    Mistake("chain that ends early", "no path", "CN=Lab Server CA", "--bundle", command="chain --leaf leaf.pem --roots root.pem",
            status=1),
    Mistake("chain with a root of somebody else", "no path", "CN=Lab Root", "--roots", status=1,
            command="chain --leaf leaf.pem --bundle ca.pem root.pem --roots other.pem",
            files={"other.pem": lambda test: test.stranger.pem.read_bytes()}),
    Mistake("chain of a PFX without its password", "mail.pfx", "password", "--password-file FILE",
            command="chain --leaf mail.pfx"),
)


class Mistakes(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls.pki.authority.root("stranger", "Somebody else")

    def request(self):
        return self.made("mail.csr", "req", "-new", "-key", self.pki.rsa.key, "-subj", "/CN=mail.contoso.test")

    def made(self, name, *command):
        openssl(*command, "-out", self.folder / name)
        return (self.folder / name).read_bytes()

    def write(self, mistake):
        text = GOOD
        if mistake.change:
            self.assertEqual(text.count(mistake.change[0]), 1, "the row must change one place of the good file")
            text = text.replace(*mistake.change)
        made = self.pki.authority.pfx("mail.pfx", self.pki.rsa, "geheim", windows_kind=True)
        files = {"chainmend.yaml": text + mistake.add, "mail.pfx": made.read_bytes(), "mail.pass": "geheim\n",
                 "ca.pem": self.pki.bundle.read_bytes(), "root.pem": self.pki.root.pem.read_bytes(),
                 "leaf.pem": self.pki.rsa.pem.read_bytes(), **mistake.files}
        for name, content in files.items():
            (self.folder / name).unlink(missing_ok=True)
            if callable(content):
                content = content(self)
            if content is not None:
                (self.folder / name).write_bytes(content.encode() if isinstance(content, str) else content)

    def assert_told(self, table):
        for mistake in table:
            with self.subTest(mistake.name):
                self.assertTrue(mistake.place and mistake.cause and mistake.remedy, "a row says all three")
                self.write(mistake)
                done = chainmend.run(*shlex.split(mistake.command), cwd=self.folder)
                said = done.stdout + done.stderr
                self.assertEqual(done.returncode, mistake.status, said)
                for words in (mistake.place, mistake.cause, mistake.remedy):
                    self.assertIn(words, said)
                self.assertNotIn("geheim", said)

    def test_without_a_mistake_all_is_well(self):
        self.write(Mistake("none", "", "", ""))
        done = chainmend.run("check", cwd=self.folder)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_command_line(self):
        self.assert_told(COMMAND_LINE)

    def test_configuration(self):
        self.assert_told(CONFIGURATION)

    def test_files(self):
        self.assert_told(FILES)

    def test_addresses_in_use(self):
        with socket.create_server(("127.0.0.1", 0)) as other:
            taken = f"127.0.0.1:{other.getsockname()[1]}"
            self.assert_told((
                yaml("admin address of another program", "admin: { listen: off }", f"admin: {{ listen: {taken} }}", "1:18",
                     "address already in use", "admin.listen moves it", command="run"),
                yaml("address of another program", "127.0.0.1:8443", taken, "13:13", "address already in use", "ss -ltnp",
                     command="run")))


if __name__ == "__main__":
    main()
