"""chainmend measure against nginx, haproxy and chainmend: what it counts, how it shows it, what it refuses."""

import csv
import io
import json
import os
import signal
import socket
import subprocess
import threading
import time

from lab.case import HOST, LabCase, main
from lab.chainmend import binary, run
from lab.nginx import ews_backend, vip
from lab.programs import free_port

PHONE = "lync_phone_edition"


class Measure(LabCase):
    def vip(self, pem=None):
        """A load balancer that serves the leaf alone: its port."""
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend), vip(port, backend, self.pki.rsa)).wait_for_port(port)
        return port

    def front(self, extra=""):
        """chainmend with the certificate's whole chain, and legacy TLS: its port."""
        port, backend = free_port(), free_port()
        self.nginx(ews_backend(backend)).wait_for_port(backend)
        server = self.start(f"""
admin: {{ listen: off }}
clients: {{ learn: false }}
chain: {{ bundles: {self.pki.bundle}, trust: {self.pki.root.pem} }}
certificates: {{ mail: {{ cert: {self.pki.rsa.pem}, key: {self.pki.rsa.key} }} }}
upstreams: {{ cas: {{ servers: "http://127.0.0.1:{backend}" }} }}
listeners:
  - {{ name: phones, listen: "127.0.0.1:{port}", certificates: mail, tls: {{ policy: legacy-tls10 }}, upstream: cas }}
{extra}""", wait=False)
        server.wait_for_port(port)
        return port

    def measure(self, port, *options):
        return run("measure", f"127.0.0.1:{port}", "--sni", HOST, "--roots", self.pki.root.pem, "--bundle",
                   self.pki.bundle, "--rate", "90", *options)

    def rows(self, port, *options):
        done = self.measure(port, "--json", *options)
        return {row["client"]: row for row in json.loads(done.stdout)["rows"]}, done

    def test_tells_the_story(self):
        rows, done = self.rows(self.vip(), "--count", "4", "--types", PHONE, "windows_10_schannel")
        self.assertEqual(rows["windows_10_schannel"]["succeeded"], 0)
        phone = rows[PHONE]
        self.assertEqual(done.returncode, 1)
        self.assertEqual((phone["attempts"], phone["succeeded"]), (4, 0))
        self.assertEqual([f["reason"] for f in phone["failures"]], ["client_unknown_ca"])
        self.assertIn("is missing", phone["failures"][0]["example"])

        before = self.folder / "before.json"
        before.write_text(done.stdout)
        rows, done = self.rows(self.front(), "--count", "4", "--types", PHONE, "--concurrency", "1")
        phone = rows[PHONE]
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual((phone["succeeded"], phone["completed"], phone["failures"]), (4, 4, []))
        self.assertEqual(phone["negotiated"], [{"version": "tls1.0", "suite": "TLS_RSA_WITH_AES_128_CBC_SHA", "count": 4}])
        self.assertEqual(phone["resumption"], {"asked": 2, "granted": 2})
        self.assertEqual(phone["handshake_ms"]["count"], 2)
        after = self.folder / "after.json"
        after.write_text(done.stdout)
        compared = run("measure", "--before", before, "--after", after)
        self.assertEqual(compared.returncode, 0, compared.stdout)
        self.assertRegex(" ".join(compared.stdout.split()), r"Lync Phone Edition.*: 0 % -> 100 % \(0/4 -> 4/4;")
        self.assertIn("Nothing got worse.", compared.stdout)
        compared = run("measure", "--before", after, "--after", before, "--json")
        self.assertEqual(compared.returncode, 1)
        self.assertEqual(json.loads(compared.stdout)["changes"][0]["direction"], "worse")


if __name__ == "__main__":
    main()
