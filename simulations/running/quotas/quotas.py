"""The processor quotas of one site's agents: groups made, entered and removed again."""

import sys
from contextlib import ExitStack
from dataclasses import dataclass, field, replace

from shared.storage import storage_errors
from simulations.experiment.document import Tier
from simulations.programs import Program
from simulations.running.quotas import finding
from simulations.running.quotas.enter import entering
from simulations.running.quotas.group import Group


@dataclass(slots=True)
class Quotas:
    """Of programs by their names. Where this process is killed, the next run removes its groups."""

    _groups: dict[str, Group] = field(default_factory=dict)
    _made: ExitStack = field(default_factory=ExitStack)

    def confined(self, program: Program, tier: Tier) -> Program:
        """The program with its tier's share of the processor, in a group of its own, also when it is started again.

        Raises DocumentError where this machine does not allow it.
        """
        if tier.cpu is None:
            return program
        if program.name not in self._groups:
            self._groups[program.name] = self._new(tier, tier.cpu)
        command = (sys.executable, *program.arguments)
        return replace(program, arguments=entering(self._groups[program.name].path, command))

    def remove(self) -> None:
        """Once all of the programs have ended. Raises StorageError when one of them has not."""
        self._made.close()

    def _new(self, tier: Tier, cores: float) -> Group:
        group = finding.new_group(finding.found(tier))
        with storage_errors(group.path):
            group.make(cores)
        self._made.callback(_remove, group)
        return group


def _remove(group: Group) -> None:
    with storage_errors(group.path):
        group.remove()
