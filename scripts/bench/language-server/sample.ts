/** A task file of any length, as tasks that grew are: many params, a long script, many inputs. */

const HEAD = `# Runs the unit tests of the service.
platform: linux

image_resource:
  type: registry-image
  source:
    repository: registry.example.com/build/golang
    tag: "1.24"

inputs:
- name: source
- name: version
  optional: true
  path: build/version

outputs:
- name: coverage
`;

const TAIL = `
run:
  path: source/ci/unit.sh
  dir: source
  args: [--race, "--timeout=20m"]
`;

/** A valid task of about this many bytes. */
export function sampleTask(bytes: number): string {
  const parts = [HEAD, '\nparams:\n'];
  let length = HEAD.length + TAIL.length + 9;
  for (let index = 0; length < bytes; index++) {
    const part =
      index % 6 === 5
        ? `  SCRIPT_${index}: |\n    set -e\n    echo "building part ${index}"\n    go test ./part${index}/...\n`
        : `  SETTING_${index}: value of setting ${index} # explained here\n`;
    parts.push(part);
    length += part.length;
  }
  return parts.join('') + TAIL;
}
