"""chainmend policies: what it says of each policy is what the clients meet, and what it prints for openssl and nginx
works there."""

import json

from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.programs import Program, free_port

BUILT_IN = ["modern", "intermediate", "compatible-tls12", "legacy-tls10"]
VERSIONS = {"TLS 1.0": "-tls1", "TLS 1.1": "-tls1_1", "TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}


def policies(*arguments):
    done = chainmend.run("policies", "--json", *arguments)
    return {policy["name"]: policy for policy in json.loads(done.stdout)}


class Said(LabCase):
    def test_names_every_built_in_policy_and_whom_it_serves(self):
        said = policies()
        self.assertEqual(list(said), BUILT_IN)
        self.assertEqual([said[name]["min"] for name in BUILT_IN], ["TLS 1.3", "TLS 1.2", "TLS 1.2", "TLS 1.0"])
        served = {name: {client["name"] for client in said[name]["clients"] if client["rsa"]["connects"]}
                  for name in BUILT_IN}
        for strict, loose in zip(BUILT_IN, BUILT_IN[1:]):
            self.assertLess(served[strict], served[loose])
        self.assertIn("polycom_phone", served["legacy-tls10"])
        self.assertIn("windows_8_schannel", served["compatible-tls12"] - served["intermediate"])
        client = next(client for client in said["intermediate"]["clients"] if client["name"] == "java_7")
        self.assertEqual(client["rsa"], {"connects": False, "obstacle": "version", "why": "speaks TLS 1.0 at most"})

    def test_says_how_a_policy_of_the_operator_differs(self):
        file = self.folder / "chainmend.yaml"
        certificates = {"mail": self.pem(self.pki.rsa)}
        file.write_text(json.dumps(self.config(certificates=certificates, tls_policies={
            "desk": {"base": "legacy-tls10", "max": "1.0", "ciphers": ["AES128-SHA"]}})))
        done = chainmend.run("policies", "desk", "-c", file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("compared with legacy-tls10:", done.stdout)
        self.assertIn("highest version TLS 1.0, not TLS 1.3", done.stdout)
        self.assertEqual(list(policies("-c", file)), [*BUILT_IN, "desk"])

    def test_says_what_is_wrong(self):
        for name, expected in (("intermediat", 'did you mean "intermediate"?'), ("x", "lists the built-in ones")):
            done = chainmend.run("policies", name)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(f'no TLS policy is called "{name}"', done.stderr)
            self.assertIn(expected, done.stderr)
        done = chainmend.run("policies", "-c", self.folder / "none.yaml")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("none.yaml", done.stderr)

    def test_fits_80_columns(self):
        for name in BUILT_IN:
            for line in chainmend.run("policies", name).stdout.splitlines():
                self.assertLessEqual(len(line), 80, line)


class Elsewhere(LabCase):
    """Everybody completes with openssl or nginx, set up as printed, what chainmend completes, and nothing else."""

    def assert_speaks(self, port, policy):
        for version, option in VERSIONS.items():
            with self.subTest(policy=policy["name"], version=version):
                seen = clients.s_client(port, option, legacy=True)
                self.assertEqual(seen.completed, policy["min"] <= version <= policy["max"], seen.output)
        if policy["ciphers"]:
            seen = clients.s_client(port, "-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0")
            self.assertEqual(seen.completed, "AES128-SHA" in policy["ciphers"], seen.output)

    def test_openssl_takes_the_options(self):
        for name, policy in policies().items():
            port = free_port()
            options = [word for option in policy["openssl"] for word in option.split(" ", 1)]
            server = Program("s_server", ["openssl", "s_server", "-accept", str(port), "-quiet", "-naccept", "9",
                                          "-cert", self.pki.rsa.pem, "-key", self.pki.rsa.key, *options],
                             self.folder / f"{name}.log")
            self.addCleanup(server.stop)
            self.assert_speaks_soon(port)
            self.assert_speaks(port, policy)

    def test_nginx_takes_the_directives(self):
        for name, policy in policies().items():
            port = free_port()
            self.nginx(f"server {{ listen 127.0.0.1:{port} ssl; server_name {HOST}; "
                       f"ssl_certificate {self.pki.rsa.pem}; ssl_certificate_key {self.pki.rsa.key};\n"
                       + "\n".join(policy["nginx"]) + "\nreturn 204; }")
            self.assert_speaks_soon(port)
            self.assert_speaks(port, policy)

    def test_prints_the_same_without_json(self):
        done = chainmend.run("policies", "legacy-tls10", "--as-openssl")
        self.assertEqual(done.returncode, 0)
        policy = policies("legacy-tls10")["legacy-tls10"]
        for line in [*policy["openssl"], *policy["nginx"]]:
            self.assertIn(line, done.stdout.splitlines())

    def assert_speaks_soon(self, port):
        chainmend.until(lambda: clients.s_client(port).completed, what="the server is there")


if __name__ == "__main__":
    main()
