"""Dumps the classification logits of an mmdetection detector for `ghm`.

Written against mmdetection 3.3.0 and mmengine 0.10, from their documented interfaces. NOT RUN by the tests of this
repository. For RetinaHead and other heads that keep AnchorHead's `get_targets` and use a sigmoid (`use_sigmoid_cls`);
ATSS, FCOS and YOLO heads assign in their own ways.

    python3 export_mmdet.py configs/retinanet/retinanet_r50_fpn_1x_coco.py retinanet.pth --out dumps

    ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' \
        --label-weights 'dumps/*.label_weights.npy' --out weights
"""

import argparse

import numpy as np
import torch
from ghm_shards import ShardWriter
from mmdet.models.utils import unpack_gt_instances
from mmdet.registry import MODELS
from mmdet.utils import register_all_modules
from mmengine.config import Config
from mmengine.runner import Runner, load_checkpoint

# as a test pipeline, but that boxes are loaded before the image is resized, and so are resized with it
PIPELINE = [
    dict(type="LoadImageFromFile"),
    dict(type="LoadAnnotations", with_bbox=True),
    dict(type="Resize", scale=(1333, 800), keep_ratio=True),
    dict(type="PackDetInputs", meta_keys=("img_id", "img_path", "ori_shape", "img_shape", "scale_factor")),
]


@torch.no_grad()
def dump(model, loader, shards):
    head = model.bbox_head
    if not head.use_sigmoid_cls:
        raise SystemExit("this head has a softmax: its logits are not one binary decision a class")
    for data in loader:
        data = model.data_preprocessor(data, training=False)
        cls_scores, _ = head(model.extract_feat(data["inputs"]))  # a level each: [images, anchors * classes, H, W]
        truths, ignored, metas = unpack_gt_instances(data["data_samples"])
        sizes = [scores.shape[-2:] for scores in cls_scores]
        anchors, valid = head.get_anchors(sizes, metas, device=cls_scores[0].device)
        targets = head.get_targets(anchors, valid, truths, metas, batch_gt_instances_ignore=ignored)
        labels, label_weights = (torch.cat(levels, dim=1) for levels in targets[:2])  # [images, anchors]
        rows = [s.permute(0, 2, 3, 1).reshape(len(metas), -1, head.cls_out_channels) for s in cls_scores]
        logits = torch.cat(rows, dim=1)
        level = np.repeat(np.arange(len(rows)), [r.shape[1] for r in rows])
        for i, meta in enumerate(metas):
            # label weights of 0 are ignored anchors, and those outside of the image
            weights = label_weights[i] > 0
            shards.add(meta["img_id"], logits[i].float().cpu(), labels[i].cpu(), weights.cpu(), level)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("config")
    options.add_argument("checkpoint")
    options.add_argument("--out", required=True)
    options.add_argument("--device", default="cuda:0")
    options.add_argument("--images-per-shard", type=int, default=256)
    given = options.parse_args()

    register_all_modules()
    config = Config.fromfile(given.config)
    model = MODELS.build(config.model)
    load_checkpoint(model, given.checkpoint, map_location="cpu")
    model.to(given.device).eval()

    # a RepeatDataset or another wrapper has its data set in `dataset.dataset`
    dataset = config.train_dataloader.dataset
    dataset.pipeline = PIPELINE
    sampler = dict(type="DefaultSampler", shuffle=False)
    loader = Runner.build_dataloader(dict(dataset=dataset, sampler=sampler, batch_size=2, num_workers=2))
    with ShardWriter(given.out, given.images_per_shard) as shards:
        dump(model, loader, shards)


if __name__ == "__main__":
    main()
