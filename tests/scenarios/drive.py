#!/usr/bin/env python3
"""Plays a scenario that is about the whole program: makes its certificates, runs `chainmend` as its lines say against web
servers and servers on loopback, and compares what came of it with expected.txt.

    tests/scenarios/drive.py FOLDER --certificates PROGRAM [--rebase]

CHAINMEND names the program, PYTHONPATH holds deploy and tests. The lines are described in README.md beside this file.
"""

import argparse
import difflib
import hashlib
import json
import os
import re
import shlex
import shutil
import ssl
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lab import chainmend, clients
from lab.programs import Failed, free_port
from lab.web import Web, encode
from lab.wire import Backend, Wire, answer, get

VERSIONS = {"TLS 1.0": "-tls1", "TLS 1.1": "-tls1_1", "TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}
HOST = "mail.example"  # in every leaf that is not told otherwise


class Line:
    def __init__(self, text):
        words = shlex.split(text, comments=True)
        self.words = [word for word in words if "=" not in word]
        self.values = dict(word.split("=", 1) for word in words if "=" in word)

    def get(self, key, otherwise=""):
        return self.values.get(key, otherwise)

    def names(self, key, otherwise=""):
        return [name for name in self.get(key, otherwise).split(",") if name]


class Play:
    def __init__(self, text, work, certificates):
        self.work = work
        self.web = Web()
        self.said = []
        self.program = None
        self.upstream = None
        self._asked = self._runs = self._told = 0
        self.port = 0
        scenario = work / "scenario.txt"
        scenario.write_text(text)
        subprocess.run([certificates, scenario, work, self.web.host], check=True, timeout=60)
        self.facts = json.loads((work / "certificates.json").read_text())
        self.by_hash = {facts["sha256"]: name for name, facts in self.facts.items()}
        self.lines = [Line(line.replace("{web}", self.web.host)) for line in text.splitlines()]

    def play(self):
        for number, line in enumerate(self.lines, 1):
            if not line.words or line.words[0] in ("root", "ca", "leaf", "leaves", "wire"):
                continue
            try:
                getattr(self, "do_" + line.words[0])(line)
            except Exception as error:
                raise Failed(f"line {number}: {type(error).__name__}: {error}\n" + "\n".join(self.said)) from error
        return "\n".join(self.said).lstrip("\n") + "\n"

    def end(self):
        self.web.release()
        self.do_stop(None)
        for server in (self.web._backend, self.upstream):
            if server:
                server.stop()

    # -- what the world around does

    def do_web(self, line):
        """web TARGET [CERTIFICATES] ... | web on | web off | web release"""
        target = line.words[1]
        if target in ("on", "off", "release"):
            return getattr(self.web, target)()
        fields = [f"{name}: {line.get(key)}" for name, key in (("Content-Type", "type"), ("Location", "to")) if line.get(key)]
        form = line.get("as", "der")
        pems = [self.pem(name).read_text() for name in line.words[2].split(",") if name] if len(line.words) > 2 else []
        body = encode(pems, form, int(line.get("bytes", "0"))) if pems or "as" in line.values else b""
        self.web.page(target, body, line.get("status", "302 Found" if line.get("to") else "200 OK"), fields,
                      float(line.get("pace", "0")), line.get("kind"))

    def do_upstream(self, line):
        """upstream L,I2,...: the server behind sends this very list."""
        if self.upstream:
            self.upstream.stop()
        names = line.words[1].split(",")
        sent = self.join("upstream.pem", names)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sent, self.work / f"{names[0]}.key")
        self.upstream = Backend(self._answer_all, context, port=self.upstream.port if self.upstream else None)

    @staticmethod
    def _answer_all(wire):
        wire.message()
        wire.send(answer("hello", "200 OK", "Connection: close"))  # or the next list would not be seen

    # -- what is done with the program

    def do_chain(self, line):
        """chainmend chain over files; the exit status, the list, the verdict."""
        command = ["chain", "--json", "--leaf", self.leaf_file(line), "--roots", self.join("roots.pem", line.names("roots"))]
        if line.get("bundle"):
            command += ["--bundle", self.join("bundle.pem", line.names("bundle"))]
        if line.get("aia", "yes") == "yes":
            command += ["--aia", *(["--aia-allow-private"] if line.get("private", "yes") == "yes" else [])]
        command += ["--aia-cache", self.cache(line)]
        if line.get("proxy"):
            command += ["--aia-proxy", f"http://{self.web.host}"]
        done = chainmend.run(*command)
        self.begin(line, f"exit {done.returncode}")
        self.tell_notes(done.stderr)
        if done.stdout:
            self.tell_chain(json.loads(done.stdout))
        self.tell_asked()

    def do_check(self, line):
        """chainmend check over a configuration: the exit status, errors, warnings, notes, lists."""
        config = self.work / "check.yaml"
        config.write_text(json.dumps(self.config(line, policy="intermediate")))
        done = chainmend.run("check", "-c", config, "--json")
        self.begin(line, f"exit {done.returncode}")
        report = json.loads(done.stdout)
        for chain in report.get("certificates", []):
            self.tell_chain(chain)
        for kind in ("errors", "warnings", "notes"):
            for found in report[kind]:
                self.tell(f"{kind[:-1]}: {found['text']}")
        self.tell_asked()

    def do_run(self, line):
        """chainmend run: what is on the wire once it is ready."""
        self.do_stop(None)
        self.port = free_port()
        self._runs, self._told = self._runs + 1, 0
        self.program = chainmend.Chainmend(self.work / f"run-{self._runs}", self.config(line))
        self.begin(line)
        self.tell_wire(line)
        self.tell_asked()

    def do_reload(self, line):
        """SIGHUP, with another configuration if the line has one; wait=no: goes on at once."""
        config = self.config(line) if line.get("leaf") else None
        if line.get("wait") == "no":
            self.program.write(config)
            self.program.send(chainmend.signal.SIGHUP)
            return
        taken = self.program.reload(config)
        self.begin(line, "" if taken else "refused")
        self.tell_wire(line)
        self.tell_asked()

    def do_reloaded(self, line):
        """Waits for what `reload wait=no` began."""
        before = line.get("count", "1")
        self.program.wait_for_metric("config_reloads_total", int(before), outcome="success")
        self.begin(line)
        self.tell_wire(line)
        self.tell_asked()

    def do_stop(self, _):
        if self.program:
            program, self.program = self.program, None
            status = program.stop(30)
            if status or "Sanitizer" in program.output or "runtime error:" in program.output:
                raise Failed(f"chainmend ended with status {status}\n{program.tail(100)}")

    def do_ask(self, line):
        """A request through the proxy to the server behind; until=STATUS, said=WORD: again until that is the answer, or
        the log says so."""
        def details():
            return re.findall(r' detail="((?:[^"\\]|\\.)*)"', self.program.output)

        def asked():
            before = len(details())
            with Wire.connect(self.port) as wire:
                status = wire.request(get()).status
            if status < 500:
                return status, ""
            chainmend.until(lambda: len(details()) > before, 10, "the log says why")
            return status, details()[-1]

        def answered():
            nonlocal status, detail
            status, detail = asked()
            return status == int(line.get("until", status)) and line.get("said") in detail
        status, detail = 0, ""
        chainmend.until(answered, 30, f"the answer is as in {line.values}")
        self.begin(line, f"answer {status}")
        if detail:
            self.tell(f"log: {detail}")

    def do_cached(self, line):
        """Waits until the cache holds these; so all that was asked for them has been."""
        wanted = {self.facts[name]["sha256"] + ".der" for name in line.words[1].split(",")}
        folder = self.work / "cache"
        chainmend.until(lambda: wanted <= {path.name for path in folder.rglob("*.der")}, 30, "all of them are cached")
        self.said += ["", f"cached {line.words[1]}"]
        self.tell_asked()

    def do_asked(self, line):
        """Waits until the web server was asked for a target."""
        chainmend.until(lambda: line.words[1] in self.web.asked[self._asked:], 30, f"{line.words[1]} is asked for")

    def do_poison(self, line):
        """Overwrites the file of a certificate in the cache with another certificate."""
        path = next((self.work / "cache").rglob(self.facts[line.words[1]]["sha256"] + ".der"))
        path.write_bytes(ssl.PEM_cert_to_DER_cert(self.pem(line.words[2]).read_text()))

    def do_handshakes(self, line):
        """So many at a time, names in turn: all complete, each with the list of its leaf."""
        names = self.leaves(line)
        trusted = self.join("client.pem", line.names("roots"))

        def shake(number):
            leaf = names[number % len(names)]
            context = ssl.create_default_context(cafile=trusted)
            with Wire.connect(self.port, context=context, host=self.facts[leaf]["host"]) as wire:
                return hashlib.sha256(wire.socket.getpeercert(True)).hexdigest() == self.facts[leaf]["sha256"]
        with ThreadPoolExecutor(16) as pool:
            right = sum(pool.map(shake, range(int(line.get("count")))))
        self.begin(line, f"{right} of {line.get('count')} trusted, each with its own certificate")
        self.tell_asked()

    def do_versions(self, line):
        """The list at every TLS version, and to an old phone."""
        self.begin(line)
        roots = self.join("client.pem", line.names("roots"))
        host = self.facts[self.leaves(line)[0]]["host"]
        for version, option in VERSIONS.items():
            seen = clients.s_client(self.port, option, root=roots, server_name=host, legacy=True)
            self.tell(f"{version}: {self.list(seen)}")
        seen = clients.gnutls(self.port, root=roots, host=host)
        self.tell(f"TLS 1.0 without extensions (gnutls): {self.list(seen)}")

    # -- what is told

    def begin(self, line, what=""):
        self.said += ["", f"[{line.words[1]}] {what}".rstrip()]

    def tell(self, text):
        # The leaves' keys are those of the generator, and which clients suit them is no matter of chains.
        if "none of its certificates" not in text:
            self.said.append(self.clean(text))

    def tell_notes(self, errors):
        for text in re.findall(r"^(?:note|chainmend): (.*)$", errors, re.M):
            self.tell(f"note: {text}")

    def tell_chain(self, chain):
        for link in chain["chain"]:
            self.tell(f"serve {self.by_hash.get(link['sha256'], 'unknown')} ({link['source']})")
        if chain["complete"]:
            self.tell(f"complete below {self.by_hash[chain['anchor']['sha256']]}")
        else:
            self.tell(f"incomplete, {chain['failure']['reason']}: {chain['failure']['text']}")
        for kind in ("repairs", "warnings"):
            for text in chain[kind]:
                self.tell(f"{kind[:-1]}: {text}")

    def tell_wire(self, line):
        roots = self.join("client.pem", line.names("roots")) if line.get("roots") else self.work / "client.pem"
        for leaf in self.leaves(line)[:3]:
            seen = clients.s_client(self.port, "-tls1_2", root=roots, server_name=self.facts[leaf]["host"], legacy=True)
            self.tell(f"wire: {self.list(seen)}")
        told = re.findall(r' text="((?:[^"\\]|\\.)*)"', self.program.output)
        for text in dict.fromkeys(told[self._told:]):
            self.tell(f"log: {text}")
        self._told = len(told)

    def list(self, seen):
        names = [self.by_hash.get(hashlib.sha256(der).hexdigest(), "unknown") for der in seen.chain]
        issues = []
        if not seen.completed:
            issues.append(f"client refuses: {seen.reason}")
        if any(issuer not in self.facts[child]["issuers"] for child, issuer in zip(names, names[1:])):
            issues.append("wrong order")
        if len(names) > 1 and names[-1] in self.facts[names[-1]]["issuers"]:
            issues.append("contains the root")
        return " ".join(names) + (", client accepts" if not issues else "; " + "; ".join(issues))

    def tell_asked(self):
        """What the web server was asked since this was told last."""
        asked, self._asked = self.web.asked[self._asked:], len(self.web.asked)
        self.tell("asked " + (", ".join(asked) if asked else "nothing"))
        if self.web.connections != len(self.web.asked):
            self.tell(f"connections without a request: {self.web.connections - len(self.web.asked)}")

    def clean(self, text):
        """What is new in every run gets its name instead."""
        text = text.replace(f"{self.work}/", "").replace(self.web.host, "{web}").replace('\\"', '"')
        for name, facts in self.facts.items():
            text = text.replace(f"sha256 {facts['sha256']}", f"sha256 of {name}")
            text = text.replace(facts["sha256"], f"{{sha256 of {name}}}")
            if facts["key_id"]:
                text = text.replace(f"key id is {facts['key_id']}", f"key id is that of {name}")
        text = text.replace(f"port {self.web.port}", "port of {web}")
        text = re.sub(r"\b[0-9a-f]{64}\b", "SHA256", text)
        return re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "DATE", text)

    # -- files and configuration

    def pem(self, name):
        return self.work / f"{name}.pem"

    def join(self, file, names):
        path = self.work / file
        path.write_text("".join(self.pem(name).read_text() for name in names))
        return path

    def leaf_file(self, line):
        leaf = line.get("leaf", "L")
        return self.join(f"{leaf}-file.pem", line.names("file", leaf))

    def leaves(self, line):
        """The leaves of a line; L* stands for all that begin so."""
        names = []
        for wanted in line.names("leaf", "L"):
            names += [n for n in self.facts if n.startswith(wanted[:-1]) and n[len(wanted) - 1:].isdigit()] \
                if wanted.endswith("*") else [wanted]
        return names

    def cache(self, line):
        """One folder for the whole scenario, emptied for each step that does not keep it."""
        folder = self.work / "cache"
        if line.get("cache") != "keep":
            shutil.rmtree(folder, ignore_errors=True)
        return folder

    def config(self, line, policy="legacy-tls10"):
        certificates = {}
        for leaf in self.leaves(line):
            one = Line(f"x leaf={leaf} file={line.get('file', leaf)}")
            certificates[leaf.lower()] = {"cert": str(self.leaf_file(one)), "key": str(self.work / f"{line.get('key', leaf)}.key")}
            certificates[leaf.lower()] |= {key: line.get(key) for key in ("weak", "serve", "preferred_root") if line.get(key)}
        cas = {"servers": [f"https://127.0.0.1:{self.upstream.port}" if self.upstream else "http://127.0.0.1:9"]}
        if self.upstream:
            cas["tls"] = {"server_name": HOST}
        folder = self.work / "cache" if line.words[0] == "reload" else self.cache(line)
        return {
            "process": {"threads": 2, "drain": "1s"},
            "chain": {
                "bundles": [str(self.join("bundle.pem", line.names("bundle")))] if line.get("bundle") else [],
                "trust": [str(self.join("roots.pem", line.names("roots")))],
                "aia": {"mode": "fetch", "cache": str(folder), "timeout": line.get("timeout", "10s"),
                        "allow_private_addresses": line.get("private", "yes") == "yes"}},
            "certificates": certificates,
            "listeners": [{"name": "exchange", "listen": f"127.0.0.1:{self.port}",
                           "certificates": list(certificates), "tls": {"policy": policy}, "upstream": "cas"}],
            "upstreams": {"cas": cas},
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--certificates", required=True, help="the program scenario_certificates")
    parser.add_argument("--rebase", action="store_true", help="write expected.txt anew; read the difference before keeping it")
    chosen = parser.parse_args()
    os.umask(0o077)  # keys that everybody can read are warned of
    with tempfile.TemporaryDirectory(prefix="chainmend-") as work:
        play = Play((chosen.folder / "scenario.txt").read_text(), Path(work).resolve(), chosen.certificates)
        try:
            outcome = play.play()
        finally:
            play.end()
    expected = chosen.folder / "expected.txt"
    if chosen.rebase:
        expected.write_text(outcome)
    difference = list(difflib.unified_diff(expected.read_text().splitlines(), outcome.splitlines(), "expected", "outcome",
                                           lineterm=""))
    print("\n".join(difference) or outcome)
    return 1 if difference else 0


if __name__ == "__main__":
    sys.exit(main())
