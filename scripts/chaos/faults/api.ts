/** Faults of the API: refusals, errors, answers that are lost or cut, watches that end. */
import { status, type Asked, type Deed } from '../api-front.ts';
import type { Fault } from '../fault.ts';
import type { Expected } from '../setup.ts';
import type { Scene } from '../scene.ts';

const both = { whats: ['task', 'job'], stores: ['claim', 'none'], wire: 'http' } as const;
const same = (): Expected => ({ end: 'same' });

/** A fault that deals with each request by itself. */
function rule(deal: (asked: Asked, scene: Scene) => Deed | undefined): Pick<Fault, 'arrange'> {
  return {
    arrange(scene) {
      scene.front.rule = (asked) => {
        const deed = deal(asked, scene);
        if (deed) scene.note(`${asked.method} ${asked.path}${asked.isWatch ? ' (watch)' : ''}`, deed);
        return deed;
      };
    },
  };
}

const broken = [
  [500, 'InternalError', 'Internal error occurred: etcdserver: leader changed'],
  [500, 'InternalError', 'etcdserver: request timed out'],
  [503, 'ServiceUnavailable', 'the server is currently unable to handle the request'],
  [504, 'Timeout', 'Timeout: request did not complete within requested timeout'],
] as const;

const isPodCreation = ({ method, path }: Asked): boolean => method === 'POST' && path.endsWith('/pods');

export const apiFaults: readonly Fault[] = [
  {
    ...both,
    name: 'api-429',
    about: 'a quarter of all requests gets 429 with Retry-After',
    ...rule((_, { dice }) =>
      dice.chance(0.25)
        ? {
            kind: 'answer',
            ...status(429, 'TooManyRequests', 'Too many requests, please try again later.'),
            headers: { 'retry-after': '1' },
          }
        : undefined,
    ),
    expected: same,
  },
  {
    ...both,
    name: 'api-500',
    about: 'a quarter of all requests gets 500, 502, 503 or 504, from the server or a load balancer',
    ...rule((_, { dice }) => {
      if (!dice.chance(0.25)) return undefined;
      if (dice.chance(0.25)) return { kind: 'answer', status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' };
      const [code, reason, message] = dice.pick(broken);
      return { kind: 'answer', ...status(code, reason, message) };
    }),
    expected: same,
  },
  {
    ...both,
    name: 'answer-lost',
    about: 'a quarter of all requests is done by the server, and its answer is lost',
    ...rule((_, { dice }) => (dice.chance(0.25) ? { kind: 'lose' } : undefined)),
    expected: same,
  },
  {
    ...both,
    name: 'answer-cut',
    about: 'a quarter of all answers and streams breaks within its first 2 to 60 kB',
    ...rule((asked, { dice }) =>
      dice.chance(0.25) ? { kind: 'cut', afterBytes: dice.between(0, asked.isExec ? 60_000 : 2000) } : undefined,
    ),
    expected: same,
  },
  {
    ...both,
    name: 'api-hang',
    about: 'one request is never answered',
    arrange(scene) {
      const unlucky = scene.dice.between(2, 9);
      let count = 0;
      scene.front.rule = (asked) => {
        if (++count !== unlucky) return undefined;
        scene.note(`${asked.method} ${asked.path}`, { kind: 'hang' });
        return { kind: 'hang' };
      };
    },
    expected: same,
  },
  {
    ...both,
    name: 'api-late',
    about: 'half of all requests reaches the server up to 3 s late',
    ...rule((_, { dice }) => (dice.chance(0.5) ? { kind: 'delay', ms: dice.between(50, 3000) } : undefined)),
    expected: same,
  },
  {
    ...both,
    name: 'watch-410',
    about: 'half of all watches gets 410 Gone, as an answer or as an event',
    ...rule(({ isWatch }, { dice }) => {
      if (!isWatch || !dice.chance(0.5)) return undefined;
      const gone = status(410, 'Expired', 'The resourceVersion for the provided watch is too old.');
      if (dice.chance(0.5)) return { kind: 'answer', ...gone };
      return { kind: 'answer', status: 200, body: `{"type":"ERROR","object":${gone.body}}\n` };
    }),
    expected: same,
  },
  {
    ...both,
    name: 'watch-ends',
    about: 'each watch ends after 0 to 1.5 s, or breaks in an event',
    ...rule(({ isWatch }, { dice }) => {
      if (!isWatch) return undefined;
      if (dice.chance(0.3)) return { kind: 'cut', afterBytes: dice.between(0, 6000) };
      return { kind: 'end', afterMs: dice.between(0, 1500) };
    }),
    expected: same,
  },
  {
    ...both,
    name: 'exec-refused',
    about: 'a third of all exec streams is refused, in the words of API server, kubelet and runtime',
    ...rule(({ isExec }, { dice }) => {
      if (!isExec || !dice.chance(0.33)) return undefined;
      const message = dice.pick([
        'error dialing backend: dial tcp 192.0.2.2:10250: connect: connection refused',
        'unable to upgrade connection: container not found ("main")',
        'error dialing backend: EOF',
        'error executing command in container: ttrpc: closed',
      ]);
      return { kind: 'answer', ...status(500, 'InternalError', message) };
    }),
    expected: same,
  },
  {
    ...both,
    whats: ['task'],
    name: 'quota',
    about: 'the quota of the namespace refuses the pod',
    ...rule((asked) =>
      isPodCreation(asked)
        ? {
            kind: 'answer',
            ...status(
              403,
              'Forbidden',
              'pods "x" is forbidden: exceeded quota: team, requested: pods=1, used: pods=5, limited: pods=5',
            ),
          }
        : undefined,
    ),
    expected: () => ({ end: 'lost', kinds: ['quota'] }),
  },
  {
    ...both,
    whats: ['task'],
    name: 'admission',
    about: 'an admission webhook refuses the pod',
    ...rule((asked) =>
      isPodCreation(asked)
        ? {
            kind: 'answer',
            ...status(
              403,
              'Forbidden',
              'admission webhook "validation.gatekeeper.sh" denied the request: [team] the pod has no owner',
            ),
          }
        : undefined,
    ),
    expected: () => ({ end: 'lost', kinds: ['admission-denied'] }),
  },
  {
    ...both,
    whats: ['task'],
    rest: 'endless',
    name: 'token-expired',
    about: 'the token expires while the command runs, and all connections end; with a new one the user aborts the run',
    async during(scene) {
      if (!(await scene.begins())) return undefined;
      scene.front.rule = () => ({ kind: 'answer', ...status(401, 'Unauthorized', 'Unauthorized') });
      scene.front.breakAll();
      return undefined;
    },
    expected: () => ({ end: 'lost', kinds: ['unauthorized'] }),
    async afterwards(scene) {
      scene.calm();
      await scene.call(['abort', await scene.id()]);
    },
  },
];
