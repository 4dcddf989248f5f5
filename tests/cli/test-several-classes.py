#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Photos that show several classes, as the shared part of COCO has them: each class is learned, and
has a probability of its own. Skipped where that is absent.

usage: test-several-classes.py FOVEA_CLI   (prints TAP)
"""
import json
import math
import os
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
from driver import lines, must, refused, run_all, usage_error  # noqa: E402

DATA = Path(os.environ.get("FOVEA_SHARED_DATA", "../shared/data"))


def test_several_classes(folder):
    project = DATA / "coco"
    run = folder.path / "coco-run"
    options = ["--epochs", 1, "--batch", 16, "--batch-norm", "train", "--lr", 2e-3]
    for which in "one", "all":
        output = run / which
        must("train", project, *folder.model, *options, "--loss", "camal=1", "--loss", "swap=0.5",
             "--attention-classes", which, "--no-test", "--output", output)
        assert json.loads((output / "card.json").read_text())["multi_label"] is True
        config = json.loads((output / "config.json").read_text())
        assert config["attention_classes"] == which, config
        steps = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
        assert len(steps) == 6 and steps[-1]["ce"] < steps[0]["ce"], steps
    metrics, = lines("evaluate", project, "--model", run / "one", "--threads", "1")
    assert metrics["n"] == 28 and 0 < metrics["mean_ap"]["value"] <= 1, metrics
    n_right = round(metrics["accuracy"]["value"] * metrics["n"])
    for method in "gradcam", "input_x_gradient":
        found, = lines("evaluate", project, "--model", run / "one", "--threads", "1", "--method",
                       method, "--metrics", "localisation,consistency")
        assert found["localisation"]["cam_box_iou"]["n"] > 0, found
        miou = found["localisation"]["miou_mask"]
        assert (0 if miou is None else miou["n"]) <= n_right, found
        assert miou is None or 0 <= miou["value"] <= 1, found
        assert found["consistency"]["consistency_r"]["n"] > 0, found
    photo = next((project / "images").iterdir())
    top = lines("predict", photo, "--model", run / "one")[0]["predictions"]
    must("predict", photo, "--model", run / "one", "--output", folder.path / "logits.npy")
    _, logits = fixtures.read_npy(folder.path / "logits.npy")
    for entry in top:
        sigmoid = 1 / (1 + math.exp(-logits[entry["index"]]))
        assert abs(entry["probability"] - sigmoid) < 1e-6, (entry, sigmoid)
    refused("train", project, *folder.model, "--loss", "rrr=1", "--output", run / "rrr",
            names="several classes", says="rrr")
    usage_error("train", project, *folder.model, "--attention-classes", "two", "--output", run)


if (DATA / "coco").exists():
    run_all([test_several_classes])
else:
    print(f"1..0 # SKIP {DATA} is absent")
