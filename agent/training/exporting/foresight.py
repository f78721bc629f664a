"""What cannot be exported is known before it is trained."""

from agent.training.exporting.conversion import require_forms
from agent.training.exporting.segments import spans
from agent.training.exporting.tiers import settled
from agent.training.exporting.trained import FORMS
from shared.documents import Description, Export


def require_exportable(export: Export, network: Description) -> None:
    """As far as the untrained network shows. Raises ModelError, DocumentError."""
    settled(export, network)
    spans(export.profiled, network)
    require_forms(FORMS.get(network.framework, ()), export.forms)
