"""A real Prometheus with one of our scrape configurations."""

import json
import urllib.parse
import urllib.request
from pathlib import Path

from lab.programs import Program, free_port

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"


class Prometheus(Program):
    def __init__(self, folder, name, here):
        """name: a file of deploy/prometheus; here: what stands in it and what to put there for this machine."""
        folder.mkdir()
        self.port = free_port()
        config = (DEPLOY / "prometheus" / name).read_text()
        for ours, theirs in here.items():
            assert ours in config, ours
            config = config.replace(ours, theirs)
        (folder / "prometheus.yml").write_text(config)
        super().__init__("prometheus", [
            "prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/data",
            f"--web.listen-address=127.0.0.1:{self.port}", "--log.level=warn"], folder / "prometheus.log")
        self.wait_until(self.ready, 30, "be ready")

    def ready(self):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=10):
                return True
        except OSError:  # nothing listens yet, or 503
            return False

    def ask(self, path, **query):
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expression):
        """{labels as a frozenset of pairs: value}"""
        result = self.ask("query", query=expression)["result"]
        return {frozenset((k, v) for k, v in one["metric"].items() if k not in ("job", "instance", "__name__")):
                float(one["value"][1]) for one in result}
