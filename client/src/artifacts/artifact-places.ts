/**
 * Where artifacts are: a cluster, a namespace and a claim, behind a short name that stands in their URIs. Remembered by
 * the workspace, so that an editor with an artifact's file opens again after a reload.
 */
import { createHash } from 'node:crypto';
import type { Memento } from 'vscode';
import type { ClusterRef } from '../cluster/runner-host.ts';

export interface ArtifactPlace extends ClusterRef {
  /** Name of the claim; absent where artifacts live only as long as their pods. */
  readonly claim?: string;
}

const key = 'tarmac.artifactPlaces';

export class ArtifactPlaces {
  readonly #memento: Memento;

  constructor(memento: Memento) {
    this.#memento = memento;
  }

  /** The name of a place; always the same for the same place. */
  name({ kubeconfig, context, namespace, claim }: ArtifactPlace): string {
    const place: ArtifactPlace = { kubeconfig, context, namespace, ...(claim === undefined ? {} : { claim }) };
    const name = createHash('sha256').update(JSON.stringify(place)).digest('hex').slice(0, 12);
    const known = this.#all;
    if (!Object.hasOwn(known, name)) void this.#memento.update(key, { ...known, [name]: place });
    return name;
  }

  /** Undefined for a name of another workspace. */
  get(name: string): ArtifactPlace | undefined {
    const known = this.#all;
    return Object.hasOwn(known, name) ? known[name] : undefined;
  }

  get #all(): Readonly<Record<string, ArtifactPlace>> {
    return this.#memento.get<Readonly<Record<string, ArtifactPlace>>>(key, {});
  }
}
