"""One description, two clients: the same operations with the same signatures."""

import inspect
from typing import Any, assert_type

import pytest

from shared.client import AsyncClient, Client
from shared.client.flow import Call
from shared.client.operation import Group, operation
from shared.documents import DeploymentView, NodeView

GROUPS = ("artifacts", "clusters", "deployments", "models", "nodes", "tokens")


@pytest.mark.parametrize("group", GROUPS)
def test_both_clients_have_every_operation_with_its_docstring_and_options(group: str) -> None:
    client = Client("http://localhost", credential="x")
    awaited = AsyncClient("http://localhost", credential="x")
    kind = type(getattr(client, group))
    names = [name for name, value in vars(kind).items() if isinstance(value, operation)]
    assert names
    for name in names:
        one, other = getattr(getattr(client, group), name), getattr(getattr(awaited, group), name)
        assert inspect.signature(one) == inspect.signature(other)
        assert one.__name__ == name
    client.close()


def test_operations_are_reached_only_through_a_group() -> None:
    class Nouns(Group[Any]):
        @operation
        def verb(self) -> Call[None]:
            """What it does."""
            return Call(method="GET", path="/", read=lambda answer: None)

    assert isinstance(Nouns.verb, operation)
    assert Nouns.verb.__doc__ == "What it does."


async def types_of_the_two_clients(client: Client, awaited: AsyncClient) -> None:
    """Never called: a type checker reads it."""
    assert_type(client.deployments.get("x"), DeploymentView)
    assert_type(await awaited.deployments.get("x"), DeploymentView)
    assert_type(client.nodes.list(), tuple[NodeView, ...])
