/** A parser under attack: what it is given, and how. A new one is added to the list in targets.ts. */
export interface FuzzTarget {
  readonly name: string;
  /** What the file of an input is called; formats are told by it where content does not tell. */
  readonly file: string;
  /** Inputs that are right, small ones, to begin with. `folder` is empty, and may be used. */
  readonly seeds: (folder: string) => Uint8Array[] | Promise<Uint8Array[]>;
  /** What else to try of an input: with lengths and checksums mended, so that what lies behind them is reached. */
  readonly mended?: (input: Uint8Array) => Uint8Array[];
  /** Words of the format. */
  readonly words?: readonly string[];
  /**
   * Reads all of the file `path` as the program would; what is thrown has to be a GhmError of exit code 3 which names
   * `path`. `scratch` is an empty folder.
   */
  readonly read: (path: string, scratch: string) => unknown;
}
