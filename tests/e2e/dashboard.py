"""What an operator sees: a real Prometheus scrapes chainmend, with the rules of deploy/prometheus, while good and failing
clients call; every panel of the dashboard then has its query answered, and with what the clients did."""

import json
import time

from lab import clients
from lab.case import HOST, LabCase, main
from lab.programs import free_port
from lab.prometheus import DEPLOY, Prometheus
from lab.wire import Backend, Wire, get

DASHBOARD = json.loads((DEPLOY / "grafana" / "chainmend.json").read_text())
REQUEST = b"GET /EWS/ HTTP/1.1\r\nHost: mail.contoso.test\r\nConnection: close\r\n\r\n"


def labels(**pairs):
    return frozenset(pairs.items())


def expressions():
    """(panel, query) as Grafana would send them for all listeners."""
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"].replace("$listener", ".*").replace("$__rate_interval", "1m")


class Dashboard(LabCase):
    def test_every_panel_shows_what_the_clients_did(self):
        backend = Backend()
        self.addCleanup(backend.stop)
        broken = free_port()
        config = self.config(
            client_types=[{"name": "desk_phone", "match": {"offers_at_most": "tls1.0"}}],
            listeners=[self.listener(), {"name": "broken", "listen": f"127.0.0.1:{broken}", "tls": "off",
                                         "upstream": "nobody"}],
            upstreams={"cas": {"servers": [backend.url]},
                       "nobody": {"servers": [f"http://127.0.0.1:{free_port()}"]}})
        program = self.start(config)
        prometheus = Prometheus(self.folder / "prometheus", "scrape.yaml", {
            "127.0.0.1:9465": f"127.0.0.1:{program.admin_port}", "[chainmend.rules.yaml]": f"[{DEPLOY}/prometheus/*.rules.yaml]",
            "scrape_interval: 15s": "scrape_interval: 1s", "evaluation_interval: 15s": "evaluation_interval: 1s"})
        self.addCleanup(prometheus.stop)

        def call(times):
            for _ in range(times):
                self.assertTrue(clients.s_client(self.port, "-tls1_2", send=REQUEST).completed)
                clients.s_client(self.port, "-tls1", legacy=True)  # refused: version_unsupported
                other = self.pki.authority.folder / "stranger.pem"
                clients.s_client(self.port, "-tls1_2", root=other, server_name=HOST)  # refuses: unknown_ca
                with Wire.connect(self.port, tls=False) as wire:
                    wire.send(b"GET / HTTP/1.0\r\n\r\n")

        self.pki.authority.root("stranger", "Some other root")
        prometheus.wait_until(lambda: prometheus.query("up"), 30, "scrape")
        call(3)  # series that begin with the first of these events count it, too
        for _ in range(3):
            with Wire.connect(broken, tls=False) as wire:
                self.assertEqual(wire.request(get()).status, 502)
        self.assertTrue(program.reload(config))
        self.assertFalse(program.reload("nonsense: 1"))

        def answered():
            return all(prometheus.query(query) for _, query in expressions())
        prometheus.wait_until(answered, 30, "have an answer for every panel")
        time.sleep(2)  # the last scrape
        seen = {}
        for panel, query in expressions():
            seen.setdefault(panel, {}).update(prometheus.query(query))
        success = seen["Handshake success by client type"]
        self.assertEqual(success[labels(client_type="desk_phone")], 0)
        rest = {k: v for k, v in success.items() if k != labels(client_type="desk_phone")}
        self.assertEqual(len(rest), 1, success)  # s_client is one type, whatever its name
        self.assertAlmostEqual(next(iter(rest.values())), 0.5, delta=0.01)
        self.assertEqual(seen["Failures by reason"],
                         {labels(reason="version_unsupported"): 3, labels(reason="client_unknown_ca"): 3})
        self.assertEqual(seen["Negotiated versions"], {labels(tls_version="tls1.2"): 3})
        self.assertEqual({dict(k)["tls_version"] for k in seen["Best version offered"]}, {"tls1.0", "tls1.2"})
        self.assertEqual(list(seen["Who still needs TLS 1.0"]), [labels(listener="exchange", client_type="desk_phone")])
        complete, length = [prometheus.query(query) for panel, query in expressions() if panel == "Chains"]
        self.assertEqual(complete, {labels(cert="mail", chain="auto"): 1})
        self.assertEqual(length, {labels(cert="mail", chain="auto"): 3})
        self.assertAlmostEqual(seen["Days until a certificate or one of its chain expires"][labels(cert="mail")],
                               365, delta=2)
        self.assertIn(labels(kind="http_request"), seen["Noise"])
        self.assertEqual(seen["Requests by class"], {labels(code_class="2xx"): 3, labels(code_class="5xx"): 3})
        failures = {(dict(k)["upstream"], dict(k)["reason"]) for k in seen["Upstream failures"]}
        self.assertEqual(failures, {("nobody", "connect")})
        reloads, refreshes, last = [prometheus.query(query) for panel, query in expressions()
                                    if panel == "Reloads and refreshes"]
        self.assertEqual({dict(k)["outcome"] for k, n in reloads.items() if n > 0}, {"success", "failure"})
        self.assertEqual({n for n in refreshes.values()}, {0})
        self.assertEqual(list(last.values()), [0])
        self.assertEqual({dict(k)["log"] for k in seen["Dropped log lines"]}, {"human", "handshakes", "access"})
        self.assertIn(labels(listener="exchange"), seen["Connections"])
        names = seen["Handshakes by server name"]
        self.assertEqual(set(names), {labels(server_name="none", outcome="full"),
                                      labels(server_name="none", outcome="failed"),
                                      labels(server_name=HOST, outcome="failed")})
        self.assertGreater(names[labels(server_name=HOST, outcome="failed")], 0)

        def firing():
            return {alert["labels"]["alertname"] for alert in prometheus.ask("alerts")["alerts"]}
        prometheus.wait_until(lambda: "ChainmendChainNotTrusted" in firing(), 30, "raise the alert")
        self.assertIn("ChainmendReloadRefused", firing())
        self.assertNotIn("ChainmendChainIncomplete", firing())
        self.assertNotIn("ChainmendDown", firing())
        program.stop()
        prometheus.wait_until(lambda: "ChainmendDown" in firing(), 30, "notice that chainmend is gone")


if __name__ == "__main__":
    main()
