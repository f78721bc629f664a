"""Certificates for a broker and a client, signed by an authority that exists for nothing else."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from shared.errors import UnavailableError

DAYS = "30"
NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
LEAF = ("-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """PEM texts."""

    certificate: str
    private_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """`ca` is the PEM text that both sides trust; its key is forgotten."""

    ca: str
    broker: Identity
    client: Identity


def make() -> Certificates:
    """Raises `UnavailableError` where the program `openssl` 3 is missing."""
    with TemporaryDirectory(prefix="fogline-") as name:
        directory = Path(name)
        authority = _issue(directory, "ca", ("-addext", "keyUsage=critical,keyCertSign"))
        signed = ("-CA", str(directory / "ca.pem"), "-CAkey", str(directory / "ca.key"), *LEAF)
        return Certificates(
            ca=authority.certificate,
            broker=_issue(directory, "broker", signed),
            client=_issue(directory, "client", signed),
        )


def _issue(directory: Path, name: str, options: tuple[str, ...]) -> Identity:
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    files = ("-out", str(certificate), "-keyout", str(key))
    command = ["openssl", "req", "-x509", *NEW_KEY, "-days", DAYS, "-subj", f"/CN=fogline-{name}", *files, *options]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise UnavailableError("the program openssl is missing: install version 3 to make certificates") from error
    except subprocess.CalledProcessError as error:
        reason = (error.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise UnavailableError(f"openssl made no certificate ({reason}): version 3 or newer is needed") from error
    return Identity(certificate=certificate.read_text(), private_key=key.read_text())
