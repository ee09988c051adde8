#!/usr/bin/env python3
"""Packs a root file system into an OCI image layout (image-spec v1): one layer, one configuration, one manifest. The
same files, owners and SOURCE_DATE_EPOCH give the same bytes.
   pack.py ROOT IMAGE.tar VERSION ARCHITECTURE
"""

import gzip
import hashlib
import io
import json
import os
import sys
import tarfile
from datetime import datetime, timezone
from pathlib import Path

EPOCH = int(os.environ.get("SOURCE_DATE_EPOCH", "0"))


def tar_of(entries):
    """entries: (TarInfo, bytes or None)."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in entries:
            info.mtime, info.uname, info.gname = EPOCH, "", ""
            tar.addfile(info, io.BytesIO(content) if content is not None else None)
    return out.getvalue()


def files_of(root):
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as names:
        for path in sorted(root.rglob("*")):
            info = names.gettarinfo(path, arcname=str(path.relative_to(root)))
            if info.islnk():  # each file whole: what else has its inode does not matter
                info.type, info.linkname, info.size = tarfile.REGTYPE, "", path.stat().st_size
            yield info, path.read_bytes() if info.isreg() else None


def blob_entry(name, content):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), 0o644
    return info, content


def digest(content):
    return "sha256:" + hashlib.sha256(content).hexdigest()


def main(root, image, version, architecture):
    layer = tar_of(files_of(Path(root)))
    packed = gzip.compress(layer, 9, mtime=0)
    created = datetime.fromtimestamp(EPOCH, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    config = json.dumps({
        "created": created, "architecture": architecture, "os": "linux",
        "config": {
            "User": "65532:65532",
            "ExposedPorts": {"443/tcp": {}, "9465/tcp": {}},
            "Entrypoint": ["/usr/bin/chainmend"],
            "Cmd": ["run", "/etc/chainmend/chainmend.yaml"],
            "Volumes": {"/var/lib/chainmend": {}},
            "WorkingDir": "/etc/chainmend",
            "StopSignal": "SIGTERM",
            # Of Docker's dialect; who only knows OCI's asks the same by a probe of its own.
            "Healthcheck": {"Test": ["CMD", "/usr/bin/chainmend", "check-health"],
                            "Interval": 10_000_000_000, "Timeout": 5_000_000_000, "Retries": 3},
            "Labels": {"org.opencontainers.image.title": "chainmend", "org.opencontainers.image.version": version},
        },
        "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
        "history": [{"created": created, "created_by": "chainmend " + version}],
    }, sort_keys=True).encode()
    kind = "application/vnd.oci.image."

    def of(media, content, **more):
        return {"mediaType": kind + media, "digest": digest(content), "size": len(content), **more}
    manifest = json.dumps({"schemaVersion": 2, "mediaType": kind + "manifest.v1+json",
                           "config": of("config.v1+json", config),
                           "layers": [of("layer.v1.tar+gzip", packed)]}, sort_keys=True).encode()
    index = json.dumps({"schemaVersion": 2, "mediaType": kind + "index.v1+json", "manifests": [
        of("manifest.v1+json", manifest, annotations={"org.opencontainers.image.ref.name": version})]},
        sort_keys=True).encode()
    entries = [blob_entry("oci-layout", b'{"imageLayoutVersion": "1.0.0"}'), blob_entry("index.json", index)]
    entries += [blob_entry("blobs/sha256/" + digest(blob).partition(":")[2], blob)
                for blob in (config, manifest, packed)]
    Path(image).write_bytes(tar_of(entries))
    print(f"{image}: {len(packed) / 1e6:.1f} MB packed, {len(layer) / 1e6:.1f} MB unpacked")


if __name__ == "__main__":
    main(*sys.argv[1:])
