"""Certificates made with the openssl command line: any hierarchy, any dates, PEM, DER and PKCS#12.

Everything lies in one folder as NAME.pem, NAME.der and NAME.key. Nothing here is a secret: the keys are unencrypted and
the passwords are on the command line, because both live as long as the lab.
"""

import datetime
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CA_CONFIG = """
[ca]
default_ca = lab
[lab]
database = {folder}/index.txt
new_certs_dir = {folder}
default_md = sha256
policy = anything
unique_subject = no
rand_serial = yes
email_in_dn = no
[anything]
organizationName = optional
commonName = supplied
"""


@dataclass(frozen=True)
class Issued:
    """One certificate with its key."""

    pem: Path
    der: Path
    key: Path

    @property
    def text(self):
        return self.pem.read_text()

    @property
    def bytes(self):
        return self.der.read_bytes()


class Authority:
    def __init__(self, folder):
        self.folder = Path(folder)
        self._work = self.folder / ".ca"
        self._work.mkdir(parents=True, exist_ok=True)
        self._config = self._work / "ca.cnf"
        self._config.write_text(_CA_CONFIG.format(folder=self._work))
        (self._work / "index.txt").touch()

    def root(self, name, common_name, **how):
        return self.intermediate(name, common_name, None, **how)

    def intermediate(self, name, common_name, issuer, days=(-1, 3650), **how):
        return self.certificate(name, common_name, issuer, ca=True, days=days, **how)

    def leaf(self, name, issuer, hosts=("mail.contoso.test",), **how):
        return self.certificate(name, hosts[0], issuer=issuer, ca=False, hosts=hosts, **how)

    def certificate(self, name, common_name, issuer, ca, hosts=(), key="rsa", aia=(), days=(-1, 365),
                    key_file=None, digest="sha256", usage="serverAuth", key_usage="digitalSignature, keyEncipherment",
                    alternative_names=True):
        """Issues NAME. issuer None: self-signed. key: ec, rsa, or rsa-BITS; key_file: use that one instead.
        aia: caIssuers URLs. days: valid from and to, counted from now; both may be negative. usage, key_usage: of a
        leaf's key, the first one extended. alternative_names: false leaves the first host in the common name alone."""
        made = Issued(self.folder / f"{name}.pem", self.folder / f"{name}.der",
                      self.folder / f"{name}.key")
        if key_file:
            made.key.write_bytes(Path(key_file).read_bytes())
        else:
            openssl("genpkey", "-out", made.key, *_key_options(key))
        request = self._work / f"{name}.csr"
        openssl("req", "-new", "-key", made.key, "-out", request, "-subj",
                 f"/O=Contoso lab/CN={common_name}")
        extensions = self._work / f"{name}.ext"
        extensions.write_text(_extensions(ca, hosts if alternative_names else (), aia, issuer is not None,
                                          usage, key_usage))
        signer = ["-selfsign", "-keyfile", made.key] if issuer is None else [
            "-cert", issuer.pem, "-keyfile", issuer.key]
        openssl("ca", "-batch", "-notext", "-config", self._config, "-in", request, "-out", made.pem,
                 "-startdate", _asn1_time(days[0]), "-enddate", _asn1_time(days[1]), "-md", digest,
                "-extfile", extensions, *signer)
        made.der.write_bytes(ssl.PEM_cert_to_DER_cert(made.pem.read_text()))
        return made

    def revocations(self, name, issuer, *revoked, days=(-1, 30)):
        """The list of what issuer has revoked, of all that was ever passed here. days: as of a certificate."""
        path = self.folder / f"{name}.crl"
        signer = ("-config", self._config, "-cert", issuer.pem, "-keyfile", issuer.key)
        for one in revoked:
            openssl("ca", *signer, "-revoke", one.pem)
        openssl("ca", *signer, "-gencrl", "-out", path, "-crl_lastupdate", _asn1_time(days[0]), "-crl_nextupdate",
                _asn1_time(days[1]))
        return path

    def bundle(self, name, *certificates):
        """The PEM of several certificates in one file."""
        path = self.folder / name
        path.write_text("".join(c.text for c in certificates))
        return path

    def pfx(self, name, issued, password, windows_kind=False, with_certificates=()):
        """PKCS#12 with the leaf and its key. windows_kind: RC2-40 and 3DES, as Windows exported for decades."""
        path = self.folder / name
        kind = (["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES", "-macalg", "sha1"]
                if windows_kind else [])
        more = []
        if with_certificates:
            more = ["-certfile", self.bundle(f".ca/{name}.chain", *with_certificates)]
        openssl("pkcs12", "-export", "-in", issued.pem, "-inkey", issued.key, "-out", path, "-passout",
                 f"pass:{password}", *more, *kind)
        return path


def _key_options(kind):
    if kind == "ec":
        return ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
    return ["-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{kind.partition('-')[2] or 2048}"]


def _extensions(ca, hosts, aia, has_issuer, usage, key_usage):
    lines = ["subjectKeyIdentifier = hash"]
    if has_issuer:
        lines.append("authorityKeyIdentifier = keyid:always")
    if ca:
        lines += ["basicConstraints = critical, CA:true", "keyUsage = critical, keyCertSign, cRLSign"]
    else:
        lines += ["basicConstraints = CA:false", f"keyUsage = {key_usage}",
                  f"extendedKeyUsage = {usage}"]
    if hosts:
        names = [f"IP:{h}" if h.replace(".", "").isdigit() else f"DNS:{h}" for h in hosts]
        lines.append("subjectAltName = " + ", ".join(names))
    if aia:
        lines.append("authorityInfoAccess = " + ", ".join(f"caIssuers;URI:{url}" for url in aia))
    return "\n".join(lines) + "\n"


def _asn1_time(days_from_now):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days_from_now)
    return at.strftime("%Y%m%d%H%M%SZ")


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, errors="replace", timeout=60)
    if done.returncode:
        raise RuntimeError(f"openssl {arguments[0]} failed:\n{done.stderr}")
