"""The way home is checked: a control plane must show a certificate that this node has reason to trust."""

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from agent.control_plane import ControlPlane, is_passing, trust
from shared.documents import Enrolment
from shared.errors import ControlPlaneError, SettingsError
from simulations.kafka import certificates
from tests.agent.pretend import CREDENTIAL, TOKEN, PretendControlPlane, pretend_control_plane


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[PretendControlPlane]:
    made = certificates.make()
    names = {"ca.pem": made.ca, "server.pem": made.broker.certificate, "server.key": made.broker.private_key}
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "server.pem", tmp_path / "server.key")
    async with pretend_control_plane(context) as pretend:
        yield pretend


async def test_a_control_plane_signed_by_the_given_authority_is_trusted(
    server: PretendControlPlane, tmp_path: Path
) -> None:
    client = ControlPlane(server.url, tls=trust(server.url, tmp_path / "ca.pem"))
    assert (await client.enrol(TOKEN, Enrolment(name="node-1"))).credential == CREDENTIAL
    await client.close()


async def test_a_control_plane_signed_by_somebody_else_hears_no_token(server: PretendControlPlane) -> None:
    client = ControlPlane(server.url, tls=trust(server.url, None))
    with pytest.raises(ControlPlaneError, match="CERTIFICATE_VERIFY_FAILED") as raised:
        await client.enrol(TOKEN, Enrolment(name="node-1"))
    assert is_passing(raised.value)
    assert server.enrolments == []


def test_an_authority_that_cannot_be_read_is_a_settings_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="ca_file"):
        trust("https://fogline.example", tmp_path / "none.pem")
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(SettingsError, match="ca_file"):
        trust("https://fogline.example", tmp_path / "no.pem")
