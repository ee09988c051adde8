"""What the program says of its configuration's keys: --explain, the JSON Schema and the manual page."""

import json
import re
import subprocess
import unittest
from pathlib import Path

import jsonschema
import yaml

from lab import chainmend

_ROOT = Path(__file__).resolve().parents[2]
_SMALLEST = "listeners: [{ name: a, listen: '127.0.0.1:1', tls: off, routes: [{ path: /, status: 404 }] }]\n"

# What an editor must mark, and where: (text that makes the smallest file wrong, path of the mistake).
_MISTAKES = [
    ("proces: {}", ""),
    ("process: { drain: 600 }", "process/drain"),
    ("process: { drain: 10x }", "process/drain"),
    ("process: { threads: 257 }", "process/threads"),
    ("process: { max_connections: 0 }", "process/max_connections"),
    ("process: { max_connections: many }", "process/max_connections"),
    ("logs: { level: warning }", "logs/level"),
    ("logs: { handshakes: { successes: some } }", "logs/handshakes/successes"),
    ("admin: { listen: localhost }", "admin"),
    ("chain: { aia: { max_size: 64kb } }", "chain/aia/max_size"),
    ("chain: { aia: { max_size: 1023 } }", "chain/aia/max_size"),
    ("chain: { trust: [] }", "chain/trust"),
    ("trust_profiles: { a: {} }", "trust_profiles/a"),
    ("certificates: { Mail: { pfx: a } }", "certificates"),
    ("certificates: { mail: { pfx: a, cert: b } }", "certificates/mail"),
    ("certificates: { mail: { pfx: a, password_file: b, password_env: C } }", "certificates/mail"),
    ("tls_policies: { a: { min: 1.4 } }", "tls_policies/a/min"),
    ("tls_policies: { a: { base: old } }", "tls_policies/a/base"),
    ("tls_policies: { a: { ciphers: 'A:B' } }", "tls_policies/a/ciphers"),
    ("client_types: [{ name: a, match: { suites: [70000] } }]", "client_types"),
    ("client_types: [{ name: a }]", "client_types"),
    ("upstreams: { a: { servers: 10.0.0.1 } }", "upstreams/a/servers"),
    ("upstreams: { a: { servers: 'https://u:p@a' } }", "upstreams/a/servers"),
    ("upstreams: { a: { servers: 'https://a', keep_alive: on } }", "upstreams/a/keep_alive"),
    ("upstreams: { a: { servers: 'https://a', tls: { verify: maybe } } }", "upstreams/a/tls/verify"),
]


def said(*arguments, send=b""):
    return chainmend.run("config", *arguments, send=send)


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.schema = json.loads(said("--schema").stdout)
        jsonschema.Draft202012Validator.check_schema(cls.schema)
        cls.validator = jsonschema.Draft202012Validator(cls.schema)

    def mistakes(self, text):
        return ["/".join(map(str, error.absolute_path)) for error in self.validator.iter_errors(yaml.safe_load(text))]

    def test_takes_what_the_program_takes(self):
        texts = {path.name: path.read_text() for path in sorted((_ROOT / "config/examples").glob("*.yaml"))}
        self.assertGreaterEqual(len(texts), 3)
        readme = (_ROOT / "README.md").read_text()
        texts |= {f"README, block {i}": text
                  for i, text in enumerate(re.findall(r"```yaml\n(.*?)```", readme, re.S)) if "\nlisteners:" in text}
        texts["chainmend config"] = said().stdout
        texts["smallest"] = _SMALLEST
        for name, text in texts.items():
            with self.subTest(name):
                self.assertEqual(self.mistakes(text), [])

    def test_takes_the_examples_of_the_reference(self):
        uncommented = "\n".join(line.removeprefix("# ") if re.match(r"# ( |[a-z_]+:)", line) else line
                                for line in said().stdout.split("\n# The smallest file")[0].splitlines()
                                if not re.match(r"#  +# ", line))
        self.assertIn("\nupstreams:\n", uncommented)
        self.assertEqual(self.mistakes(uncommented), [])

    def test_takes_every_spelling_that_the_program_takes(self):
        for text in ("process: { threads: 4, drain: 0s }", "process:", "admin: off", "admin: no",
                     "logs: { handshakes: { file: off, successes: 0.5% } }", "chain: { bundles: a.pem, trust: system }",
                     "chain: { aia: { max_size: 65536 } }", "tls_policies: { a: { min: TLSv1.2, max: 1.3, dh_bits: 2048 } }",
                     "clients: { learn: yes }", "client_types: []", "upstreams: { a: { servers: 'http://a' } }"):
            with self.subTest(text):
                self.assertEqual(self.mistakes(text + "\n" + _SMALLEST), [])
                file = said("--explain", "/dev/stdin", send=f"{text}\n{_SMALLEST}".encode())
                self.assertEqual((file.returncode, file.stderr), (0, ""))

    def test_marks_mistakes_where_they_are(self):
        for text, place in _MISTAKES:
            with self.subTest(text):
                self.assertIn(place, self.mistakes(text + "\n" + _SMALLEST))
                file = said("--explain", "/dev/stdin", send=f"{text}\n{_SMALLEST}".encode())
                self.assertEqual(file.returncode, 2, "no mistake to the program")
        self.assertEqual(self.mistakes("process: {}"), [""])  # without listeners

    def test_explains_every_key_and_gives_its_default(self):
        def keys(schema):
            for name, value in schema.get("properties", {}).items():
                self.assertTrue(value.get("description"), name)
                yield name
        maps = [self.schema, *self.schema["$defs"].values()]
        self.assertGreater(sum(len(list(keys(one))) for one in maps), 130)
        process = self.schema["$defs"]["process"]["properties"]
        self.assertEqual([process[key]["default"] for key in ("threads", "max_connections", "drain")],
                         ["auto", 20000, "10m"])
        self.assertIs(self.schema["$defs"]["clients"]["properties"]["learn"]["default"], True)


class Explain(unittest.TestCase):
    def test_says_what_a_key_means_and_may_be(self):
        done = said("--explain", "listeners.timeouts.head")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for words in ("request head", "a duration such as", "30s", "listeners:\n      - timeouts:\n          head: 30s"):
            self.assertIn(words, done.stdout)

    def test_lists_all_that_end_so(self):
        keys = [one["key"] for one in json.loads(said("--explain", "head", "--json").stdout)]
        self.assertEqual(keys, ["listeners.timeouts.head", "listeners.limits.head"])
        told = said("--explain", "head").stdout
        for key in keys:
            self.assertIn(key + "\n", told)

    def test_json_says_the_same(self):
        (told,) = json.loads(said("--explain", "mail.cert", "--json").stdout)
        self.assertEqual({key: told[key] for key in ("key", "required", "default", "example", "instead_of")},
                         {"key": "certificates.*.cert", "required": False, "default": None, "example": "mail.pem",
                          "instead_of": "pfx"})

    def test_says_which_key_was_meant(self):
        done = said("--explain", "drian")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertEqual(done.stderr, 'error: no key is called "drian"; did you mean "drain"?\n')
        self.assertIn('"chainmend config" prints every key', said("--explain", "frontend_servers_of_mine").stderr)

    def test_json_goes_with_a_key(self):
        done = said("--explain", "/dev/null", "--json")
        self.assertEqual(done.returncode, 2)
        self.assertIn("YAML", done.stderr)


class ManualPage(unittest.TestCase):
    def test_has_every_key(self):
        page = said("--man").stdout
        text = page.replace("\\-", "-")
        for key in ("process.drain", "certificates.*.pfx", "listeners.routes.max_body", "upstreams.*.keep_alive.idle"):
            self.assertIn(f"\n.B {key}\n", text)
        checked = subprocess.run(["groff", "-man", "-ww", "-z"], input=page, capture_output=True, text=True)
        self.assertEqual(checked.stderr, "")


if __name__ == "__main__":
    unittest.main()
