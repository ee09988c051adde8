"""tests/run: what it makes of the tests that it was asked for. The build is a stub."""

import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for path in ("tests/run", "CMakePresets.json"):
            self.write(path, (_ROOT / path).read_text())
        self.write("deploy/lab/build", "#!/bin/sh\n")
        for script in ("tests/run", "deploy/lab/build"):
            (self.root / script).chmod(0o755)
        self.write("build/dev/CTestTestfile.cmake",
                   f"add_test(passes {shutil.which('true')})\nadd_test(fails {shutil.which('false')})\n")

    def write(self, path, text):
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def status(self, *arguments):
        return subprocess.run([self.root / "tests/run", *arguments], capture_output=True).returncode

    def test_exits_as_its_tests_do(self):
        self.assertEqual(self.status("-R", "passes"), 0)
        self.assertEqual(self.status("-R", "fails"), 1)

    def test_refuses_a_name_that_no_test_has(self):
        self.assertEqual(self.status("-R", "Typo"), 1)


if __name__ == "__main__":
    unittest.main()
