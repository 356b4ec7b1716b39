/**
 * Runs the scripts of resource types, each in a run of its own: `in` leaves its folder as an output of the run, so it
 * becomes an artifact of the store as the outputs of tasks do. Source and params go to the script's standard input and
 * nowhere else.
 */
import { decodeTask, WORK_DIR } from '#concourse';
import { inputText, type JobArtifact } from '../job/cluster/artifact.ts';
import { imageOfGet } from '../job/plan/images.ts';
import type { GetEnd, GetRequest, LeafHandle, LeafRun, PutEnd, PutRequest } from '../job/steps/leaves.ts';
import { limitOfRun, planOrThrow } from '../job/cluster/run-plan.ts';
import { jsonText, type Value, type ValueMap } from '../job/values/values.ts';
import type { Plan, PlanResult, RunRequest } from '../model/plan.ts';
import { looksSecret, secretTexts } from '../redact/secret-names.ts';
import { madeVersion, pinnedVersion, scriptInput, versionsOf, type ScriptName, type Version } from './protocol.ts';
import type { ResourceType, ResourceTypes } from './types.ts';

/** How a script ended. */
export interface ScriptEnd {
  readonly exit?: number;
  readonly error?: Error;
  readonly stdout: string;
  readonly outputs: ReadonlyMap<string, unknown>;
}

/** What runs the scripts. */
export interface ResourceHost {
  readonly plan: (request: RunRequest) => PlanResult;
  readonly base: Omit<RunRequest, 'document' | 'taskFile'>;
  readonly pipelineFile: string;
  readonly job: string;
  readonly types: ResourceTypes;
  /** Without a claim: a folder of its own for the output of a script. */
  readonly target: () => string | undefined;
  /** Runs a plan to its end. Standard output is the script's answer, which nobody is shown. */
  readonly run: (plan: Plan, handle: LeafHandle) => Promise<ScriptEnd>;
}

/** The name of the output that `in` fills. */
const OUTPUT = 'get';

/** Gets and puts by the scripts of resource types. */
export class ResourceRunner {
  readonly #host: ResourceHost;

  constructor(host: ResourceHost) {
    this.#host = host;
  }

  /** Fetches a version: the one that is made or pinned, else the newest that `check` finds. */
  async get(request: GetRequest, handle: LeafHandle): Promise<GetEnd> {
    const type = this.#type(request);
    const version = pinnedVersion(request.version) ?? (await this.#newest(request, type, handle));
    handle.log(`version ${versionText(version)}\n`);
    const folder = `${WORK_DIR}/${OUTPUT}`;
    const input = scriptInput(sourceOf(request, type), { params: request.params, version });
    const end = await this.#script('in', request, type, input, handle, { args: [folder], dir: OUTPUT, output: true });
    if (end.exit !== 0) return { exit: end.exit };
    const { metadata } = madeVersion(end.stdout, 'in', folder);
    const made = end.outputs.get(OUTPUT) as JobArtifact | undefined;
    if (made === undefined) throw new Error(`what get ${handle.run.name} fetched was not kept`);
    return { exit: 0, version, metadata, handle: withImage(made, request, version) };
  }

  /** Makes a version from artifacts. */
  async put(request: PutRequest, handle: LeafHandle): Promise<PutEnd> {
    const type = this.#type(request);
    const inputs: Record<string, string> = {};
    for (const [name, artifact] of request.inputs) inputs[name] = inputText(name, artifact.handle as JobArtifact);
    const input = scriptInput(sourceOf(request, type), { params: request.params });
    const end = await this.#script('out', request, type, input, handle, { args: [WORK_DIR], inputs });
    if (end.exit !== 0) return { exit: end.exit };
    const { version } = madeVersion(end.stdout, 'out', WORK_DIR);
    handle.log(`version ${versionText(version)}\n`);
    return { exit: 0, version };
  }

  #type({ resource, type }: GetRequest | PutRequest): ResourceType {
    const found = this.#host.types.find(type);
    if ('type' in found) return found.type;
    throw new Error(`resource ${resource}: ${found.unknown}; name its image with --resource-type ${type}=IMAGE.`);
  }

  async #newest(request: GetRequest, type: ResourceType, handle: LeafHandle): Promise<Version> {
    const { stdout, exit } = await this.#script(
      'check',
      request,
      type,
      scriptInput(sourceOf(request, type)),
      handle,
      {},
    );
    if (exit !== 0) throw new Error(`check of the resource ${request.resource} failed with exit code ${exit}`);
    const newest = versionsOf(stdout).at(-1);
    if (newest !== undefined) return newest;
    throw new Error(
      `latest version of resource not found: check of ${request.resource} found none; name one with --version ${handle.run.name}=KEY:VALUE.`,
    );
  }

  async #script(
    script: ScriptName,
    request: GetRequest | PutRequest,
    type: ResourceType,
    stdin: string,
    handle: LeafHandle,
    more: {
      readonly args?: readonly string[];
      readonly dir?: string;
      readonly inputs?: Readonly<Record<string, string>>;
      readonly output?: true;
    },
  ): Promise<ScriptEnd & { readonly exit: number }> {
    const { base, plan, pipelineFile, job, target } = this.#host;
    const inputs = more.inputs ?? {};
    const config: ValueMap = {
      platform: 'linux',
      run: { path: `/opt/resource/${script}`, args: more.args ?? [], ...(more.dir !== undefined && { dir: more.dir }) },
      inputs: Object.keys(inputs).map((name) => ({ name })),
      ...(more.output && { outputs: [{ name: OUTPUT }] }),
      ...(type.image !== undefined && { image_resource: type.image }),
      params: environmentOf(handle.run, job),
    };
    const folder = more.output ? target() : undefined;
    const result = plan({
      ...base,
      document: decodeTask(jsonText(config), { extensions: true }),
      taskFile: `${pipelineFile}#${job}/${handle.run.leaf}`,
      task: `${script}-${handle.run.name}`,
      inputs,
      outputs: folder === undefined ? {} : { [OUTPUT]: folder },
      environment: {},
      pty: false,
      privileged: type.privileged,
      secretValues: [...(base.secretValues ?? []), ...request.secrets, ...hiddenIn(request, type)],
      ...(type.reference !== undefined && { image: type.reference }),
      ...limitOfRun(request.timeout),
    });
    const end = await this.#host.run({ ...planOrThrow(result), stdin }, handle);
    if (end.error !== undefined) throw end.error;
    return { ...end, exit: end.exit ?? 0 };
  }
}

/** The source, with what the resource type says for all of its resources. */
function sourceOf({ source }: GetRequest | PutRequest, { defaults }: ResourceType): ValueMap {
  return { ...defaults, ...source };
}

/** Texts of source, params and the type's own source that look like secrets: no output shows them. */
function hiddenIn({ source, params }: GetRequest | PutRequest, { image, defaults }: ResourceType): string[] {
  const values: Value = [source, params ?? {}, image ?? {}, defaults];
  return secretTexts(JSON.parse(jsonText(values)), looksSecret);
}

/** What upstream tells a script of the build, as far as there is one. */
function environmentOf(run: LeafRun, job: string): ValueMap {
  return { BUILD_JOB_NAME: job, ...(run.build_status !== undefined && { BUILD_STATUS: run.build_status }) };
}

function versionText(version: Version): string {
  const fields = Object.entries(version).map(([name, value]) => `${name}:${value}`);
  return fields.length > 0 ? fields.join(' ') : '(without a field)';
}

/** An image that a registry has can be the image of a task, although its files are an artifact. */
function withImage(made: JobArtifact, { resource, type, source }: GetRequest, version: Version): JobArtifact {
  if (made.kind !== 'output' || (type !== 'registry-image' && type !== 'docker-image')) return made;
  const image = imageOfGet({ name: resource, type, source, version });
  return 'reference' in image ? { ...made, image: image.reference } : made;
}
