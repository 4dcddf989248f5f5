#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maps at the input as files and lines of JSON: their shapes, settings, provenance and refusals.

usage: test-explain.py FOVEA_CLI   (prints TAP)
"""
import json
import math
import sys

sys.dont_write_bytecode = True
import fixtures  # noqa: E402
from driver import SIDE, call, lines, run_all, usage_error  # noqa: E402

SIMPLE = ["saliency", "input_x_gradient", "guided_backprop", "deconvnet"]


def weights(folder):
    return [*folder.model, "--weights", folder.weights]


def explain(folder, output, method, *options):
    line, = lines("explain", folder.photo, *weights(folder), "--method", method, *options,
                  "--output", output)
    return line, fixtures.read_npy(output / f"photo.{method}.npy")


def test_simple_methods(folder):
    output = folder.new("simple")
    found = {}
    for method in SIMPLE:
        line, (shape, values) = explain(folder, output, method)
        assert shape == (3, SIDE, SIDE) and any(values) and all(map(math.isfinite, values)), method
        assert (line["method"], line["layer"]) == (method, None), line
        assert (line["forwards"], line["backwards"]) == (2, 1), line
        assert not {"relu", "steps", "seed", "gain"} & set(line), line
        found[method] = values
    assert min(found["saliency"]) >= 0 and len({bytes(v) for v in found.values()}) == len(SIMPLE)


def test_guided_gradcam(folder):
    output = folder.new("guided")
    line, (shape, smooth) = explain(folder, output, "guided_gradcam")
    assert shape == (3, SIDE, SIDE) and line["layer"] and line["upsample"] == "bilinear", line
    line, (_, coarse) = explain(folder, output, "guided_gradcam", "--upsample", "nearest")
    assert line["upsample"] == "nearest" and bytes(smooth) != bytes(coarse), line


def test_integrated_gradients(folder):
    output = folder.new("integrated")
    residuals = []
    for steps in 1, 200:
        line, (shape, values) = explain(folder, output, "integrated_gradients", "--steps", steps,
                                        "--baseline", "blur")
        assert shape == (3, SIDE, SIDE) and "seed" not in line, line
        assert (line["steps"], line["baseline"]) == (steps, "blur"), line
        assert (line["forwards"], line["backwards"]) == (steps + 2, steps), line
        assert abs(abs(sum(values) - line["gain"]) - line["completeness_residual"]) < 1e-4, line
        residuals.append(line["completeness_residual"] / abs(line["gain"]))
    assert residuals[1] < 0.05 and residuals[1] < residuals[0], residuals
    line, _ = explain(folder, output, "integrated_gradients", "--baseline", "noise", "--seed", 3)
    assert (line["steps"], line["baseline"], line["seed"]) == (50, "noise", 3), line


def test_smoothgrad(folder):
    maps = []
    for number, seed in enumerate((1, 1, 2)):
        line, (shape, values) = explain(folder, folder.new(f"smooth{number}"), "smoothgrad",
                                        "--samples", 5, "--noise", 0.1, "--seed", seed)
        assert shape == (3, SIDE, SIDE) and line["backwards"] == 5, line
        assert (line["samples"], line["noise"], line["seed"]) == (5, 0.1, seed), line
        maps.append(bytes(values))
    assert maps[0] == maps[1] != maps[2]


def test_arrays_and_pictures(folder):
    output = folder.new("arrays")
    fixtures.write_npy(output / "two.npy", (2, 3, SIDE, SIDE))
    found = lines("explain", output / "two.npy", *weights(folder), "--method", "saliency",
                  "--output", output)
    assert len(found) == 2
    assert fixtures.read_npy(output / "two.saliency.npy")[0] == (2, 3, SIDE, SIDE)
    line, (shape, _) = explain(folder, output, "deconvnet", "--size", "10x7", "--format",
                               "npy,png,svg")
    assert shape == (3, 7, 10) and len(line["files"]) == 3, line
    assert all((output / f"photo.deconvnet.{kind}").stat().st_size > 1000 for kind in ("png", "svg"))
    kept, = (json.loads(text) for text in (output / "maps.jsonl").read_text().splitlines())
    assert kept["method"] == "deconvnet" and kept["layer"] is None, kept


def test_evaluate(folder):
    evaluate = ["evaluate", folder.project, "--model", folder.run, "--threads", "1", "--metrics",
                "energy,sparseness"]
    plain, = lines(*evaluate)
    fine, = lines(*evaluate, "--method", "saliency")
    assert fine["method"] == "saliency" and fine["layer"] is None and plain["layer"], fine
    assert fine["accuracy"] == plain["accuracy"] and fine["n"] == plain["n"]
    assert fine["alignment"]["energy"]["value"] != plain["alignment"]["energy"]["value"]
    done = call(*evaluate, "--method", "saliency")
    assert done.returncode == 0 and b"saliency at the input" in done.stdout, done.stdout


def test_no_attention(folder):
    """A method that needs attention is refused before any picture is read."""
    explained = ["explain", folder.path / "missing.jpg", *weights(folder), "--output",
                 folder.path / "unseen"]
    for start in explained, ["evaluate", folder.project, "--model", folder.run]:
        done = call(*start, "--method", "transformer")
        assert done.returncode == 1 and b"no self-attention" in done.stderr, done.stderr
    assert not (folder.path / "unseen").exists()


def test_usage(folder):
    start = ["explain", folder.photo, *weights(folder), "--output", folder.path / "never"]
    for method, *options in [
            ("saliency", "--layer", "block4"), ("saliency", "--no-relu"), ("magic",),
            ("transformer", "--layer", "block4"), ("transformer", "--no-relu"),
            ("integrated_gradients", "--steps", 0), ("integrated_gradients", "--steps", 10001),
            ("integrated_gradients", "--baseline", "black"), ("smoothgrad", "--samples", 0),
            ("smoothgrad", "--noise", 1.5), ("smoothgrad", "--noise", "nan"),
            ("guided_gradcam", "--upsample", "cubic")]:
        usage_error(*start, "--method", method, *options)
    usage_error(*start)
    usage_error("evaluate", folder.project, *weights(folder), "--method", "magic")
    assert not (folder.path / "never").exists()


run_all([test_simple_methods, test_guided_gradcam, test_integrated_gradients, test_smoothgrad,
         test_arrays_and_pictures, test_evaluate, test_no_attention, test_usage])
