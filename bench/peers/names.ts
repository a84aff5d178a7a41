import type { PeerName } from './peer-process.ts';

const peer = (label: string, file: string, form = ''): PeerName => ({ label, file, form });

export const GHM = peer('ghm', 'ghm.ts');
const LOOP = peer('JavaScript loop', 'loop.ts');
const NUMPY_EXP = peer('NumPy, float32 sigmoid', 'numpy_peer.py', 'exp');
const NUMPY_MARGINS = peer('NumPy, searchsorted', 'numpy_peer.py', 'margins');
const NUMPY_CELLS = peer("NumPy, with ghm's cells", 'numpy_peer.py', 'cells');
const TORCH_BINCOUNT = peer('PyTorch, bincount', 'torch_peer.py', 'bincount');
const TORCH_HISTC = peer('PyTorch, histc', 'torch_peer.py', 'histc');
const TORCH_LOOP = peer('PyTorch, released loop', 'torch_peer.py', 'loop');
const POLARS = peer('Polars', 'polars.ts');
const TFJS = peer('TensorFlow.js', 'tfjs.ts');
export const DUCKDB = peer('DuckDB', 'duckdb.ts');

/** On all samples. */
const FAST = [LOOP, NUMPY_EXP, NUMPY_MARGINS, NUMPY_CELLS, TORCH_BINCOUNT, TORCH_HISTC, DUCKDB, POLARS];
/** On fewer samples, their times multiplied. */
export const SLOW: readonly PeerName[] = [TORCH_LOOP, TFJS];

/** Counting in memory. */
export const COUNTING: readonly PeerName[] = [...FAST, ...SLOW];
/** The whole job: of the ways of one tool, not those that count more slowly than another one of it. */
export const WHOLE_JOB: readonly PeerName[] = COUNTING.filter((name) => name !== NUMPY_MARGINS && name !== TORCH_HISTC);
