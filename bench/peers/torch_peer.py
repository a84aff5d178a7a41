"""PyTorch on the CPU. Forms:

loop      the released GHM code (GHMC of mmdetection): for each region a mask over all samples. In one piece, as there.
bincount  g, then bincount of floor(g M), in chunks.
histc     g, then torch.histc, in chunks; weights as for bincount.
All in float32, which puts a few samples into a neighbouring region.
"""

import os

import numpy as np
import torch
from peer import beta_of, serve

CHUNK = 1 << 18


def gradient_norms(x, y):
    return torch.sigmoid(x).sub_(y).abs_()


def regions(x, y, bins):
    return gradient_norms(x, y).mul_(bins).long().clamp_(max=bins - 1)


def edges_of(bins):
    edges = torch.arange(bins + 1).float() / bins
    edges[-1] += 1e-6
    return edges


def count_loop(x, y, bins):
    g = torch.abs(x.sigmoid() - y)
    edges = edges_of(bins)
    return [((g >= edges[i]) & (g < edges[i + 1])).sum().item() for i in range(bins)]


def count_bincount(x, y, bins):
    return torch.bincount(regions(x, y, bins), minlength=bins)


def count_histc(x, y, bins):
    return torch.histc(gradient_norms(x, y), bins, 0, 1).long()


COUNT = {"bincount": count_bincount, "histc": count_histc}


def count_all(job, x, y):
    bins = job["bins"]
    if job["form"] == "loop":
        return count_loop(x, y, bins)
    return sum(COUNT[job["form"]](a, b, bins) for a, b in zip(x.split(CHUNK), y.split(CHUNK)))


def tensors(job, mode):
    return [torch.from_numpy(np.load(job[key], mmap_mode=mode)) for key in ("logits", "labels")]


def load(job):
    torch.set_num_threads(job["threads"])
    x, y = tensors(job, None)
    return f"PyTorch {torch.__version__}, {torch.get_num_threads()} threads", lambda: count_all(job, x, y)


def released_loop(x, y, bins):
    """weights of GHMC.forward, without momentum"""
    g = torch.abs(x.sigmoid().detach() - y)
    edges = edges_of(bins)
    weights = torch.zeros_like(x)
    counts, valid = [], 0
    for i in range(bins):
        inside = (g >= edges[i]) & (g < edges[i + 1])
        samples = inside.sum().item()
        counts.append(samples)
        if samples > 0:
            weights[inside] = len(x) / samples
            valid += 1
    return counts, weights / valid


def run(job):
    torch.set_num_threads(job["threads"])
    bins = job["bins"]
    path = os.path.join(job["out"], "torch.beta.npy")
    if job["form"] == "loop":
        x, y = tensors(job, None)
        counts, weights = released_loop(x, y, bins)
        np.save(path, weights.numpy())
        return counts
    # copy on write: torch wants memory it could write to
    x, y = tensors(job, "c")
    counts = count_all(job, x, y)
    beta = torch.from_numpy(beta_of(counts))
    out = torch.from_numpy(np.lib.format.open_memmap(path, "w+", np.float32, tuple(x.shape)))
    for a, b, c in zip(x.split(CHUNK), y.split(CHUNK), out.split(CHUNK)):
        torch.index_select(beta, 0, regions(a, b, bins), out=c)
    return counts


serve(load, run)
