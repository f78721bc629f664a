"""Listeners that ask who is there, beside the plain one: one for each way that a cluster document can name.

| listener | lets in |
|---|---|
| `SASL_PLAINTEXT` | the user, by PLAIN or SCRAM |
| `SSL` | whoever shows the client certificate |
| `SASL_SSL` | the user, by PLAIN or SCRAM, over TLS |
"""

from dataclasses import dataclass, field
from typing import Literal, get_args

from simulations.kafka.certificates import Certificates

Protocol = Literal["SASL_PLAINTEXT", "SSL", "SASL_SSL"]
PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
MODULES = "org.apache.kafka.common.security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """The one user, and the certificates of brokers and clients."""

    username: str
    password: str = field(repr=False)
    certificates: Certificates = field(repr=False)


def properties(security: Security) -> dict[str, str]:
    certificates = security.certificates
    return {
        "sasl.enabled.mechanisms": ",".join(("PLAIN", *SCRAM)),
        **_logins("sasl_plaintext", security),
        **_logins("sasl_ssl", security),
        "listener.name.ssl.ssl.client.auth": "required",
        "ssl.keystore.type": "PEM",
        "ssl.keystore.certificate.chain": certificates.broker.certificate,
        "ssl.keystore.key": certificates.broker.private_key,
        "ssl.truststore.type": "PEM",
        "ssl.truststore.certificates": certificates.ca,
    }


def format_arguments(security: Security) -> list[str]:
    """SCRAM passwords stand in the cluster's metadata, which is written when it is formatted."""
    user = f"[name={security.username},password={security.password}]"
    return [argument for mechanism in SCRAM for argument in ("--add-scram", f"{mechanism}={user}")]


def _logins(listener: str, security: Security) -> dict[str, str]:
    plain = f"{MODULES}.plain.PlainLoginModule required user_{security.username}={_quoted(security.password)};"
    scram = f"{MODULES}.scram.ScramLoginModule required;"
    names = {"plain": plain, **{mechanism.lower(): scram for mechanism in SCRAM}}
    return {f"listener.name.{listener}.{name}.sasl.jaas.config": login for name, login in names.items()}


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
