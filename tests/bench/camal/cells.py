# SPDX-License-Identifier: GPL-3.0-or-later
"""One cell of an experiment: a training and what is measured of it. What exists is not repeated."""
from dataclasses import dataclass

# What is measured on at most N_FAITHFUL pictures a run, because it runs the network again.
FAITHFUL = "excess_drop,drop,foreground_only,margin_outside"
N_FAITHFUL = 100
METHOD = ["--method", "gradcam"]


@dataclass
class Cell:
    """A network taught in one way: `setting` says on what, `name` how."""
    setting: object
    seed: int
    name: str
    options: list
    final: bool = True  # measured on the test pictures, not on validation alone
    start: list = None  # --model …, where it is not the setting's
    masks: str = ""     # other masks than the exact ones

    @property
    def folder(self):
        return self.setting.folder / f"seed-{self.seed}" / self.name


def train(runner, cell, project):
    runner.train(cell.folder, project, *(cell.start or cell.setting.start), *cell.setting.options,
                 *cell.options, "--seed", cell.seed)


def measure(runner, cell):
    """Trains what is not trained yet, and keeps the numbers in the cell's folder."""
    project = cell.setting.project(runner, cell.seed)
    train(runner, cell, cell.setting.masked(project, cell.masks, cell.seed))
    evaluate = ["evaluate", project, "--model", cell.folder, "--seed", cell.seed, *METHOD]
    if not cell.final:
        runner.keep(cell.folder / "validation.json", *evaluate, "--split", "validation",
                    "--metrics", "energy,margin_outside", "--output",
                    cell.folder / "validation.jsonl")
        return
    runner.keep(cell.folder / "test.json", *evaluate, "--metrics", "alignment", "--output",
                cell.folder / "test.jsonl")
    runner.keep(cell.folder / "faithful.json", *evaluate, "--metrics", FAITHFUL, "--limit",
                N_FAITHFUL, "--output", cell.folder / "faithful.jsonl")
    grounds = cell.setting.grounds(project)
    if grounds is not None:
        runner.keep(cell.folder / "grounds.json", "evaluate", grounds, "--model", cell.folder,
                    "--metrics", "accuracy")
