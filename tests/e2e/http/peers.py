"""The proxies that the cases can be run against: chainmend, and nginx to see that the cases can fail.

Each has the listeners `main`, and `hasty`, which gives up after HASTE seconds without a byte.
"""

import socket
import ssl
from pathlib import Path

from ends import End, Ended
from lab.authority import Authority
from lab.chainmend import Chainmend
from lab.nginx import ANY_TLS, Nginx
from lab.programs import free_port

HASTE = 1
LISTENERS = ("main", "hasty")


class Peer:
    """A running proxy in front of upstream_port. tls: its listeners speak TLS."""

    def __init__(self, folder, upstream_port, tls):
        self.folder = Path(folder)
        self.ports = {name: free_port() for name in LISTENERS}
        self.context = None
        self.leaf = None
        if tls:
            self.leaf = Authority(self.folder / "pki").root("self", "mail.contoso.test")
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE
        self.program = self.start(upstream_port)

    def connect(self, listener, timeout, segment):
        try:
            connection = socket.create_connection(("127.0.0.1", self.ports[listener]), timeout)
            return End(connection, timeout, segment, self.context)
        except OSError as error:
            raise Ended(f"cannot connect: {error}") from None

    def trouble(self):
        """What the program itself had to complain about, "" when nothing."""
        return ""


class ChainmendPeer(Peer):
    name = "chainmend"

    def start(self, upstream_port):
        self.ports |= {"via": free_port(), "plain": free_port()}

        def listener(name, timeouts):
            it = {"name": name, "listen": f"127.0.0.1:{self.ports[name]}", "upstream": "iis", "timeouts": timeouts}
            return it | ({"certificates": ["mail"]} if self.leaf else {"tls": "off"})
        plain = listener("plain", {"idle": "30s"}) | {"routes": [{"path": "/", "upstream": "iis"}]}  # without what `upstream` stands for
        del plain["upstream"]
        config = {
            "process": {"threads": 2, "drain": "1s"},
            "chain": {"trust": [], "aia": {"mode": "off"}},
            "listeners": [listener("main", {"idle": "30s"}),
                          listener("hasty", {"idle": f"{HASTE}s", "head": f"{HASTE}s"}),
                          listener("via", {"idle": "30s"}) | {"via": "on"}, plain],
            "upstreams": {"iis": {"servers": [f"http://127.0.0.1:{upstream_port}"]}},
        }
        if self.leaf:
            config["chain"]["trust"] = [str(self.leaf.pem)]
            config["certificates"] = {"mail": {"cert": str(self.leaf.pem), "key": str(self.leaf.key)}}
        else:
            del config["chain"]
        return Chainmend(self.folder / "chainmend", config)

    def trouble(self):
        status = self.program.stop(timeout=30)
        output = self.program.output
        if status or "Sanitizer" in output or "runtime error:" in output:
            return f"chainmend ended with status {status}\n{self.program.tail(100)}"
        return ""


class NginxPeer(Peer):
    """nginx as well configured for Exchange as the free version can be."""

    name = "nginx"

    def start(self, upstream_port):
        tls = f"{ANY_TLS} ssl_certificate {self.leaf.pem}; ssl_certificate_key {self.leaf.key};" if self.leaf else ""
        servers = [f"""
  server {{
    listen 127.0.0.1:{self.ports[name]} {"ssl" if tls else ""};
    {tls}
    large_client_header_buffers 8 64k;
    underscores_in_headers on;
    client_header_timeout {wait}s;
    client_body_timeout {wait}s;
    location / {{
      proxy_pass http://127.0.0.1:{upstream_port};
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout {wait}s;
      proxy_buffer_size 64k;
      proxy_buffers 8 64k;
      proxy_busy_buffers_size 128k;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upstream;
    }}
  }}""" for name, wait in (("main", 30), ("hasty", HASTE))]
        upgrade = "map $http_upgrade $connection_upstream { default upgrade; '' close; }"
        program = Nginx(self.folder / "nginx", [upgrade, *servers])
        for port in self.ports.values():
            program.wait_for_port(port)
        return program

    def trouble(self):
        self.program.stop()
        return ""


PEERS = {peer.name: peer for peer in (ChainmendPeer, NginxPeer)}
