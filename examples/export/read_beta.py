"""Five ways to use what `ghm reweight` wrote, for dumps of `ghm_shards.py`. Take what you need.

    python3 read_beta.py dumps weights        # prints a few numbers by each way that is installed

Everything but the last two is run by the tests of this repository (NumPy 1.24, PyTorch 1.13); the last two were tried once,
with datasets 5.0 and duckdb 1.5.
"""

import json
import sys
from pathlib import Path

import numpy as np


def shards_of(dumps, weights):
    """NumPy: yields (name -> array) a shard, mapped, so that files larger than memory are no trouble."""
    for beta in sorted(Path(weights).glob("part-*.logits.beta.npy")):
        part = beta.name.removesuffix(".logits.beta.npy")
        arrays = {"beta": np.load(beta, mmap_mode="r")}
        for name in ("logits", "labels", "label_weights", "image_id", "level"):
            arrays[name] = np.load(Path(dumps, f"{part}.{name}.npy"), mmap_mode="r")
        yield arrays


def images_of(dumps, weights):
    """NumPy: yields (image id, name -> rows of that image), in the order of the dump."""
    for arrays in shards_of(dumps, weights):
        ids = np.asarray(arrays["image_id"])
        # the rows of an image lie together
        ends = np.flatnonzero(np.append(ids[1:] != ids[:-1], True)) + 1
        for start, end in zip(np.append(0, ends[:-1]), ends):
            yield int(ids[start]), {name: rows[start:end] for name, rows in arrays.items()}


def weighted_loss(logits, targets, beta):
    """PyTorch: GHM-C of one image from the weights of its anchors, [A, C] each, in the order of the dump.

    For training on the very images that were dumped, without augmentation. Divide by the number of samples with beta > 0
    of the batch, or by whatever your loss was divided by before.
    """
    from torch.nn.functional import binary_cross_entropy_with_logits

    return binary_cross_entropy_with_logits(logits, targets, weight=beta, reduction="sum")


class DensityWeights:
    """PyTorch: weights for samples that were never dumped, from density.json: for training with augmentation."""

    def __init__(self, path):
        import torch

        self.beta = torch.tensor(json.loads(Path(path).read_text())["beta"])

    def __call__(self, logits, targets):
        norm = (logits.detach().sigmoid() - targets).abs()
        region = (norm * len(self.beta)).long().clamp(max=len(self.beta) - 1)
        return self.beta.to(logits.device)[region]


def image_difficulty(dumps, weights):
    """NumPy: image id -> the sum of beta * |p - p*| of its anchors: its share of the gradient that GHM-C hands out."""
    shares = {}
    for image, rows in images_of(dumps, weights):
        x = np.asarray(rows["logits"], np.float32)
        labels = np.asarray(rows["labels"])
        targets = labels if labels.ndim == 2 else labels[:, None] == np.arange(x.shape[1])
        norm = np.abs(1 / (1 + np.exp(-x)) - targets)
        shares[image] = float((rows["beta"] * norm).sum())  # ignored anchors have beta 0
    return shares


def sampler(difficulty, image_ids):
    """PyTorch: draws hard images more often; `image_ids` in the order of the data set."""
    from torch.utils.data import WeightedRandomSampler

    return WeightedRandomSampler([difficulty[i] for i in image_ids], num_samples=len(image_ids))


def with_difficulty(dataset, difficulty):
    """Hugging Face datasets: a column more, for a data set with a column `image_id`."""
    return dataset.add_column("ghm_difficulty", [difficulty[i] for i in dataset["image_id"]])


def by_level(dumps, weights):
    """DuckDB: SQL over the anchors of a shard."""
    import duckdb
    import pandas

    arrays = next(shards_of(dumps, weights))
    rows = pandas.DataFrame({"level": arrays["level"], "beta": arrays["beta"].mean(axis=1)})
    query = "SELECT level, count(*) AS anchors, avg(beta) AS beta FROM rows GROUP BY level ORDER BY level"
    return duckdb.sql(query).fetchall()  # DuckDB finds `rows` by its name


def main():
    dumps, weights = sys.argv[1:3]
    for image, rows in images_of(dumps, weights):
        print(f"image {image}: {len(rows['beta'])} anchors, mean weight {rows['beta'].mean():.4f}")
    difficulty = image_difficulty(dumps, weights)
    print("hardest image:", max(difficulty, key=difficulty.get))

    import torch

    _, rows = next(images_of(dumps, weights))
    logits = torch.tensor(rows["logits"], dtype=torch.float32)
    labels = torch.tensor(rows["labels"])
    targets = (labels[:, None] == torch.arange(logits.shape[1])).float()
    beta = torch.tensor(rows["beta"])
    print(f"GHM-C of the first image: {weighted_loss(logits, targets, beta) / (beta > 0).sum():.6f}")
    valid = torch.tensor(rows["label_weights"]) > 0
    same = DensityWeights(Path(weights, "density.json"))(logits, targets)[valid] == beta[valid]
    print(f"weights by density.json that are those of the file: {same.float().mean():.4%}")
    print("sampled images:", list(sampler(difficulty, sorted(difficulty))))


if __name__ == "__main__":
    main()
