/** `bench completion`: the script by which a shell completes commands and options. */

import type { CommandBody } from './command-body.ts';
import { UsageError } from '../core/usage-error.ts';
import { EXIT } from '../core/exit-code.ts';
import type { Session } from '../run/session.ts';

const SHELLS = ['bash', 'zsh'] as const;

/** What the shell calls to ask for words: yargs answers it. */
const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {
  bash: `# bash completion of bench: source <(bench completion bash)
_bench_completions() {
  local IFS=$'\\n'
  local word="\${COMP_WORDS[COMP_CWORD]}"
  local known="$(bench --get-yargs-completions "\${COMP_WORDS[@]}" 2>/dev/null)"
  COMPREPLY=($(compgen -W "$known" -- "$word"))
  if [ \${#COMPREPLY[@]} -eq 0 ]; then COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _bench_completions bench
`,
  zsh: `#compdef bench
# zsh completion of bench: source <(bench completion zsh)
_bench_completions() {
  local -a words_of_bench
  words_of_bench=("\${(@f)$(SHELL=zsh bench --get-yargs-completions "\${words[@]}" 2>/dev/null)}")
  if [ \${#words_of_bench} -gt 0 ]; then _describe 'bench' words_of_bench; else _files; fi
}
compdef _bench_completions bench
`,
};

export function completionCommand({
  screen,
  finish,
  host,
}: Session): CommandBody<{ readonly shell: string | undefined }> {
  return {
    builder: (yargs) =>
      yargs
        .positional('shell', { type: 'string', describe: 'bash or zsh [default: yours]' })
        .example('source <(bench completion bash)', 'in ~/.bashrc'),
    handler: ({ shell }) => {
      const own = (host.env['SHELL'] ?? 'bash').split('/').at(-1);
      const named = SHELLS.find((each) => each === (shell ?? own));
      if (named === undefined && shell !== undefined) {
        throw new UsageError(`there is a completion for ${SHELLS.join(' and ')}, not for ${shell}`);
      }
      screen.print(SCRIPTS[named ?? 'bash']);
      finish(EXIT.ok);
    },
  };
}
