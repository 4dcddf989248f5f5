#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Does the network wait for its pictures? Ours, and a straightforward DataLoader in PyTorch.

MobileNetV2 with everything below features.14 frozen is trained on animals-scenes (224 px PNGs).
"waited" is the share of the steps' time in which the network had no batch. "in the network" is the
time that equal steps take when their pictures are there already (no augmentation, second pass and
later) over the time they took, so that work which the loader's threads take from the network counts
as well. First pass: every picture is decoded; later passes: decoded pictures are kept (ours) or
decoded again (PyTorch, two worker processes, PIL and torchvision's transforms, same kinds).

usage: loader.py FOVEA_CLI SHARED_DATA OUTPUT [THREADS]
"""
import csv
import json
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path

BATCH, EPOCHS, N_TRAIN, ROUNDS = 32, 3, 288, 3
STEPS = N_TRAIN // BATCH
KINDS = ["none", "flip", "flip,crop,rotate,colour,grey"]


def run(cli, *command):
    subprocess.run([str(part) for part in (cli, *command)], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def ours(cli, data, project, output, augment):
    """(seconds, waited) of each step."""
    folder = output / "run"
    shutil.rmtree(folder, ignore_errors=True)
    run(cli, "train", project, "--model", "mobilenet_v2", "--weights",
        data / "weights/mobilenet_v2_imagenet.safetensors", "--freeze-below", "features.14",
        "--loss", "camal=1", "--epochs", EPOCHS, "--batch", BATCH, "--augment", augment,
        "--threads", THREADS, "--output", folder)
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    ends = [0] + [line["seconds"] for line in lines]
    return [(end - start, line["waited"]) for start, end, line in zip(ends, ends[1:], lines)]


def theirs(project, augment):
    import torch
    import torchvision
    from PIL import Image
    from torchvision import transforms

    class Pictures(torch.utils.data.Dataset):
        def __init__(self):
            with open(project / "metadata.csv", newline="") as file:
                self.rows = [row for row in csv.DictReader(file) if row["split"] == "0"]
            steps = {"flip": transforms.RandomHorizontalFlip(),
                     "crop": transforms.RandomResizedCrop(224, (0.35, 1)),
                     "rotate": transforms.RandomRotation(15),
                     "colour": transforms.ColorJitter(0.4, 0.4, 0.4),
                     "grey": transforms.RandomGrayscale(0.2)}
            chosen = [steps[name] for name in augment.split(",") if name in steps]
            self.transform = transforms.Compose(
                [transforms.Resize((224, 224)), *chosen, transforms.ToTensor(),
                 transforms.Normalize((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])

        def __len__(self):
            return len(self.rows)

        def __getitem__(self, index):
            row = self.rows[index]
            mask = Image.open(project / row["mask_filename"]).resize((7, 7))
            return (self.transform(Image.open(project / row["img_filename"]).convert("RGB")),
                    int(row["y"]), transforms.functional.pil_to_tensor(mask).float())

    torch.set_num_threads(int(THREADS))
    model = torchvision.models.mobilenet_v2(num_classes=4).eval()
    for name, parameter in model.named_parameters():
        parts = name.split(".")
        parameter.requires_grad = parts[0] != "features" or int(parts[1]) >= 14
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], 2e-4)
    loader = torch.utils.data.DataLoader(Pictures(), BATCH, shuffle=True, num_workers=2)
    steps = []
    for _ in range(EPOCHS):
        asked = time.monotonic()
        for images, labels, masks in loader:
            got = time.monotonic()
            maps = model.features(images)
            logits = model.classifier(maps.mean((2, 3)))
            evidence = maps.mean(1)
            loss = (torch.nn.functional.cross_entropy(logits, labels)
                    + (evidence * (1 - masks[:, 0])).abs().mean())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            done = time.monotonic()
            steps.append((done - asked, got - asked))
            asked = time.monotonic()
    return steps


def show(name, augment, parts, bare):
    for title, part in zip(("first", "later"), parts):
        total = sum(seconds for seconds, _ in part)
        waited = sum(seconds for _, seconds in part)
        print(f"| {name} | {augment} | {title} | {len(part) * BATCH / total:.1f} "
              f"| {100 * waited / total:.1f} % | {100 * min(bare * len(part) / total, 1):.0f} % |",
              flush=True)


def main():
    cli, data, output = (Path(argument).resolve() for argument in sys.argv[1:4])
    project = output / "scenes"
    if not project.exists():
        run(cli, "dataset", "build", "animals-scenes", project, "--objects", data / "animals",
            "--backgrounds", data / "scenes", "--n-train", N_TRAIN, "--n-validation", 0,
            "--n-test", 0)
    print("| | augmentation | pass | pictures/s | waited | in the network |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, measure in (("Fovea", lambda augment: ours(cli, data, project, output, augment)),
                          ("PyTorch", lambda augment: theirs(project, augment))):
        results = {augment: ([], []) for augment in KINDS}
        for _ in range(ROUNDS):  # in turn, so that a slower minute of the machine is everyone's
            for augment, (first, later) in results.items():
                steps = measure(augment)
                first += steps[:STEPS]
                later += steps[STEPS:]
        bare = statistics.mean(seconds - waited for seconds, waited in results["none"][1])
        for augment, parts in results.items():
            show(name, augment, parts, bare)


THREADS = sys.argv[4] if len(sys.argv) > 4 else "2"
main()
