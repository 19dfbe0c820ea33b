/**
 * Which commands there are. What one of them does is loaded once it is asked for: a short command
 * shall not pay for reading what all the others are made of.
 */

import type { CommandModule } from 'yargs';
import type { CommandBody } from './command-body.ts';
import type { CommandSession } from './session.ts';

interface Listed {
  readonly command: string;
  readonly describe: string;
  readonly load: (session: CommandSession, describe: string) => Promise<CommandBody>;
}

/** In the order in which they are told. */
const COMMANDS: readonly Listed[] = [
  {
    command: 'run <scenario>',
    describe: 'Measure; write results/...; print the tables',
    load: async (session) => (await import('./run-command.ts')).runCommand(session),
  },
  {
    command: 'resume <run>',
    describe: 'Go on with a run that was killed or interrupted',
    load: async (session) => (await import('./resume-command.ts')).resumeCommand(session),
  },
  {
    command: 'observe',
    describe: 'Measure a load that somebody else makes; create and delete nothing',
    load: async (session) => (await import('./observe-command.ts')).observeCommand(session),
  },
  {
    command: 'report <runs..>',
    describe: 'Write HTML, PNG, CSV and Markdown into reports/...; several runs side by side',
    load: async (session) => (await import('./report-command.ts')).reportCommand(session),
  },
  {
    command: 'cluster',
    describe: 'Serve the simulated cluster over HTTPS, for kubectl and any other client',
    load: async (session) => (await import('./cluster-command.ts')).clusterCommand(session),
  },
  {
    command: 'init [name]',
    describe: 'Write a commented scenario to begin with',
    load: async (session) => (await import('./init-command.ts')).initCommand(session),
  },
  {
    command: 'study',
    describe: 'Many runs, one question: where is the knee, what if, how do clusters differ?',
    load: async (session, describe) =>
      (await import('./study-command.ts')).studyCommand(session, describe),
  },
  {
    command: 'calibrate <runs..>',
    describe: "Fit the simulated cluster to recorded runs: your cluster's twin",
    load: async (session) => (await import('./calibrate-command.ts')).calibrateCommand(session),
  },
  {
    command: 'validate <files..>',
    describe: 'Check scenario and study files: problems with line and column',
    load: async (session) => (await import('./validate-command.ts')).validateCommand(session),
  },
  {
    command: 'plan <scenario>',
    describe: 'Print what would be created, when, and how much storage',
    load: async (session) => (await import('./plan-command.ts')).planCommand(session),
  },
  {
    command: 'capacity <scenario>',
    describe: 'How many of these VMs fit, and what stops them; no run',
    load: async (session) => (await import('./capacity-command.ts')).capacityCommand(session),
  },
  {
    command: 'lab',
    describe: 'Is the lab there and well? Bring it up, each wait timed',
    load: async (session) => (await import('./lab-command.ts')).labCommand(session),
  },
  {
    command: 'preflight <scenario>',
    describe: 'Can it run there? Creates nothing but dry runs',
    load: async (session) => (await import('./preflight-command.ts')).preflightCommand(session),
  },
  {
    command: 'cleanup [run]',
    describe: 'Find what runs left on a cluster, and remove it',
    load: async (session) => (await import('./cleanup-command.ts')).cleanupCommand(session),
  },
  {
    command: 'schema [of]',
    describe: 'Print the JSON Schema of scenario files, or of study files',
    load: async (session) => (await import('./schema-command.ts')).schemaCommand(session),
  },
  {
    command: 'compare [runs..]',
    describe: 'What got faster or slower from one run, or group of runs, to another',
    load: async (session) => (await import('./compare-command.ts')).compareCommand(session),
  },
  {
    command: 'gate <run>',
    describe: 'The nightly verdict: compare a run with a history of nights, and add it',
    load: async (session) => (await import('./gate-command.ts')).gateCommand(session),
  },
  {
    command: 'trend [dir]',
    describe: 'Change points over many nights, with intervals',
    load: async (session) => (await import('./trend-command.ts')).trendCommand(session),
  },
  {
    command: 'export <run>',
    describe: 'A run in the formats of other tools',
    load: async (session) => (await import('./export-command.ts')).exportCommand(session),
  },
  {
    command: 'completion [shell]',
    describe: 'Print the completion script of a shell: bash or zsh',
    load: async (session) => (await import('./completion-command.ts')).completionCommand(session),
  },
];

/** Only a command whose name is on the command line can be meant. */
export function listCommands(session: CommandSession): Promise<readonly CommandModule[]> {
  const { argv } = session.host;
  return Promise.all(
    COMMANDS.map(async ({ command, describe, load }) => {
      const [name = ''] = command.split(' ');
      const body = argv.includes(name) ? await load(session, describe) : NOT_MEANT;
      return { command, describe, ...body } as CommandModule;
    }),
  );
}

const NOT_MEANT: CommandBody = { builder: (yargs) => yargs, handler: () => {} };
