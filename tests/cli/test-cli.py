#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drives fovea-cli as a user does: exit codes, JSON lines, repeatable bytes, and bad input of every
kind, which must give exit code 1 and one sentence on stderr that names the file.

usage: test-cli.py FOVEA_CLI   (prints TAP)
"""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
from driver import (CARD, CLI, SIDE, call, files_in, lines, must, refused,  # noqa: E402
                    run_all, usage_error)


# -- what works -----------------------------------------------------------------------------------

def test_usage(folder):
    usage_error()
    usage_error("fly")
    usage_error("model", "draw")
    usage_error("predict")
    usage_error("predict", folder.photo)
    usage_error("predict", folder.photo, "--no-such-option")
    usage_error("predict", folder.photo, *folder.model, "--threads", "-1")
    explain = ["explain", folder.photo, *folder.model]
    usage_error(*explain, "--method", "gradcam")
    gradcam = [*explain, "--output", folder.path / "x", "--method", "gradcam"]
    usage_error(*explain, "--output", folder.path / "x", "--method", "magic")
    usage_error(*gradcam, "--format", "")
    usage_error(*gradcam, "--target", "-7")
    for size in ("0x5", "5x5x5", "99999x99999"):
        usage_error(*gradcam, "--size", size)
    train = ["train", folder.project, *folder.model]
    usage_error(*train)
    for option in (("--epochs", 0), ("--lr", "nan"), ("--loss", "camal=-1"), ("--loss", "magic"),
                   ("--loss", "ce=0"), ("--loss", ""), ("--loss", "=1"), ("--optimizer", "magic"),
                   ("--loss", "gals", "--loss", "gain"), ("--loss", "match", "--loss", "res=0.1"),
                   ("--distance", "gain"), ("--normalise", "max"), ("--match-target", "cat"),
                   ("--map", "magic"),
                   ("--augment", "flip,"), ("--augment", "magic"), ("--augment", "")):
        usage_error(*train, "--output", folder.path / "x", *option)
    usage_error("evaluate", folder.project, *folder.model, "--split", "all")
    usage_error("dataset", "build", "scenes", folder.path / "x", "--rho", "2")
    usage_error("dataset", "build", "no-such-benchmark", folder.path / "x")
    usage_error("dataset", "import", "coco", folder.path, folder.path / "x")
    usage_error("dataset", "build", "animals-scenes", folder.path / "x")
    usage_error("dataset", "build", "stamps", folder.path / "x")
    usage_error("dataset", "build", "scenes", folder.path / "x", "--objects", folder.path)
    usage_error("dataset", "build", "scenes", folder.path / "x", "--n-test", "-1")
    assert not (folder.path / "x").exists()
    assert "Usage" in must("--help") and must("--version").startswith("fovea-cli ")


def test_information(folder):
    info, = lines("dataset", "info", folder.project)
    assert (info["images"], info["masks"], len(info["classes"])) == (20, 20, 4)
    assert info["splits"] == {"train": 12, "validation": 2, "test": 6}
    assert sum(info["groups"].values()) == 20
    info, = lines("model", "info", folder.run)
    assert info["outputs"] == 4 and info["default_layer"] == "block4"
    assert {"name": "block4", "shape": [128, 4, 4]} in info["layers"]
    assert must("dataset", "info", folder.project) and must("model", "info", folder.run)


def test_benchmarks(folder):
    """Photos with masks on photos of places; a folder is whole, repeatable, never overwritten."""
    parts = folder.new("parts")
    for kind, names in (("animals/images", ("cat", "dog")), ("animals/masks", ("cat", "dog")),
                        ("grounds", ("ice", "sea"))):
        for number, name in enumerate(names):
            (parts / kind / name).mkdir(parents=True)
            for i in range(4):
                write = fixtures.write_mask if "masks" in kind else fixtures.write_photo
                write(parts / kind / name / f"{i}.png", 24, 20,
                      **({} if "masks" in kind else {"seed": 4 * number + i}))
    build = ["dataset", "build", "animals-scenes"]
    options = ["--objects", parts / "animals", "--backgrounds", parts / "grounds", "--n-train", 6,
               "--n-validation", 2, "--size", SIDE, "--seed", 4]
    first, again = folder.path / "composed-1", folder.path / "composed-2"
    for project in (first, again):
        must(*build, project, *options)
    info, = lines("dataset", "info", first)
    assert info["splits"] == {"train": 6, "validation": 2, "test": 4} and info["masks"] == 12
    assert info["classes"] == ["cat", "dog"] and not info["multi_label"]
    assert info["class_images"] == {"cat": 6, "dog": 6}
    assert files_in(first) == files_in(again) and len(files_in(first)) == 2 + 2 * 12 + 1
    for name in ("metadata.csv", "images/00007.png", "masks/00011.png"):
        assert (first / name).read_bytes() == (again / name).read_bytes()
    refused(*build, first, *options, names=first, says="is not empty")
    assert sorted(path.name for path in folder.path.glob("composed-*")) == \
        ["composed-1", "composed-2"]


def test_foreign_formats(folder):
    coco = folder.new("coco")
    fixtures.write_photo(coco / "a.png", 24, 20)
    instances = {"images": [{"id": 1, "file_name": "a.png", "width": 24, "height": 20}],
                 "categories": [{"id": 8, "name": "cup"}, {"id": 2, "name": "bed"}],
                 "annotations": [{"image_id": 1, "category_id": 8, "bbox": [0, 0, 4, 4],
                                  "segmentation": [[0, 0, 9, 0, 9, 9]]},
                                 {"image_id": 1, "category_id": 2, "bbox": [0, 0, 2, 2]}]}
    (coco / "instances.json").write_text(json.dumps(instances))
    for project in (coco, coco / "instances.json"):
        info, = lines("dataset", "info", project)
        assert info["multi_label"] and info["masks"] == 1 and info["left_out"] == 0
        assert info["class_images"] == {"bed": 1, "cup": 1}
    digits = folder.new("digits")
    for name, shape in (("train-images-idx3-ubyte", (6, 9, 8)), ("train-labels-idx1-ubyte", (6,))):
        (digits / name).write_bytes(fixtures.idx_bytes(shape))
    must("dataset", "import", "idx", digits, folder.path / "imported", "--decoy")
    info, = lines("dataset", "info", folder.path / "imported")
    assert info["splits"] == {"train": 5, "validation": 1, "test": 0} and len(info["groups"]) == 6
    (digits / "train-labels-idx1-ubyte").write_bytes(fixtures.idx_bytes((6,))[:-1])
    refused("dataset", "import", "idx", digits, folder.path / "y", says="is truncated",
            names=digits / "train-labels-idx1-ubyte")
    assert not (folder.path / "y").exists()


def test_predict(folder):
    odd_name = os.fsencode(folder.path) + b"/\xff.png"
    shutil.copy(folder.photo, odd_name)
    found = lines("predict", folder.photo, odd_name, *folder.model, "--output",
                  folder.path / "logits.npy")
    assert [line["image"] for line in found][0] == str(folder.photo) and len(found) == 2
    assert found[0]["predictions"] == found[1]["predictions"]
    probabilities = [entry["probability"] for entry in found[0]["predictions"]]
    assert abs(sum(probabilities) - 1) < 1e-6 and probabilities == sorted(probabilities)[::-1]
    assert {entry["name"] for entry in found[0]["predictions"]} == set(CARD["classes"])
    shape, values = fixtures.read_npy(folder.path / "logits.npy")
    assert shape == (2, 4) and values[:4] == values[4:]
    assert must("predict", folder.photo, *folder.model, "--crop")


def test_explain(folder):
    output = folder.path / "maps"
    options = ["--method", "gradcam", "--output", output]
    line, = lines("explain", folder.photo, *folder.model, *options, "--format", "npy,png,svg")
    assert (line["method"], line["layer"], line["forwards"], line["backwards"]) == \
        ("gradcam", "block4", 1, 0)
    assert line["target"] == line["predictions"][0]["index"]
    assert line["files"] == [str(output / f"photo.gradcam.{end}") for end in ("npy", "png", "svg")]
    assert files_in(output) == ["maps.jsonl"] + sorted(Path(name).name for name in line["files"])
    shape, positive = fixtures.read_npy(output / "photo.gradcam.npy")
    assert shape == (4, 4) and min(positive) >= 0
    must("explain", folder.photo, *folder.model, *options, "--no-relu")
    _, signed = fixtures.read_npy(output / "photo.gradcam.npy")
    assert [max(value, 0) for value in signed] == list(positive)
    must("explain", folder.photo, *folder.model, *options, "--size", "6x5")
    assert fixtures.read_npy(output / "photo.gradcam.npy")[0] == (5, 6)
    line, = lines("explain", folder.photo, *folder.model, *options, "--layer", "block2",
                  "--target", "3")
    assert (line["layer"], line["target"], line["backwards"]) == ("block2", 3, 1)
    assert fixtures.read_npy(output / "photo.gradcam.npy")[0] == (16, 16)


def test_arrays(folder):
    fixtures.write_npy(folder.path / "one.npy", (3, SIDE, SIDE))
    fixtures.write_npy(folder.path / "two.npy", (2, 3, SIDE, SIDE))
    output = folder.path / "array-maps"
    found = lines("explain", folder.path / "one.npy", folder.path / "two.npy", *folder.model,
                  "--method", "gradcam", "--output", output)
    assert len(found) == 3
    assert fixtures.read_npy(output / "one.gradcam.npy")[0] == (4, 4)
    assert fixtures.read_npy(output / "two.gradcam.npy")[0] == (2, 4, 4)


def test_equal_bytes(folder):
    first, again = (folder.path / name for name in ("maps-1", "maps-2"))
    for output in (first, again):
        must("explain", folder.photo, *folder.model, "--method", "gradcam", "--layer", "block2",
             "--output", output, "--seed", 3)
    assert (first / "photo.gradcam.npy").read_bytes() == (again / "photo.gradcam.npy").read_bytes()
    train = ["train", folder.project, *folder.model, *folder.train_options]
    must(*train, "--loss", "camal=1", "--output", folder.path / "again")
    must(*train, "--output", folder.path / "plain")
    must(*train, "--loss", "camal=0", "--output", folder.path / "zero")
    must(*train, "--output", folder.path / "other-seed", "--seed", 6, "--no-test")
    assert "metrics.json" not in files_in(folder.path / "other-seed")

    def same(a, b, name):
        return (folder.path / a / name).read_bytes() == (folder.path / b / name).read_bytes()
    for name in ("model.safetensors", "metrics.json", "config.json", "card.json"):
        assert same("run", "again", name), f"{name} does not repeat"
        assert same("plain", "zero", name), f"{name} differs with a loss of weight 0"
    assert not same("run", "plain", "model.safetensors")
    assert not same("plain", "other-seed", "model.safetensors")


def losses(**weights):
    """The weights of all losses, 0 but for those named."""
    return {name: weights.get(name, 0)
            for name in ("ce", "camal", "swap", "contrast", "match", "rrr", "consistency")}


def test_run_folder(folder):
    assert files_in(folder.run) == ["card.json", "config.json", "log.jsonl", "metrics.json",
                                    "model.safetensors"]
    steps = [json.loads(line) for line in (folder.run / "log.jsonl").read_text().splitlines()]
    assert [step["step"] for step in steps] == [1, 2] and all("camal" in step for step in steps)
    card = json.loads((folder.run / "card.json").read_text())
    assert card["input_size"] == [3, SIDE, SIDE] and len(card["classes"]) == 4
    config = json.loads((folder.run / "config.json").read_text())
    assert config["seed"] == "5" and config["losses"] == losses(ce=1, camal=1)
    assert config["map"] == "gradcam"


def test_swap(folder):
    run = folder.path / "swap"
    must("train", folder.project, *folder.model, *folder.train_options, "--loss", "swap=2",
         "--loss", "camal=0.5", "--output", run)
    steps = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert all(step["swap"] >= 0 and step["camal"] >= 0 for step in steps)
    config = json.loads((run / "config.json").read_text())
    assert config["losses"] == losses(ce=1, camal=0.5, swap=2)


def test_losses(folder):
    """Every loss by name at a layer that has more than a head above it; presets record what they
    are."""
    runs = (("swap=1", "hirescam", "swap", None), ("contrast=1", "layercam", "contrast", None),
            ("rrr=0.1", "gradcam", "rrr", None),
            ("gals=0.3", "gradcam", "match", ["outside", "relu", "label"]),
            ("cyborg", "gradcam", "match", ["mse", "minmax", "predicted"]))
    for loss, which, key, match in runs:
        run = folder.path / loss.replace("=", "-")
        must("train", folder.project, *folder.model, *folder.train_options, "--loss", loss,
             "--map", which, "--layer", "block2", "--output", run)
        steps = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
        assert all(step[key] >= 0 for step in steps), loss
        config = json.loads((run / "config.json").read_text())
        assert config["map"] == which
        keys = ("distance", "normalise", "match_target")
        assert match is None or [config[key] for key in keys] == match
    run = folder.path / "own-match"
    must("train", folder.project, *folder.model, *folder.train_options, "--loss", "match=2",
         "--layer", "block4", "--layer", "block2", "--distance", "bce", "--normalise", "raw",
         "--match-target", "label", "--output", run)
    config = json.loads((run / "config.json").read_text())
    assert config["losses"] == losses(ce=1, match=2) and config["layer"] == "block4,block2"
    assert (config["distance"], config["normalise"], config["match_target"]) == \
        ("bce", "raw", "label")
    refused("train", folder.project, *folder.model, "--loss", "camal=1", "--map", "cam", "--layer",
            "block2", "--output", folder.path / "no-cam", names="block2")
    assert not (folder.path / "no-cam").exists()


def test_features(folder):
    """What a frozen part computes is kept, found, shared, and never trusted when it is damaged."""
    home = folder.new("cache")
    cached = {"env": {**os.environ, "XDG_CACHE_HOME": str(home)}}
    train = ["train", folder.project, *folder.model, "--freeze-below", "block3", "--epochs", 3,
             "--batch", 6, "--seed", 5, "--loss", "camal=1"]

    def weights(name, *more, **options):
        must(*train, *more, "--output", folder.path / name, **(options or cached))
        return (folder.path / name / "model.safetensors").read_bytes()

    first = weights("features-first")
    kept = list((home / "fovea" / "features").iterdir())
    assert len(kept) == 1 and kept[0].suffix == ".features", kept
    made = kept[0].stat()
    assert made.st_mode & 0o777 == 0o600
    assert weights("features-found") == first
    assert kept[0].stat().st_ino == made.st_ino, "computed again"
    whole = kept[0].read_bytes()
    for bad in (whole[:-1], b"", whole[:100] + bytes([whole[100] ^ 1]) + whole[101:]):
        kept[0].write_bytes(bad)
        assert weights(f"features-bad-{len(bad)}-{len(whole)}") == first
        assert kept[0].read_bytes() == whole
        shutil.rmtree(folder.path / f"features-bad-{len(bad)}-{len(whole)}")
    kept[0].unlink()
    with ThreadPoolExecutor(2) as pool:
        for same in pool.map(weights, ["features-left", "features-right"]):
            assert same == first
    assert [path.name for path in kept[0].parent.iterdir()] == [kept[0].name]
    blocked = folder.path / "no-cache"
    blocked.write_text("a file where a folder should be")
    assert weights("features-nowhere", env={**os.environ, "XDG_CACHE_HOME": str(blocked)}) == first
    crop = ["--augment", "flip,crop"]
    assert weights("crop-anew", *crop) == weights("crop-views", *crop, "--views", 3)
    assert weights("crop-fewer", *crop, "--views", 2) != weights("crop-other", *crop, "--views", 1)
    config = json.loads((folder.path / "crop-views" / "config.json").read_text())
    assert config["views"] == 3
    grounds = weights("grounds", "--control", "background-swap", "--views", 3)
    assert grounds == weights("grounds-anew", "--augment", "flip,background") != first
    config = json.loads((folder.path / "grounds" / "config.json").read_text())
    assert config["augment"] == "flip,background", config
    usage_error(*train, "--views", -1, "--output", folder.path / "x")
    usage_error(*train, "--control", "magic", "--output", folder.path / "x")


def test_evaluate(folder):
    output = folder.path / "per-image.jsonl"
    found, = lines("evaluate", folder.project, "--model", folder.run, "--output", output)
    assert found["n"] == 6 and 0 <= found["dead_maps"] <= 6
    for value in (found["accuracy"], found["f1_macro"], found["worst_group_accuracy"],
                  found["alignment"]["energy"], found["alignment"]["iou"],
                  found["alignment"]["pointing_game"]):
        assert value is None or value["ci95"][0] <= value["value"] <= value["ci95"][1]
    assert sum(value is not None for value in found["groups"].values()) >= 1
    assert "aligned_accuracy" in found and found["conflicting_accuracy"]["value"] >= 0
    per_image = [json.loads(line) for line in output.read_text().splitlines()]
    assert len(per_image) == 6
    right = sum(line["label"] == line["prediction"] for line in per_image)
    assert abs(found["accuracy"]["value"] - right / 6) < 1e-12
    assert json.loads((folder.run / "metrics.json").read_text())["accuracy"] == found["accuracy"]
    assert "accuracy" in must("evaluate", folder.project, "--model", folder.run, "--target", "label")


def test_drawn_splits(folder):
    """Another seed cuts other splits: a run that is measured on what it learned from says so."""
    photos = folder.path / "uncut"
    for name in ("one", "two", "three", "four"):
        (photos / name).mkdir(parents=True)
        for i in range(4):
            fixtures.write_photo(photos / name / f"{i}.png", seed=i)
    run = folder.path / "uncut-run"
    must("train", photos, *folder.model, "--epochs", 1, "--seed", 5, "--output", run)
    for command in (["evaluate", photos, "--model", run], ["compare", run, run]):
        assert "learned from the split" in call(*command, "--metrics", "energy").text
        assert not call(*command, "--metrics", "energy", "--seed", 5).text
    assert not call("evaluate", folder.project, "--model", folder.run, "--metrics", "energy").text


def test_metrics(folder):
    """Every metric of the chosen families is in the object, in the lines and in the table."""
    output = folder.path / "all.jsonl"
    evaluate = ["evaluate", folder.project, "--model", folder.run]
    found, = lines(*evaluate, "--metrics", "alignment,localisation,drop,sanity",
                   "--output", output)
    per_image = [json.loads(line) for line in output.read_text().splitlines()]
    assert set(found["faithfulness"]) == {"drop"} and len(found["alignment"]) == 12 + 2
    assert found["baseline"] == "mean" and found["steps"] == 20
    assert set(found["sanity"]) == {"randomised_rank", "randomised_ssim", "single_layer_rank",
                                    "single_layer_ssim", "sparseness", "complexity"}
    for family in ("alignment", "faithfulness", "localisation", "sanity"):
        for key in set(found[family]) - {"chance", "undefined"}:
            values = [line[key] for line in per_image if line[key] is not None]
            mean = found[family][key]
            assert (mean is None) == (not values), key
            assert mean is None or abs(mean["value"] - sum(values) / len(values)) < 1e-9, key
            assert mean is None or mean["n"] == len(values), key
    assert found["alignment"]["auc"]["chance"] == 0.5
    assert sum(map(sum, found["confusion"])) == 6 and 0 <= found["calibration_error"]["value"] <= 1
    swap, = lines(*evaluate, "--metrics", "background_swap,background_swap_kept")
    assert swap["faithfulness"]["background_swap"]["n"] > 0, swap
    assert 0 <= swap["faithfulness"]["background_swap_kept"]["value"] <= 1, swap
    groups = [group["value"] for group in found["groups"].values() if group is not None]
    assert abs(found["shifted_accuracy"]["value"] - sum(groups) / len(groups)) < 1e-9, found
    one, = lines(*evaluate, "--metrics", "auc", "--method", "sobel")
    assert set(one["alignment"]) == {"auc", "chance", "undefined"} and "faithfulness" not in one
    assert one["method"] == "sobel" and one["accuracy"] == found["accuracy"]
    control, = lines(*evaluate, "--metrics", "randomised_rank,single_layer_ssim", "--method",
                     "random")
    assert set(control["sanity"]) == {"randomised_rank", "single_layer_ssim"}
    assert all(abs(mean["value"] - 1) < 1e-6 for mean in control["sanity"].values()), control
    assert "alignment" not in control and "baseline" not in control
    assert "chance 0.500" in must(*evaluate)
    assert "Sparseness" in must(*evaluate, "--metrics", "sparseness")
    deletion = [lines(*evaluate, "--metrics", "deletion", *options)[0] for options in
                ((), ("--baseline", "zero"), ("--steps", 3))]
    assert [(one["baseline"], one["steps"]) for one in deletion] == [("mean", 20), ("zero", 20),
                                                                     ("mean", 3)]
    assert len({one["faithfulness"]["deletion"]["value"] for one in deletion}) == 3, deletion
    drawn = [lines(*evaluate, "--limit", 3, "--seed", seed)[0]["n"] for seed in (0, 1)]
    assert drawn == [3, 3] and lines(*evaluate, "--limit", 99)[0]["n"] == found["n"], drawn
    usage_error(*evaluate, "--limit", -1)
    usage_error(*evaluate, "--baseline", "magic")
    usage_error(*evaluate, "--steps", 0)
    usage_error(*evaluate, "--metrics", "auc,magic")
    usage_error(*evaluate, "--metrics", "")
    usage_error(*evaluate, "--method", "magic")


def test_consistency(folder):
    """How far two maps agree, of each picture and of all, and whether it tells right from wrong."""
    files = [folder.path / f"consistency-{omega}.jsonl" for omega in (40, 4)]
    evaluate = ["evaluate", folder.project, "--model", folder.run, "--threads", 1, "--metrics"]
    found, = lines(*evaluate, "consistency", "--output", files[0])
    steep, = lines(*evaluate, "consistency,energy", "--omega", 4, "--normalise-pixels", "--output",
                   files[1])
    plain, steep = found["consistency"], steep["consistency"]
    assert set(plain) == {"consistency_r", "soft_mask_range", "r_right", "r_wrong", "r_difference",
                          "r_auc", "n_flat_masks", "layer", "omega", "normalise_pixels"}
    assert (plain["omega"], plain["normalise_pixels"]) == (40, False), plain
    assert (steep["omega"], steep["normalise_pixels"]) == (4, True), steep
    assert steep["n_flat_masks"] == 0 and plain["layer"] == found["layer"], plain
    per_image = [json.loads(line) for line in files[0].read_text().splitlines()]
    of = {right: [line["consistency_r"] for line in per_image
                  if line["right"] == right and line["consistency_r"] is not None]
          for right in (True, False)}
    assert all(-1 <= r <= 1 for rs in of.values() for r in rs) and sum(map(len, of.values())) > 0
    for name, right in ("r_right", True), ("r_wrong", False):
        assert (plain[name] is None) == (not of[right]), plain
        assert not of[right] or abs(plain[name]["value"] - sum(of[right]) / len(of[right])) < 1e-6
    assert plain["n_flat_masks"] == sum(line["soft_mask_range"] < 0.1 for line in per_image)
    if of[True] and of[False]:
        assert plain["r_auc"]["chance"] == 0.5 and 0 <= plain["r_auc"]["value"] <= 1, plain
    row = lines("compare", *files)[0]["metrics"]["consistency_r"]
    assert 0 < row["difference"]["n"] <= 6, row
    assert abs(row["b"] - row["a"] - row["difference"]["value"]) < 1e-12, row
    assert "flat soft masks" in must(*evaluate, "consistency")
    usage_error(*evaluate, "consistency", "--omega", "nan")


def test_compare(folder):
    """Runs and lines compared alike; two seeds a side; a run against itself differs by nothing."""
    runs, files = [], []
    for seed in (21, 22):
        for weight in (0, 1):
            runs.append(folder.path / f"compare-{seed}-{weight}")
            files.append(folder.path / f"compare-{seed}-{weight}.jsonl")
            must("train", folder.project, *folder.model, "--epochs", 1, "--batch", 6, "--seed",
                 seed, "--loss", f"camal={weight}", "--output", runs[-1])
            must("evaluate", folder.project, "--model", runs[-1], "--output", files[-1],
                 "--threads", 1)
    by_run, = lines("compare", runs[0], runs[1], "--threads", 1)
    by_file, = lines("compare", files[0], files[1])
    assert by_run == by_file and by_run["n"] == 6 and by_run["runs"] == 1
    rows = by_run["metrics"]
    assert {"accuracy", "f1_macro", "worst_group_accuracy", "energy", "auc"} <= set(rows)
    assert not {"label", "chance", "probability"} & set(rows)
    for row in rows.values():
        assert abs(row["b"] - row["a"] - row["difference"]["value"]) < 1e-12
        assert row["p"] <= row["p_holm"] <= 1
    again, = lines("compare", runs[0], runs[0], "--data", folder.project, "--threads", 1)
    for row in again["metrics"].values():
        assert row["difference"]["value"] == 0 and row["difference"]["ci95"] == [0, 0]
        assert row["p"] == row["p_holm"] == 1
    seeds, = lines("compare", f"{files[0]},{files[2]}", f"{files[1]},{files[3]}")
    assert seeds["runs"] == 2
    energies = [lines("compare", a, b)[0]["metrics"]["energy"]["difference"]["value"]
                for a, b in ((files[0], files[1]), (files[2], files[3]))]
    assert abs(seeds["metrics"]["energy"]["difference"]["value"] - sum(energies) / 2) < 1e-9
    assert "p Holm" in must("compare", files[0], files[1])
    cut = folder.path / "cut.jsonl"
    cut.write_text("".join(files[0].read_text().splitlines(True)[:-1]))
    lost = json.loads(files[0].read_text().splitlines()[-1])["image"]
    refused("compare", files[0], cut, names=lost, says=str(cut))
    refused("compare", cut, files[0], names=lost)
    refused("compare", files[0], folder.path / "missing.jsonl", names="missing.jsonl")
    refused("compare", files[0], folder.project, names="config.json")
    usage_error("compare", files[0])
    usage_error("compare", f"{files[0]},{files[2]}", files[1])
    usage_error("compare", files[0], files[1], "--split", "all")


# -- what must be refused -------------------------------------------------------------------------

def test_bad_pictures(folder):
    bad = folder.new("bad")
    (bad / "text.jpg").write_text("This is no picture.")
    (bad / "cut.png").write_bytes(folder.photo.read_bytes()[:-60])
    (bad / "cut.jpg").write_bytes(b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xdb")
    (bad / "empty.jpg").write_bytes(b"")
    (bad / "folder.jpg").mkdir()
    (bad / "loop.jpg").symlink_to("loop.jpg")
    os.mkfifo(bad / "pipe.jpg")
    fixtures.write_photo(bad / "long.png", 30000, 1)
    names = ["text.jpg", "cut.png", "cut.jpg", "empty.jpg", "folder.jpg", "loop.jpg", "pipe.jpg",
             "long.png", "missing.jpg"]
    for name in names:
        refused("explain", bad / name, *folder.model, "--method", "gradcam", "--output",
                folder.path / "bad-maps", names=bad / name)
    refused("predict", bad / "text.jpg", *folder.model, "--json", names=bad / "text.jpg")
    assert files_in(folder.path / "bad-maps") == []


def test_bad_arrays(folder):
    path = folder.path / "bad.npy"
    for shape, dtype in (((3, 8), "<f4"), ((4, 8, 8), "<f4"), ((1, 1, 3, 8, 8), "<f4"),
                         ((0, 3, 8, 8), "<f4"), ((3, 8, 8), "<i4"), ((3, 8, 8), "|O")):
        fixtures.write_npy(path, shape, dtype=dtype)
        refused("predict", path, *folder.model, names=path)
    fixtures.write_npy(path, (2 ** 40, 3, 2 ** 40, 8), values=[0])
    refused("predict", path, *folder.model, names=path)
    fixtures.write_npy(path, (3, 1, 1))
    refused("explain", path, *folder.model, "--method", "gradcam", "--output",
            folder.path / "bad-array-maps", names=path)
    fixtures.write_npy(path, (3, SIDE, SIDE), values=[float("nan")] * 3 * SIDE * SIDE)
    refused("predict", path, *folder.model, names=path, says="not finite")


def test_bad_weights(folder):
    trace = folder.path / "pickle-was-executed"
    bad = folder.new("weights")
    for name, data in fixtures.lying_safetensors().items():
        path = bad / f"{name}.safetensors"
        path.write_bytes(data)
        refused("predict", folder.photo, *folder.model, "--weights", path, names=path)
    for name, data in fixtures.hostile_pickles(trace).items():
        path = bad / f"{name}.pth"
        path.write_bytes(data)
        refused("predict", folder.photo, *folder.model, "--weights", path, names=path)
    assert not trace.exists()
    for path in (bad, bad / "missing.pth"):
        refused("model", "info", "small_cnn", "--weights", path, names=path)


def test_wrong_models(folder):
    copy = folder.path / "copy.safetensors"
    shutil.copy(folder.weights, copy)
    refused("model", "info", "resnet18", "--weights", copy, names=copy,
            says="another network than resnet18")
    refused("predict", folder.photo, "--weights", copy, names=copy, says="model card")
    refused("predict", folder.photo, "--model", "resnet19", names="resnet19", says="mobilenet_v2")
    refused("predict", folder.photo, "--model", folder.project, names=folder.project)
    card = folder.path / "copy.json"
    card.write_text(json.dumps({**CARD, "classes": ["one"]}))
    refused("predict", folder.photo, "--weights", copy, names=copy, says="its card names 1")
    for text in ("", "{", "[]", '{"architecture": "vgg16"}', '{"architecture": 5}',
                 json.dumps({**CARD, "std": [0, 1, 1]}), json.dumps({**CARD, "classes": []}),
                 json.dumps({**CARD, "crop_pct": 1e-300})):
        card.write_text(text)
        refused("predict", folder.photo, "--weights", copy, names=card)
    refused("predict", folder.photo, "--model", "small_cnn", "--device", "cuda", names="cuda")


def test_wrong_layers_and_targets(folder):
    output = folder.path / "never"
    for command in (["explain", folder.photo, "--method", "gradcam", "--output", output],
                    ["evaluate", folder.project],
                    ["train", folder.project, "--loss", "camal=1", "--output",
                     folder.path / "layer-run"]):
        refused(*command, *folder.model, "--layer", "no.such.layer", names="no.such.layer",
                says="fovea-cli model info")
    explain = ["explain", folder.photo, *folder.model, "--method", "gradcam", "--output", output]
    refused(*explain, "--layer", "fc", names="fc", says=str(folder.photo))
    refused(*explain, "--target", 4, names="class 4", says="0 to 3")
    assert files_in(output) == []


def test_equal_stems(folder):
    twin = folder.new("twin") / "photo.png"
    shutil.copy(folder.photo, twin)
    refused("explain", folder.photo, twin, *folder.model, "--method", "gradcam", "--output",
            folder.path / "stems", names=twin)
    assert not (folder.path / "stems").exists()


def test_bad_projects(folder):
    empty = folder.new("no-images")
    (empty / "notes.txt").write_text("nothing here")
    lone = folder.new("masked")
    for number, place in enumerate(["images/a", "images/b", "masks/a", "masks/b"]):
        (lone / place).mkdir(parents=True)
        if place.startswith("images"):
            for i in range(4):
                fixtures.write_photo(lone / place / f"{i}.png", 20, 16, seed=4 * number + i)
    for project in (empty, folder.path / "missing", folder.photo):
        refused("dataset", "info", project, names=project)
        refused("dataset", "import", "idx", project, folder.path / "x", names=project)
    refused("evaluate", empty, *folder.model, names=empty)
    refused("train", empty, *folder.model, "--output", folder.path / "bad-run", names=empty)
    for name in "0123":
        fixtures.write_mask(lone / "masks" / "a" / f"{name}.png", 21, 16)
    train = ["train", lone, *folder.model, "--epochs", 1, "--loss", "camal=1", "--output",
             folder.path / "bad-run"]
    refused(*train, names=lone / "masks" / "a", says="21")
    refused("evaluate", lone, *folder.model, "--split", "train", names=lone / "masks" / "a")
    broken = lone / "images" / "b" / "9.jpg"
    broken.write_text("no picture")
    (lone / "metadata.csv").write_text("img_filename,y,split\nimages/b/0.png,0,0\n"
                                       "images/b/9.jpg,1,2\n")
    refused("evaluate", lone, *folder.model, names=broken)
    (lone / "metadata.csv").write_text("img_filename,y,split\nimages/b/9.jpg,0,7\n")
    refused("dataset", "info", lone, names=lone / "metadata.csv", says="2")


def test_full_disk(folder):
    """A write that the system refuses is a sentence, and leaves nothing half-written."""
    output = folder.path / "full"
    explain = ["explain", folder.photo, *folder.model, "--method", "gradcam", "--output", output,
               "--format"]
    for kind in ("npy", "png", "svg"):
        refused(*explain, kind, names=f"photo.gradcam.{kind}", file_limit=64)
    assert files_in(output) == []
    logits = folder.path / "full.npy"
    refused_after_printing("predict", folder.photo, *folder.model, "--output", logits,
                           names=logits, file_limit=64)
    assert not logits.exists()
    run = folder.path / "full-run"
    refused("train", folder.project, *folder.model, *folder.train_options, "--output", run,
            names="checkpoint.safetensors", file_limit=100000)
    assert not run.exists()
    refused("dataset", "build", "scenes", folder.path / "full-scenes", "--n-train", 1,
            names="full-scenes", file_limit=64)
    assert not (folder.path / "full-scenes" / "metadata.csv").exists()


def refused_after_printing(*arguments, names, **options):
    done = call(*arguments, **options)
    assert done.returncode == 1 and str(names) in done.text, f"exit {done.returncode}: {done.text}"


def test_unwritable_output(folder):
    blocked = folder.path / "blocked"
    blocked.write_text("a file where a folder should be")
    for output in (blocked, blocked / "deeper"):
        refused("explain", folder.photo, *folder.model, "--method", "gradcam", "--output", output,
                names=output)
        refused("train", folder.project, *folder.model, *folder.train_options, "--output", output,
                names=output)
    refused_after_printing("predict", folder.photo, *folder.model, "--output", blocked / "x.npy",
                           names=blocked / "x.npy")


def test_lost_output(folder):
    """Nobody reads, or the disk is full: the caller must learn that lines are missing."""
    read_end, write_end = os.pipe()
    os.close(read_end)
    with os.fdopen(write_end, "wb") as broken, open("/dev/full", "wb") as full:
        for stream in (broken, full):
            done = call("predict", folder.photo, *folder.model, "--json", stdout=stream)
            assert done.returncode == 1 and "could not be written" in done.text, done.text
    done = subprocess.run(["/bin/sh", "-c", '"$0" "$@" >&-', CLI, "predict", folder.photo]
                          + [str(part) for part in folder.model], stderr=subprocess.PIPE)
    assert done.returncode in (0, 1), done


TESTS = [test_usage, test_information, test_benchmarks, test_foreign_formats, test_predict,
         test_explain, test_arrays, test_equal_bytes, test_run_folder, test_swap, test_losses,
         test_evaluate, test_drawn_splits, test_metrics, test_consistency, test_compare,
         test_bad_pictures, test_bad_arrays, test_bad_weights, test_wrong_models,
         test_wrong_layers_and_targets, test_equal_stems, test_bad_projects, test_full_disk,
         test_unwritable_output, test_lost_output]

run_all(TESTS)
