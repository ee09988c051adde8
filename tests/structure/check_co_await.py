"""No co_await between the parentheses of if, while, for or switch: g++ 12.2 miscompiles it. Name the result first."""

import re
import sys
from pathlib import Path

from sources import PRODUCT, code, files, line_of

_CONDITION = re.compile(r"\b(if|while|for|switch)\b(?:\s+constexpr)?\s*\(")


def violations(root):
    found = []
    for path in files(root, (*PRODUCT, "tests")):
        text = code((Path(root) / path).read_text())
        for start in _CONDITION.finditer(text):
            if re.search(r"\bco_await\b", parenthesised(text, start.end())):
                found.append(f"{path}:{line_of(text, start.start())}: co_await inside `{start[1]} (...)`")
    return found


def parenthesised(text, begin):
    """From begin, just after an opening parenthesis, to the one that closes it."""
    depth = 1
    for at in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[at], 0)
        if depth == 0:
            return text[begin:at]
    return text[begin:]


if __name__ == "__main__":
    problems = violations(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("\n".join(problems) or "no co_await in a condition")
    sys.exit(bool(problems))
