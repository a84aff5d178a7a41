"""Writes what a detector said of every anchor in the layout that `ghm` reads. Needs NumPy only.

A shard is the rows of some images, one row an anchor, in five files with equal numbers of rows:

    part-00000.logits.npy         [rows, classes]  before the sigmoid; float16 is enough: `ghm` counts it exactly
    part-00000.labels.npy         [rows]           0..classes-1 foreground, `classes` background
                        or        [rows, classes]  one target a logit, 0 to 1: --label-format soft
    part-00000.label_weights.npy  [rows]           0 = ignored (neither foreground nor background), else 1
    part-00000.image_id.npy       [rows]           which image; `ghm` does not need it, readers of the weights do
    part-00000.level.npy          [rows]           which level of the feature pyramid; the same
"""

from pathlib import Path

import numpy as np


class ShardWriter:
    """with ShardWriter("dumps") as shards: shards.add(...) for each image, in the order they come."""

    def __init__(self, folder, images_per_shard=256, dtype=np.float16):
        self.folder = Path(folder)
        self.images_per_shard = images_per_shard
        self.dtype = dtype
        self.images = []
        self.shards = 0
        self.folder.mkdir(parents=True, exist_ok=True)
        if any(self.folder.glob("part-*.npy")):
            raise FileExistsError(f"{folder} has shards already: they would be mixed up with the new ones")

    def add(self, image_id, logits, labels, label_weights, level):
        """One image of A anchors: logits [A, C], labels [A] or [A, C], label_weights [A], level [A]."""
        labels = np.asarray(labels)
        is_index = labels.ndim == 1
        self.images.append(
            {
                # beyond 65504 a float16 is infinite, where the gradient norm is 0 or 1 all the same
                "logits": np.asarray(logits).astype(self.dtype),
                "labels": labels.astype(np.int32 if is_index else np.float32),
                "label_weights": np.asarray(label_weights).astype(np.uint8),
                "image_id": np.full(len(labels), image_id, np.int64),
                "level": np.asarray(level).astype(np.uint8),
            }
        )
        if len(self.images) == self.images_per_shard:
            self.flush()

    def flush(self):
        if not self.images:
            return
        for name in self.images[0]:
            rows = np.concatenate([image[name] for image in self.images])
            np.save(self.folder / f"part-{self.shards:05d}.{name}.npy", rows)
        self.shards += 1
        self.images = []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if error[0] is None:
            self.flush()
