# SPDX-License-Identifier: GPL-3.0-or-later
"""One network taught from few labels, and what is measured of it."""
from dataclasses import dataclass

from ways import WAYS, Way, slug

METRICS = "alignment,localisation,consistency"
#: of a tuning, what also says how r is measured
MEASURED = {"--omega": 1, "--normalise-pixels": 0}
CHOOSING = ["--optimizer", "adam", "--weight-decay", 0, "--schedule", "constant", "--keep", "best"]


@dataclass
class Cell:
    """`n` labels a class; `tuning`: options of the pool's part, chosen on validation."""
    setting: object
    seed: int
    n: int
    name: str
    tuning: tuple
    way: Way = None
    final: bool = True  # measured on the test pictures, not on validation alone

    def __post_init__(self):
        self.way = self.way or WAYS[self.name]

    @property
    def folder(self):
        return self.setting.folder / f"seed-{self.seed}" / f"{self.n}-labels" / slug(self.name)

    def parent(self):
        return Cell(self.setting, self.seed, self.n, self.way.after, self.tuning, final=self.final)

    def seconds_left(self):
        supervised, pool, rest = self.setting.seconds
        measured = "test.json" if self.final else "validation.json"
        left = 0 if (self.folder / measured).exists() else rest
        if not (self.folder / "done").exists():
            left += pool if self.way.after else supervised
        return left


def options_of(cell):
    """What is asked of `train`, but for the network to start from."""
    setting, way = cell.setting, cell.way
    if not way.after:
        return [*setting.supervised(cell.n), *CHOOSING, *way.options]
    n_labels = cell.n * setting.n_classes
    n_pool = n_labels if way.pool == "labelled" else setting.n_pool
    return [*setting.epochs_of_pool(n_pool if way.pool else n_labels), *setting.options,
            "--warm-up", 0, *CHOOSING, *cell.tuning, *way.options]


def how_r_is_measured(tuning):
    """As it was learned: ω and the scale of the mask's pixels."""
    options = []
    for number, option in enumerate(tuning):
        if option in MEASURED:
            options += tuning[number:number + 1 + MEASURED[option]]
    return options


def measure(runner, cell):
    """Trains what is not trained yet, the network it starts from first."""
    project = cell.setting.project(runner, cell.seed)
    start = cell.setting.start
    if cell.way.after:
        measure(runner, cell.parent())
        start = ["--model", cell.parent().folder]
    runner.train(cell.folder, project, *start, *options_of(cell), "--labelled", cell.n, "--seed",
                 cell.seed)
    split = "test" if cell.final else "validation"
    runner.keep(cell.folder / f"{split}.json", "evaluate", project, "--model", cell.folder,
                "--seed", cell.seed, "--split", split, "--metrics", METRICS,
                *how_r_is_measured(cell.tuning), "--output", cell.folder / f"{split}.jsonl")
