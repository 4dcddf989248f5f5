# SPDX-License-Identifier: GPL-3.0-or-later
"""One cell of an experiment: a training and what is measured of it. What exists is not repeated."""
import json
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

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
    results: dict = field(default_factory=dict)

    @property
    def folder(self):
        return self.setting.folder / f"seed-{self.seed}" / self.name


class Runner:
    """Calls fovea-cli, keeps what it prints, and counts the seconds."""

    def __init__(self, cli, threads):
        self.cli = cli
        self.threads = threads

    def run(self, *command):
        done = subprocess.run([str(part) for part in (self.cli, *command)], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def keep(self, path, *command):
        """The JSON that a command prints, from the file where it was kept when it is there."""
        if not path.exists():
            text = self.run(*command, "--threads", self.threads, "--json")
            path.with_suffix(".part").write_text(text)
            path.with_suffix(".part").rename(path)
        return json.loads(path.read_text())

    def train(self, cell, project):
        if (cell.folder / "done").exists():
            return
        began = time.monotonic()
        cell.folder.parent.mkdir(parents=True, exist_ok=True)
        self.run("train", project, *(cell.start or cell.setting.start), *cell.setting.options,
                 *cell.options, "--seed", cell.seed, "--threads", self.threads, "--no-test",
                 "--resume", "--output", cell.folder)
        (cell.folder / "done").write_text(f"{time.monotonic() - began:.1f}\n")

    def measure(self, cell):
        """Trains what is not trained yet; the numbers of a cell by the file they are kept in."""
        project = cell.setting.project(self, cell.seed)
        self.train(cell, cell.setting.masked(project, cell.masks, cell.seed))
        evaluate = ["evaluate", project, "--model", cell.folder, "--seed", cell.seed, *METHOD]
        found = {}
        if not cell.final:
            found["validation"] = self.keep(
                cell.folder / "validation.json", *evaluate, "--split", "validation", "--metrics",
                "energy,margin_outside", "--output", cell.folder / "validation.jsonl")
        else:
            found["test"] = self.keep(cell.folder / "test.json", *evaluate, "--metrics",
                                      "alignment", "--output", cell.folder / "test.jsonl")
            found["faithful"] = self.keep(
                cell.folder / "faithful.json", *evaluate, "--metrics", FAITHFUL, "--limit",
                N_FAITHFUL, "--output", cell.folder / "faithful.jsonl")
            grounds = cell.setting.grounds(project)
            if grounds is not None:
                found["grounds"] = self.keep(cell.folder / "grounds.json", "evaluate", grounds,
                                             "--model", cell.folder, "--metrics", "accuracy")
        cell.results = found
        return found
