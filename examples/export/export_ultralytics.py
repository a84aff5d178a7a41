"""Dumps the class logits of an Ultralytics YOLOv8 or YOLO11 detector for `ghm`.

Written against ultralytics 8.3, from its source. NOT RUN by the tests of this repository. Not for YOLOv10, which has two
heads, nor for 8.4 and later, whose detection head returns its maps in another form.

The assigner of these detectors gives soft targets: how well the box fits times how sure the class is. So labels are
[anchors, classes], from 0 to 1, and every anchor counts: there is no zone between foreground and background.

    python3 export_ultralytics.py yolov8n.pt coco128.yaml --out dumps

    ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' --label-format soft --out weights
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from ghm_shards import ShardWriter
from ultralytics import YOLO
from ultralytics.cfg import get_cfg
from ultralytics.data.build import build_dataloader, build_yolo_dataset
from ultralytics.data.utils import check_det_dataset
from ultralytics.utils.loss import v8DetectionLoss


@torch.no_grad()
def dump(net, loader, shards):
    """Writes the shards; returns the image files in the order of their ids."""
    loss = v8DetectionLoss(net)
    # the loss assigns targets on its way: its assigner returns labels, boxes, scores, foreground, which truth
    seen = {}
    loss.assigner.register_forward_hook(lambda module, inputs, outputs: seen.update(targets=outputs[2]))
    files = []
    for batch in loader:
        images = batch["img"].to(loss.device).float() / 255
        maps = net(images)[1]  # in eval mode: (boxes and scores, a map a level [images, 4 * reg_max + classes, H, W])
        loss(maps, batch)
        rows = torch.cat([level.flatten(2) for level in maps], dim=2)  # [images, channels, anchors]
        logits = rows[:, 4 * loss.reg_max :].transpose(1, 2)
        level = np.repeat(np.arange(len(maps)), [m.shape[-2] * m.shape[-1] for m in maps])
        for i, file in enumerate(batch["im_file"]):
            targets = seen["targets"][i].float().cpu()
            shards.add(len(files), logits[i].cpu(), targets, np.ones(len(level)), level)
            files.append(file)
    return files


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("weights")
    options.add_argument("data", help="the YAML file of a data set")
    options.add_argument("--out", required=True)
    options.add_argument("--imgsz", type=int, default=640)
    options.add_argument("--device", default="cuda:0")
    options.add_argument("--images-per-shard", type=int, default=256)
    given = options.parse_args()

    net = YOLO(given.weights).model.to(given.device).float().eval()
    net.args = get_cfg(overrides={"imgsz": given.imgsz, "task": "detect"})  # the loss looks for its gains there
    data = check_det_dataset(given.data)
    # mode "val": no augmentation
    dataset = build_yolo_dataset(net.args, data["train"], 8, data, mode="val", stride=int(net.stride.max()))
    loader = build_dataloader(dataset, 8, 2, shuffle=False)
    with ShardWriter(given.out, given.images_per_shard) as shards:
        files = dump(net, loader, shards)
    Path(given.out, "images.txt").write_text("\n".join(files) + "\n")


if __name__ == "__main__":
    main()
