"""The checks themselves: each finds what it is for, where it is, and lets the rest pass."""

import contextlib
import io
import tempfile
import unittest
from pathlib import Path

import check_co_await
import check_format
import check_layers
import check_paths

_ARCHITECTURE = """# Architecture
## Layers
```
2 proxy/server proxy/main.cpp
1 proxy/net proxy/metrics
0 certs config
```
```
openssl/ certs
```
## Next
"""


class Tree(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("ARCHITECTURE.md", _ARCHITECTURE)
        for header in ("certs/a.h", "config/b.h", "proxy/net/c.h", "proxy/metrics/d.h", "proxy/server/e.h"):
            self.write(header, "#pragma once\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)


class Layers(Tree):
    def includes(self, path, include):
        self.write(path, f"// first line\n#include {include}\n")
        return check_layers.violations(self.root)

    def test_lets_own_folder_and_rows_below_pass(self):
        self.assertEqual(self.includes("proxy/server/x.cpp", '"certs/a.h"'), [])
        self.assertEqual(self.includes("proxy/net/x.cpp", '"proxy/net/c.h"'), [])
        self.assertEqual(self.includes("proxy/main.cpp", '"proxy/net/c.h"'), [])

    def test_finds_an_include_that_points_up(self):
        found = self.includes("certs/x.cpp", '"proxy/net/c.h"')
        self.assertEqual(len(found), 1)
        self.assertTrue(found[0].startswith("certs/x.cpp:2: "), found)

    def test_finds_an_include_of_a_neighbour(self):
        self.assertEqual(len(self.includes("certs/x.cpp", '"config/b.h"')), 1)
        self.assertEqual(len(self.includes("proxy/net/y.cpp", '"proxy/metrics/d.h"')), 2)

    def test_finds_a_relative_include(self):
        self.assertEqual(len(self.includes("proxy/net/x.cpp", '"c.h"')), 1)
        self.assertEqual(len(self.includes("proxy/net/x.cpp", '"../net/c.h"')), 1)

    def test_finds_a_folder_without_a_row(self):
        self.assertEqual(len(self.includes("proxy/other/x.cpp", "<vector>")), 1)

    def test_finds_a_third_party_header_out_of_its_place(self):
        self.assertEqual(self.includes("certs/x.cpp", "<openssl/ssl.h>"), [])
        self.assertEqual(len(self.includes("config/x.cpp", "<openssl/ssl.h>")), 1)


class CoAwait(Tree):
    def found(self, body):
        self.write("proxy/net/x.cpp", body)
        return check_co_await.violations(self.root)

    def test_finds_it_in_every_kind_of_condition(self):
        for body in ("if (co_await f()) {}", "if (auto r = co_await f(); r) {}", "while (!(co_await f())) {}",
                     "for (; co_await f();) {}", "switch (co_await f()) {}", "if (a &&\n    co_await f()) {}"):
            self.assertEqual(len(self.found("void g() {\n" + body + "}")), 1, body)

    def test_names_the_line(self):
        self.assertTrue(self.found("\n\nif (co_await f()) {}")[0].startswith("proxy/net/x.cpp:3: "))

    def test_lets_the_rest_pass(self):
        for body in ("auto r = co_await f();\nif (r) { co_await g(); }", "// if (co_await f())\n",
                     'auto s = "if (co_await f())";', "while (true) { co_await g(); }"):
            self.assertEqual(self.found(body), [], body)


class Format(Tree):
    def test_finds_a_file_that_is_not_formatted_and_fixes_it(self):
        self.write(".clang-format", "BasedOnStyle: Google\n")
        self.write("proxy/net/x.cpp", "int  x ;\n")
        with contextlib.redirect_stderr(io.StringIO()):
            self.assertNotEqual(check_format.check(self.root), 0)
        self.assertEqual(check_format.check(self.root, fix=True), 0)
        self.assertEqual(check_format.check(self.root), 0)


class Paths(Tree):
    def found(self, line):
        self.write("README.md", "first\n" + line)
        return check_paths.violations(self.root)

    def test_finds_folders_and_hosts_of_a_machine(self):
        for line in ("see /" + "root/x", "in /" + "home/me/x", '"/' + 'work/y"', "deb.debian" + ".org"):
            self.assertEqual(len(self.found(line)), 1, line)
            self.assertTrue(self.found(line)[0].startswith("README.md:2: "))

    def test_lets_other_paths_pass(self):
        for line in ("/var/lib/x", "network/root/x", "${folder}/root/x", "pki/root.pem", "the /root.der file"):
            self.assertEqual(self.found(line), [], line)


if __name__ == "__main__":
    unittest.main()
