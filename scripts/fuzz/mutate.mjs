// Changes a state file in one of the ways in which files are damaged, or forged. A forged file has its header's length
// and checksum made again, so that what lies behind them is reached.

const LENGTH = 8;
const SPACE = 0x20;

const text = new TextEncoder();
const reader = new TextDecoder();

/** Numbers where the format has lengths, and texts where it has JSON: each once led some reader astray. */
const hostile = [
  ...["-1", "-0", "0.5", "1e0", "1e400", "4294967296", "9007199254740993", "18446744073709551615", "NaN"],
  ...["null", "true", '""', '"1"', "[]", "{}", "[0,0,0]", '{"__proto__":{"polluted":1}}', "[".repeat(2000)],
];
const keys = ["__proto__", "constructor", "toString", "__metadata__", "hasOwnProperty", "", "\u0000", "w"];

const pick = (random, list) => list[random.below(list.length)];
const headerEnd = (file) => LENGTH + new DataView(file.buffer, file.byteOffset).getUint32(0, true);

/** The text of the header without its padding. */
const headerOf = (file) => reader.decode(file.subarray(LENGTH, headerEnd(file))).trimEnd();

function withHeader(file, header, seal) {
  const bytes = text.encode(header);
  const data = file.subarray(headerEnd(file));
  const size = Math.ceil(bytes.length / 8) * 8;
  const changed = new Uint8Array(LENGTH + size + data.length).fill(SPACE);
  new DataView(changed.buffer).setBigUint64(0, BigInt(size), true);
  changed.set(bytes, LENGTH);
  changed.set(data, LENGTH + size);
  seal(changed);
  return changed;
}

/** The first place of a pattern behind a random one, so that all are found. */
function findAfter(random, header, pattern) {
  const from = random.below(header.length);
  const matches = [...header.matchAll(pattern)];
  return matches.find(({ index }) => index >= from) ?? matches[0];
}

const replaceMatch = (header, match, by) =>
  header.slice(0, match.index) + by + header.slice(match.index + match[0].length);

function flip({ random, file }) {
  for (let i = random.below(3); i >= 0; i--) file[random.below(file.length)] ^= 1 << random.below(8);
  return file;
}

function change({ random, file }) {
  for (let i = random.below(8); i >= 0; i--) file[random.below(file.length)] = random.below(256);
  return file;
}

/** A stretch of another file, or of the same one, written over this one or put into it. */
function splice({ random, file, other }) {
  const from = random.below(other.length);
  const stretch = other.subarray(from, from + 1 + random.below(64));
  const at = random.below(file.length);
  const rest = file.subarray(random.below(2) === 0 ? at : Math.min(file.length, at + stretch.length));
  const spliced = new Uint8Array(at + stretch.length + rest.length);
  spliced.set(file.subarray(0, at));
  spliced.set(stretch, at);
  spliced.set(rest, at + stretch.length);
  return spliced;
}

/** Other numbers in the arrays: a state that is as good as any. */
function otherData({ random, file, seal }) {
  const start = headerEnd(file);
  for (let i = random.below(8); i >= 0; i--)
    file[start + random.below(file.length - start)] = random.below(256);
  seal(file);
  return file;
}

/** Ways of damaging a file, which its checksum has to notice. */
const damages = {
  flip,
  change,
  splice,
  truncate: ({ random, file }) => file.subarray(0, random.below(file.length)),
  extend: ({ random, file, other }) => {
    const longer = new Uint8Array(file.length + 1 + random.below(64));
    longer.set(other.subarray(0, longer.length));
    longer.set(file);
    return longer;
  },
};

const forgeries = {
  length: ({ random, file, seal }) => {
    const view = new DataView(file.buffer, file.byteOffset);
    view.setUint32(4 * random.below(2), pick(random, [0, 1, 8, 64, 2 ** 20, 2 ** 31, 2 ** 32 - 1]), true);
    seal(file);
    return file;
  },
  otherData,
  sealedFlip: ({ random, file, seal }) => {
    flip({ random, file });
    seal(file);
    return file;
  },
  sealedSplice: (parts) => {
    const spliced = splice(parts);
    const whole = spliced.slice(0, spliced.length & ~3);
    parts.seal(whole);
    return whole;
  },
  character: ({ random, file, seal }) => {
    const header = headerOf(file);
    const at = random.below(header.length);
    const by = pick(random, [...'"\\{}[],:0123456789-.eE \t\n_a\u00e9\ud800', ""]);
    return withHeader(file, header.slice(0, at) + by + header.slice(at + random.below(2)), seal);
  },
  number: ({ random, file, seal }) => {
    const header = headerOf(file);
    const by = random.below(2) === 0 ? String(random.below(100)) : pick(random, hostile);
    return withHeader(file, replaceMatch(header, findAfter(random, header, /\d+/g), by), seal);
  },
  key: ({ random, file, seal }) => {
    const header = headerOf(file);
    const by = JSON.stringify(pick(random, keys));
    return withHeader(file, replaceMatch(header, findAfter(random, header, /"[^"\\]*"/g), by), seal);
  },
  /** One tensor of the header left out, given twice, or put elsewhere. */
  tensor: ({ random, file, seal }) => {
    const header = headerOf(file);
    const match = findAfter(random, header, /,"[^"\\]*":\{"dtype"[^}]*\}/g);
    const without = replaceMatch(header, match, "");
    const turned = [
      without,
      replaceMatch(header, match, match[0] + match[0]),
      `${without.slice(0, -1)}${match[0]}}`,
    ];
    return withHeader(file, pick(random, turned), seal);
  },
  /** What another file's header says, about this file's data. */
  otherHeader: ({ file, other, seal }) => withHeader(file, headerOf(other), seal),
};

const ways = { ...damages, ...forgeries };

/** The ways in which files are changed. */
export const mutations = Object.keys(ways);

/** Whether a way leaves the checksum as it was. */
export const isDamage = (way) => way in damages;

/**
 * A changed copy of `file`; may by chance be as it was.
 * @param parts.random - a seeded generator
 * @param parts.file - an intact state file
 * @param parts.other - another one
 * @param parts.seal - writes the checksum of a file into it
 */
export function mutate(way, { random, file, other, seal }) {
  return ways[way]({ random, file: new Uint8Array(file), other, seal });
}
