/** Elements that tensors hold at a time: a batch of samples, or the logits of a softmax's row if those are more. */
export const TENSOR_ELEMENTS = 2 ** 15;

/** What the tensors of a batch take at most, an element: those of all operations are there until the last one is done. */
const BYTES_AN_ELEMENT = 256;
/** Regions of a chunk and of the cells, values of all float16. */
const TABLE_BYTES = 2 ** 21;

/** Bytes that a thread of the engine of tensors needs beside its arena. */
export const tensorBytes = (widestRow: number): number =>
  TABLE_BYTES + BYTES_AN_ELEMENT * Math.max(TENSOR_ELEMENTS, widestRow);
