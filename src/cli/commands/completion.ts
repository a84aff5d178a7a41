import { usageError } from '../../errors.ts';
import { choice } from '../../options/fields.ts';
import type { Command } from '../command.ts';
import { COMPLETION_SCRIPTS } from '../completion.ts';

const SHELLS = ['bash', 'zsh'] as const;

/** What a shell loads to complete `ghm`. */
export const completion: Command = {
  name: 'completion',
  summary: 'a script that lets bash or zsh complete commands and options',
  usage: 'bash|zsh',
  about: 'Prints a script for your shell. Load it in ~/.bashrc or ~/.zshrc; it asks ghm what can come next.',
  flags: {},
  takesWords: true,
  words: SHELLS,
  examples: ['ghm completion bash >> ~/.bashrc', 'ghm completion zsh > ~/.zfunc/_ghm', 'source <(ghm completion bash)'],
  async run(flags, session) {
    const [shell, more] = flags.words() ?? [];
    if (more !== undefined) throw usageError(`completion is for one shell, found ${JSON.stringify(more)} too`);
    const name = choice({ completion: shell ?? '' }, 'completion', SHELLS) ?? 'bash';
    await session.print([`${COMPLETION_SCRIPTS[name].trimEnd()}\n`]);
  },
};
