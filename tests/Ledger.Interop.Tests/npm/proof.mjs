// proof.mjs VKEY PROOF ENTRY: is the entry what the offline proof says, by @sigstore/verify? One line, exit code 0 or 1.
// Written from contracts/ledger/FORMAT.md: this file only takes the proof apart; hashing and signatures are the package's.
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { verifyCheckpoint } from '@sigstore/verify/dist/tlog/checkpoint.js';
import { verifyMerkleInclusion } from '@sigstore/verify/dist/tlog/merkle.js';

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');

function keyOf(vkey) {
  const [name, id, data] = vkey.split(/\+([0-9a-f]{8})\+/);
  const bytes = Buffer.from(data, 'base64');
  const spki = bytes[0] === 1 ? Buffer.concat([ED25519_SPKI, bytes.subarray(1)]) : bytes[0] === 2 ? bytes.subarray(1) : null;
  if (spki === null) throw new Error('not the key of a log');
  return { name, id: Buffer.from(id, 'hex'), publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }) };
}

function strictBase64(line) {
  const bytes = Buffer.from(line, 'base64');
  if (bytes.toString('base64') !== line) throw new Error('not base64 in its one spelling');
  return bytes;
}

function partsOf(text) {
  const split = text.indexOf('\n\n');
  const [first, index, ...path] = text.slice(0, split).split('\n');
  if (split < 0 || first !== 'c2sp.org/tlog-proof@v1' || !/^index (0|[1-9][0-9]*)$/.test(index)) throw new Error('not a tlog-proof');
  return { logIndex: index.slice(6), hashes: path.map(strictBase64), checkpoint: { envelope: text.slice(split + 2) } };
}

try {
  const [vkey, proof, entry] = process.argv.slice(2);
  const key = keyOf(vkey);
  const inclusionProof = partsOf(readFileSync(proof, 'utf8'));
  const log = { logID: key.id, publicKey: key.publicKey, baseURL: key.name };
  const checkpoint = verifyCheckpoint({ inclusionProof }, [log]);
  if (checkpoint.origin !== key.name) throw new Error('the checkpoint is of another log');
  verifyMerkleInclusion({ inclusionProof, canonicalizedBody: readFileSync(entry) }, checkpoint);
  console.log(`OK @sigstore/verify: record ${inclusionProof.logIndex} of ${checkpoint.logSize} of ${checkpoint.origin}, checkpoint signed by ${vkey.slice(0, key.name.length + 9)}`);
} catch (error) {
  console.log(`FAIL @sigstore/verify: ${error.message}`);
  process.exitCode = 1;
}
