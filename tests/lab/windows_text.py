"""What programs of Windows print and write of certificates, laid out as those programs do: certutil in several
languages, Format-List and Format-Table of PowerShell, exports of the registry. The certificates are openssl's."""

import base64
import re
import subprocess

# The labels of certutil: certificate, serial number, issuer, from, to, subject, hash; and where no key is.
LANGUAGES = {
    "en": ("Certificate", "Serial Number:", "Issuer:", "NotBefore:", "NotAfter:", "Subject:", "Cert Hash(sha1):", "No key provider information"),
    "de": ("Zertifikat", "Seriennummer:", "Aussteller:", "Nicht vor:", "Nicht nach:", "Antragsteller:", "Zertifikathash(sha1):",
           "Keine Schlüsselanbieterinformationen"),
    "fr": ("Certificat", "Numéro de série\u00a0:", "Émetteur:", "NotBefore\u00a0:", "NotAfter\u00a0:", "Objet:", "Hach. cert. (sha1)\u00a0:",
           "Aucune information sur le fournisseur de clé"),
    "ja": ("証明書", "シリアル番号:", "発行者:", "NotBefore:", "NotAfter:", "サブジェクト:", "証明書のハッシュ(sha1):", "キー プロバイダー情報がありません"),
}
DATES = {"en": "%-m/%-d/%Y %-I:%M %p", "de": "%d.%m.%Y %H:%M", "fr": "%d/%m/%Y %H:%M", "ja": "%Y/%m/%d %-H:%M"}


class Certificate:
    """The fields of one certificate in PEM, as Windows prints them."""

    def __init__(self, pem):
        self.pem = pem
        said = subprocess.run(["openssl", "x509", "-noout", "-subject", "-issuer", "-serial", "-fingerprint", "-sha1", "-startdate", "-enddate",
                               "-dateopt", "iso_8601", "-nameopt", "RFC2253,-esc_msb,utf8,sep_comma_plus_space"],
                              input=pem, text=True, capture_output=True, check=True).stdout
        fields = dict(line.split("=", 1) for line in said.splitlines())
        self.subject, self.issuer = fields["subject"].strip(), fields["issuer"].strip()
        self.serial = fields["serial"].lower()
        self.thumbprint = re.sub("[^0-9A-F]", "", fields["sha1 Fingerprint"])
        self.not_before, self.not_after = fields["notBefore"], fields["notAfter"]
        self.der = base64.b64decode("".join(pem.split("-----")[2].split()))


def certificates(pem):
    """Those of a PEM text, in order."""
    return [Certificate(block) for block in re.findall("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", pem, re.S)]


def date(certificate_date, form):
    from datetime import datetime
    return datetime.fromisoformat(certificate_date.replace("Z", "+00:00")).strftime(form)


def at_edge(line, width):
    """What a console makes of a long line; characters of Japanese take two columns."""
    parts, used = [""], 0
    for character in line:
        columns = 2 if ord(character) >= 0x2e80 else 1
        if used + columns > width:
            parts.append("")
            used = 0
        parts[-1] += character
        used += columns
    return parts


def certutil(found, language="en", store='Root "Trusted Root Certification Authorities"', width=None):
    """certutil -store; width: of the console that it was copied from."""
    name, serial, issuer, begins, ends, subject, digest, no_key = LANGUAGES[language]
    lines = [store]
    for number, one in enumerate(found):
        lines += [f"================ {name} {number} ================", f"{serial} {one.serial}", f"{issuer} {one.issuer}",
                  f" {begins} {date(one.not_before, DATES[language])}", f" {ends} {date(one.not_after, DATES[language])}",
                  f"{subject} {one.subject}", f"{digest} {one.thumbprint.lower()}", no_key, ""]
    lines.append("CertUtil: -store command completed successfully.")
    if width:
        lines = [part for line in lines for part in at_edge(line, width)]
    return "\r\n".join(lines) + "\r\n"


def wrapped(value, room):
    """As PowerShell breaks a value: at blanks, and within a word that is too long for a line."""
    parts, rest = [], value
    while len(rest) > room:
        cut = rest.rfind(" ", 0, room + 1)
        parts.append(rest[:cut] if cut > 0 else rest[:room])
        rest = rest[cut + 1:] if cut > 0 else rest[room:]
    return parts + [rest]


def format_list(found, store="Root", width=80, form="%-m/%-d/%Y %-I:%M:%S %p", key="False"):
    """Get-ChildItem Cert:\\LocalMachine\\Root | Format-List *, as Out-File writes it."""
    path = "Microsoft.PowerShell.Security\\Certificate::LocalMachine\\" + store
    text = "\r\n\r\n"
    for one in found:
        values = {"PSPath": f"{path}\\{one.thumbprint}", "PSParentPath": path, "PSChildName": one.thumbprint, "PSDrive": "Cert",
                  "PSProvider": "Microsoft.PowerShell.Security\\Certificate", "PSIsContainer": "False", "EnhancedKeyUsageList": "{}",
                  "DnsNameList": "{Root}", "SendAsTrustedIssuer": "False", "Archived": "False",
                  "Extensions": "{System.Security.Cryptography.Oid, System.Security.Cryptography.Oid, System.Security.Cryptography.Oid...}",
                  "FriendlyName": "", "NotAfter": date(one.not_after, form), "NotBefore": date(one.not_before, form), "HasPrivateKey": key,
                  "RawData": "{48, 130, 3, 76...}", "SerialNumber": one.serial.upper(), "Thumbprint": one.thumbprint, "Version": "3",
                  "Handle": "2301", "Issuer": one.issuer, "Subject": one.subject}
        for name, value in values.items():
            label = name.ljust(20)
            first, *more = wrapped(value, width - 24)
            text += f"{label} : {first}\r\n" + "".join(" " * 23 + part + "\r\n" for part in more)
        text += "\r\n"
    return text


def format_table(found, columns=("Thumbprint", "Subject"), width=80, dots="..."):
    """... | Format-Table: the columns share the width, and what does not fit is cut."""
    values = [{"Thumbprint": one.thumbprint, "Subject": one.subject, "Issuer": one.issuer, "NotAfter": date(one.not_after, "%m/%d/%Y %H:%M:%S"),
               "HasPrivateKey": "False"} for one in found]
    room = [(width - len(columns) + 1) // len(columns)] * len(columns)
    if columns[0] == "Thumbprint" and len(columns) == 2:
        room = [40, width - 42]

    def row(cells):
        fitted = (cell if len(cell) <= size else cell[:size - len(dots)] + dots for cell, size in zip(cells, room))
        return " ".join(cell.ljust(size) for cell, size in zip(fitted, room)).rstrip() + "\r\n"

    text = "\r\n\r\n   PSParentPath: Microsoft.PowerShell.Security\\Certificate::LocalMachine\\Root\r\n\r\n"
    text += row(columns) + row(["-" * len(name) for name in columns])
    return text + "".join(row([value[name] for name in columns]) for value in values) + "\r\n"


def element(number, value):
    """One property of a serialized certificate."""
    return number.to_bytes(4, "little") + (1).to_bytes(4, "little") + len(value).to_bytes(4, "little") + value


def registry(found, store="ROOT", with_key=False, name=None):
    """reg export HKLM\\SOFTWARE\\Microsoft\\SystemCertificates\\..., before it is made UTF-16."""
    text = "Windows Registry Editor Version 5.00\r\n\r\n"
    for one in found:
        blob = element(3, bytes.fromhex(one.thumbprint)) + (element(2, b"\0" * 32) if with_key else b"")
        blob += (element(11, (name + "\0").encode("utf-16-le")) if name else b"") + element(32, one.der)
        line, lines = '"Blob"=hex:', []
        for at, byte in enumerate(blob):
            line += f"{byte:02x}" + ("," if at + 1 < len(blob) else "")
            if len(line) > 76 and at + 1 < len(blob):
                lines.append(line + "\\")
                line = "  "
        lines.append(line)
        text += f"[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\SystemCertificates\\{store}\\Certificates\\{one.thumbprint}]\r\n"
        text += "\r\n".join(lines) + "\r\n\r\n"
    return text
