"""What the Python peers share: the job, the answers (see job.ts), and beta."""

import json
import sys
import time

import numpy as np


def beta_of(counts):
    """N / (R n), n the regions that hold samples; 0 for those that do not."""
    counts = np.asarray(counts, dtype=np.float64)
    valid = np.count_nonzero(counts)
    return np.divide(counts.sum(), counts * valid, out=np.zeros_like(counts), where=counts > 0).astype(np.float32)


def say(**answer):
    print(json.dumps(answer), flush=True)


def serve(load, run):
    """load(job) -> (name and version, count()); run(job) -> counts."""
    job = json.loads(sys.argv[1])
    if job["mode"] == "run":
        say(seconds=0, counts=[int(n) for n in run(job)])
        return
    tool, count = load(job)
    say(ready=tool)
    for _ in sys.stdin:
        start = time.perf_counter()
        counts = count()
        say(seconds=time.perf_counter() - start, counts=[int(n) for n in counts])
