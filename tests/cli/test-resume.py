#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Trainings that are killed, stopped and repeated: they must end with the same bytes.

usage: test-resume.py FOVEA_CLI   (prints TAP)
"""
import hashlib
import json
import shutil
import signal
import subprocess
import sys

sys.dont_write_bytecode = True
from driver import (CLI, TIMEOUT, call, files_in, must, refused, run_all,  # noqa: E402
                    usage_error)


def interrupted(signum, n_lines, *arguments):
    """Starts a training, sends it the signal once it has told n_lines steps: its exit code, what
    it said, and the steps it told."""
    command = [CLI, "train", *(str(a) for a in arguments), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, text=True) as process:
        told = [process.stdout.readline() for _ in range(n_lines)]
        process.send_signal(signum)
        rest, messages = process.communicate(timeout=TIMEOUT)
    return process.returncode, messages, len(told) + len(rest.splitlines())


def log_steps(run):
    return [json.loads(line)["step"] for line in (run / "log.jsonl").read_text().splitlines()]


def test_resume_after_kill(folder):
    """The weights of a run that was killed, twice, are those of one that was not."""
    train = [folder.project, *folder.model, "--batch", 6, "--batch-norm", "train", "--seed", 5,
             "--epochs", 30, "--loss", "camal=1"]
    whole = folder.path / "never-killed"
    must("train", *train, "--output", whole)
    for every in (0, 1000):
        run = folder.path / f"killed-{every}"
        options = [*train, "--checkpoint-every", every, "--resume", "--output", run]
        for n_lines in (7, 9):
            code, _, n_told = interrupted(signal.SIGKILL, n_lines, *options)
            assert code == -signal.SIGKILL and n_told < 60, (code, n_told)
            assert (run / "checkpoint.safetensors").exists()
        refused("train", *train, "--output", run, names=run, says="--resume")
        must("train", *options)
        for name in ("model.safetensors", "metrics.json", "card.json"):
            assert (run / name).read_bytes() == (whole / name).read_bytes(), f"{name} differs"
        assert log_steps(run) == list(range(1, 61))
        assert files_in(run) == files_in(whole)
    done = call("train", *train, "--resume", "--output", whole)
    assert done.returncode == 0 and "finished" in done.text and log_steps(whole)[-1] == 60


def test_stop_and_resume(folder):
    """Ctrl-C ends it in good order, and nothing but --resume is needed to go on."""
    train = [folder.project, *folder.model, "--batch", 6, "--seed", 5, "--epochs", 30]
    whole = folder.path / "never-stopped"
    must("train", *train, "--output", whole)
    for signum in (signal.SIGINT, signal.SIGTERM):
        run = folder.path / f"stopped-{signum}"
        code, messages, n_told = interrupted(signum, 5, *train, "--output", run)
        assert code == 1 and n_told < 60, (code, messages)
        assert f"stopped at step {n_told}; continue with --resume" in messages, messages
        assert log_steps(run) == list(range(1, n_told + 1))
        must("predict", folder.photo, "--model", run)
        for option in (["--epochs", 7], ["--lr", 1], ["--seed", 6], ["--loss", "camal=1"],
                       ["--model", "resnet18"], ["--batch-norm", "train"]):
            refused("train", *option, "--resume", "--output", run, names=run, says=option[0])
        refused("train", folder.path, "--resume", "--output", run, names=run, says="PROJECT")
        must("train", "--resume", "--output", run)
        assert (run / "model.safetensors").read_bytes() == \
            (whole / "model.safetensors").read_bytes()
    usage_error("train", "--resume", "--output", folder.path / "nothing-there")


def test_other_threads(folder):
    run = folder.path / "other-threads"
    train = ["train", folder.project, *folder.model[:4], "--batch", 6, "--epochs", 30]
    interrupted(signal.SIGINT, 3, *train[1:], "--threads", 1, "--output", run)
    done = call("train", "--resume", "--threads", 2, "--output", run)
    assert done.returncode == 0 and "1 threads" in done.text, done.text


def test_repeat_by_config(folder):
    """config.json alone repeats a run; what it began with may not have changed."""
    weights = folder.path / "start.safetensors"
    shutil.copy(folder.weights, weights)
    shutil.copy(folder.run / "card.json", weights.with_suffix(".json"))
    first, again, other = (folder.path / f"by-config-{i}" for i in range(3))
    must("train", folder.project, "--weights", weights, "--threads", 1, "--epochs", 2, "--batch", 5,
         "--optimizer", "sgd", "--lr", 1e-3, "--head-lr", 3e-3, "--loss", "swap=0.3", "--seed", 9,
         "--augment", "flip,crop", "--keep", "best", "--patience", 3, "--balance", "group",
         "--mask-share", 0.5, "--control", "reweight", "--warm-up", 0.5, "--schedule", "constant",
         "--clip", 0.5, "--output", first)
    config = json.loads((first / "config.json").read_text())
    assert config["weights"] == str(weights) and config["threads"] == 1
    assert config["weights_sha256"] == hashlib.sha256(weights.read_bytes()).hexdigest()
    assert (config["warm_up"], config["cosine"], config["max_gradient"]) == (0.5, False, 0.5)
    steps = [json.loads(line) for line in (first / "log.jsonl").read_text().splitlines()]
    assert ["validation_loss" in step for step in steps] == [False, False, True] * 2
    assert "attention_gradient_ratio" in steps[0]
    assert steps[0]["lr"] < steps[2]["lr"] == steps[-1]["lr"] == 1e-3
    repeat = ["train", "--config", first / "config.json", "--output"]
    must(*repeat, again)
    for name in ("model.safetensors", "metrics.json", "config.json", "card.json"):
        assert (first / name).read_bytes() == (again / name).read_bytes(), f"{name} differs"
    must(*repeat, other, "--seed", 8)
    assert (first / "model.safetensors").read_bytes() != (other / "model.safetensors").read_bytes()
    with weights.open("ab") as file:
        file.write(b"x")
    refused(*repeat, folder.path / "changed", names=weights, says="changed")
    bad = folder.path / "bad-config.json"
    for text in ("", "[" * 100000, "{}", '{"losses": {"ce": 1}, "epochs": "many"}'):
        bad.write_text(text)
        refused("train", folder.project, "--config", bad, "--output", folder.path / "changed",
                names=bad)
    assert not (folder.path / "changed").exists()
    usage_error(*repeat, folder.path / "changed", "--keep", "magic")
    for option, value in (("--patience", -1), ("--warm-up", 1.5), ("--warm-up", "nan"),
                          ("--schedule", "step"), ("--clip", -1), ("--clip", "inf")):
        usage_error(*repeat, folder.path / "changed", option, value)


TESTS = [test_resume_after_kill, test_stop_and_resume, test_other_threads, test_repeat_by_config]

run_all(TESTS)
