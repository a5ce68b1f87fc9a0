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

await part('fhir-kit-client', async (module) => {
  const Client = module.Client ?? module.default ?? module;
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
    JSONPatch: [{ op: 'replace', path: '/active', value: false }],
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

// What a search gives is what fhirpath.js picks out of all resources of the type.
const searches = [
  ['Encounter', 'status=finished', "status = 'finished'"],
  ['Encounter', 'status=planned,cancelled', "status = 'planned' or status = 'cancelled'"],
  ['Encounter', 'status:not=finished', "status != 'finished'"],
  ['Encounter', 'class=AMB', "class.code = 'AMB'"],
  ['Encounter', 'date=2026-10-02',
    'period.start >= @2026-10-02T00:00:00Z and period.end <= @2026-10-02T23:59:59Z'],
  ['Encounter', 'date=ge2026-10-02',
    'period.end > @2026-10-02T23:59:59Z or period.start >= @2026-10-02T00:00:00Z'],
  ['Encounter', 'date=lt2026-10-02', 'period.start < @2026-10-02T00:00:00Z'],
  ['Encounter', 'date=ge2026-10-01&date=lt2026-10-03&class=EMER',
    "period.end >= @2026-10-01T00:00:00Z and period.start < @2026-10-03T00:00:00Z and class.code = 'EMER'"],
  ['Encounter', 'identifier=urn:clients|e2',
    "identifier.where(system = 'urn:clients' and value = 'e2').exists()"],
  ['Encounter', 'identifier:missing=true', 'identifier.empty()'],
  ['Encounter', 'identifier:missing=false', 'identifier.exists()'],
  ['Patient', 'family=sam', "name.family.lower().startsWith('sam')"],
  ['Patient', 'family:contains=amp', "name.family.lower().contains('amp')"],
  ['Patient', 'given:exact=Alex', "name.given.where($this = 'Alex').exists()"],
  ['Patient', 'birthdate=2018-04-12', 'birthDate = @2018-04-12'],
  ['Patient', 'birthdate=2018', "birthDate.toString().startsWith('2018')"],
  ['Patient', 'gender=female', "gender = 'female'"],
  ['Patient', 'gender:missing=true', 'gender.empty()'],
  ['Patient', 'active=true', 'active = true'],
];

async function read(path) {
  const answer = await fetch(`${base}/${path}`, { headers: { accept: 'application/fhir+json' } });
  const body = await answer.json();
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${JSON.stringify(body)}`);
  return body;
}

async function create(type, body) {
  const answer = await fetch(`${base}/${type}`, {
    method: 'POST', body: JSON.stringify({ resourceType: type, ...body }),
    headers: { 'content-type': 'application/fhir+json' },
  });
  const made = await answer.json();
  if (answer.status !== 201) throw new Error(`${type}: ${answer.status} ${JSON.stringify(made)}`);
  return made;
}

async function createPeopleAndVisits() {
  const identifier = (value) => [{ system: 'urn:clients', value }];
  const { id } = await create('Patient', {
    identifier: identifier('p1'), name: [{ family: 'Example', given: ['Jo'] }],
    gender: 'female', birthDate: '1990-02-03', active: true,
  });
  await create('Patient', {
    identifier: identifier('p2'), name: [{ family: 'SAMSON', given: ['Alexander'] }],
    gender: 'male', birthDate: '2018',
  });
  for (const [value, status] of [['e1', 'planned'], ['e2', 'cancelled']]) {
    await create('Encounter', {
      identifier: identifier(value), status, class: { code: 'EMER' },
      subject: { reference: `Patient/${id}` },
      period: { start: '2026-09-30T09:00:00Z', end: '2026-10-02T09:30:00Z' },
    });
  }
}

const ids = (found) => found.map((resource) => resource.id).sort().join(' ');

await part('fhirpath', async (fhirpath) => {
  const model = require('fhirpath/fhir-context/r4');
  const holds = (resource, path) => fhirpath.evaluate(resource, path, {}, model)[0] === true;
  await createPeopleAndVisits();
  const all = {};
  for (const type of ['Encounter', 'Patient']) {
    all[type] = (await read(`${type}?_count=100`)).entry.map((entry) => entry.resource);
  }
  for (const [type, query, path] of searches) {
    const bundle = await read(`${type}?${query}&_count=100`);
    const wanted = all[type].filter((resource) => holds(resource, path));
    const found = (bundle.entry ?? []).map((entry) => entry.resource);
    check('fhirpath', `${type}?${query} finds ${wanted.length} of ${all[type].length}`,
      wanted.length > 0 && wanted.length < all[type].length && ids(found) === ids(wanted));
    check('fhirpath', '  as a searchset',
      holds(bundle, "type = 'searchset' and total = entry.count() and link.where(relation = 'self').exists()" +
        " and entry.all(fullUrl.endsWith(resource.id) and search.mode = 'match')"));
  }
  const flags = await read('Flag?patient=9990123454&_include=Flag:detail&_include=Flag:author');
  const about = {
    'an active plan': "entry.resource.ofType(Flag).where(status = 'active' and period.start.exists()" +
      " and code.coding.where(system = 'http://snomed.info/sct' and code = '342191000000101').exists()).count() = 1",
    'whom it is about': "entry.resource.ofType(Flag).all(subject.reference.contains('9990123454'))",
    'both telephones': "descendants().where(system = 'phone').value.distinct().count() >= 2",
  };
  for (const [what, path] of Object.entries(about)) {
    check('fhirpath', `a Flag search tells ${what}`, holds(flags, path));
  }
  check('fhirpath', 'the CapabilityStatement names interactions for each type',
    holds(await read('metadata'), "rest.resource.count() > 3 and rest.resource.all(interaction.exists() or operation.exists())"));
});

process.exit(failed);
