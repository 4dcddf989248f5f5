# SPDX-License-Identifier: GPL-3.0-or-later
"""What experiments share: their options, and calls of fovea-cli. What exists is not repeated, and what is half done is gone on
with, so that an experiment can be stopped at any time."""
import argparse
import json
import subprocess
import time
from pathlib import Path


def parse(parts):
    """What every experiment is asked: FOVEA_CLI SHARED_DATA OUTPUT and the options."""
    parser = argparse.ArgumentParser()
    for name in ("cli", "data", "output"):
        parser.add_argument(name, type=lambda text: Path(text).resolve())
    parser.add_argument("--plan", action="store_true", help="print the hours it takes, and stop")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2, help="cells at once")
    parser.add_argument("--threads", type=int, default=1, help="threads of each")
    parser.add_argument("--part", action="append", choices=parts)
    return parser.parse_args()


class Runner:
    """`cli`: the program; `threads`: of each call."""

    def __init__(self, cli, threads):
        self.cli = cli
        self.threads = threads

    def run(self, *command):
        """What it prints; RuntimeError with its last words when it fails."""
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

    def train(self, folder, project, *options):
        """A run folder with a file "done" that holds its seconds."""
        if (folder / "done").exists():
            return
        began = time.monotonic()
        folder.parent.mkdir(parents=True, exist_ok=True)
        self.run("train", project, *options, "--threads", self.threads, "--no-test", "--resume",
                 "--output", folder)
        (folder / "done").write_text(f"{time.monotonic() - began:.1f}\n")
