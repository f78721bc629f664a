"""The search for what is sustained: round by round, each sweep cell's next value, all of them in turns.

Verdicts follow from the tables in the run's folder, so a search that was interrupted goes on where it was.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from simulations.experiment import search, sweep
from simulations.experiment.bisection import Progress, progress
from simulations.experiment.document import Experiment, Search
from simulations.experiment.sweep import Cell
from simulations.experiment.turns import Turn, turns_of
from simulations.measurement import run_folder
from simulations.running import knee
from simulations.running.judging import holds
from simulations.running.knee import Knee, Tried

Take = Callable[[Sequence[Turn]], None]


def run(experiment: Experiment, wanted: Search, out: Path, take: Take) -> None:
    """`take` brings to their end what turns are not there yet. The knees are written after each round."""
    searching = [Searching(cell=cell, wanted=wanted) for cell in sweep.cells(experiment)]
    while rounds := [(one, step) for one in searching if (step := one.next_step()) is not None]:
        take(turns_of(experiment, [step for _, step in rounds]))
        for one, step in rounds:
            one.judge(step, out, experiment.repetitions)
        knee.write(out, [one.knee() for one in searching])


@dataclass(slots=True, kw_only=True)
class Searching:
    """In one cell of the sweep. `tried`: each step in its order, and which of its repetitions held."""

    cell: Cell
    wanted: Search
    tried: list[tuple[Cell, tuple[bool, ...]]] = field(default_factory=list)

    def next_step(self) -> Cell | None:
        value = self._progress().next
        return None if value is None else search.step(self.cell, self.wanted, len(self.tried), value)

    def judge(self, step: Cell, out: Path, repetitions: int) -> None:
        folders = [run_folder.folder(out, step.index, number) for number in range(repetitions)]
        verdicts = tuple(holds(run_folder.read(one).records, self.wanted.sustained) for one in folders)
        self.tried.append((step, verdicts))

    def knee(self) -> Knee:
        found = self._progress()
        return Knee(
            cell=self.cell.index,
            name=self.cell.name,
            settings=dict(self.cell.settings),
            setting=self.wanted.setting,
            sustained=self._written(found.holds),
            not_sustained=self._written(found.fails),
            found=found.next is None,
            tried=tuple(self._tried(step, verdicts) for step, verdicts in self.tried),
        )

    def _progress(self) -> Progress:
        return progress(search.within(self.wanted), [_most(verdicts) for _, verdicts in self.tried])

    def _written(self, value: float | None) -> str | float | None:
        return None if value is None else search.written(self.wanted, value)

    def _tried(self, step: Cell, verdicts: Sequence[bool]) -> Tried:
        value = step.settings[self.wanted.setting]
        return Tried(
            cell=step.index,
            value=value if isinstance(value, str | int | float) else str(value),
            sustained=sum(verdicts),
            repetitions=len(verdicts),
        )


def _most(verdicts: Sequence[bool]) -> bool:
    return 2 * sum(verdicts) > len(verdicts)
