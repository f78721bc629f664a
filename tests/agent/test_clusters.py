import pytest

from agent.clusters import ClusterOverride, SaslOverride, TopicDefaultsOverride, localise
from shared.documents import Cluster, Sasl, SaslMechanism, SecurityProtocol
from shared.errors import SettingsError

FOG = Cluster(
    name="fog",
    bootstrap_servers=("fog.example:9092",),
    security_protocol=SecurityProtocol.SASL_SSL,
    sasl=Sasl(mechanism=SaslMechanism.SCRAM_SHA_512, username="box"),
)


def test_only_the_fields_that_are_overridden_change() -> None:
    mine = ClusterOverride(bootstrap_servers=("10.0.0.7:9092",), sasl=SaslOverride(password="s3cret"))
    (seen,) = localise((FOG,), {"fog": mine})
    assert seen.bootstrap_servers == ("10.0.0.7:9092",)
    assert seen.sasl == Sasl(mechanism=SaslMechanism.SCRAM_SHA_512, username="box", password="s3cret")
    assert seen.security_protocol is FOG.security_protocol


def test_a_cluster_without_an_override_stays_as_it_is() -> None:
    assert localise((FOG,), {"edge": ClusterOverride(bootstrap_servers=("x:1",))}) == (FOG,)


def test_a_nested_document_may_come_from_the_override_alone() -> None:
    plain = Cluster(name="edge", bootstrap_servers=("edge:9092",))
    mine = ClusterOverride(
        security_protocol=SecurityProtocol.SASL_PLAINTEXT,
        sasl=SaslOverride(mechanism=SaslMechanism.PLAIN, username="me", password="p"),
        topics=TopicDefaultsOverride(create=False),
    )
    (seen,) = localise((plain,), {"edge": mine})
    assert seen.sasl == Sasl(mechanism=SaslMechanism.PLAIN, username="me", password="p")
    assert not seen.topics.create


def test_an_override_that_makes_no_valid_cluster_is_a_settings_error_that_names_it() -> None:
    mine = ClusterOverride(bootstrap_servers=("no port",))
    with pytest.raises(SettingsError, match=r"clusters\.fog.*bootstrap_servers"):
        localise((FOG,), {"fog": mine})


def test_passwords_do_not_show() -> None:
    assert "s3cret" not in repr(ClusterOverride(sasl=SaslOverride(password="s3cret")))
