/** One flag of a command. What a value may be is told in its description and checked in `options`. */
export interface Flag {
  /** `value` takes one, `list` takes several and may be repeated, `switch` takes none. */
  readonly kind: 'value' | 'list' | 'switch';
  /** Heading in --help. */
  readonly group: string;
  readonly describe: string;
  /** The values that there are, where they are few: what a shell can complete. */
  readonly choices?: readonly string[];
}

/** By name, without dashes. */
export type Flags = Readonly<Record<string, Flag>>;

/** What was typed: the values as text. */
export class FlagValues {
  readonly #values: ReadonlyMap<string, unknown>;
  readonly #words: readonly string[];

  constructor(values: ReadonlyMap<string, unknown>, words: readonly string[]) {
    this.#values = values;
    this.#words = words;
  }

  /** Words that belong to no flag, if there are any. */
  words(): readonly string[] | undefined {
    return this.#words.length === 0 ? undefined : this.#words;
  }

  /** A switch. */
  on(name: string): boolean {
    return this.#values.get(name) === true;
  }

  /** The text of a value flag. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return typeof value === 'string' ? value : undefined;
  }

  /** A number where the text is one; else the text itself, for the message about it. */
  number(name: string): number | string | undefined {
    const text = this.text(name);
    return text !== undefined && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
  }

  /** The texts of a list flag. */
  list(name: string): readonly string[] | undefined {
    const value = this.#values.get(name);
    return Array.isArray(value) ? value.map(String) : undefined;
  }
}
