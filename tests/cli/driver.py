#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests that drive fovea-cli share: running it, what it must refuse, a folder to work in,
and TAP. The program under test is the first argument."""
import json
import subprocess
import sys
import tempfile
import traceback
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
import fixtures  # noqa: E402

SIDE = 32
CLI = str(Path(sys.argv[1]).resolve())
CARD = {"architecture": "small_cnn", "input_size": [3, SIDE, SIDE],
        "classes": ["one", "two", "three", "four"]}
# A run that takes longer than this has hung.
TIMEOUT = 120


class Folder:
    """What the tests share: a folder with a photo, a card, a benchmark and a trained run."""

    def __init__(self, path):
        self.path = Path(path)
        self.card = self.path / "small.json"
        self.card.write_text(json.dumps(CARD))
        self.photo = self.path / "photo.png"
        fixtures.write_photo(self.photo)
        self.model = ["--model", "small_cnn", "--card", self.card, "--threads", "1"]
        self.project = self.path / "scenes"
        must("dataset", "build", "scenes", self.project, "--n-train", 12, "--n-validation", 2,
             "--n-test", 6, "--size", SIDE)
        self.run = self.path / "run"
        self.train_options = ["--epochs", 1, "--batch", 6, "--batch-norm", "train", "--seed", 5]
        must("train", self.project, *self.model, *self.train_options, "--loss", "camal=1",
             "--output", self.run)
        self.weights = self.run / "model.safetensors"

    def new(self, name):
        path = self.path / name
        path.mkdir()
        return path


def call(*arguments, file_limit=None, **options):
    """A finished run of the program; file_limit in bytes stands for a full disk."""
    limit = [] if file_limit is None else ["prlimit", f"--fsize={file_limit}"]
    command = limit + [CLI, *(a if isinstance(a, bytes) else str(a) for a in arguments)]
    options.setdefault("stdout", subprocess.PIPE)
    done = subprocess.run(command, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL,
                          timeout=TIMEOUT, **options)
    done.text = done.stderr.decode(errors="replace")
    return done


def must(*arguments, **options):
    """The same where it must succeed: what it printed."""
    done = call(*arguments, **options)
    assert done.returncode == 0, f"{arguments}: exit {done.returncode}: {done.text}"
    return done.stdout.decode()


def lines(*arguments):
    return [json.loads(line) for line in must(*arguments, "--json").splitlines()]


def refused(*arguments, names, says="", **options):
    """Exit 1 and one sentence that names the file, nothing on stdout."""
    done = call(*arguments, **options)
    where = f"{[str(a) for a in arguments]}: exit {done.returncode}: {done.text}"
    sentences = [line for line in done.text.splitlines() if line.startswith("fovea-cli: ")]
    assert done.returncode == 1, where
    assert len(sentences) == 1 and done.text.endswith(sentences[0] + "\n"), where
    assert str(names) in sentences[0], f"“{names}” is not named: {where}"
    assert says in sentences[0], f"“{says}” is missing: {where}"
    assert not done.stdout, f"printed all the same: {done.stdout}"


def usage_error(*arguments):
    done = call(*arguments)
    assert done.returncode == 2, f"{[str(a) for a in arguments]}: exit {done.returncode}"
    assert done.text.startswith("fovea-cli: ") and not done.stdout, done.text


def files_in(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def trace_of(test, folder):
    """Why the test failed, or nothing."""
    try:
        test(folder)
    except Exception:
        return traceback.format_exc()
    return ""


def run_all(tests):
    print(f"1..{len(tests)}", flush=True)
    # Most of a call is the start of the program: two tests at a time, each in files of its own.
    with tempfile.TemporaryDirectory() as path, ThreadPoolExecutor(2) as pool:
        folder = Folder(path)
        traces = pool.map(lambda test: trace_of(test, folder), tests)
        for number, (test, trace) in enumerate(zip(tests, traces), 1):
            for line in trace.splitlines():
                print(f"# {line}")
            name = test.__name__[len("test_"):].replace("_", "-")
            print(f"{'not ok' if trace else 'ok'} {number} {name}", flush=True)
