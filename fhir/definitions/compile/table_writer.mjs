// Writes the compact table of FHIR definitions. The format is described in ../README.md and read
// by ../table.cpp; the two must change together, with `format_version`.

export const format_version = 1;
const magic = 'CPISFHIR';

/** One record: a list of numbers (written as varints) and strings (written as string ids). */
export class Record {
  constructor(key) {
    this.key = key;
    this.parts = [];
  }
  number(value) {
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not a count: ${value}`);
    this.parts.push(value);
    return this;
  }
  text(value) {
    this.parts.push(String(value ?? ''));
    return this;
  }
  flag(value) {
    return this.number(value ? 1 : 0);
  }
  list(items, write) {
    const all = items ?? [];
    this.number(all.length);
    for (const item of all) write(item);
    return this;
  }
  texts(items) {
    return this.list(items, (item) => this.text(item));
  }
}

/** Strings ordered by how often they are used, so that the frequent ones have short ids. */
function rank_strings(sections) {
  const uses = new Map([['', Infinity]]);
  for (const section of sections)
    for (const record of section.records)
      for (const part of record.parts)
        if (typeof part === 'string') uses.set(part, (uses.get(part) ?? 0) + 1);
  const ordered = [...uses].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  return new Map(ordered.map(([text], index) => [text, index]));
}

function push_varint(bytes, value) {
  while (value >= 128) {
    bytes.push((value % 128) + 128);
    value = Math.floor(value / 128);
  }
  bytes.push(value);
}

function encode_section(section, ids) {
  const bytes = [];
  const starts = [];
  for (const record of section.records) {
    starts.push(bytes.length);
    for (const part of record.parts) push_varint(bytes, typeof part === 'string' ? ids.get(part) : part);
  }
  starts.push(bytes.length);
  return { starts: Buffer.from(Uint32Array.from(starts).buffer), data: Buffer.from(bytes) };
}

function aligned(buffer) {
  return Buffer.concat([buffer, Buffer.alloc((4 - (buffer.length % 4)) % 4)]);
}

/** sections: [{name, records: [Record]}], in the order the reader expects. Returns the file. */
export function encode_table(sections) {
  const ids = rank_strings(sections);
  const texts = [...ids.keys()].map((text) => Buffer.from(text, 'utf8'));
  const offsets = new Uint32Array(texts.length + 1);
  texts.forEach((text, index) => { offsets[index + 1] = offsets[index] + text.length; });

  const header_bytes = 8 + 4 * 6 + sections.length * 12;
  const chunks = [];
  let position = header_bytes;
  const place = (buffer) => {
    const padded = aligned(buffer);
    const at = position;
    chunks.push(padded);
    position += padded.length;
    return at;
  };
  const string_offsets_at = place(Buffer.from(offsets.buffer));
  const string_bytes_at = place(Buffer.concat(texts));
  const directory = sections.map((section) => {
    const { starts, data } = encode_section(section, ids);
    return [section.records.length, place(starts), place(data)];
  });

  const header = Buffer.alloc(header_bytes);
  header.write(magic, 0, 'latin1');
  const words = [format_version, position, texts.length, string_offsets_at, string_bytes_at,
    sections.length, ...directory.flat()];
  words.forEach((word, index) => header.writeUInt32LE(word, 8 + 4 * index));
  return Buffer.concat([header, ...chunks]);
}
