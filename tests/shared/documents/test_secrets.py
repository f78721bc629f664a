"""A document that holds a secret may be printed."""

import pytest

from shared.documents import Cluster, Sasl, SaslMechanism, Tls

SECRET = "correct horse battery staple"


@pytest.mark.parametrize(
    "document",
    [
        Sasl(mechanism=SaslMechanism.PLAIN, username="fogline", password=SECRET),
        Tls(certificate="public", private_key=SECRET),
        Cluster(
            name="cloud",
            bootstrap_servers=("kafka:9092",),
            sasl=Sasl(mechanism=SaslMechanism.PLAIN, username="fogline", password=SECRET),
            tls=Tls(certificate="public", private_key=SECRET),
        ),
    ],
)
def test_its_representation_shows_none(document: object) -> None:
    assert SECRET not in f"{document!r} {document}"
    assert "***" in repr(document)
