"""`python -m simulations.bench`, and `make bench`."""

import signal
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from types import FrameType

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shared.errors import FoglineError
from simulations.bench import arguments, catalogue, machine, page, show
from simulations.bench.bench import Bench
from simulations.bench.experiment import Comparison, Experiment, gather
from simulations.bench.report import Report, Table, encode, missed

MISSED, INTERRUPTED = 1, 130


def main(given: Sequence[str] | None = None) -> int:
    console = Console()
    options = arguments.parser(catalogue.names()).parse_args(given)
    if options.list:
        _show_list(console)
        return 0
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        report = _measure(console, *catalogue.chosen(options.only), rounds=options.rounds)
    except KeyboardInterrupt:
        sys.stderr.write("bench: interrupted; everything it started has ended\n")
        return INTERRUPTED
    except FoglineError as error:
        sys.stderr.write(f"bench: {error}\n")
        return error.exit_code
    show.print_to(console, report)
    if options.json is not None:
        options.json.write_bytes(encode(report))
    if options.update_docs:
        page.update(show.markdown(report))
    return _judge(report)


def _measure(
    console: Console, experiments: Sequence[Experiment], comparisons: Sequence[Comparison], *, rounds: int
) -> Report:
    began, since, before = datetime.now(UTC), time.monotonic(), machine.work()
    figures, tables = [], list[Table]()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting")
        with Bench(rounds=rounds, say=lambda text: progress.update(task, description=text)) as bench:
            for experiment in experiments:
                for one in gather(experiment, experiment.run(bench)):
                    figures.append(one)
                    progress.console.print(f"{one.figure.name}: {show.summary(one)}")
            for comparison in comparisons:
                tables.append(comparison.run(bench))
                progress.console.print(f"{comparison.name}: done")
            progress.update(task, description="cleaning up")
    return Report(
        began=began.isoformat(timespec="seconds"),
        seconds=time.monotonic() - since,
        rounds=rounds,
        cores_elsewhere=machine.cores_elsewhere(before, machine.work()),
        machine=machine.describe(),
        figures=tuple(figures),
        tables=tuple(tables),
    )


def _judge(report: Report) -> int:
    for one in missed(report.figures):
        sys.stderr.write(f"bench: {one.figure.name} missed what it must reach: {show.summary(one)}\n")
    return MISSED if missed(report.figures) else 0


def _show_list(console: Console) -> None:
    for experiment in catalogue.EXPERIMENTS:
        for figure in experiment.figures:
            bounds = f"must {show.bound(figure, figure.must)}, aim {show.bound(figure, figure.aim)}"
            console.print(f"{figure.name:20} {figure.title}: {bounds}", highlight=False, soft_wrap=True)
    for comparison in catalogue.COMPARISONS:
        console.print(f"{comparison.name:20} {comparison.title}", highlight=False, soft_wrap=True)


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
