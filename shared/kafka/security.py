"""TLS and SASL of a cluster document, as the settings aiokafka knows."""

import ssl
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

from shared.documents import Cluster, Tls
from shared.errors import SettingsError
from shared.storage import storage_errors


def security_settings(cluster: Cluster) -> dict[str, Any]:
    """Raises SettingsError when a certificate or key cannot be read."""
    settings: dict[str, Any] = {"security_protocol": cluster.security_protocol.value}
    if "SSL" in cluster.security_protocol:
        settings["ssl_context"] = _ssl_context(cluster.name, cluster.tls or Tls())
    if cluster.sasl is not None and "SASL" in cluster.security_protocol:
        settings["sasl_mechanism"] = cluster.sasl.mechanism.value
        settings["sasl_plain_username"] = cluster.sasl.username
        settings["sasl_plain_password"] = cluster.sasl.password
    return settings


def _ssl_context(cluster: str, tls: Tls) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cadata=tls.ca)
        context.check_hostname = tls.verify_host_name
        if tls.certificate is not None:
            _load_certificate(context, tls.certificate, tls.private_key)
    except (ssl.SSLError, ValueError) as error:
        raise SettingsError(f"cluster {cluster!r}: `tls` cannot be read: {error}") from error
    return context


def _load_certificate(context: ssl.SSLContext, certificate: str, private_key: str | None) -> None:
    """Python's ssl reads keys from files only; this one is gone before anything else happens."""
    with storage_errors(Path(gettempdir())):
        directory = TemporaryDirectory(prefix="fogline-")
    with directory as name:
        path = Path(name, "client.pem")
        with storage_errors(path):
            path.touch(mode=0o600)
            path.write_text(f"{certificate}\n{private_key or ''}\n", encoding="ascii")
        context.load_cert_chain(path)
