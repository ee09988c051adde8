"""Includes point down only: the table is the one under "Layers" in ARCHITECTURE.md.

A file may include its own folder and the folders of rows below, by path from the root ("certs/certificate.h"), and
third-party headers only where the second table lets them in.
"""

import re
import sys
from pathlib import Path

from sources import PRODUCT, files, line_of

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"(?P<ours>[^"]+)"|<(?P<theirs>[^>]+)>)', re.M)


def read_tables(architecture):
    """({folder: row}, {header prefix: folders that may include it}) from the two fenced tables of "Layers"."""
    section = re.search(r"^## Layers\n(.*?)(?=^## )", architecture, re.M | re.S)
    blocks = re.findall(r"^```\n(.*?)^```", section[1], re.M | re.S) if section else []
    if len(blocks) != 2:
        raise ValueError('ARCHITECTURE.md: "## Layers" must hold two fenced tables')
    rows = {}
    for line in blocks[0].splitlines():
        number, *folders = line.split()
        rows.update({folder: int(number) for folder in folders})
    third_party = {}
    for line in blocks[1].splitlines():
        prefix, *folders = line.split()
        third_party[prefix] = folders
    return rows, third_party


def owner(path, rows):
    """The entry of the table that holds a path: the file itself, or the longest folder."""
    candidates = [path, *Path(path).parents]
    return next((str(c) for c in candidates if str(c) in rows), None)


def violations(root):
    root = Path(root)
    rows, third_party = read_tables((root / "ARCHITECTURE.md").read_text())
    found = []
    for path in files(root, PRODUCT):
        text = (root / path).read_text()
        mine = owner(path, rows)
        if mine is None:
            found.append(f"{path}:1: this folder is in no row of ARCHITECTURE.md")
            continue
        for include in _INCLUDE.finditer(text):
            why = judge(include, mine, rows, third_party, root)
            if why:
                found.append(f"{path}:{line_of(text, include.start())}: {include[0].strip()}: {why}")
    return found


def judge(include, mine, rows, third_party, root):
    """Why `mine` may not have this include, or None."""
    if include["theirs"]:
        for prefix, folders in third_party.items():
            if include["theirs"].startswith(prefix) and mine not in folders:
                return f"only {', '.join(folders)} may include <{prefix}...>"
        return None
    theirs = owner(include["ours"], rows)
    exists = any((root / (include["ours"] + suffix)).is_file() for suffix in ("", ".in"))  # .in: configured
    if theirs is None or not exists:
        return "ours are included by their path from the root"
    if theirs != mine and rows[theirs] >= rows[mine]:
        return f"{mine} (row {rows[mine]}) may only include rows below, {theirs} is row {rows[theirs]}"
    return None


if __name__ == "__main__":
    problems = violations(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(problems) or "includes point down only")
    sys.exit(bool(problems))
