"""What end-to-end tests do with a stack."""

from shared.documents import Deployment, DeploymentStatus
from simulations.stack import Stack


def deploy(stack: Stack, deployment: Deployment) -> DeploymentStatus:
    """Put it, and wait until every tier runs it."""
    with stack.client() as client:
        client.deployments.put(deployment)
        return client.deployments.wait_until_ready(deployment.name, deadline_s=60)
