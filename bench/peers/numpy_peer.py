"""NumPy, in chunks that stay in a core's cache, without allocating, on as many threads as the job says (NumPy gives up
the interpreter lock inside its loops). Three forms:

exp      float32 sigmoid, floor(g M), bincount: the textbook way. float32 puts a few samples into a neighbouring region.
margins  searchsorted of z among the edges on z: exact, no exponential.
cells    ghm's own idea in NumPy: bincount of the upper half of each float32, and searchsorted for the few samples whose
         cell an edge cuts. Exact.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from threading import local

import numpy as np
from peer import beta_of, serve

CHUNK = 1 << 16
own = local()


def buffers():
    if not hasattr(own, "f"):
        own.f = np.empty(CHUNK, np.float32)
        own.index = np.empty(CHUNK, np.intp)
    return own.f, own.index


class Exp:
    def __init__(self, bins):
        self.bins = bins

    def regions(self, x, y):
        f, index = (a[: len(x)] for a in buffers())
        np.negative(x, out=f)
        np.exp(f, out=f)
        np.add(f, 1, out=f)
        np.reciprocal(f, out=f)
        np.subtract(f, y, out=f)
        np.abs(f, out=f)
        np.multiply(f, self.bins, out=f)
        np.copyto(index, f, casting="unsafe")
        return np.minimum(index, self.bins - 1, out=index)

    def count(self, x, y):
        return np.bincount(self.regions(x, y), minlength=self.bins)

    def weigh(self, x, y, beta, out):
        np.take(beta, self.regions(x, y), out=out, mode="clip")

    finish = staticmethod(lambda counts: counts)


class Margins(Exp):
    def __init__(self, bins):
        super().__init__(bins)
        j = np.arange(1, bins)
        # the smallest float32 at or above each edge
        edges = np.log(j / (bins - j))
        rounded = edges.astype(np.float32)
        self.edges = np.where(rounded < edges, np.nextafter(rounded, np.float32(np.inf)), rounded)

    def regions(self, x, y):
        f, _ = (a[: len(x)] for a in buffers())
        np.multiply(x, SIGN[y], out=f)
        return np.searchsorted(self.edges, f, side="right")


SIGN = np.array([1, -1], np.float32)


class Cells(Margins):
    """Cells of negatives, then of positives."""

    def __init__(self, bins):
        super().__init__(bins)
        low = (np.arange(65536, dtype=np.uint32) << 16).view(np.float32)
        high = ((np.arange(65536, dtype=np.uint32) << 16) + 0xFFFF).view(np.float32)
        ends = [np.searchsorted(self.edges, np.concatenate([end, -end]), side="right") for end in (low, high)]
        self.region_of = np.minimum(*ends).astype(np.intp)
        self.cut = ends[0] != ends[1]

    def cells(self, x, y):
        f, index = (a[: len(x)] for a in buffers())
        np.right_shift(x.view(np.uint32), 16, out=index, casting="unsafe")
        offset = f.view(np.int32)
        np.left_shift(y, 16, out=offset, dtype=np.int32, casting="unsafe")
        return np.add(index, offset, out=index)

    def split(self, x, y, cells):
        """Samples in cut cells, and their regions."""
        where = np.flatnonzero(self.cut[cells])
        return where, np.searchsorted(self.edges, x[where] * SIGN[y[where]], side="right")

    def count(self, x, y):
        cells = self.cells(x, y)
        where, regions = self.split(x, y, cells)
        counts = np.bincount(cells, minlength=131072)
        np.subtract.at(counts, cells[where], 1)
        return np.concatenate([counts, np.bincount(regions, minlength=self.bins)])

    def finish(self, counts):
        split = counts[131072:].copy()
        np.add.at(split, self.region_of, counts[:131072])
        return split

    def weigh(self, x, y, beta, out):
        if not hasattr(self, "beta"):
            self.beta = beta[self.region_of]
        cells = self.cells(x, y)
        np.take(self.beta, cells, out=out, mode="clip")
        where, regions = self.split(x, y, cells)
        out[where] = beta[regions]


FORMS = {"exp": Exp, "margins": Margins, "cells": Cells}


def spans(n, chunk):
    return [(i, min(i + chunk, n)) for i in range(0, n, chunk)]


def each_chunk(job, n, do):
    """The result of do(begin, end) for each part of the stream, on the job's threads, parts in order."""

    def part(begin_end):
        begin, end = begin_end
        return [do(begin + a, begin + b) for a, b in spans(end - begin, CHUNK)]

    parts = spans(n, 1 << 22)
    if job["threads"] == 1:
        return map(part, parts)
    return ThreadPoolExecutor(job["threads"]).map(part, parts)


def count_all(job, form, x, y):
    total = 0
    for part in each_chunk(job, len(x), lambda a, b: form.count(x[a:b], y[a:b])):
        total = total + sum(part)
    return form.finish(total)


def load(job):
    form = FORMS[job["form"]](job["bins"])
    x, y = np.load(job["logits"]), np.load(job["labels"])
    return f"NumPy {np.__version__}", lambda: count_all(job, form, x, y)


def run(job):
    form = FORMS[job["form"]](job["bins"])
    x, y = (np.load(job[key], mmap_mode="r") for key in ("logits", "labels"))
    counts = count_all(job, form, x, y)
    beta = beta_of(counts)
    path = os.path.join(job["out"], "numpy.beta.npy")
    out = np.lib.format.open_memmap(path, "w+", np.float32, x.shape)
    for _ in each_chunk(job, len(x), lambda a, b: form.weigh(x[a:b], y[a:b], beta, out[a:b])):
        pass
    return counts


np.seterr(over="ignore")
serve(load, run)
