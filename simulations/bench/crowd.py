"""Ten thousand nodes written straight into a control plane's database: to enrol them by HTTP would take minutes."""

from pathlib import Path

from sqlmodel import Session

from controlplane.auth import hashed
from controlplane.settings import Settings
from controlplane.store import nodes
from controlplane.store.database import Database
from shared.documents import INFERENCE, NodeFacts

FACTS = NodeFacts(cores=4, memory_bytes=2**32, backends=("litert",), workload_kinds=(INFERENCE,))


def enrol(state_dir: Path, count: int, *, labels: dict[str, str], now: float) -> dict[str, str]:
    """Each node's credential by its name. The control plane must not be running."""
    state_dir.mkdir(mode=0o700, parents=True)
    credentials = {f"node-{number:05d}": f"bench-{number:05d}-of-{count}" for number in range(count)}
    database = Database(Settings(state_dir=state_dir).url_of_database)
    try:
        database.run_now(lambda session: _write(session, credentials, labels, now))
    finally:
        database.close()
    return credentials


def _write(session: Session, credentials: dict[str, str], labels: dict[str, str], now: float) -> None:
    for name, credential in credentials.items():
        nodes.add(session, name, labels=labels, facts=FACTS, now=now)
        nodes.add_credential(session, hashed(credential), name)
    # As nodes that were there before: the first use of a credential is written down.
    nodes.set_last_seen(session, dict.fromkeys(credentials, now))
