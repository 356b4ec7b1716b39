/** The Role that an administrator has to grant, made from what the runner says that it needs. */
import type { AccessQuestion } from '#runner';

/** A manifest as JSON, which kubectl takes as well as YAML. */
export function roleManifest(needed: readonly AccessQuestion[], namespace: string): string {
  const groups = new Map<string, { apiGroups: string[]; resources: string[]; verbs: string[] }>();
  for (const { verb, resource, group = '' } of needed) {
    const key = `${group}/${resource}`;
    const rule = groups.get(key) ?? { apiGroups: [group], resources: [resource], verbs: [] };
    rule.verbs.push(verb);
    groups.set(key, rule);
  }
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'tarmac', namespace },
    rules: [...groups.values()],
  };
  return `${JSON.stringify(role, undefined, 2)}\n`;
}
