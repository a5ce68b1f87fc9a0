// Drives a gateway with FHIR clients of other makers: node drive.mjs BASE FOLDER_OF_NODE_MODULES
// Prints a line for each client and ends with 1 when one did not get what it should.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const [base, folder] = process.argv.slice(2);
const require = createRequire(folder + '/');
let failed = 0;

function check(client, what, holds) {
  console.log(`${holds ? 'ok  ' : 'FAIL'} ${client}: ${what}`);
  if (!holds) failed = 1;
}

// CommonJS where the package offers it, else its module.
async function load(name) {
  try {
    return require(name);
  } catch (notCommonJs) {
    const root = `${folder}/node_modules/${name}/`;
    const about = JSON.parse(readFileSync(root + 'package.json', 'utf8'));
    let entry = about.exports?.['.'] ?? about.exports ?? about.module ?? about.main;
    while (typeof entry === 'object') entry = entry.import ?? entry.node ?? entry.default;
    return import(pathToFileURL(root + entry).href);
  }
}

async function part(client, run) {
  try {
    await run(await load(client));
  } catch (fault) {
    const why = fault?.response?.data ? JSON.stringify(fault.response.data) : '';
    check(client, `${fault?.message ?? fault} ${why}`, false);
  }
}

const person = (value) => ({
  resourceType: 'Patient',
  identifier: [{ system: 'urn:clients', value }],
  name: [{ family: 'Sample', given: ['Alex'] }],
  birthDate: '2018-04-12',
});

await part('fhir-kit-client', async ({ default: Default, Client = Default }) => {
  const client = new Client({ baseUrl: base });
  const statement = await client.capabilityStatement();
  check('fhir-kit-client', 'reads the CapabilityStatement', statement.fhirVersion === '4.0.1');
  const made = await client.create({ resourceType: 'Patient', body: person('k1') });
  check('fhir-kit-client', 'creates', made.meta.versionId === '1');
  const body = { ...made, active: true };
  const updated = await client.update({ resourceType: 'Patient', id: made.id, body });
  check('fhir-kit-client', 'updates', updated.meta.versionId === '2');
  const patched = await client.patch({
    resourceType: 'Patient', id: made.id,
    jsonPatch: [{ op: 'replace', path: '/active', value: false }],
  });
  check('fhir-kit-client', 'patches', patched.active === false);
  const old = await client.vread({ resourceType: 'Patient', id: made.id, version: '1' });
  check('fhir-kit-client', 'reads a version', old.meta.versionId === '1');
  const history = await client.resourceHistory({ resourceType: 'Patient', id: made.id });
  check('fhir-kit-client', 'reads a history', history.total === 3);
  for (const day of ['01', '02', '03']) {
    await client.create({
      resourceType: 'Encounter',
      body: {
        resourceType: 'Encounter', status: 'finished', class: { code: 'AMB' },
        subject: { reference: `Patient/${made.id}` },
        period: { start: `2026-10-${day}T09:00:00Z`, end: `2026-10-${day}T10:00:00Z` },
      },
    });
  }
  let page = await client.search({ resourceType: 'Encounter', searchParams: { patient: made.id, _count: 2 } });
  check('fhir-kit-client', 'searches', page.total === 3 && page.entry.length === 2);
  page = await client.nextPage({ bundle: page });
  check('fhir-kit-client', 'follows a page', page.entry.length === 1);
  const answer = await client.transaction({
    body: {
      resourceType: 'Bundle', type: 'transaction',
      entry: [{ resource: person('k2'), request: { method: 'POST', url: 'Patient' } }],
    },
  });
  check('fhir-kit-client', 'sends a transaction', answer.entry[0].response.status.startsWith('201'));
  try {
    await client.search({ resourceType: 'Patient', searchParams: { colour: 'red' } });
    check('fhir-kit-client', 'is told of an unknown parameter', false);
  } catch (refused) {
    check('fhir-kit-client', 'is told of an unknown parameter', refused.response.status === 400);
  }
});

await part('fhirclient', async (module) => {
  const FHIR = module.default ?? module;
  const smart = FHIR({}, {}, { get: async () => undefined, set: async () => {}, unset: async () => {} });
  const client = smart.client({ serverUrl: base });
  const made = await client.create(person('s1'));
  check('fhirclient', 'creates', made.meta.versionId === '1');
  const flat = await client.request(`Patient?identifier=urn:clients|s1`, { flat: true });
  check('fhirclient', 'searches', flat.length === 1 && flat[0].id === made.id);
});

await part('@medplum/core', async ({ MedplumClient, MemoryStorage, ClientStorage }) => {
  const url = new URL(base);
  const client = new MedplumClient({
    baseUrl: url.origin + '/', fhirUrlPath: url.pathname.slice(1), fetch,
    storage: ClientStorage ? new ClientStorage(new MemoryStorage()) : undefined,
  });
  const made = await client.createResource(person('m1'));
  check('@medplum/core', 'creates', made.meta.versionId === '1');
  const found = await client.searchResources('Patient', 'identifier=urn:clients|m1');
  check('@medplum/core', 'searches', found.length === 1);
  const read = await client.readResource('Patient', made.id);
  check('@medplum/core', 'reads', read.id === made.id);
});

process.exit(failed);
