"""Dumps the classification logits of a torchvision RetinaNet for `ghm`.

Written against torchvision 0.14 (Debian's python3-torchvision) and run with it by the tests of this repository.

    python3 export_torchvision.py --images train2017 --annotations instances_train2017.json \
        --checkpoint retinanet.pth --classes 91 --out dumps
    python3 export_torchvision.py --random 6 --out dumps        # random weights and images, to try it

    ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' \
        --label-weights 'dumps/*.label_weights.npy' --out weights
"""

import argparse

import numpy as np
import torch
from ghm_shards import ShardWriter
from torchvision.models.detection import retinanet_resnet50_fpn
from torchvision.ops import box_iou


def assign(model, anchors, target, classes):
    """Labels and label weights of an image's anchors, as RetinaNet.compute_loss assigns them."""
    matcher = model.proposal_matcher
    matched = torch.full((len(anchors),), matcher.BELOW_LOW_THRESHOLD, device=anchors.device)
    if len(target["boxes"]) > 0:
        matched = matcher(box_iou(target["boxes"], anchors))
    foreground = matched >= 0
    labels = torch.full_like(matched, classes)
    labels[foreground] = target["labels"][matched[foreground]]
    # an overlap between the two thresholds says neither foreground nor background
    return labels, matched != matcher.BETWEEN_THRESHOLDS


@torch.no_grad()
def dump(model, batches, shards):
    """`batches` yields (images, targets) as the model takes them in training, with `image_id` in each target."""
    model.eval()
    classes = model.head.classification_head.num_classes
    for images, targets in batches:
        # resizes the boxes with the images; nothing is random in eval mode
        batch, targets = model.transform(images, targets)
        features = model.backbone(batch.tensors)
        features = list(features.values()) if isinstance(features, dict) else [features]
        logits = model.head(features)["cls_logits"]  # [images, anchors, classes]
        anchors = model.anchor_generator(batch, features)
        per_location = model.anchor_generator.num_anchors_per_location()
        per_level = [f.shape[-2] * f.shape[-1] * n for f, n in zip(features, per_location)]
        level = np.repeat(np.arange(len(per_level)), per_level)
        for image_logits, image_anchors, target in zip(logits, anchors, targets):
            labels, valid = assign(model, image_anchors, target, classes)
            shards.add(int(target["image_id"]), image_logits.cpu(), labels.cpu(), valid.cpu(), level)


def coco_batches(images, annotations, size, device):
    """Batches of a COCO data set (needs pycocotools): categories keep their ids, as in torchvision's reference training."""
    from torchvision.datasets import CocoDetection
    from torchvision.transforms.functional import to_tensor

    data = CocoDetection(images, annotations)
    for first in range(0, len(data), size):
        batch = []
        for i in range(first, min(first + size, len(data))):
            image, objects = data[i]
            objects = [o for o in objects if not o["iscrowd"] and o["bbox"][2] > 0 and o["bbox"][3] > 0]
            boxes = torch.tensor([o["bbox"] for o in objects]).reshape(-1, 4).float()
            boxes[:, 2:] += boxes[:, :2]  # x, y, width, height to corners
            labels = torch.tensor([o["category_id"] for o in objects], dtype=torch.int64)
            target = {"boxes": boxes.to(device), "labels": labels.to(device), "image_id": data.ids[i]}
            batch.append((to_tensor(image).to(device), target))
        yield [image for image, _ in batch], [target for _, target in batch]


def random_batches(count, classes, device):
    """Images of noise with boxes anywhere, two a batch."""
    for first in range(0, count, 2):
        ids = range(first, min(first + 2, count))
        corners = [torch.rand(5, 2, 2).sort(dim=1).values for _ in ids]
        boxes = [(c * 100 + torch.tensor([[0.0], [20.0]])).reshape(-1, 4) for c in corners]
        labels = [torch.randint(classes, (5,)).to(device) for _ in ids]
        targets = [{"boxes": b.to(device), "labels": n, "image_id": i} for b, n, i in zip(boxes, labels, ids)]
        yield [torch.rand(3, 128, 128).to(device) for _ in ids], targets


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--out", required=True)
    options.add_argument("--images")
    options.add_argument("--annotations")
    options.add_argument("--checkpoint", help="a state dict")
    options.add_argument("--classes", type=int, default=91)
    options.add_argument("--images-per-shard", type=int, default=256)
    options.add_argument("--random", type=int, default=0, metavar="N")
    given = options.parse_args()
    torch.manual_seed(0)

    size = {"min_size": 128, "max_size": 128} if given.random else {}
    model = retinanet_resnet50_fpn(weights=None, weights_backbone=None, num_classes=given.classes, **size)
    if given.checkpoint:
        model.load_state_dict(torch.load(given.checkpoint, map_location="cpu"))
    device = "cuda" if torch.cuda.is_available() else "cpu"
    model.to(device)
    if given.random:
        batches = random_batches(given.random, given.classes, device)
    else:
        batches = coco_batches(given.images, given.annotations, 2, device)
    with ShardWriter(given.out, given.images_per_shard) as shards:
        dump(model, batches, shards)


if __name__ == "__main__":
    main()
