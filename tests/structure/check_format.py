"""Every C++ file is as clang-format-19 writes it. `check_format.py ROOT --fix` writes it so."""

import subprocess
import sys
from pathlib import Path

from sources import PRODUCT, files


def check(root, fix=False):
    paths = [str(p) for p in files(root, (*PRODUCT, "tests"))]
    mode = ["-i"] if fix else ["--dry-run", "-Werror"]
    return subprocess.run(["clang-format-19", *mode, *paths], cwd=Path(root)).returncode


if __name__ == "__main__":
    roots = [argument for argument in sys.argv[1:] if argument != "--fix"] or ["."]
    sys.exit(check(roots[0], fix="--fix" in sys.argv))
