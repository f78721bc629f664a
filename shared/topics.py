"""Every name Fogline gives to a topic or a consumer group is made here."""

from shared.documents.deployment import Deployment, TierSpec


def input_topic(deployment: Deployment, tier: TierSpec) -> str:
    return tier.input_topic or f"{deployment.topic_prefix}.{deployment.name}.{tier.tier}"


def answers_topic(deployment: Deployment) -> str:
    return deployment.answers_topic or f"{deployment.topic_prefix}.{deployment.name}.answers"


def dead_letter_topic(deployment: Deployment) -> str:
    return deployment.dead_letter_topic or f"{deployment.topic_prefix}.{deployment.name}.dead-letters"


def group(deployment: Deployment, tier: TierSpec) -> str:
    return f"{deployment.topic_prefix}.{deployment.name}.{tier.tier}"


def watch_group(cluster: str, control_topic: str, selected: str = "") -> str:
    """Of the watch over a control topic; `selected` tells the watches of different nodes apart."""
    return ".".join(filter(None, ("fogline.announcements", cluster, control_topic, selected)))


def federation_topic(federation: str, edition: int, what: str, participant: str = "") -> str:
    """`what`: `decisions`, `snapshots`, `models`, or `updates` of a participant. An edition's own: what lies in the
    topics of an earlier federation of the same name is of no use to the next."""
    return ".".join(filter(None, ("fogline.federation", federation, str(edition), what, participant)))


def profile_topic(profile: str, tier: str) -> str:
    """For measuring the link above a tier: what lies there is of no use to anybody."""
    return f"fogline.profiles.{profile}.{tier}"
