// Compares our FHIRPath with npm's fhirpath.js (HL7/LHNCBC) on random expressions.
//
//   node tests/fhir/path/differential/compare.mjs [BUILD] [SECONDS] [SEED]     (./dev differential)
//
// fhirpath.js is installed into BUILD/differential and is no part of this project. A difference is
// explained by a rule in `explained` or printed; the exit code is 1 when one is not explained.
// Without node packages or without the answering program the run is skipped, with the reason.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { install } from '../../../support/npm_packages.mjs';

process.env.TZ = 'UTC';
const here = dirname(fileURLToPath(import.meta.url));
const build = resolve(process.argv[2] ?? 'build/dev');
const seconds = Number(process.argv[3] ?? 20);
let seed = Number(process.argv[4] ?? 1);

function skip(reason) {
  console.log(`skipped: ${reason}`);
  process.exit(0);
}

function peer() {
  const folder = join(build, 'differential');
  const missing = install(folder, 'fhirpath');
  if (missing !== '') skip(missing);
  const require = createRequire(join(folder, 'package.json'));
  return { engine: require('fhirpath'), model: require('fhirpath/fhir-context/r4') };
}

const program = join(build, 'tests/fhir/path/fhirpath_answer');
if (!existsSync(program)) skip(`${program} is not built`);
const { engine, model } = peer();
const resource = join(here, '../resources/patient.json');
const patient = JSON.parse(readFileSync(resource, 'utf8'));

// A small generator with types, so that most expressions mean something. Mulberry32.
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const pick = (list) => list[Math.floor(random() * list.length)];

const atoms = {
  number: ['0', '1', '2', '3', '7', '10', '1.5', '0.25', '12.50', '(-3)', '(-1.5)',
    'name.count()', 'name.given.count()', 'extension.value.value'],
  string: ["'a'", "'abc'", "'Abc'", "''", "' x '", "'1'", "'1.5'", "'true'", "'2015-03-04'",
    'name.given.first()', 'name[0].family', 'gender', 'id', "'a,b,c'"],
  boolean: ['true', 'false', '{}', 'deceased', 'name.exists()', 'active'],
  date: ['@2015', '@2015-03', '@2015-03-04', '@2016-02-29', '@1999-12-31', 'birthDate',
    '@2015-03-04T10:00:00', '@2015-03-04T10:00:00Z', '@2015-03-04T10:00:00.500+01:00'],
  quantity: ["4 'g'", "4.0 'g'", "4000 'mg'", '1 day', '24 hours', '1 week', "2 'm'", "200 'cm'",
    'extension.value'],
  list: ['(1 | 2 | 3)', 'name.given', 'name', "('a' | 'b')", '{}', '(3 | 1 | 2 | 3)',
    'descendants().ofType(HumanName)', 'telecom.value', 'contained.name', "'a,b,c'.split(',')", 'identifier'],
};

const rules = {
  number: [
    () => `(${e('number')} ${pick(['+', '-', '*', '/', 'div', 'mod'])} ${e('number')})`,
    () => `${e('number')}.${pick(['abs()', 'ceiling()', 'floor()', 'truncate()', 'round(1)'])}`,
    () => `${e('string')}.length()`,
    () => `${e('string')}.indexOf(${e('string')})`,
    () => `${e('list')}.count()`,
    () => `iif(${e('boolean')}, ${e('number')}, ${e('number')})`,
    () => `(1 | 2 | 3).aggregate($this + $total, ${e('number')})`,
  ],
  string: [
    () => `(${e('string')} & ${e('string')})`,
    () => `(${e('string')} + ${e('string')})`,
    () => `${e('string')}.${pick(['upper()', 'lower()', 'trim()'])}`,
    () => `${e('string')}.substring(${pick([0, 1, 2, 5])})`,
    () => `${e('string')}.substring(${pick([0, 1])}, ${pick([0, 1, 2])})`,
    () => `${e('string')}.replace(${e('string')}, ${e('string')})`,
    () => `${e('number')}.toString()`,
    () => `${e('date')}.toString()`,
    () => `name.given.join(${e('string')})`,
  ],
  boolean: [
    () => `(${e('boolean')} ${pick(['and', 'or', 'xor', 'implies'])} ${e('boolean')})`,
    () => `(${e('number')} ${pick(['=', '!=', '<', '<=', '>', '>=', '~', '!~'])} ${e('number')})`,
    () => `(${e('string')} ${pick(['=', '!=', '<', '>', '~'])} ${e('string')})`,
    () => `(${e('date')} ${pick(['=', '!=', '<', '<=', '>', '~'])} ${e('date')})`,
    () => `(${e('quantity')} ${pick(['=', '!=', '<', '>=', '~'])} ${e('quantity')})`,
    () => `(${e('list')} ${pick(['=', '!=', '~', '!~'])} ${e('list')})`,
    () => `${e('boolean')}.not()`,
    () => `${e('list')}.${pick(['exists()', 'empty()', 'isDistinct()', 'all($this = $this)'])}`,
    () => `${e('list')}.${pick(['subsetOf', 'supersetOf'])}(${e('list')})`,
    () => `(${e('string')} in ${e('list')})`,
    () => `${e('string')}.${pick(['startsWith', 'endsWith', 'contains', 'matches'])}('a')`,
    () => `${e('string')}.convertsTo${pick(['Integer', 'Decimal', 'Boolean', 'Date'])}()`,
  ],
  date: [
    () => `(${e('date')} ${pick(['+', '-'])} ${pick([1, 2, 13, 40])} ` +
      `${pick(['year', 'months', 'days', 'weeks', 'hours', 'minutes'])})`,
    () => `${e('string')}.toDate()`,
  ],
  quantity: [
    () => `(${e('quantity')} ${pick(['+', '-'])} ${e('quantity')})`,
    () => `${e('string')}.toQuantity()`,
  ],
  list: [
    () => `(${e('list')} | ${e('list')})`,
    () => `${e('list')}.where(${e('boolean')})`,
    () => `${e('list')}.select($this)`,
    () => `${e('list')}.where($index < ${e('number')})`,
    () => `${e('string')}.${pick(['toChars()', "split(',')", 'toInteger()', 'toDecimal()'])}`,
    () => `${e('date')}.${pick(['lowBoundary()', 'highBoundary()', 'toDateTime()'])}`,
    () => `${e('number')}.${pick(['lowBoundary(4)', 'highBoundary(4)', 'toQuantity()'])}`,
    () => `${e('list')}.type().name`,
    () => `(${e('list')} is ${pick(['Integer', 'string', 'HumanName', 'System.String', 'FHIR.Quantity'])})`,
    () => `${e('list')}.select($index)`,
    () => `${e('list')}.${pick(['first()', 'last()', 'tail()', 'distinct()'])}`,
    () => `${e('list')}.${pick(['skip', 'take'])}(${pick([0, 1, 2])})`,
    () => `${e('list')}[${pick([0, 1, 5])}]`,
    () => `${e('list')}.${pick(['combine', 'union', 'intersect', 'exclude'])}(${e('list')})`,
    () => `name.where(${e('boolean')}).given`,
  ],
};

let depth = 0;
function e(type) {
  if (depth > 3 || random() < 0.35) return pick(atoms[type]);
  depth += 1;
  const text = pick(rules[type])();
  depth -= 1;
  return text;
}

function theirs(expression) {
  try {
    const items = engine.evaluate(patient, expression, {}, model);
    return items.map((item) => {
      if (item === null || item === undefined) return '';
      if (typeof item !== 'object') return String(item);
      if (item.constructor !== Object && !Array.isArray(item)) return item.toString();
      return JSON.stringify(item);
    });
  } catch (problem) {
    return `!${String(problem.message ?? problem).split('\n')[0]}`;
  }
}

// fhirpath.js calculates with doubles: trailing zeros are lost, also inside of text.
const shortened = (text) => text.replace(/(\.\d*?)0+(?!\d)/g, '$1').replace(/\.(?!\d)/g, '');

function same(a, b) {
  if (a === b || shortened(a) === shortened(b)) return true;
  const x = Number(a);
  const y = Number(b);
  if (a !== '' && b !== '' && Number.isFinite(x) && Number.isFinite(y)) {
    return Math.abs(x - y) <= 1e-8 * Math.max(1, Math.abs(x));
  }
  const [ourQuantity, peerQuantity] = [quantity(a), quantity(b)];
  if (ourQuantity && peerQuantity && ourQuantity.unit === peerQuantity.unit) {
    return same(ourQuantity.value, peerQuantity.value);
  }
  if (/^\d{4}-\d\d-\d\dT/.test(a) && /^\d{4}-\d\d-\d\dT/.test(b)) {
    // After arithmetic fhirpath.js shows the same moment in UTC.
    return Date.parse(a) === Date.parse(b);
  }
  if (a.startsWith('{') && b.startsWith('{')) {
    // fhirpath.js shows elements as plain objects, without our order.
    return JSON.stringify(sorted(JSON.parse(a))) === JSON.stringify(sorted(JSON.parse(b)));
  }
  return false;
}

// A quantity as text: its number may differ as other numbers do.
function quantity(text) {
  return /^(?<value>-?\d+(\.\d+)?) (?<unit>'.*'|[a-z]+)$/.exec(text)?.groups;
}

function sorted(value) {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(sorted);
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
}

const shifts = /@[^ )]*T[^ )]*[^@]*[-+] \d+ (year|month|day|week|hour|minute)/;

// Why a difference is none of ours. `ours` and `peers` are arrays, or text after `!`.
const explained = [
  ['both refuse', (x, ours, peers) => typeof ours === 'string' && typeof peers === 'string'],
  ['after arithmetic fhirpath.js writes dateTimes in UTC', (x) => shifts.test(x)],
  ['decimals keep their digits, also as text',
    (x) => /toString\(\)|extension\.value\b/.test(x) && /\d\.\d|extension|\//.test(x)],
  ['the second operand of and, or, implies is left alone when the first decides',
    (x, ours, peers) => Array.isArray(ours) && typeof peers === 'string' && /and|or|implies/.test(x)],
  ['toDateTime() gives a DateTime, toDecimal() a Decimal',
    (x) => /to(DateTime|Decimal)\(\).*(type\(\)| is )/.test(x)],
  ['boundaries: fewer digits as in the official suite, all digits of the input, and an offset',
    (x) => /(low|high)Boundary/.test(x)],
  ['with and without offset, and the answer depends on the missing one',
    (x) => /T10:00:00(Z|\.500)/.test(x) && /T10:00:00(?!Z|\.)/.test(x)],
  ['div and mod cut: a quotient with 28 digits and one with a double fall on two sides of a whole number',
    (x) => /\b(div|mod)\b/.test(x) && /\//.test(x)],
  ['halves are rounded away from zero', (x) => /round\(1\)/.test(x)],
  ['~ does not look at the order, N1 6.1.2', (x) => /[^!]~ \(|\) !?~|!?~ /.test(x)],
  ['quantities of different dimensions have no order and no equality, N1 6.1.1',
    (x) => /('(g|mg|m|cm)'|extension\.value\b|toQuantity).*(=|<|>)|(=|<|>).*('(g|mg|m|cm)'|toQ)/.test(x)],
];

function reason(expression, ours, peers) {
  for (const [why, rule] of explained) {
    if (rule(expression, ours, peers)) return why;
  }
  return null;
}

const batch_size = 500;
const counts = new Map();
let total = 0;
let open = 0;
const until = Date.now() + seconds * 1000;
while (Date.now() < until) {
  const batch = [];
  while (batch.length < batch_size) batch.push(e(pick(Object.keys(rules))));
  const lines = execFileSync(program, [resource], { input: `${batch.join('\n')}\n` })
    .toString().trimEnd().split('\n');
  batch.forEach((expression, i) => {
    total += 1;
    const ours = lines[i].startsWith('!') ? lines[i] : JSON.parse(lines[i]);
    const peers = theirs(expression);
    const equal = Array.isArray(ours) && Array.isArray(peers) && ours.length === peers.length &&
      ours.every((item, k) => same(item, peers[k]));
    if (equal) return;
    const why = reason(expression, ours, peers);
    if (why !== null) {
      counts.set(why, (counts.get(why) ?? 0) + 1);
      return;
    }
    open += 1;
    if (open <= 40) console.log(`${expression}\n  ours  ${lines[i]}\n  peers ${JSON.stringify(peers)}`);
  });
}
for (const [why, count] of counts) console.log(`${count} explained: ${why}`);
console.log(`${total} expressions, ${open} differences not explained`);
process.exit(open === 0 ? 0 : 1);
