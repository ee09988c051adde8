"""The status page: in a real browser, by curl without its script, and as `chainmend top` in a terminal."""

import fcntl
import http.client
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from pathlib import Path

from lab import chainmend, clients
from lab.case import HOST, LabCase, main
from lab.programs import free_port
from lab.wire import Backend, Wire, get

# Pictures are kept in this folder, for eyes, when it is named; axe-core's script judges the page, when it is at hand.
PICTURES = os.environ.get("STATUS_PAGE_PICTURES")
AXE = os.environ.get("AXE_CORE")
HOSTILE = '"><img/src=x onerror=alert(1)>'
TOKEN = "0123456789abcdef0123456789abcdef"


def resize(terminal, rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


class StatusPage(LabCase):
    def setUp(self):
        super().setUp()
        self.backend = Backend()
        self.addCleanup(self.backend.stop)

    def broken_too(self, **more):
        """The usual listener, and one with a certificate whose issuer is nowhere."""
        stranger = self.pki.authority.root("lost-root", "Lost Root")
        lost_ca = self.pki.authority.intermediate("lost-ca", "Lost CA", stranger)
        leaf = self.pki.leaf("lost", ["lost.contoso.test"], issuer=lost_ca)
        return self.config(self.backend.url,
                           certificates={"mail": self.pem(self.pki.rsa), "lost": self.pem(leaf)},
                           listeners=[self.listener(), self.listener("lost", free_port(), certificates=["lost"])], **more)

    def fail_once(self, name=HOST):
        return clients.gnutls(self.port, host=name, sni=True, priority="NORMAL:-VERS-ALL:+VERS-TLS1.0")

    def page(self, program, path="/", **fields):
        connection = http.client.HTTPConnection("127.0.0.1", program.admin_port, timeout=10)
        try:
            connection.request("GET", path, headers={"Accept": "text/html", **fields})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()


class WithoutScript(StatusPage):
    def test_says_all_in_the_order_of_the_questions(self):
        program = self.start(self.broken_too())
        self.fail_once()
        program.wait_for_metric("tls_handshake_failures_total", 1)
        answer = clients.curl(f"http://127.0.0.1:{program.admin_port}/", "-H", "Accept: text/html")
        self.assertEqual(answer.code, 200)
        body = answer.body.decode()
        places = [body.index(f'<section id="{name}"') for name in
                  ("clients", "chains", "listeners", "upstreams", "certificates", "process")]
        self.assertEqual(places, sorted(places))
        for said in ("none get in", "version_unsupported", HOST, "tls1.0", "Lab Server CA", "Lab Root",
                     "root, not sent", "from chain.bundles", "missing", "Lost CA", "key id ", "chain.bundles",
                     "chainmend reload", self.backend.url, "OpenSSL"):
            self.assertIn(said, body)

    def test_is_guarded(self):
        program = self.start(self.config(self.backend.url))
        for path in ("/", "/page/page.js", "/page/page.css", "/page/icon.svg"):
            status, fields, body = self.page(program, path)
            self.assertEqual((status, fields["x-content-type-options"]), (200, "nosniff"), path)
            policy = fields["content-security-policy"]
            self.assertIn("default-src 'none'", policy)
            self.assertIn("frame-ancestors 'none'", policy)
            self.assertNotIn("unsafe", policy)
            self.assertNotIn("access-control-allow-origin", fields)
        self.assertEqual(self.page(program, "/", Host="evil.test")[0], 421)
        self.assertEqual(self.page(program, "/events", **{"Sec-Fetch-Site": "cross-site"})[0], 403)
        self.assertEqual(self.page(program, "/page/../page/page.js")[0], 404)
        self.assertEqual(program.ask("/", "POST")[0], 405)

    def test_files_are_packed_and_not_sent_twice(self):
        program = self.start(self.config(self.backend.url))
        for path in ("/page/page.js", "/page/page.css", "/page/icon.svg"):
            status, fields, body = self.page(program, path)
            self.assertEqual(fields["content-encoding"], "gzip")
            status, again, nothing = self.page(program, path, **{"If-None-Match": fields["etag"]})
            self.assertEqual((status, nothing), (304, b""))
            self.assertEqual(self.page(program, path, **{"If-None-Match": '"other"'})[0], 200)

    def test_filters(self):
        program = self.start(self.broken_too())
        for query, wanted, other in (("?q=lost", "lost.contoso.test", "Lab Server CA"),
                                     ("?q=MAIL", "Lab Server CA", "lost.contoso.test"),
                                     ("?q=rsa+2048", "Lab Server CA", self.backend.url)):
            body = self.page(program, f"/{query}")[2].decode()
            self.assertIn(wanted, body, query)
            self.assertNotIn(other, body, query)
        body = self.page(program, "/?q=%22%3E%3Cscript%3E")[2].decode()
        self.assertIn('value="&quot;&gt;&lt;script&gt;"', body)

    def test_what_strangers_say_is_text(self):
        program = self.start(self.config(f"http://127.0.0.1:{free_port()}"))
        clients.s_client(self.port, "-tls1", server_name=HOSTILE, legacy=True)
        program.wait_for_metric("tls_handshake_failures_total", 1)
        body = self.page(program)[2].decode()
        self.assertNotIn("<img", body)
        self.assertNotIn(HOSTILE, body)

    def test_changes_are_told_to_who_watches(self):
        program = self.start(self.config(self.backend.url))
        with Wire.connect(program.admin_port, tls=False) as wire:
            wire.send(f"GET /events?since=0 HTTP/1.1\r\nHost: 127.0.0.1:{program.admin_port}\r\n\r\n")
            told = b""
            while b"\n\n" not in told.partition(b"\r\n\r\n")[2]:
                told += wire.socket.recv(65536)
            self.assertIn(b"text/event-stream", told)
            self.assertIn(b"server-cas", told)
            self.fail_once()
            self.assertIn(b"version_unsupported", self.read_until(wire, b"version_unsupported"))

    @staticmethod
    def read_until(wire, wanted):
        deadline = time.monotonic() + 20
        told = b""
        while wanted not in told and time.monotonic() < deadline:
            told += wire.socket.recv(65536)
        return told


class InABrowser(StatusPage):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        from lab.browser import Browser
        cls.browser = Browser(cls.class_folder)
        cls.addClassCleanup(cls.browser.stop)

    def look(self, program, path="/"):
        self.browser.complaints()
        self.browser.hosts()
        self.browser.open(f"http://127.0.0.1:{program.admin_port}{path}")
        self.browser.wait("return document.getElementById('live').innerText.startsWith('Live')", what="it is live")

    def assert_quiet(self, program):
        self.assertEqual(self.browser.complaints(), [])
        self.assertEqual(self.browser.hosts(), {f"127.0.0.1:{program.admin_port}"})

    def picture(self, name):
        if PICTURES:
            self.browser.screenshot(Path(PICTURES) / f"{name}.png")

    def test_a_failure_is_seen_within_two_seconds(self):
        program = self.start(self.config(self.backend.url))
        self.look(program)
        self.assertIn("No client has said hello", self.browser.text("#clients"))
        self.fail_once()
        begun = time.monotonic()
        self.browser.wait("return document.querySelector('#clients-rows details')", 10, "a row for the client")
        self.assertLess(time.monotonic() - begun, 2)
        self.assertIn("version_unsupported", self.browser.text("#clients"))
        self.browser.run("document.querySelector('#clients-rows details').open = true")
        self.browser.wait("return location.hash.startsWith('#client-')")
        told = self.browser.text("#clients")
        for said in (HOST, "tls1.0", "protocol_version (70), sent to the client", "mail, chain auto: 3 certificates",
                     "TLS_RSA_WITH_AES"):
            self.assertIn(said, told)
        # It stays open, and keeps the focus, while it changes.
        self.browser.run("document.querySelector('#clients-rows summary').focus()")
        self.fail_once()
        self.browser.wait("return document.querySelectorAll('#clients-rows .failures > li').length == 2", 10)
        self.assertTrue(self.browser.run("return document.querySelector('#clients-rows details').open"))
        self.assertEqual(self.browser.run("return document.activeElement.tagName"), "SUMMARY")
        self.assert_quiet(program)

    def test_the_picture_of_the_chain_is_what_is_served(self):
        program = self.start(self.broken_too())
        self.look(program)
        boxes = self.browser.run(
            "return [...document.querySelectorAll('#chains-rows article')].map(row =>"
            " [...row.querySelectorAll('.link b')].map(box => box.innerText))")
        self.assertEqual(boxes[1], [HOST, "Lab Server CA", "Lab Primary CA", "Lab Root"])
        self.assertEqual(boxes[0][0], "lost.contoso.test")
        self.assertIn("Lost CA", boxes[0][-1])
        red = self.browser.run("return getComputedStyle(document.querySelector('.link.missing')).borderTopColor")
        self.assertEqual(red, "rgb(179, 22, 27)")
        self.assertIn("name its file in chain.bundles", self.browser.text("#chains-rows article"))
        self.assert_quiet(program)

    def test_the_filter_is_in_the_address(self):
        program = self.start(self.broken_too())
        self.look(program)
        self.browser.run("const f = document.getElementById('filter'); f.value = 'Lost'; f.dispatchEvent(new Event('input'))")
        self.assertEqual(self.browser.shown("#chains-rows article"), 1)
        self.assertTrue(self.browser.run("return location.search == '?q=Lost'"))
        self.look(program, "/?q=Lost")
        self.assertEqual(self.browser.shown("#chains-rows article"), 1)
        self.browser.run("const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input'))")
        self.browser.wait("return document.querySelectorAll('#chains-rows article').length == 2", 10)
        self.assertEqual(self.browser.shown("#chains-rows article"), 2)
        self.assert_quiet(program)

    def test_hostile_words_stay_words(self):
        program = self.start(self.config(self.backend.url))
        self.look(program, "/?q=%3Cimg%20src%3Dx%3E")
        clients.s_client(self.port, "-tls1", server_name=HOSTILE, legacy=True)
        self.browser.run("const f = document.getElementById('filter'); f.value = ''; f.dispatchEvent(new Event('input'))")
        self.browser.wait("return document.querySelector('#clients-rows details')", 10)
        self.assertEqual(self.browser.run("return document.querySelectorAll('img').length"), 0)
        self.assert_quiet(program)

    def test_servers_are_drained_with_the_token_alone(self):
        (self.folder / "token").write_text(TOKEN)
        port = free_port()
        program = self.start(self.config(self.backend.url, admin={"listen": f"127.0.0.1:{port}",
                                                                  "token_file": str(self.folder / "token")}), wait=False)
        program.admin_port = port
        program.wait_until(lambda: program.get("/readyz") == 200, 60, "become ready")
        self.look(program)
        self.assertEqual(self.browser.shown("button[data-change]"), 0)
        for token, said in (("wrong", "refused (401)"), (TOKEN, "done: drain")):
            self.browser.run("const t = document.getElementById('token'); t.value = arguments[0];"
                             "t.dispatchEvent(new Event('input'))", token)
            self.browser.run("document.querySelector('button[data-change=\"/upstreams/drain\"]').click()")
            self.browser.wait(f"return document.getElementById('changed').innerText.startsWith('{said}')", 10)
        self.browser.wait("return document.getElementById('upstreams').innerText.includes('draining')", 10)
        self.picture("changes")

    def test_without_a_token_nothing_can_be_changed(self):
        program = self.start(self.config(self.backend.url))
        self.look(program)
        self.assertEqual(self.browser.run("return document.querySelectorAll('[data-change], #changes').length"), 0)
        status = self.browser.run("return fetch('/upstreams/drain?upstream=cas&server=127.0.0.1',"
                                  " {method: 'POST'}).then(answer => answer.status)")
        self.assertEqual(status, 403)

    def test_is_for_everybody_and_every_screen(self):
        program = self.start(self.broken_too())
        self.fail_once()
        self.assertTrue(clients.s_client(self.port, "-tls1_2").completed)
        with Wire.connect(self.port, root=self.pki.root.pem, host=HOST) as wire:
            wire.request(get("/EWS/"))
        program.wait_for_metric("tls_handshake_failures_total", 1)
        self.addCleanup(self.browser.resize, 1280, 1000)
        for scheme, width, height in (("light", 1280, 1600), ("dark", 1280, 1600), ("light", 380, 1600)):
            self.browser.resize(width, height)
            self.browser.prefers(scheme)
            self.look(program)
            self.browser.run("document.querySelector('#clients-rows details').open = true")
            self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth"), width)
            self.picture(f"{scheme}-{width}")
            if AXE:
                self.browser.run(Path(AXE).read_text())
                found = self.browser.driver.execute_async_script(
                    "const done = arguments[arguments.length - 1]; axe.run().then(r => done(r.violations.map(v =>"
                    " [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))])))")
                self.assertEqual(found, [])

    def test_many_rows_stay_usable(self):
        many = {f"name-{i:04}": self.pem(self.pki.rsa) for i in range(1000)}
        program = self.start(self.config(self.backend.url, certificates=many,
                                         listeners=[self.listener(certificates=list(many))]))
        self.look(program)
        self.assertEqual(self.browser.run("return document.querySelectorAll('#chains-rows article').length"), 1000)
        took = self.browser.run(
            "const f = document.getElementById('filter'); f.value = 'name-0777'; const begun = performance.now();"
            "f.dispatchEvent(new Event('input')); document.body.getBoundingClientRect(); return performance.now() - begun")
        self.assertEqual(self.browser.shown("#chains-rows article"), 1)
        self.assertLess(took, 1000)
        self.assert_quiet(program)


class Top(StatusPage):
    def test_prints_once_without_a_terminal(self):
        program = self.start(self.broken_too())
        self.fail_once()
        program.wait_for_metric("tls_handshake_failures_total", 1)
        done = chainmend.run("top", "-c", program.config_file)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for said in ("WHO CANNOT CONNECT", "version_unsupported", "CHAINS  1 of 2 complete", "Lost CA",
                     "name its file in chain.bundles", self.backend.url):
            self.assertIn(said, done.stdout)

    def test_is_live_in_a_terminal_until_q(self):
        program = self.start(self.config(self.backend.url))
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        before = termios.tcgetattr(slave)
        resize(slave, 24, 80)
        top = subprocess.Popen([chainmend.binary(), "top", "-c", program.config_file], stdin=slave, stdout=slave,
                               env={**os.environ, **chainmend.SANITIZERS, "TERM": "xterm"})
        self.addCleanup(self.end, top)
        self.read(master, "nobody has said hello")
        clients.s_client(self.port, "-tls1", server_name="\x1b[2Jhello", legacy=True)
        self.fail_once()
        shown = self.read(master, "version_unsupported tool")
        self.assertNotIn("\x1b[2J", shown)
        # Every line ends within the window, wherever it is cut.
        widths = [len(re.sub(r"\x1b\[[?\d;]*[A-Za-z]", "", line.strip("\r")))
                  for line in shown.split("\x1b[H")[-1].split("\n")]
        self.assertLessEqual(max(widths), 80)
        self.assertLessEqual(len(widths), 24)
        resize(slave, 50, 200)
        self.assertIn("CONFIGURATION", self.read(master, "CONFIGURATION"))
        os.write(master, b"q")
        self.assertEqual(top.wait(20), 0)
        self.assertIn("\x1b[?1049l", self.read(master, "\x1b[?1049l"))
        self.assertEqual(termios.tcgetattr(slave), before)
        os.close(slave)

    def test_says_that_nobody_answers_any_more(self):
        program = self.start(self.config(self.backend.url))
        master, slave = pty.openpty()
        self.addCleanup(os.close, master)
        self.addCleanup(os.close, slave)
        top = subprocess.Popen([chainmend.binary(), "top", "-c", program.config_file], stdin=slave, stdout=slave,
                               stderr=subprocess.PIPE, text=True, env={**os.environ, **chainmend.SANITIZERS})
        self.addCleanup(self.end, top)
        self.read(master, "WHO CANNOT CONNECT")
        program.stop()
        errors = top.communicate(timeout=60)[1]
        self.assertEqual(top.returncode, 2)
        self.assertIn("does chainmend run there?", errors)

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
            process.wait()

    @staticmethod
    def read(master, *wanted):
        """What is written to the terminal from now on, up to where all of this was and a whole screen has been drawn."""
        text = ""
        deadline = time.monotonic() + 30
        while not (all(word in text for word in wanted) and text.endswith(("\x1b[J", "\x1b[?1049l"))):
            if time.monotonic() > deadline:
                break
            if select.select([master], [], [], 0.2)[0]:
                text += os.read(master, 65536).decode(errors="replace")
        return text

    def test_says_who_does_not_answer(self):
        done = chainmend.run("top", "--admin", f"127.0.0.1:{free_port()}")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--admin ADDRESS", done.stderr)


if __name__ == "__main__":
    main()
