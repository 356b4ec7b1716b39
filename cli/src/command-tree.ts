/** The commands and flags of `tarmac`. Parsing only: what a command does is in `commands/`, loaded when it is called. */
import { Command, Option } from 'commander';
import { didYouMean } from '#concourse';
import type { CommandContext } from './context.ts';
import { wantsColor } from './io.ts';
import { FlagValues, UsageError, type PairMap } from './usage.ts';

const profiles = ['auto', 'baseline', 'restricted', 'none', 'privileged'] as const;
const generations = ['next', 'current', '8.0', '7.14', '5.5'] as const;
/** What a file may be taken for. */
const fileKinds = ['task', 'pipeline'] as const;
const reportFormats = ['text', 'json', 'sarif', 'github'] as const;
const severities = ['error', 'warning', 'information', 'hint'] as const;
const whileRunning = ['restart', 'queue'] as const;
const shells = ['bash', 'zsh', 'fish'] as const;

/** A parsed command line: what to call. */
export type Invocation = () => Promise<number>;

/** What `buildCommands` gives: commander's tree, and the call that parsing found. */
export interface CommandTree {
  readonly command: Command;
  /** What is wrong with flags' values so far. */
  readonly problems: readonly string[];
  /** Set by a successful parse. */
  readonly invocation: () => Invocation | undefined;
}

/**
 * Builds the command tree anew, since commander keeps state between parses.
 *
 * @param name the command that is called: where it is one of ours, the others are left out, which is quicker. All when absent.
 */
export function buildCommands(context: CommandContext, version: string, name?: string): CommandTree {
  const { io } = context;
  const values = new FlagValues();
  let invocation: Invocation | undefined;
  const setInvocation = (work: Invocation): void => {
    invocation = work;
  };
  const call = (work: Invocation): void =>
    setInvocation(() => {
      if (values.problems.length > 0) throw new UsageError(...values.problems);
      return work();
    });
  const program = new Command('tarmac')
    .description('Check Concourse tasks and run them on a Kubernetes cluster, without a Concourse.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHelpWidth: () => io.stdout.columns,
      getErrHelpWidth: () => io.stderr.columns,
      getOutHasColors: () => wantsColor(io, true),
      getErrHasColors: () => wantsColor(io, true),
    })
    // `fly -t TARGET execute` becomes `tarmac -t TARGET execute` in many a script.
    .addOption(new Option('-t, --target <name>', 'accepted for scripts made for fly').hideHelp());

  const adders: readonly (readonly [names: readonly string[], add: () => void])[] = [
    [['validate'], () => addValidate(program, context, values, call)],
    // It reports wrong values together with what is wrong in the task.
    [['execute', 'e'], () => addExecute(program, context, values, setInvocation)],
    [['job'], () => addJob(program, context, values, call)],
    [['runs', 'attach', 'abort', 'shell', 'intercept', 'hijack'], () => addRuns(program, context, values, call)],
    [['artifacts', 'download'], () => addArtifacts(program, context, values, call)],
    [['tests'], () => addTests(program, context, values, call)],
    [['store'], () => addStore(program, context, values, call)],
    [['doctor'], () => addDoctor(program, context, values, call)],
  ];
  const called = adders.filter(([names]) => name !== undefined && names.includes(name));
  for (const [, add] of called.length > 0 ? called : adders) add();
  // It prints the names of all.
  if (called.length === 0) addCompletion(program, context, values, call);
  return { command: program, problems: values.problems, invocation: () => invocation };
}

type Call = (work: Invocation) => void;

function addCompletion(program: Command, { io }: CommandContext, values: FlagValues, call: Call): void {
  program
    .command('completion')
    .description('print a script that completes commands and flags')
    .argument('<shell>', shells.join(', '))
    .addHelpText('after', '\nFor example: source <(tarmac completion bash)')
    .action((shell: string) => {
      const chosen = values.choice('completion', shells)(shell) ?? 'bash';
      call(async () => {
        const { completionScript } = await import('./completion.ts');
        await io.stdout.write(completionScript(program, chosen));
        return 0;
      });
    });
}

function addValidate(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const { io } = context;
  program
    .command('validate')
    .description('check task files and pipelines; exit code 1 when Concourse rejects one')
    .argument('<path...>', 'task files, pipelines, folders that are searched for them, - for standard input')
    .addOption(
      new Option('--format <format>', 'text, json, sarif (for code scanning) or github (annotations of a workflow)')
        .argParser(values.choice('--format', reportFormats))
        .default('text'),
    )
    .option('--json', 'the same as --format json: verdict, config and problems of each file')
    .option(
      '--target <generation>',
      `Concourse to check against: ${generations.join(', ')}`,
      values.choice('--target', generations),
      'current',
    )
    .option(
      '--severity <level>',
      `leave out what is less severe: ${severities.join(', ')} (default: warning, for json and sarif hint)`,
      values.choice('--severity', severities),
    )
    .option('--rule <rule=level>', 'severity of a rule, or off; repeatable', values.pairs('rule', 'rule=level'))
    .option(
      '--kind <kind>',
      'what the files are, where they do not show it: task or pipeline',
      values.choice('--kind', fileKinds),
    )
    .option('--strict', 'pipelines: unknown keys are errors, and a warning is as good as one')
    .optionsGroup('Variables (as in fly validate-pipeline):')
    .option('-v, --var <name=string>', 'value of a ((variable)) of pipelines; repeatable', values.rawPairs('variable'))
    .option('-y, --yaml-var <name=yaml>', 'the same as YAML; repeatable', values.rawPairs('variable'))
    .option('-i, --instance-var <name=yaml>', 'instance variable of pipelines; repeatable', values.rawPairs('variable'))
    .option('-l, --load-vars-from <path>', 'file with values for ((vars)): those without one are reported', values.list)
    .action((paths: string[], flags: ValidateFlags) => {
      call(async () => {
        const task = await context.services.task();
        const { severity, rule, loadVarsFrom, kind } = flags;
        return task.validate(
          paths,
          {
            format: flags.json === true ? 'json' : (flags.format ?? 'text'),
            target: flags.target ?? 'current',
            severity,
            rules: rule,
            varsFiles: loadVarsFrom,
            kind,
            strict: flags.strict === true,
            vars: flags.var ?? [],
            yamlVars: [...(flags.yamlVar ?? []), ...(flags.instanceVar ?? [])],
          },
          {
            stdout: (text) => void io.stdout.write(text),
            stderr: (text) => void io.stderr.write(text),
          },
        );
      });
    });
}

/** The flags of `validate` as commander hands them over. */
interface ValidateFlags {
  readonly format?: (typeof reportFormats)[number];
  readonly json?: boolean;
  readonly target?: (typeof generations)[number];
  readonly severity?: (typeof severities)[number];
  readonly rule?: PairMap;
  readonly loadVarsFrom?: readonly string[];
  readonly kind?: (typeof fileKinds)[number];
  readonly strict?: boolean;
  readonly var?: readonly string[];
  readonly yamlVar?: readonly string[];
  readonly instanceVar?: readonly string[];
}

function addExecute(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const command = program
    .command('execute')
    .alias('e')
    .description('run a task on the cluster')
    .usage('-c FILE [flags] [-- ARGS...]')
    .argument('[args...]', "additional arguments of the task's command; put -- before those that look like flags")
    .optionsGroup('The task (as in fly execute):')
    .option('-c, --config <path>', 'the task file; a pattern that matches one file, - for standard input', values.text)
    .option(
      '-i, --input <name=path>',
      'folder for an input, or run:RUN/OUTPUT; repeatable',
      values.pairs('input', 'name=path'),
    )
    .option(
      '-o, --output <name=path>',
      'folder that receives an output afterwards; repeatable',
      values.pairs('output', 'name=path'),
    )
    .option('-v, --var <name=string>', 'value of a ((variable)); repeatable', values.rawPairs('variable'))
    .option('-y, --yaml-var <name=yaml>', 'value of a ((variable)) as YAML; repeatable', values.rawPairs('variable'))
    .option('-l, --load-vars-from <path>', 'YAML file with variables; repeatable', values.list)
    .option('--job <name>', 'a job of the pipeline that -c names; with --step', values.text)
    .option('--step <step>', 'the task step of that job to run, as the pipeline says it', values.text)
    .option('-p, --privileged', 'run the task with full privileges')
    .option('--include-ignored', 'send files that .gitignore leaves out, too')
    .option('--shared-caches', 'use the caches of everybody who runs this task with this claim, not your own')
    .option('-b, --background', 'end as soon as the task runs; see tarmac attach')
    .optionsGroup('The task (beyond fly):')
    .option(
      '--param <name=value>',
      'value of a param; repeatable; wins over the environment',
      values.pairs('param', 'name=value'),
    )
    .option('--secret <name>', 'a param or ((variable)) whose value nothing may show; repeatable', values.list)
    .option('--image <ref>', 'image to use instead of the image_resource', values.text)
    .option('--include-git', 'send the .git folder, too')
    .option('--include-git-outputs', 'take what outputs hold of Git repositories, too')
    .option('--pty', 'run the command in a terminal of 500x500, as Concourse does')
    .option('--timeout <duration>', 'end the task after this time, e.g. 1h30m', values.duration('--timeout'))
    .option('--keep <duration>', 'keep the pod this long after the end, for tarmac shell', values.duration('--keep'))
    .option(
      '--security-profile <profile>',
      `what the pod may do: ${profiles.join(', ')}`,
      values.choice('--security-profile', profiles),
    )
    .option('--pull-secret <name>', 'secret with registry credentials; repeatable', values.list)
    .option('--dry-run', 'print the pod as YAML, without secrets, and do nothing')
    .option(
      '--spare <duration>',
      'keep a pod ready this long for the next run of the task; off: none, and those that wait are removed',
      values.spare('--spare'),
    )
    .option('--watch', 'run again whenever a file changes that the run sends, until Ctrl-C')
    .option(
      '--while-running <what>',
      'with --watch, what a change does to a running task: restart it (default), or queue the next run',
      values.choice('--while-running', whileRunning),
    )
    .addOption(new Option('--tag <tag>').argParser(values.list).hideHelp())
    .addOption(new Option('--team <name>').hideHelp())
    .addOption(new Option('-t, --target <name>').hideHelp());
  for (const [flags, instead] of [
    [
      '-j, --inputs-from <job>',
      'give each input with -i NAME=PATH, or an output of an earlier run with -i NAME=run:RUN/OUTPUT',
    ],
    ['-m, --input-mapping <mapping>', "give the input under the task's own name with -i NAME=PATH"],
  ] as const) {
    command.addOption(
      new Option(flags)
        .argParser(values.impossible(flags.replace(/ .*, | <.*/gu, '').replace(', ', '/'), instead))
        .hideHelp(),
    );
  }
  addFollowFlags(command);
  addPodFlags(addClaimFlags(addClusterFlags(command)), values);
  command
    // All unknown flags are reported together, see below.
    .allowUnknownOption()
    .action((operands: string[], flags: { target?: string; job?: string; step?: string }) => {
      const unknown = operands.filter((operand) => /^-./u.test(operand));
      const known = command.options.flatMap((option) => (option.hidden ? [] : [option.long ?? '']));
      const problems = [...values.problems, ...unknown.map((flag) => unknownFlag(flag, known))];
      const target = flags.target ?? program.opts<{ target?: string }>().target;
      call(async () => {
        if (flags.job !== undefined || flags.step !== undefined) {
          if ('watch' in flags || 'whileRunning' in flags) {
            problems.push('--watch runs a task file: leave out --job and --step, or --watch');
          }
          if (problems.length > 0) throw new UsageError(...problems);
          const own = [
            'output',
            'param',
            'image',
            'privileged',
            'background',
            'pty',
            'timeout',
            'keep',
            'spare',
            'sharedCaches',
          ];
          const unfit = own
            .filter((flag) => flag in flags)
            .map((flag) => (flag === 'sharedCaches' ? '--shared-caches' : `--${flag}`));
          const { executeStep } = await import('./commands/job.ts');
          return executeStep(
            flags,
            [...unfit, ...(operands.length + context.tail.length > 0 ? ['ARGS'] : [])],
            context,
          );
        }
        const isWatched = 'watch' in flags || 'whileRunning' in flags;
        const run = isWatched
          ? (await import('./commands/watch.ts')).watch
          : (await import('./commands/execute.ts')).execute;
        const args = [...operands.filter((operand) => !unknown.includes(operand)), ...context.tail];
        return run(target === undefined ? flags : { ...flags, target }, args, problems, context);
      });
    });
}

function addJob(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const command = program
    .command('job')
    .description('run a job of a pipeline on the cluster; its puts are held back')
    .optionsGroup('The job:')
    .option('-c, --config <path>', 'the pipeline; a pattern that matches one file, - for standard input', values.text)
    .option('-j, --job <name>', 'the job', values.text)
    .option(
      '-i, --input <name=path>',
      'what replaces a get or a put: a folder, run:RUN/OUTPUT or image:REFERENCE; repeatable',
      values.pairs('input', 'name=path'),
    )
    .option('--dry-run', 'print the plan as a tree, and what is missing, and do nothing')
    .option(
      '--from <step>',
      'the first step that runs; it takes what earlier steps left in the last run of the job',
      values.text,
    )
    .option('--of <job>', 'the run of the job that --from and --only take artifacts from (the newest)', values.text)
    .option('--until <step>', 'the last step that runs', values.text)
    .option('--only <step>', 'the only step that runs', values.text)
    .option('--put <name>', 'a put that may run; repeatable; all others are held back', values.list)
    .option(
      '--version <name=key:value>',
      'the version that a get fetches; repeatable, also for each key of one version',
      values.rawPairs('version'),
    )
    .option(
      '--resource-type <type=image>',
      'the image that runs a resource type; repeatable',
      values.pairs('resource type', 'type=image'),
    )
    .option('-v, --var <name=string>', 'value of a ((variable)); repeatable', values.rawPairs('variable'))
    .option('-y, --yaml-var <name=yaml>', 'value of a ((variable)) as YAML; repeatable', values.rawPairs('variable'))
    .option('-l, --load-vars-from <path>', 'YAML file with variables; repeatable', values.list)
    .option('--secret <name>', 'a param or ((variable)) whose value nothing may show; repeatable', values.list)
    .option('--pods <number>', 'pods at once (4)', values.text)
    .option('--include-ignored', 'send files that .gitignore leaves out, too')
    .option('--include-git', 'send the .git folder, too')
    .option(
      '--security-profile <profile>',
      `what the pods may do: ${profiles.join(', ')}`,
      values.choice('--security-profile', profiles),
    )
    .option('--pull-secret <name>', 'secret with registry credentials; repeatable', values.list);
  addPodFlags(addClaimFlags(addClusterFlags(command)), values).action((flags: object) =>
    call(async () => (await import('./commands/job.ts')).job(flags, context)),
  );
}

function unknownFlag(given: string, known: readonly string[]): string {
  // What follows a `=` may be a secret.
  const name = given.split('=', 1)[0] ?? given;
  const near = name.startsWith('--') ? didYouMean(name, known) : undefined;
  const suggestion = near === undefined ? '' : `; did you mean ${near}?`;
  return `unknown flag \`${name}'${suggestion}\nput -- before arguments of the task that look like flags`;
}

function addRuns(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const load = () => import('./commands/runs.ts');
  addClusterFlags(program.command('runs').description('list runs, and jobs with their steps, newest first'))
    .option('--json', 'print a JSON array')
    .action((flags: object) => call(async () => (await load()).runs(flags, context)));
  const run = 'id of the run or JOB/STEP, the beginning of one, or latest';
  const attach = program.command('attach').description('follow a run from its first line of output; continue a job');
  addPodFlags(addClusterFlags(addFollowFlags(addTakeUpFlags(attach, values))), values)
    .argument('<run>', `${run}; or id of a job`)
    .option('--include-git', 'take what outputs hold of Git repositories, too')
    .action((name: string, flags: object) => call(async () => (await load()).attach(name, flags, context)));
  const abort = program
    .command('abort')
    .description('abort a run: TERM, 10 s, KILL; then remove its pod. Of a job the hooks run');
  addClusterFlags(addFollowFlags(addTakeUpFlags(abort, values)))
    .argument('<run>', `${run}; or id of a job`)
    .action((name: string, flags: object) => call(async () => (await load()).abort(name, flags, context)));
  addClusterFlags(program.command('shell').description("open a shell in a run's container"))
    .alias('intercept')
    .alias('hijack')
    .usage('RUN [-- COMMAND...]')
    .argument('<run>', run)
    .action((name: string, flags: object) =>
      call(async () => (await import('./commands/shell.ts')).shell(name, flags, context)),
    );
}

/** What somebody who goes on with a job gives again: no value of a var is written down. */
function addTakeUpFlags(command: Command, values: FlagValues): Command {
  return command
    .optionsGroup('A running job:')
    .option('-c, --config <path>', 'the pipeline, where it is not where it was', values.text)
    .option('-v, --var <name=string>', 'value of a ((variable)); repeatable', values.rawPairs('variable'))
    .option('-y, --yaml-var <name=yaml>', 'value of a ((variable)) as YAML; repeatable', values.rawPairs('variable'))
    .option('-l, --load-vars-from <path>', 'YAML file with variables; repeatable', values.list);
}

function addArtifacts(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const load = () => import('./commands/artifacts.ts');
  const list = program.command('artifacts').description('list inputs, outputs, caches and logs');
  const claim = '--claim <name>';
  addPodFlags(
    addClusterFlags(list).option(claim, 'persistent volume claim with the artifact store (TARMAC_CLAIM)'),
    values,
  )
    .argument('[run]', 'only of this run')
    .option('--json', 'print a JSON array')
    .action((name: string | undefined, flags: object) =>
      call(async () => (await load()).artifacts(name, flags, context)),
    );
  addPodFlags(addClusterFlags(program.command('download').description('download an output of a run')), values)
    .argument('<run/output>', 'e.g. latest/binary; of a job JOB/ARTIFACT or JOB/STEP/OUTPUT')
    .argument('<folder>', 'where its files go; made if it is missing')
    .option('--include-git', 'take what it holds of Git repositories, too')
    .action((source: string, target: string, flags: object) =>
      call(async () => (await load()).download(source, target, flags, context)),
    );
}

function addTests(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  addPodFlags(addClusterFlags(program.command('tests').description('show the test results of a run')), values)
    .argument('<run>', 'id of a run, or its beginning, or latest')
    .option('--json', 'print a JSON array of reports')
    .action((name: string, flags: object) =>
      call(async () => (await import('./commands/tests.ts')).tests(name, flags, context)),
    );
}

function addStore(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const load = () => import('./commands/store.ts');
  const store = program.command('store').description('the artifact store on a persistent volume claim');
  const add = (name: string, description: string): Command =>
    addPodFlags(addClaimFlag(addClusterFlags(store.command(name).description(description))), values)
      // Known, so that it is refused for what it is.
      .addOption(new Option('--no-claim').hideHelp())
      .optionsGroup('What is shown:')
      .option('--json', 'print JSON');
  add('init', 'make the claim if it is missing, and check that the store on it works')
    .option('--size <quantity>', 'size of a new claim, e.g. 20Gi')
    .option('--storage-class <name>', 'storage class of a new claim')
    .option('--access-mode <mode>', 'access mode of a new claim, e.g. ReadWriteMany')
    .action((flags: object) => call(async () => (await load()).storeInit(flags, context)));
  add('status', 'what the store holds, and how much room is left').action((flags: object) =>
    call(async () => (await load()).storeStatus(flags, context)),
  );
  add('prune', 'remove what nothing has used for a while, and what does not fit')
    .option(
      '--max-age <duration>',
      'remove what is unused for this long, e.g. 12h or 30d (7d without --max-size)',
      values.duration('--max-age'),
    )
    .option(
      '--max-size <quantity>',
      'then remove what is unused for longest, until the rest fits, e.g. 15Gi',
      values.bytes('--max-size'),
    )
    .option('--older-than <duration>', 'another name of --max-age', values.duration('--older-than'))
    .option('--dry-run', 'only say what would be removed')
    .action((flags: object) => call(async () => (await load()).storePrune(flags, context)));
}

function addDoctor(program: Command, context: CommandContext, values: FlagValues, call: Call): void {
  const command = program.command('doctor').description('check that tasks can run on this cluster');
  addPodFlags(addClaimFlags(addClusterFlags(command)), values)
    .option('--json', 'print a JSON array')
    .action((flags: object) => call(async () => (await import('./commands/doctor.ts')).doctor(flags, context)));
}

function addFollowFlags(command: Command): Command {
  return command
    .optionsGroup('What is shown:')
    .option('--events', 'print events as JSON lines on stdout, and nothing else there')
    .option('--quiet', "print only the task's output, warnings and errors")
    .option('--verbose', 'print phases and pod events, too');
}

function addClusterFlags(command: Command): Command {
  return command
    .optionsGroup('The cluster:')
    .option('--kubeconfig <file>', 'kubeconfig to use (KUBECONFIG, ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (TARMAC_CONTEXT)')
    .option('-n, --namespace <name>', 'namespace (TARMAC_NAMESPACE, the one of the context)')
    .option('--helper-image <ref>', 'image of the helper container (TARMAC_HELPER_IMAGE)')
    .option('--no-color', 'no colors (NO_COLOR)');
}

function addClaimFlag(command: Command): Command {
  return command.option('--claim <name>', 'persistent volume claim with the artifact store (TARMAC_CLAIM)');
}

function addClaimFlags(command: Command): Command {
  return addClaimFlag(command).option('--no-claim', 'use no artifact store');
}

/** What the pods that a command makes have beside what Tarmac gives them. The values are checked by the runner. */
function addPodFlags(command: Command, values: FlagValues): Command {
  return command
    .optionsGroup('The pods (the guide has "Shape the pod"):')
    .option(
      '--pod-annotation <name=value>',
      'annotation of the pods; repeatable',
      values.pairs('annotation', 'name=value'),
    )
    .option('--pod-label <name=value>', 'label of the pods; repeatable', values.pairs('label', 'name=value'))
    .option(
      '--node-selector <name=value>',
      'label that the node must have; repeatable',
      values.pairs('label', 'name=value'),
    )
    .option('--toleration <taint>', 'taint that the pods tolerate: KEY[=VALUE][:EFFECT]; repeatable', values.list)
    .option('--service-account <name>', 'service account of the pods', values.text)
    .option('--priority-class <name>', 'priority class of the pods', values.text)
    .option('--pull-policy <policy>', 'when images are pulled: auto, always, if-not-present, never', values.text)
    .option(
      '--ephemeral-storage <quantity>',
      "disk that the task's container asks for and may use, e.g. 4Gi",
      values.text,
    )
    .option('--helper-cpu <quantity>', "CPU of Tarmac's own containers, e.g. 250m", values.text)
    .option('--helper-memory <quantity>', "memory of Tarmac's own containers, e.g. 128Mi", values.text)
    .optionsGroup('Options:');
}
