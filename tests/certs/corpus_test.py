#!/usr/bin/env python3
"""Runs `chainmend chain` over the corpus of chains. Exit status 77 (skipped) where the corpus is not at hand.

The environment variable CHAINMEND_CORPORA names another folder than the one given.
"""
import argparse
import lzma
import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpora", required=True)
    parser.add_argument("--chainmend", required=True)
    arguments = parser.parse_args()
    folder = pathlib.Path(os.environ.get("CHAINMEND_CORPORA", arguments.corpora))
    packed, driver = folder / "chains.jsonl.xz", folder / "chains_driver.py"
    if not packed.is_file() or not driver.is_file():
        print(f"skipped: no corpus in {folder}")
        return SKIPPED
    command = " ".join([arguments.chainmend, "chain --leaf {leaf} --bundle {bundle} --roots {roots}",
                        "--at {at_iso} --json"])
    with tempfile.TemporaryDirectory() as temporary:
        cases = pathlib.Path(temporary) / "chains.jsonl"
        cases.write_bytes(lzma.decompress(packed.read_bytes()))
        return subprocess.run([sys.executable, str(driver), "--corpus", "", "--jsonl", str(cases), "--tier",
                               "A,P,B", "--verify-sigs", "--jobs", "2", "--timeout", "60", "--cmd", command],
                              check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
