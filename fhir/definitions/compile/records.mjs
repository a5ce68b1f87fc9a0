// Turns FHIR definition resources into table records. What is left out on purpose: narrative,
// definitions, comments, mappings, designations; nothing that decides whether data is valid.
import { Record } from './table_writer.mjs';

const pick = (names, value, what) => {
  const index = names.indexOf(value);
  if (index < 0) throw new Error(`unknown ${what}: ${value}`);
  return index;
};
const statuses = ['draft', 'active', 'retired', 'unknown'];
const kinds = ['primitive-type', 'complex-type', 'resource', 'logical'];
const derivations = [undefined, 'specialization', 'constraint'];
const strengths = ['required', 'extensible', 'preferred', 'example'];
const discriminator_types = ['value', 'exists', 'pattern', 'type', 'profile'];
const slicing_rules = ['closed', 'open', 'openAtEnd'];
const representations = ['xmlAttr', 'xmlText', 'typeAttr', 'cdaText', 'xhtml'];
const aggregations = ['contained', 'referenced', 'bundled'];
const versionings = [undefined, 'either', 'independent', 'specific'];
const context_types = ['fhirpath', 'element', 'extension'];
const contents = ['not-present', 'example', 'fragment', 'complete', 'supplement'];
const hierarchy_meanings = [undefined, 'grouped-by', 'is-a', 'part-of', 'classified-with'];
const filter_operators = ['=', 'is-a', 'descendent-of', 'is-not-a', 'regex', 'in', 'not-in', 'generalizes', 'exists'];
const search_types = ['number', 'date', 'string', 'token', 'reference', 'composite', 'quantity', 'uri', 'special'];
const comparators = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'];
const modifiers = ['missing', 'exact', 'contains', 'not', 'text', 'in', 'not-in', 'below', 'above', 'type', 'identifier', 'ofType'];

const bits = (names, values, what) =>
  (values ?? []).reduce((sum, value) => sum | (1 << pick(names, value, what)), 0);
const extension_value = (element, url) => {
  const found = (element?.extension ?? []).find((extension) => extension.url === url);
  return found && Object.entries(found).find(([name]) => name.startsWith('value'))[1];
};
const sd = 'http://hl7.org/fhir/StructureDefinition/';

/** The value of a choice such as fixed[x]: [type name, JSON text], or undefined. */
function choice(element, prefix) {
  const name = Object.keys(element).find((key) => key.startsWith(prefix) && /[A-Z]/.test(key[prefix.length] ?? ''));
  if (!name) return undefined;
  const suffix = name.slice(prefix.length);
  const primitive = typeof element[name] !== 'object';
  return [primitive ? suffix[0].toLowerCase() + suffix.slice(1) : suffix, JSON.stringify(element[name])];
}

const maximum = (text) => (text === '*' ? 0 : Number(text) + 1);

/** Constraints are shared by many elements; each distinct one is written once. */
export class ConstraintPool {
  constructor() {
    this.ids = new Map();
    this.records = [];
  }
  id(constraint) {
    const parts = [constraint.key, constraint.severity === 'error' ? 1 : 0, constraint.human,
      constraint.expression ?? '', constraint.source ?? ''];
    const key = JSON.stringify(parts);
    if (!this.ids.has(key)) {
      this.ids.set(key, this.records.length);
      const record = new Record(key);
      record.text(parts[0]).number(parts[1]).text(parts[2]).text(parts[3]).text(parts[4]);
      this.records.push(record);
    }
    return this.ids.get(key);
  }
}

function write_type(record, type) {
  record.text(type.code).texts(type.profile).texts(type.targetProfile);
  record.number(bits(aggregations, type.aggregation, 'aggregation'));
  record.number(pick(versionings, type.versioning, 'versioning'));
  record.text(extension_value(type, sd + 'structuredefinition-fhir-type'));
  record.text(extension_value(type, sd + 'regex'));
}

function write_binding(record, binding) {
  record.number(pick(strengths, binding.strength, 'binding strength'));
  record.text(binding.valueSet).text(extension_value(binding, sd + 'elementdefinition-maxValueSet'));
}

function write_slicing(record, slicing) {
  record.flag(slicing.ordered).number(pick(slicing_rules, slicing.rules, 'slicing rules'));
  record.list(slicing.discriminator, (discriminator) => {
    record.number(pick(discriminator_types, discriminator.type, 'discriminator')).text(discriminator.path);
  });
}

function write_element(record, element, pool) {
  const base = element.base ?? { path: element.path, min: element.min, max: element.max };
  const own_base = base.path !== element.path || base.min !== element.min || base.max !== element.max;
  const values = ['fixed', 'pattern', 'minValue', 'maxValue'].map((prefix) => choice(element, prefix));
  const flags = [element.isModifier, element.mustSupport, element.isSummary, own_base, element.binding,
    element.slicing, element.contentReference, values[0], values[1], values[2], values[3],
    element.maxLength !== undefined, element.sliceName, (element.id ?? element.path) !== element.path,
    element.representation];
  record.number(flags.reduce((sum, flag, index) => sum + (flag ? 1 << index : 0), 0));
  record.text(element.path).text(element.short).number(element.min).number(maximum(element.max));
  record.list(element.type, (type) => write_type(record, type));
  record.list(element.constraint, (constraint) => record.number(pool.id(constraint)));
  if (own_base) record.text(base.path).number(base.min).number(maximum(base.max));
  if (element.binding) write_binding(record, element.binding);
  if (element.slicing) write_slicing(record, element.slicing);
  if (element.contentReference) record.text(element.contentReference);
  for (const value of values) if (value) record.text(value[0]).text(value[1]);
  if (element.maxLength !== undefined) record.number(element.maxLength);
  if (element.sliceName) record.text(element.sliceName);
  if (flags[13]) record.text(element.id);
  if (element.representation) record.number(bits(representations, element.representation, 'representation'));
}

export function structure_record(structure, pool) {
  const record = new Record(structure.url);
  record.text(structure.url).text(structure.id).text(structure.name).text(structure.title);
  record.text(structure.version).number(pick(statuses, structure.status, 'status'));
  record.number(pick(kinds, structure.kind, 'kind')).flag(structure.abstract).text(structure.type);
  record.text(structure.baseDefinition).number(pick(derivations, structure.derivation, 'derivation'));
  record.list(structure.context, (context) => {
    record.number(pick(context_types, context.type, 'context')).text(context.expression);
  });
  record.texts(structure.contextInvariant);
  return record.list(structure.snapshot.element, (element) => write_element(record, element, pool));
}

const property_of = (concept, code) => (concept.property ?? []).find((property) => property.code === code);
const property_text = (property) =>
  String(Object.entries(property).find(([name]) => name.startsWith('value'))[1]);
const structural_properties = ['child', 'parent', 'subsumedBy', 'notSelectable', 'abstract', 'deprecationDate'];

/** Concepts flattened in document order: parents come first, with a list of parent positions. */
function flatten(system) {
  const concepts = [];
  const positions = new Map();
  const walk = (list, parent) => {
    for (const concept of list ?? []) {
      positions.set(concept.code, concepts.length);
      const entry = { concept, parents: parent === undefined ? [] : [parent] };
      const own = concepts.push(entry) - 1;
      walk(concept.concept, own);
    }
  };
  walk(system.concept, undefined);
  concepts.forEach(({ concept }, own) => {
    for (const property of concept.property ?? []) {
      if (!structural_properties.slice(0, 3).includes(property.code)) continue;
      const other = positions.get(property_text(property));
      if (other === undefined) continue;
      const [child, parent] = property.code === 'child' ? [other, own] : [own, other];
      if (!concepts[child].parents.includes(parent)) concepts[child].parents.push(parent);
    }
  });
  return concepts;
}

export function code_system_record(system) {
  const record = new Record(system.url);
  record.text(system.url).text(system.version).text(system.name).text(system.title);
  record.number(pick(statuses, system.status, 'status')).number(pick(contents, system.content, 'content'));
  record.flag(system.caseSensitive ?? true).flag(system.compositional);
  record.number(pick(hierarchy_meanings, system.hierarchyMeaning, 'hierarchy meaning'));
  record.text(system.valueSet).text(system.supplements);
  return record.list(flatten(system), ({ concept, parents }) => {
    const on = (code) => { const found = property_of(concept, code); return found && property_text(found) === 'true'; };
    const status = property_of(concept, 'status');
    const retired = status && ['retired', 'deprecated', 'withdrawn'].includes(property_text(status));
    const own = (concept.property ?? []).filter((property) => !structural_properties.includes(property.code));
    record.text(concept.code).text(concept.display);
    record.number((on('notSelectable') || on('abstract') ? 1 : 0) + (retired || on('inactive') ? 2 : 0));
    record.list(parents, (parent) => record.number(parent));
    record.list(own, (property) => record.text(property.code).text(property_text(property)));
  });
}

function write_include(record, include) {
  record.text(include.system).text(include.version);
  record.list(include.concept, (concept) => record.text(concept.code).text(concept.display));
  record.list(include.filter, (filter) => {
    record.text(filter.property).number(pick(filter_operators, filter.op, 'filter')).text(filter.value);
  });
  record.texts(include.valueSet);
}

export function value_set_record(set) {
  const record = new Record(set.url);
  record.text(set.url).text(set.version).text(set.name).text(set.title);
  record.number(pick(statuses, set.status, 'status'));
  record.flag(set.compose?.inactive ?? true);
  record.list(set.compose?.include, (include) => write_include(record, include));
  return record.list(set.compose?.exclude, (exclude) => write_include(record, exclude));
}

export function search_parameter_record(parameter) {
  const record = new Record(parameter.url);
  record.text(parameter.url).text(parameter.code).text(parameter.name);
  record.number(pick(search_types, parameter.type, 'search type')).texts(parameter.base);
  record.text(parameter.expression).texts(parameter.target);
  record.number(bits(comparators, parameter.comparator, 'comparator'));
  record.number(bits(modifiers, parameter.modifier, 'modifier'));
  record.flag(parameter.multipleOr ?? true).flag(parameter.multipleAnd ?? true);
  return record.list(parameter.component, (component) => {
    record.text(component.definition).text(component.expression);
  });
}

export function compartment_record(compartment) {
  const record = new Record(compartment.url);
  record.text(compartment.url).text(compartment.code);
  return record.list(compartment.resource, (resource) => record.text(resource.code).texts(resource.param));
}
