"""process.user: a process that root starts becomes that user for good and can reload as it; check --as-user says what
would be in its way, and what it says mends it."""

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import unittest
from pathlib import Path

from lab import chainmend
from lab.case import HOST, LabCase, main
from lab.wire import Backend, Wire, get

# Who changed its user cannot be traced by the leak checker.
NO_LEAK_CHECK = {"ASAN_OPTIONS": "detect_leaks=0"}
BIND_LOW_PORTS = 1 << 10


def needed():
    if os.geteuid() != 0:
        return "needs root"
    missing = [tool for tool in ("useradd", "setfacl", "setpriv") if not shutil.which(tool)]
    return f"needs {missing[0]}" if missing else ""


def first_free_port():
    return int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text())


def low_ports(count):
    found = []
    for port in range(700, first_free_port()):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(port)
        if len(found) == count:
            return found
    raise unittest.SkipTest("no port here is privileged and free")


@unittest.skipIf(needed(), needed())
class Case(LabCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user, cls.group = f"cm-user-{os.getpid()}", f"cm-group-{os.getpid()}"
        subprocess.run(["groupadd", "--system", cls.group], check=True)
        cls.addClassCleanup(subprocess.run, ["groupdel", cls.group])
        subprocess.run(["useradd", "--system", "--user-group", "--no-create-home", "--groups", cls.group, cls.user],
                       check=True)
        cls.addClassCleanup(subprocess.run, ["userdel", cls.user], stderr=subprocess.DEVNULL)
        cls.account = pwd.getpwnam(cls.user)

    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

        self.addCleanup(os.umask, os.umask(0o022))  # the configuration is the user's to read

    def give(self, folder):
        """Everything in it, and the way to it, becomes the user's."""
        for path in [folder, *folder.rglob("*")]:
            os.lchown(path, self.account.pw_uid, self.account.pw_gid)

    def run_as_user(self, config, **how):
        (self.folder / "chainmend-1").mkdir(exist_ok=True)
        self.give(self.class_folder)
        self.give(self.folder)
        config["process"] = {**config.get("process", {}), "user": self.user}
        return self.start(config, environment=NO_LEAK_CHECK, **how)

    def ask(self, port):
        with Wire.connect(port, root=self.pki.root.pem, host=HOST) as wire:
            return wire.request(get("/")).status


def status_of(program):
    """The lines of /proc/PID/status."""
    lines = Path(f"/proc/{program.worker_pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines)


class Become(Case):
    def test_the_user_with_its_groups_and_nothing_else(self):
        program = self.run_as_user(self.config(self.backend.url))
        self.assertEqual(self.ask(self.port), 200)
        status = status_of(program)
        uid, gid = str(self.account.pw_uid), str(self.account.pw_gid)
        self.assertEqual(status["Uid"].split(), [uid] * 4)
        self.assertEqual(status["Gid"].split(), [gid] * 4)
        groups = {gid, subprocess.check_output(["getent", "group", self.group], text=True).split(":")[2]}
        self.assertEqual(set(status["Groups"].split()), groups)
        for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
            self.assertEqual(int(status[kind], 16), 0, kind)
        self.assertEqual(status["NoNewPrivs"], "1")
        for thread in Path(f"/proc/{program.worker_pid}/task").iterdir():
            self.assertIn(f"Uid:\t{uid}\t{uid}", (thread / "status").read_text())
            self.assertIn("CapPrm:\t0000000000000000", (thread / "status").read_text())
        program.wait_for_text(f"user name={self.user} binds_ports_below_1024=false")
        self.assertTrue(program.reload())
        program.send(signal.SIGTERM)
        self.assertEqual(program.wait(20), 0)
        self.assertEqual((program.folder / "handshakes.jsonl").stat().st_uid, self.account.pw_uid)

    def test_keeps_what_low_ports_need_where_there_is_one(self):
        first, second = low_ports(2)
        config = self.config(self.backend.url, listeners=[self.listener(port=first)])
        program = self.run_as_user(config)
        self.assertEqual(self.ask(first), 200)
        status = status_of(program)
        self.assertEqual((int(status["CapPrm"], 16), int(status["CapEff"], 16)), (BIND_LOW_PORTS, BIND_LOW_PORTS))
        more = {**config, "listeners": [self.listener(port=first), self.listener("second", second)]}
        self.assertTrue(program.reload(more), program.output)
        self.assertEqual(self.ask(second), 200)

    def test_the_first_low_port_waits_for_a_start(self):
        config = self.config(self.backend.url)
        program = self.run_as_user(config)
        low = low_ports(1)[0]
        self.assertFalse(program.reload({**config, "listeners": [self.listener(port=low)]}))
        program.wait_for_text("only a start can add the first of them")
        self.assertEqual(self.ask(self.port), 200)

    def test_another_user_waits_for_a_start(self):
        config = self.config(self.backend.url)
        program = self.run_as_user(config)
        self.assertTrue(program.reload({**config, "process": {"user": "nobody", "threads": 2}}))
        self.assertEqual(program.status["config"]["needs_restart"], ["process.user"])

    def test_files_that_only_root_can_read_are_refused_at_the_start(self):
        self.run_as_user(self.config(self.backend.url)).stop()
        key = self.pki.rsa.key
        os.chown(key, 0, 0)
        program = self.start({**self.config(self.backend.url), "process": {"user": self.user}},
                             environment=NO_LEAK_CHECK, wait=False)
        self.assertEqual(program.wait(20), 2)
        self.assertIn("rsa.key", program.output)

    def test_nobody_is_not_found(self):
        config = {**self.config(self.backend.url), "process": {"user": "no-such-user"}}
        program = self.start(config, wait=False)
        self.assertEqual(program.wait(20), 2)
        self.assertRegex(program.output, r'chainmend\.yaml:\d+:\d+: error: process\.user: there is no user '
                                         r'"no-such-user"; `useradd')

    def test_who_is_not_root_becomes_nobody_else(self):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps({**self.config(self.backend.url), "process": {"user": self.user}}))
        os.chmod(self.folder, 0o755)
        os.chmod(file, 0o644)
        done = subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", chainmend.binary(),
                               "run", file], capture_output=True, text=True, env={**os.environ, **NO_LEAK_CHECK})
        self.assertEqual(done.returncode, 2)
        self.assertIn(f"cannot become {self.user}: its groups: Operation not permitted; start chainmend as root",
                      done.stderr)


class CheckAsUser(Case):
    def files(self, **how):
        """A configuration that writes into `state` alone."""
        return {**self.config(**how), "clients": {"file": "state/clients"}, "logs": {}}

    def check(self, config, *arguments):
        file = self.folder / "chainmend.yaml"
        file.write_text(json.dumps(config))
        return chainmend.run("check", file, *arguments)

    def access(self, config):
        done = self.check(config, "--json", "--as-user", self.user)
        told = json.loads(done.stdout)
        self.assertEqual(told["as_user"]["user"], self.user)
        self.assertEqual(done.returncode == 2, bool(told["as_user"]["obstacles"]))
        return {(Path(one["file"]).name, Path(one["in_the_way"]).name): one["remedy"]
                for one in told["as_user"]["obstacles"]}

    def open_way(self):
        """Only what a test closes is closed."""
        for folder in (self.folder, self.class_folder, self.pki.folder):
            os.chmod(folder, 0o755)
        for path in self.pki.folder.iterdir():
            os.chmod(path, 0o644)
        (self.folder / "state").mkdir(exist_ok=True)
        self.give(self.folder / "state")

    def write(self, config):
        self.check(config)
        os.chmod(self.folder / "chainmend.yaml", 0o644)

    def test_nothing_in_the_way(self):
        self.open_way()
        self.write(self.files())
        self.assertEqual(self.access(self.files()), {})
        done = self.check(self.files(), "--as-user", self.user)
        self.assertIn(f"{self.user} can use every file", done.stderr)

    def test_says_which_file_and_folder_and_the_commands_it_prints_mend_it(self):
        self.open_way()
        secrets = self.folder / "secrets"
        secrets.mkdir(0o700)
        key = Path(shutil.copy(self.pki.rsa.key, secrets / "it's mail.key"))
        os.chmod(key, 0o600)
        config = self.files(certificates={"mail": {"cert": str(self.pki.rsa.pem), "key": str(key)}})
        self.write(config)
        remedies = self.access(config)
        self.assertEqual(set(remedies), {(key.name, "secrets"), (key.name, key.name)})
        text = self.check(config, "--as-user", self.user).stderr
        self.assertIn(f"{key}: error: {self.user} cannot read it: {secrets} has mode 0700 and group root, which "
                      f"leaves out x; setfacl -m u:{self.user}:x {secrets}, or chgrp", text)
        for remedy in remedies.values():
            subprocess.run(["sh", "-ec", remedy.split(", or ")[0]], check=True)
        self.assertEqual(self.access(config), {})

    def test_the_other_commands_mend_it_too(self):
        self.open_way()
        secrets = self.folder / "secrets"
        secrets.mkdir(0o700)
        key = Path(shutil.copy(self.pki.rsa.key, secrets))
        os.chmod(key, 0o600)
        config = self.files(certificates={"mail": {"cert": str(self.pki.rsa.pem), "key": str(key)}})
        self.write(config)
        for remedy in self.access(config).values():
            subprocess.run(["sh", "-ec", remedy.split(", or ")[1]], check=True)
        self.assertEqual(self.access(config), {})

    def test_a_group_that_may_is_named(self):
        self.open_way()
        other = f"cm-other-{os.getpid()}"
        subprocess.run(["groupadd", "--system", other], check=True)
        self.addCleanup(subprocess.run, ["groupdel", other])
        key = Path(shutil.copy(self.pki.rsa.key, self.folder))
        shutil.chown(key, group=other)
        os.chmod(key, 0o640)
        config = self.files(certificates={"mail": {"cert": str(self.pki.rsa.pem), "key": str(key)}})
        self.write(config)
        remedy = self.access(config)[key.name, key.name]
        self.assertTrue(remedy.startswith(f"usermod -aG {other} {self.user}, or setfacl"), remedy)
        subprocess.run(["sh", "-ec", remedy.split(", or ")[0]], check=True)
        self.assertEqual(self.access(config), {})
        shutil.chown(key, group=self.group)
        os.chmod(key, 0o600)
        remedy = self.access(config)[key.name, key.name]
        self.assertEqual(remedy, f"chmod g+r {key}")
        subprocess.run(["sh", "-ec", remedy], check=True)
        self.assertEqual(self.access(config), {})

    def test_looks_behind_links_and_closed_folders(self):
        """As certbot lays them out."""
        self.open_way()
        for name in ("live", "archive"):
            (self.folder / name / HOST).mkdir(parents=True)
            os.chmod(self.folder / name, 0o700)
        files = {}
        for kind, source in {"cert": self.pki.rsa.pem, "key": self.pki.rsa.key}.items():
            there = shutil.copy(source, self.folder / "archive" / HOST / f"{kind}1.pem")
            os.chmod(there, 0o600)
            link = self.folder / "live" / HOST / f"{kind}.pem"
            link.symlink_to(f"../../archive/{HOST}/{kind}1.pem")
            files[kind] = str(link)
        config = self.files(certificates={"mail": files})
        self.write(config)
        self.assertEqual({place for file, place in self.access(config) if file == "key.pem"},
                         {"live", "archive", "key1.pem"})

    def test_folders_to_write_and_files_behind_patterns_count(self):
        self.open_way()
        os.chown(self.folder / "state", 0, 0)
        bundles = self.folder / "ca"
        bundles.mkdir()
        shutil.copy(self.pki.bundle, bundles / "one.pem")
        os.chmod(bundles / "one.pem", 0o600)
        os.chmod(bundles, 0o755)
        config = self.files(chain=self.chain(bundles=[f"{bundles}/*.pem"], aia={"cache": "state/aia"}))
        config["logs"] = {"handshakes": {"file": "state/handshakes.jsonl"}}
        self.write(config)
        self.assertEqual(set(self.access(config)), {
            (f"*.pem", "one.pem"), ("handshakes.jsonl", "state"), ("clients", "state"), ("aia", "state")})

    def test_as_whom(self):
        self.open_way()
        done = self.check(self.files(), "--as-user")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--as-user: error: as whom?", done.stderr)
        self.assertIn(f"{self.user} can use every file",
                      self.check(self.files(process={"user": self.user}), "--as-user").stderr)


if __name__ == "__main__":
    main()
