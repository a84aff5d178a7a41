"""How many planted label errors does `ghm outliers` find?

Takes a folder with logits.npy [N, C], labels.npy [N] (0..C-1, C is background) and maybe label_weights.npy, gives some
foreground anchors a wrong label (another class or background, by chance), asks ghm for the hardest samples, and counts how
many of the planted errors are among the first k rows it names, over several seeds.

    python examples/label-errors/label_errors.py examples/bccd --ghm "node dist/src/cli/main.js"

Needs Python 3.9 and NumPy. The folder is only read; planted labels go to a temporary folder.
"""

import argparse
import csv
import io
import shlex
import subprocess
import tempfile
from pathlib import Path

import numpy as np


def plant(labels, weights, classes, share, seed):
    """Labels with errors, and the rows that have one: `share` of the foreground rows that count, at least one."""
    rng = np.random.default_rng(seed)
    foreground = np.flatnonzero((labels >= 0) & (labels < classes) & (weights > 0))
    rows = rng.choice(foreground, max(1, round(share * len(foreground))), replace=False)
    planted = labels.copy()
    # one of the other classes, background among them
    planted[rows] = (labels[rows] + rng.integers(1, classes + 1, len(rows))) % (classes + 1)
    return planted, rows


def hardest_rows(ghm, folder, labels_file, top):
    """Rows in the order in which `ghm outliers` first names them: a wrong class makes two hard samples of a row."""
    command = [*shlex.split(ghm), "outliers", "--logits", folder / "logits.npy", "--labels", labels_file]
    if (folder / "label_weights.npy").exists():
        command += ["--label-weights", folder / "label_weights.npy"]
    command += ["--top", top, "--format", "csv"]
    out = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True).stdout
    rows = [int(sample["row"]) for sample in csv.DictReader(io.StringIO(out))]
    return np.array(list(dict.fromkeys(rows)), dtype=np.int64)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--share", type=float, default=0.005, help="of the foreground labels, default 0.005")
    parser.add_argument("--seeds", type=int, default=10, help="how often, default 10")
    parser.add_argument("--ghm", default="ghm", help="the command, default ghm")
    options = parser.parse_args()

    labels = np.load(options.folder / "labels.npy").reshape(-1)
    classes = np.load(options.folder / "logits.npy", mmap_mode="r").shape[1]
    weights_file = options.folder / "label_weights.npy"
    weights = np.load(weights_file).reshape(-1) if weights_file.exists() else np.ones(len(labels))

    found = {factor: [] for factor in (0.5, 1, 2, 4, 8)}
    by_kind = {"another class": [], "background": []}
    with tempfile.TemporaryDirectory() as temporary:
        for seed in range(options.seeds):
            planted, wrong = plant(labels, weights, classes, options.share, seed)
            labels_file = Path(temporary) / "labels.npy"
            np.save(labels_file, planted)
            # up to two samples a row
            ranked = hardest_rows(options.ghm, options.folder, labels_file, 16 * len(wrong))
            for factor, hits in found.items():
                k = max(1, round(factor * len(wrong)))
                hits.append((k, np.isin(ranked[:k], wrong).sum(), len(wrong)))
            is_background = planted[wrong] == classes
            named = np.isin(wrong, ranked[: 2 * len(wrong)])
            by_kind["another class"].append((named[~is_background].sum(), (~is_background).sum()))
            by_kind["background"].append((named[is_background].sum(), is_background.sum()))

    print(f"{found[1][0][2]} errors planted in {len(labels):,} rows, {options.seeds} times")
    print("rows looked at  precision (least to most)  recall (least to most)")
    for hits in found.values():
        k, hit, planted_count = (np.array(column, dtype=float) for column in zip(*hits))
        precision, recall = hit / k, hit / planted_count
        print(
            f"{int(k[0]):14}  {precision.mean():9.2f} ({precision.min():.2f} to {precision.max():.2f})"
            f"      {recall.mean():6.2f} ({recall.min():.2f} to {recall.max():.2f})"
        )
    print(f"found among the first {2 * found[1][0][2]} rows:")
    for kind, counts in by_kind.items():
        named, planted_count = (sum(column) for column in zip(*counts))
        print(f"  of those given {kind}: {named} of {planted_count}")


if __name__ == "__main__":
    main()
