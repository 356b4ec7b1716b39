/** Web pages of container images, for the registries whose pages have certain addresses. */
import { parseImageReference } from '#concourse';

/**
 * The page that shows an image to people; undefined for registries that have none, or none with an address that follows
 * from the name.
 *
 * @param reference `[host/]path[:tag][@digest]`
 * @param tag a tag that is written elsewhere
 */
export function imagePage(reference: string, tag?: string): string | undefined {
  const parsed = parseImageReference(reference);
  if (!parsed.ok) return undefined;
  const { registry, repository } = parsed.image;
  const shownTag = parsed.image.tag ?? tag;
  switch (registry) {
    case 'docker.io': {
      const official = /^library\/([^/]+)$/.exec(repository)?.[1];
      if (official === undefined && repository.split('/').length !== 2) return undefined;
      const page = `https://hub.docker.com/${official === undefined ? `r/${repository}` : `_/${official}`}`;
      return shownTag === undefined ? page : `${page}/tags?name=${encodeURIComponent(shownTag)}`;
    }
    case 'quay.io':
      return repository.split('/').length === 2 ? `https://quay.io/repository/${repository}` : undefined;
    case 'ghcr.io':
      return `https://ghcr.io/${repository}`;
    default:
      return undefined;
  }
}
