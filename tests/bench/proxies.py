"""The proxies that are measured: chainmend, nginx, haproxy; one worker each, same certificate, suites and keep-alive."""

import json
import tempfile
from pathlib import Path

from lab.programs import Program, free_port

CIPHER, SUITE, GROUP = "ECDHE-RSA-AES128-GCM-SHA256", "TLS_AES_128_GCM_SHA256", "X25519"
PROXY_CORE, LOAD_CORE = "0", "1"


def pinned(core, *argv):
    return ["taskset", "-c", core, *argv]


class Proxy:
    """Running, on the ports http and tcp, in front of the backend's port. leaf: lab.authority.Issued."""

    def __init__(self, folder, leaf, backend):
        self._made_of = folder, leaf, backend
        self.folder = Path(tempfile.mkdtemp(prefix=self.name, dir=folder))
        self.ports = {"http": free_port(), "tcp": free_port()}
        self.program = Program(self.name, pinned(PROXY_CORE, *self.command(leaf, backend)), self.folder / "log")
        for port in self.ports.values():
            self.program.wait_for_port(port)

    def again(self):
        """Another one, fresh."""
        return type(self)(*self._made_of)

    def cpu_seconds(self):
        """What all its threads have used so far."""
        stats = Path(f"/proc/{self.program.pid}/task").glob("*/schedstat")
        return sum(int(path.read_text().split()[0]) for path in stats) / 1e9

    def pss_kib(self):
        for line in Path(f"/proc/{self.program.pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
        raise RuntimeError("no Pss in smaps_rollup")


class Chainmend(Proxy):
    name = "chainmend"
    binary = None

    def command(self, leaf, backend):
        policy = {"min": "1.2", "ciphers": [CIPHER], "suites": [SUITE], "groups": [GROUP], "tickets": True}

        def listener(mode):
            return {"name": mode, "listen": f"127.0.0.1:{self.ports[mode]}", "mode": mode, "certificates": "mail",
                    "tls": {"policy": "bench"}, "upstream": "back"}
        config = self.folder / "chainmend.yaml"
        config.write_text(json.dumps({
            "admin": {"listen": f"127.0.0.1:{free_port()}"},
            "process": {"threads": 1},
            "chain": {"trust": str(leaf.pem), "aia": {"mode": "off"}},
            "certificates": {"mail": {"cert": str(leaf.pem), "key": str(leaf.key)}},
            "tls_policies": {"bench": policy},
            "listeners": [listener("http"), listener("tcp")],
            "upstreams": {"back": {"servers": f"http://127.0.0.1:{backend}"}},
        }, indent=1))
        return [self.binary, "run", "-c", config]


_NGINX = """
{modules}
daemon off;
master_process {master};
pid nginx.pid;
error_log error.log;
events {{ worker_connections 16000; }}
http {{
  access_log off;
  client_body_temp_path tmp; proxy_temp_path tmp; fastcgi_temp_path tmp; uwsgi_temp_path tmp; scgi_temp_path tmp;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
{http}
}}
{rest}
"""


def nginx(folder, http, rest="", modules=""):
    """The command of an nginx with this configuration, of one process."""
    config = folder / "nginx.conf"
    config.write_text(_NGINX.format(http=http, rest=rest, modules=modules, master="off"))
    return ["/usr/sbin/nginx", "-e", "error.log", "-p", folder, "-c", config]


class Nginx(Proxy):
    name = "nginx"

    def command(self, leaf, backend):
        tls = f"""
    ssl_certificate {leaf.pem};
    ssl_certificate_key {leaf.key};
    ssl_protocols TLSv1.2 TLSv1.3;
    ssl_ciphers {CIPHER};
    ssl_conf_command Ciphersuites {SUITE};
    ssl_ecdh_curve {GROUP};
    ssl_session_cache shared:%s:20m;
    ssl_session_timeout 1h;"""
        http = f"""
  client_max_body_size 0;
  upstream back {{ server 127.0.0.1:{backend}; keepalive 256; keepalive_requests 1000000000; }}
  server {{
    listen 127.0.0.1:{self.ports["http"]} ssl backlog=4096;{tls % "http"}
    location / {{
      proxy_pass http://back;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Proto https;
      proxy_request_buffering off;
      proxy_buffers 16 64k;
      proxy_max_temp_file_size 0;
    }}
  }}"""
        stream = f"""
stream {{
  server {{
    listen 127.0.0.1:{self.ports["tcp"]} ssl backlog=4096;{tls % "tcp"}
    proxy_pass 127.0.0.1:{backend};
  }}
}}"""
        return nginx(self.folder, http, stream, "load_module /usr/lib/nginx/modules/ngx_stream_module.so;")


class Haproxy(Proxy):
    name = "haproxy"

    def command(self, leaf, backend):
        both = self.folder / "leaf.pem"
        both.write_text(leaf.pem.read_text() + leaf.key.read_text())
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""
global
  nbthread 1
  maxconn 8000
  ssl-default-bind-options ssl-min-ver TLSv1.2
  ssl-default-bind-ciphers {CIPHER}
  ssl-default-bind-ciphersuites {SUITE}
  ssl-default-bind-curves {GROUP}
defaults
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout http-keep-alive 600s
listen http
  mode http
  bind 127.0.0.1:{self.ports["http"]} ssl crt {both} backlog 4096
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  server back 127.0.0.1:{backend}
listen tcp
  mode tcp
  bind 127.0.0.1:{self.ports["tcp"]} ssl crt {both} backlog 4096
  server back 127.0.0.1:{backend}
""")
        return ["/usr/sbin/haproxy", "-db", "-f", config]


class Backend(Program):
    """nginx that answers /128 with 128 bytes, /1m with 1 MiB, and /up when it has read the whole body."""

    def __init__(self, folder):
        folder = Path(folder) / "backend"
        folder.mkdir()
        (folder / "1m").write_bytes(bytes(range(256)) * 4096)
        self.port = free_port()
        http = f"""
  client_max_body_size 0;
  server {{
    listen 127.0.0.1:{self.port} backlog=4096;
    location = /128 {{ return 200 "{"x" * 128}"; }}
    location = /1m {{ root {folder}; }}
    location /up {{
      client_body_buffer_size 2m;
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_pass http://127.0.0.1:{self.port}/128;
    }}
  }}"""
        super().__init__("backend", pinned(LOAD_CORE, *nginx(folder, http)), folder / "log")
        self.wait_for_port(self.port)


PROXIES = (Chainmend, Nginx, Haproxy)
