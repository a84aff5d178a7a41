// Trains a small head on the sample with four losses, and compares what comes of them. See README.md.
//
//     node examples/train-head/train_head.mjs [--epochs 16] [--seeds 3] [--out curves.csv] [--data FOLDER]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { reweight } from 'ghm-reweight';
import { tensorBackend } from 'ghm-reweight/tfjs';
import { meanAveragePrecision } from './average-precision.mjs';
import { LOSSES, trainHead } from './head.mjs';
import { CLASSES, readImages } from './images.mjs';
import { writeNpy } from './npy.mjs';

const FOLDS = 4;

const { values } = parseArgs({
  options: {
    epochs: { type: 'string', default: '16' },
    seeds: { type: 'string', default: '3' },
    out: { type: 'string' },
    data: { type: 'string', default: fileURLToPath(new URL('../bccd', import.meta.url)) },
  },
});
const [epochs, seeds] = [Number(values.epochs), Number(values.seeds)];

/** The density of what the detector says of the training images: what `ghm reweight` writes into density.json. */
async function densityOf(images) {
  const folder = mkdtempSync(join(tmpdir(), 'train-head-'));
  try {
    const rows = images.reduce((sum, { labels }) => sum + labels.length, 0);
    const all = (name) => images.flatMap((image) => Array.from(image[name]));
    writeNpy(join(folder, 'logits.npy'), Float32Array.from(all('logits')), [rows, CLASSES]);
    writeNpy(join(folder, 'labels.npy'), Int32Array.from(all('labels')), [rows]);
    writeNpy(join(folder, 'label_weights.npy'), Float32Array.from(all('weights')), [rows]);
    const at = (name) => join(folder, `${name}.npy`);
    const out = join(folder, 'weights');
    await reweight({ logits: at('logits'), labels: at('labels'), labelWeights: at('label_weights'), out });
    return JSON.parse(readFileSync(join(out, 'density.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { tf, package: name, version, backend } = await tensorBackend();
tf.env().set('PROD', true);
console.error(`${name} ${version}, backend ${backend}`);

const images = readImages(values.data);
// each image is scored by a head that has not seen it
const folds = Array.from({ length: FOLDS }, (_, fold) => ({
  test: images.filter((_, i) => i % FOLDS === fold),
  train: images.filter((_, i) => i % FOLDS !== fold),
}));
const densities = [];
for (const { train } of folds) densities.push(await densityOf(train));

/** [epoch] of one loss and seed: training loss, and the average precision over all images. */
function runOf(makeLoss, seed) {
  const histories = folds.map(({ train, test }, fold) =>
    trainHead({ train, test, loss: makeLoss(densities[fold]), epochs, seed: seed * FOLDS + fold }),
  );
  return Array.from({ length: epochs }, (_, epoch) => ({
    loss: histories.reduce((sum, history) => sum + history[epoch].loss, 0) / FOLDS,
    precision: meanAveragePrecision(
      folds.flatMap(({ test }, fold) =>
        test.map((image, i) => ({ ...image, scores: histories[fold][epoch].scores[i] })),
      ),
    ),
  }));
}

const mean = (numbers) => numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
const shown = [1, 2, 4, 8].filter((epoch) => epoch < epochs);
const rows = [];
const lines = ['loss,seed,epoch,training_loss,average_precision'];
for (const [title, makeLoss] of Object.entries(LOSSES)) {
  const runs = Array.from({ length: seeds }, (_, seed) => runOf(makeLoss, seed));
  for (const [seed, run] of runs.entries()) {
    for (const [epoch, { loss, precision }] of run.entries()) {
      lines.push([`"${title}"`, seed, epoch + 1, loss, precision].join(','));
    }
  }
  const at = (epoch) => mean(runs.map((run) => run[epoch - 1].precision)).toFixed(3);
  const last = runs.map((run) => run[epochs - 1].precision);
  const range = `${mean(last).toFixed(3)} (${Math.min(...last).toFixed(3)} to ${Math.max(...last).toFixed(3)})`;
  rows.push([title, ...shown.map(at), range]);
  console.error(`${title}: ${range}`);
}
if (values.out !== undefined) writeFileSync(values.out, `${lines.join('\n')}\n`);

const own = meanAveragePrecision(images.map((image) => ({ ...image, scores: image.logits }))).toFixed(3);
const header = [
  'trained with',
  ...shown.map((epoch) => `epoch ${epoch}`),
  `epoch ${epochs} (least to most of ${seeds})`,
];
const table = [header, header.map(() => '---'), ...rows, ["the detector's own logits", ...shown.map(() => ''), own]];
for (const row of table) console.log(`| ${row.join(' | ')} |`);
