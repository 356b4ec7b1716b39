/** Go's names of what a pipeline is decoded into, as encoding/json prints them. */
import type { FieldType, ObjectType } from '../schema/types.ts';

/** Types that have a name of their own, by the end of their place. */
const NAMED: Readonly<Record<string, string>> = {
  jobs: 'atc.JobConfigs',
  resources: 'atc.ResourceConfigs',
  resource_types: 'atc.ResourceTypes',
  prototypes: 'atc.Prototypes',
  groups: 'atc.GroupConfigs',
  var_sources: 'atc.VarSourceConfigs',
  display: 'atc.DisplayConfig',
  build_log_retention: 'atc.BuildLogRetention',
  source: 'atc.Source',
  defaults: 'atc.Source',
  version: 'atc.Version',
  params: 'atc.Params',
  get_params: 'atc.Params',
  vars: 'atc.Params',
  instance_vars: 'atc.InstanceVars',
  across: '[]atc.AcrossVarConfig',
  container_limits: 'atc.ContainerLimits',
};

/** Structs by the name of what they hold. */
const STRUCTS: Readonly<Record<string, string>> = {
  job: 'JobConfig',
  resource: 'ResourceConfig',
  'resource type': 'ResourceType',
  prototype: 'Prototype',
  group: 'GroupConfig',
  'variable source': 'VarSourceConfig',
  display: 'DisplayConfig',
  build_log_retention: 'BuildLogRetention',
};

/** A field as encoding/json names it: the innermost struct, then the keys from the root. */
export function goField({ name }: ObjectType, outer: string, key: string): string {
  const [struct = '', ...keys] = outer.split('.');
  return [STRUCTS[name] ?? struct, ...keys, key].join('.');
}

/** The name of a type at a place such as `Config.resources`. */
export function goTypeText(type: FieldType, place: string): string {
  const key = place.slice(place.lastIndexOf('.') + 1);
  switch (type.kind) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'integer':
      return 'int';
    case 'env':
      return 'map[string]atc.CoercedString';
    case 'list':
      if (type.of.kind === 'string') return '[]string';
      return type.of.kind === 'custom' ? '[]atc.Step' : (NAMED[key] ?? '[]interface {}');
    case 'map':
      return type.of.kind === 'string' && key !== 'version'
        ? 'map[string]string'
        : (NAMED[key] ?? 'map[string]interface {}');
    case 'custom':
      return type.name === 'attempts' ? 'int' : 'map[string]*json.RawMessage';
    default:
      return NAMED[key] ?? 'map[string]*json.RawMessage';
  }
}
