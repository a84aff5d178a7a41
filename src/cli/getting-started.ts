/** What `ghm` alone says. */
export const gettingStarted =
  (): string => `ghm weighs every sample a detector ever predicted by how crowded its gradient
norm is (GHM), offline. What to do first:

  ghm demo                  the main job on a small real sample, shipped with ghm
  ghm inspect dumps/*.npy   what is in your files, and how they would be read
  ghm reweight --logits 'dumps/*.logits.npy' --labels 'dumps/*.labels.npy' \\
      --out weights         one weight a sample, and a report
  ghm outliers --help       the hardest samples, often wrong labels

ghm --help lists all commands, ghm COMMAND --help the options of one.
`;
