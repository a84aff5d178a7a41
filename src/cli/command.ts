import type { Flags, FlagValues } from './flag.ts';
import type { Session } from './session.ts';

/** One command of `ghm`. */
export interface Command {
  readonly name: string;
  /** One line in `ghm --help`. */
  readonly summary: string;
  /** After `ghm NAME`. */
  readonly usage: string;
  /** One paragraph in its own --help. */
  readonly about: string;
  readonly flags: Flags;
  /** Whether words without a flag mean something: they are files then. */
  readonly takesWords?: boolean;
  /** The words that they can be, where they are no files. */
  readonly words?: readonly string[];
  /** Lines of the example block, without indent. */
  readonly examples: readonly string[];
  /** Validates, loads the library, runs, shows. */
  run(flags: FlagValues, session: Session): Promise<void>;
}
