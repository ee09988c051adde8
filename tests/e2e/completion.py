"""Shells complete our commands and options: asked of bash, zsh and fish themselves."""

import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from lab import chainmend
from lab.case import main


def commands():
    return re.findall(r"^  ([a-z0-9-]+) ", chainmend.run("--help").stdout.partition("Commands")[2], re.M)


def options(command):
    """All that its help shows, in either spelling."""
    text = chainmend.run(command, "--help").stdout
    lines = re.findall(r"^  ((?:-\w,)?-[\w,-]+)", text, re.M)
    return sorted({word for line in lines for word in line.split(",")})


class Completion(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="chainmend-")
        cls.addClassCleanup(folder.cleanup)
        cls.files = {}
        for shell in ("bash", "zsh", "fish"):
            cls.files[shell] = Path(folder.name) / shell
            cls.files[shell].write_text(chainmend.run("help", "--completion", shell).stdout)
        cls.commands = commands()

    def said(self, *argv):
        done = subprocess.run(argv, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout.splitlines()

    def bash(self, *words):
        quoted = " ".join(f"'{word}'" for word in words)
        return self.said("bash", "-uc", f"source {self.files['bash']}; COMP_WORDS=({quoted}); "
                         f"COMP_CWORD={len(words) - 1}; _chainmend; printf '%s\\n' \"${{COMPREPLY[@]}}\"")

    def test_bash(self):
        self.assertGreater(len(self.commands), 8)
        self.assertEqual(self.bash("chainmend", ""), self.commands)
        self.assertEqual(self.bash("chainmend", "check"), ["check", "check-health"])
        self.assertEqual(self.bash("chainmend", "help", "ver"), ["version"])
        for command in self.commands:
            self.assertEqual(sorted(self.bash("chainmend", command, "-")), options(command))

    @unittest.skipUnless(shutil.which("fish"), "needs fish")
    def test_fish(self):
        def fish(line):
            return [found.split("\t")[0] for found in
                    self.said("fish", "--no-config", "-c", f"source {self.files['fish']}; complete -C '{line}'")]
        self.assertEqual(sorted(fish("chainmend ")), sorted(self.commands))
        self.assertEqual(fish("chainmend help ver"), ["version"])
        for command in self.commands:
            self.assertLessEqual({word for word in options(command) if word.startswith("--")},
                                 set(fish(f"chainmend {command} --")))

    @unittest.skipUnless(shutil.which("zsh"), "needs zsh")
    def test_zsh(self):
        """Its own functions are replaced by ones that say what they were given."""
        def zsh(*words):
            return self.said("zsh", "-fc", "_describe() { print -l -- ${(P)2} }; _arguments() { print -l -- $@ }; "
                             f"words=({' '.join(words)}); CURRENT=$(( $#words + 1 )); source {self.files['zsh']}")
        self.assertEqual([line.split(":")[0] for line in zsh("chainmend")], self.commands)
        for command in self.commands:
            given = zsh("chainmend", command)
            for line in given[:-1]:
                self.assertRegex(line, r"^\*--?[\w-]+\[.+\](:.+:_files)?$")
            self.assertEqual(sorted(re.match(r"\*(--?[\w-]+)", line)[1] for line in given[:-1]), options(command))

    def test_other_shells_are_refused(self):
        done = chainmend.run("help", "--completion", "tcsh")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("expected bash, zsh or fish", done.stderr)


class ManualPages(unittest.TestCase):
    def test_there_is_one_for_each_command_and_for_the_configuration(self):
        with tempfile.TemporaryDirectory(prefix="chainmend-") as name:
            folder = Path(name) / "man"
            self.assertEqual(chainmend.run("help", "--man-pages", folder).returncode, 0)
            self.assertEqual({path.name for path in folder.iterdir()},
                             {"chainmend.1", "chainmend.yaml.5", *(f"chainmend-{one}.1" for one in commands())})
            for path in folder.iterdir():
                text = path.read_text()
                checked = subprocess.run(["groff", "-man", "-ww", "-z"], input=text, capture_output=True, text=True)
                self.assertEqual(checked.stderr, "", path.name)
                self.assertRegex(text, r"\.SH NAME\n\S+ \\- \S", path.name)
            for one in commands():
                text = (folder / f"chainmend-{one}.1").read_text().replace("\\-", "-")
                for option in options(one):
                    self.assertIn(option, text)
                self.assertEqual(chainmend.run("help", one, "--man").stdout,
                                 (folder / f"chainmend-{one}.1").read_text())


if __name__ == "__main__":
    main()
