"""Who may ask the admin listener: neither a web site through a browser, nor whoever holds its connections open."""

import http.client
import json
import socket

from lab import chainmend
from lab.case import LabCase, main
from lab.programs import free_port
from lab.wire import Wire

TOKEN = "0123456789abcdef0123456789abcdef"


class AdminAccess(LabCase):
    def serve(self, token=None, **admin):
        """token: in a file that the configuration names."""
        if token is not None:
            (self.folder / "token").write_text(token + "\n")
            admin["token_file"] = str(self.folder / "token")
        port = free_port()
        program = self.start({"admin": {"listen": f"127.0.0.1:{port}", **admin}, **self.config()}, wait=False)
        program.admin_port = port
        program.wait_until(lambda: program.get("/readyz") == 200, 60, "become ready")
        return program

    def ask(self, program, path="/status", method="GET", **fields):
        connection = http.client.HTTPConnection("127.0.0.1", program.admin_port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host="Host" in fields)
            for name, value in fields.items():
                connection.putheader(name.replace("_", "-"), value)
            connection.endheaders()
            got = connection.getresponse()
            return got.status, got.read().decode()
        finally:
            connection.close()

    def test_only_names_of_ours_are_answered(self):
        program = self.serve(hosts=["chainmend.contoso.test"])
        for host in ("127.0.0.1", "localhost:9465", "[::1]", "chainmend.contoso.test"):
            self.assertEqual(self.ask(program, Host=host)[0], 200, host)
        for path in ("/status", "/metrics", "/clients", "/healthz"):
            status, text = self.ask(program, path, Host="rebound.evil.test")
            self.assertEqual(status, 421)
            self.assertIn("admin.hosts", text)
            self.assertNotIn("certificates", text)

    def test_callers_from_elsewhere_need_the_token(self):
        program = self.serve(TOKEN)
        elsewhere = {"X_Forwarded_For": "192.0.2.1"}
        self.assertEqual(self.ask(program)[0], 200)
        self.assertEqual(self.ask(program, **elsewhere)[0], 401)
        self.assertEqual(self.ask(program, Authorization=f"Bearer {TOKEN[:-1]}", **elsewhere)[0], 401)
        self.assertEqual(self.ask(program, Authorization=f"Bearer {TOKEN}", **elsewhere)[0], 200)
        self.assertEqual(self.ask(program, "/healthz", **elsewhere)[0], 200)
        self.assertNotIn(TOKEN, program.output + self.ask(program)[1])
        (self.folder / "token").write_text("another-token-of-mine\n")
        self.assertTrue(program.reload())
        self.assertEqual(self.ask(program, Authorization=f"Bearer {TOKEN}", **elsewhere)[0], 401)
        self.assertEqual(self.ask(program, Authorization="Bearer another-token-of-mine", **elsewhere)[0], 200)

    def test_a_change_is_not_taken_from_a_web_page(self):
        program = self.serve()
        self.assertEqual(self.ask(program, "/nothing", "POST")[0], 404)
        self.assertEqual(self.ask(program, "/nothing", "POST", Origin="http://evil.test")[0], 403)
        self.assertEqual(self.ask(program, "/nothing", "POST", Host="evil.test")[0], 421)
        self.assertEqual(self.ask(program, "/nothing", "POST", X_Forwarded_For="192.0.2.1")[0], 403)

    def test_those_who_hold_its_connections_are_told_and_let_go(self):
        program = self.serve()
        held = [socket.create_connection(("127.0.0.1", program.admin_port)) for _ in range(70)]
        self.addCleanup(lambda: [one.close() for one in held])
        with Wire.connect(program.admin_port, tls=False) as wire:
            self.assertIn(b"503", wire.to_end().split(b"\r\n")[0])
        for one in held:
            one.close()
        program.wait_until(lambda: program.get("/healthz") == 200, 10, "answer again")

    def check(self, **admin):
        file = self.folder / "check.yaml"
        file.write_text(json.dumps({**self.config(), "admin": admin}))
        done = chainmend.run("check", "-c", file)
        return done.returncode, done.stdout + done.stderr

    def test_check_says_what_is_open_and_what_is_no_token(self):
        token = self.folder / "token"
        token.write_text(TOKEN)
        token.chmod(0o600)
        self.assertIn("admin.token_file", self.check(listen="0.0.0.0:9465")[1])
        status, text = self.check(listen="0.0.0.0:9465", token_file=str(token))
        self.assertEqual((status, "admin pages" in text), (0, False), text)
        token.chmod(0o644)
        self.assertRegex(self.check(token_file=str(token))[1], r"(?s)token\s+of\s+the\s+admin\s+listener.*chmod")
        for wrong in ("", "short", "has a blank and is long enough"):
            token.write_text(wrong)
            status, text = self.check(token_file=str(token))
            self.assertEqual(status, 2, wrong)
            self.assertIn("rand -hex 32", " ".join(text.split()))
        self.assertIn("nowhere", self.check(token_file="nowhere")[1])


if __name__ == "__main__":
    main()
