"""The C++ sources of a tree, and their text without what only people read."""

import re
from pathlib import Path

PRODUCT = ("certs", "config", "proxy")
_COMMENT_OR_LITERAL = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<tag>[^()\s]*)\(.*?\)(?P=tag)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])'""", re.S)


def files(root, folders, suffixes=(".h", ".cpp")):
    """Paths below root's folders, sorted, relative to root."""
    root = Path(root)
    return sorted(path.relative_to(root) for folder in folders for path in (root / folder).rglob("*")
                  if path.suffix in suffixes)


def code(text):
    """The text with comments and literals blanked, every line where it was."""
    return _COMMENT_OR_LITERAL.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
