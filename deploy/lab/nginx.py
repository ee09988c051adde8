"""nginx with a configuration and a prefix of its own: one process, run as the calling user, on loopback only."""

from pathlib import Path

from lab.programs import Program

_FRAME = """
daemon off;
master_process off;
pid nginx.pid;
error_log error.log info;
events {{ worker_connections 1024; }}
http {{
  access_log access.log;
  default_type application/octet-stream;
  client_body_temp_path tmp/body;
  proxy_temp_path tmp/proxy;
  fastcgi_temp_path tmp/fastcgi;
  uwsgi_temp_path tmp/uwsgi;
  scgi_temp_path tmp/scgi;
  keepalive_timeout 30s;
  client_max_body_size 0;
{servers}
}}
"""

# TLS 1.0 to 1.3 with every suite that OpenSSL has: what fails against such a server is neither version nor suite.
ANY_TLS = """ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    ssl_ciphers ALL:@SECLEVEL=0;"""


class Nginx(Program):
    def __init__(self, folder, servers, name="nginx"):
        self.folder = Path(folder)
        (self.folder / "tmp").mkdir(parents=True, exist_ok=True)
        config = self.folder / "nginx.conf"
        config.write_text(_FRAME.format(servers="\n".join(servers)))
        super().__init__(name, ["/usr/sbin/nginx", "-e", "error.log", "-p", self.folder, "-c", config],
                         self.folder / "output.log")

    @property
    def errors(self):
        return (self.folder / "error.log").read_text(errors="replace")

    @property
    def accesses(self):
        return (self.folder / "access.log").read_text(errors="replace")


def ews_backend(port, tls=""):
    """What Exchange answers where phones ask, as far as a lab needs it. tls: from tls_lines()."""
    return f"""
  server {{
    listen 127.0.0.1:{port} {"ssl" if tls else ""};
    {tls}
    default_type text/xml;
    location /EWS/Exchange.asmx {{
      return 200 '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header><ServerVersionInfo MajorVersion="14" MinorVersion="3"/></s:Header><s:Body/></s:Envelope>\\n';
    }}
    location / {{ return 404 "no such place\\n"; }}
  }}"""


def tls_lines(*leaves, chain=""):
    """Certificate lines for each leaf (lab.authority.Issued), leaf only unless chain names a PEM of leaf and chain."""
    lines = "".join(f"\n    ssl_certificate {chain or leaf.pem};\n    ssl_certificate_key {leaf.key};"
                    for leaf in leaves)
    return f"{ANY_TLS}{lines}"


def vip(port, backend_port, *leaves):
    """A load balancer that terminates TLS with the leaf only."""
    return f"""
  server {{
    listen 127.0.0.1:{port} ssl;
    {tls_lines(*leaves)}
    location / {{ proxy_pass http://127.0.0.1:{backend_port}; }}
  }}"""


def aia_responder(port, folder):
    """Serves a folder of .der files as a certificate authority's caIssuers URLs do."""
    return f"""
  server {{
    listen 127.0.0.1:{port};
    root {folder};
    types {{ application/pkix-cert der; application/pkcs7-mime p7c; }}
  }}"""
