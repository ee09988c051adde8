"""Nothing in the tree names a folder or a package host of the machine on which it was written."""

import re
import sys
from pathlib import Path

_SKIPPED = {".git", "build", "__pycache__"}
# Assembled, so that this file may hold them.
_FORBIDDEN = re.compile("|".join((
    r"(?<![\w.$}/*-])/" + r"(?:work|root|home/\w+|Users/\w+)/",
    r"\b(?:deb|security|snapshot|ftp[.\w]*)\.debian\.org",
    r"\bregistry\.npmjs\.org|\bpypi\.org|\bproxy\.golang\.org",
)))


def violations(root):
    found = []
    for path in sorted(Path(root).rglob("*")):
        relative = path.relative_to(root)
        if _SKIPPED.intersection(relative.parts) or not path.is_file():
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            match = _FORBIDDEN.search(line)
            if match:
                found.append(f"{relative}:{number}: {match[0]}")
    return found


if __name__ == "__main__":
    problems = violations(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(problems) or "no path or host of a machine")
    sys.exit(bool(problems))
