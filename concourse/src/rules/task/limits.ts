/** Rules about `container_limits` and `caches[].ttl`. The decoder reports all but the last two. */
import type { Rule } from '../rule.ts';
import { entryAt } from '../tree.ts';

const LIMITS =
  'Source: [container_limits](https://concourse-ci.org/docs/tasks/) and [atc/container_limits.go](https://github.com/concourse/concourse/blob/master/atc/container_limits.go).';
const TTL =
  'Source: [caches](https://concourse-ci.org/docs/tasks/) and Go’s [time.ParseDuration](https://pkg.go.dev/time#ParseDuration).';
const KUBERNETES =
  'Source: [resource units in Kubernetes](https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/).';

/** Below this a container hardly starts: a shell needs seconds for each command. */
const SMALL_CPU = 50n;
/** Container runtimes need some megabytes to start a process at all (runc and crun refuse less than 4 to 6 MiB). */
const SMALL_MEMORY = 6n << 20n;

/** CPU, memory and cache lifetimes. */
export const LIMIT_RULES: readonly Rule[] = [
  {
    id: 'invalid-cpu-limit',
    group: 'limits',
    severity: 'error',
    title: 'A cpu limit that is not a number',
    documentation: `\`cpu\` is a number of CPU shares, without unit and without quotes. Concourse rejects anything else: \`cpu limit must be an integer\`.\n\n${LIMITS}`,
    example: 'platform: linux\ncontainer_limits:\n  cpu: 500m\n',
    fixable: true,
  },
  {
    id: 'invalid-memory-limit',
    group: 'limits',
    severity: 'error',
    title: 'A memory limit that cannot be read',
    documentation: `\`memory\` is a number of bytes, or a whole number with \`K\`, \`M\` or \`G\` behind it (\`KB\`, \`MiB\` … mean the same; all count in 1024). \`1.5GB\`, \`1 GB\`, \`1T\` and \`1B\` are rejected: \`could not parse container memory limit\`.\n\n${LIMITS}`,
    example: 'platform: linux\ncontainer_limits:\n  memory: 1.5GB\n',
    fixable: true,
  },
  {
    id: 'limit-wraps',
    group: 'limits',
    severity: 'warning',
    title: 'A limit below 0 or beyond 64 bits',
    documentation: `Limits are unsigned 64-bit numbers. A negative one becomes a huge one without a word. Write a positive number; 0 means unlimited.\n\n${LIMITS}`,
    example: 'platform: linux\ncontainer_limits:\n  cpu: -1\n',
    fixable: true,
  },
  {
    id: 'limit-truncated',
    group: 'limits',
    severity: 'warning',
    title: 'A limit with decimals',
    documentation: `Concourse cuts the decimals off: \`cpu: 1.9\` is 1 share, and \`0.5\` is 0, which means unlimited.\n\n${LIMITS}`,
    example: 'platform: linux\ncontainer_limits:\n  cpu: 1.9\n',
    fixable: true,
  },
  {
    id: 'limit-ignored',
    group: 'limits',
    severity: 'warning',
    title: 'A memory limit that counts as unlimited',
    documentation: `A list, mapping or boolean as memory limit is read as 0, which means unlimited.\n\n${LIMITS}`,
    example: 'platform: linux\ncontainer_limits:\n  memory: true\n',
    fixable: true,
  },
  {
    id: 'invalid-cache-ttl',
    group: 'limits',
    severity: 'error',
    title: 'A cache ttl that is not a duration of at least 1s',
    documentation: `\`ttl\` is a Go duration: numbers with the units \`h\`, \`m\`, \`s\`, \`ms\`, \`us\`, \`ns\`, e.g. \`24h\` or \`1h30m\`; there is no unit for days. It must be at least one second.\n\n${TTL}`,
    example: 'platform: linux\ncaches:\n  - path: .cache\n    ttl: 1d\n',
    fixable: true,
  },
  {
    id: 'small-cpu-limit',
    group: 'limits',
    severity: 'information',
    title: 'A cpu limit that starves the pod',
    documentation: `In Concourse \`cpu\` is a relative weight: \`cpu: 2\` is small, but alone on a worker the task still gets all CPUs. On Kubernetes Tarmac takes the number as thousandths of a CPU, and a pod with fewer than 50 hardly moves.\n\n${KUBERNETES}`,
    example: 'platform: linux\ncontainer_limits:\n  cpu: 2\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const cpu = document.config.container_limits?.cpu;
      const entry = entryAt(document.root, 'container_limits', 'cpu');
      if (!entry || cpu === undefined || cpu === 0n || cpu >= SMALL_CPU) return;
      const message = `On Kubernetes this limits the task to ${cpu} thousandths of a CPU; in Concourse it is a relative weight. Write 1000 for one CPU.`;
      report(entry.value.range, message, {
        data: { path: ['container_limits', 'cpu'], replacement: String(cpu * 1000n), becomes: `${cpu}m` },
      });
    },
  },
  {
    id: 'small-memory-limit',
    group: 'limits',
    severity: 'warning',
    title: 'A memory limit in which nothing can run',
    documentation: `A number without a unit is bytes: \`memory: 512\` is half a kilobyte. With less than some megabytes no container starts. Add the unit: \`512MB\`.\n\n${LIMITS}`,
    example: 'platform: linux\ncontainer_limits:\n  memory: 512\nrun: {path: make}\n',
    fixable: true,
    check({ document, report }) {
      const memory = document.config.container_limits?.memory;
      const entry = entryAt(document.root, 'container_limits', 'memory');
      if (!entry || memory === undefined || memory === 0n || memory >= SMALL_MEMORY) return;
      const bare = entry.value.kind === 'scalar' && /^\d{1,5}$/.test(entry.value.text) ? entry.value.text : undefined;
      const message = `${memory} bytes is too little memory for any container to start. ${bare === undefined ? 'Write a larger limit.' : `Write '${bare}MB' if megabytes are meant.`}`;
      const data = { path: ['container_limits', 'memory'], becomes: memory.toString() };
      report(entry.value.range, message, { data: bare === undefined ? data : { ...data, replacement: `${bare}MB` } });
    },
  },
];
