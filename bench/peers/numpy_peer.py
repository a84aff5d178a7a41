"""NumPy, in chunks that stay in a core's cache, without allocating, in as many processes as the job has threads (threads
were no faster than one: 1.2 s for 100 M samples, where two processes take 0.7 s). Three forms:

exp      float32 sigmoid, floor(g M), bincount: the textbook way. float32 puts a few samples into a neighbouring region.
margins  searchsorted of z among the edges on z: exact, no exponential.
cells    ghm's own idea in NumPy: bincount of the upper half of each float32, and searchsorted for the few samples whose
         cell an edge cuts. Exact.
"""

import os
from multiprocessing import get_context

import numpy as np
from peer import beta_of, serve

CHUNK = 1 << 16
F = np.empty(CHUNK, np.float32)
INDEX = np.empty(CHUNK, np.intp)


class Exp:
    def __init__(self, bins):
        self.bins = bins

    def regions(self, x, y):
        f, index = F[: len(x)], INDEX[: len(x)]
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
        f = F[: len(x)]
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
        f, index = F[: len(x)], INDEX[: len(x)]
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


def do_part(begin_end):
    begin, end = begin_end
    total = 0
    for a, b in spans(end - begin, CHUNK):
        total = total + do_chunk(begin + a, begin + b)
    return total


def each_chunk(job, n, do):
    """The sum of do(begin, end) over all chunks, in the job's number of processes."""
    global do_chunk
    do_chunk = do
    parts = spans(n, 1 << 22)
    if job["threads"] == 1:
        return sum(map(do_part, parts))
    # a fork has the arrays, and `do`, as they are now
    with get_context("fork").Pool(job["threads"]) as pool:
        return sum(pool.imap(do_part, parts))


def count_all(job, form, x, y):
    return form.finish(each_chunk(job, len(x), lambda a, b: form.count(x[a:b], y[a:b])))


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

    def weigh(a, b):
        form.weigh(x[a:b], y[a:b], beta, out[a:b])
        return b - a

    each_chunk(job, len(x), weigh)
    return counts


np.seterr(over="ignore")
serve(load, run)
