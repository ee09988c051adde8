"""A program under the system call filter of a systemd unit, without systemd:

    python3 -m lab.confined UNIT PROGRAM [ARGUMENT...]

SystemCallFilter= is read as systemd.exec(5) says; the groups are those of the installed systemd. Where systemd would answer
with SystemCallErrorNumber=, a call that is not on the list ends the program with SIGSYS, so that none goes unnoticed.
"""

import ctypes
import os
import platform
import re
import struct
import subprocess
import sys
from pathlib import Path

# linux/seccomp.h, linux/audit.h, linux/prctl.h, linux/bpf_common.h
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2
_LOAD, _JUMP_EQUAL, _RETURN = 0x20, 0x15, 0x06


def groups():
    """{"@group": [names and other groups]}"""
    listed = subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], capture_output=True, text=True, check=True).stdout
    found, name = {}, None
    for line in listed.splitlines():
        if line.startswith("@"):
            name = line.strip()
            found[name] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            found[name].append(line.strip())
    return found


def allowed(unit):
    """The names of the system calls that the unit allows."""
    known = groups()

    def expand(name):
        return {one for inner in known[name] for one in expand(inner)} if name.startswith("@") else {name}
    names = expand("@default")
    for line in Path(unit).read_text().splitlines():
        if given := re.fullmatch(r"SystemCallFilter=(~?)(.*)", line):
            listed = {one for name in given[2].split() for one in expand(name)}
            names = names - listed if given[1] else names | listed
    return names


def numbers():
    """{name: number} on this machine."""
    defined = subprocess.run(["clang-19", "-dM", "-E", "-x", "c", "-include", "sys/syscall.h", os.devnull],
                             capture_output=True, text=True, check=True).stdout
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+) (\d+)", defined)}


def program(names):
    """The filter, as an array of struct sock_filter."""
    known = numbers()
    steps = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 1, 0, _ARCHITECTURES[platform.machine()]), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    for number in sorted(known[name] for name in names if name in known):
        steps += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps.append((_RETURN, 0, 0, _KILL))
    return b"".join(struct.pack("HBBI", *step) for step in steps), len(steps)


def confine(unit):
    """From now on, this process and what it becomes."""
    code, count = program(allowed(unit))
    held = ctypes.create_string_buffer(code, len(code))
    filter_program = struct.pack("HxxxxxxQ", count, ctypes.addressof(held))
    libc = ctypes.CDLL(None, use_errno=True)
    for arguments in ((_NO_NEW_PRIVILEGES, 1, 0, 0, 0), (_SECCOMP, _FILTER, filter_program, 0, 0)):
        if libc.prctl(*arguments) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    confine(sys.argv[1])
    os.execv(sys.argv[2], sys.argv[2:])
