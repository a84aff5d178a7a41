"""Dumps the classification logits of a detectron2 RetinaNet for `ghm`.

Written against detectron2 0.6, from its source. NOT RUN by the tests of this repository.

    python3 export_detectron2.py COCO-Detection/retinanet_R_50_FPN_3x.yaml --dataset coco_2017_train --out dumps

    ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' \
        --label-weights 'dumps/*.label_weights.npy' --out weights
"""

import argparse

import numpy as np
import torch
from detectron2 import model_zoo
from detectron2.checkpoint import DetectionCheckpointer
from detectron2.config import get_cfg
from detectron2.data import DatasetMapper, build_detection_test_loader, get_detection_dataset_dicts
from detectron2.data import transforms as T
from detectron2.modeling import build_model
from ghm_shards import ShardWriter


def rows_of(tensor, classes):
    """[images, anchors * classes, H, W] to [images, H * W * anchors, classes], the order of the anchors."""
    images, _, height, width = tensor.shape
    return tensor.view(images, -1, classes, height, width).permute(0, 3, 4, 1, 2).reshape(images, -1, classes)


@torch.no_grad()
def dump(model, loader, shards):
    for inputs in loader:
        images = model.preprocess_image(inputs)
        features = model.backbone(images.tensor)
        features = [features[name] for name in model.head_in_features]
        scores, _ = model.head(features)
        anchors = model.anchor_generator(features)
        truths = [each["instances"].to(model.device) for each in inputs]
        # one tensor an image: 0..classes-1 foreground, `classes` background, -1 between the thresholds
        labels, _ = model.label_anchors(anchors, truths)
        logits = torch.cat([rows_of(level, model.num_classes) for level in scores], dim=1)
        level = np.repeat(np.arange(len(anchors)), [len(boxes) for boxes in anchors])
        for each, image_logits, image_labels in zip(inputs, logits, labels):
            shards.add(each["image_id"], image_logits.cpu(), image_labels.cpu(), (image_labels >= 0).cpu(), level)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("config", help="a file, or a name in the model zoo")
    options.add_argument("--weights", help="default: those of the model zoo")
    options.add_argument("--dataset", required=True)
    options.add_argument("--out", required=True)
    options.add_argument("--images-per-shard", type=int, default=256)
    given = options.parse_args()

    cfg = get_cfg()
    if given.weights:
        cfg.merge_from_file(given.config)
        cfg.MODEL.WEIGHTS = given.weights
    else:
        cfg.merge_from_file(model_zoo.get_config_file(given.config))
        cfg.MODEL.WEIGHTS = model_zoo.get_checkpoint_url(given.config)
    model = build_model(cfg)
    DetectionCheckpointer(model).load(cfg.MODEL.WEIGHTS)
    model.eval()

    # the annotations of training (without crowds) with the resizing of testing: nothing is random
    resize = T.ResizeShortestEdge(cfg.INPUT.MIN_SIZE_TEST, cfg.INPUT.MAX_SIZE_TEST)
    mapper = DatasetMapper(is_train=True, augmentations=[resize], image_format=cfg.INPUT.FORMAT)
    data = get_detection_dataset_dicts([given.dataset])
    loader = build_detection_test_loader(data, mapper=mapper, batch_size=2, num_workers=2)
    with ShardWriter(given.out, given.images_per_shard) as shards:
        dump(model, loader, shards)


if __name__ == "__main__":
    main()
