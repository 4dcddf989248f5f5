# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls fovea-cli for experiments. What exists is not repeated, and what is half done is gone on
with, so that an experiment can be stopped at any time."""
import json
import subprocess
import time


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
