// Signatures under an agreement file, as a party checks and makes them that has jose and not our programs.
//
//   node agreement.mjs <settings.json> verify|sign
//
// Settings: file (the agreement), keys ({ "<key id>": { public: JWK file, private: PKCS#8 PEM file } }). `verify` holds every entry of
// the file to its bytes, and refuses them with any one byte changed; `sign` prints "<key id> <detached JWS>" for every key.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { errors, FlattenedSign, flattenedVerify, importJWK, importPKCS8 } from 'jose';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const file = readFileSync(settings.file);
const mark = Buffer.from('\nsignatures:\n');
const signed = file.subarray(0, file.indexOf(mark) + 1);
const text = (path) => readFileSync(path, 'utf8');

const verify = ([protectedHeader, payload, signature], key, bytes) => {
  assert.equal(payload, '');
  return flattenedVerify({ protected: protectedHeader, payload: bytes, signature }, key, { algorithms: ['ES256'] });
};

const cases = {
  async verify() {
    const entries = [...file.subarray(signed.length).toString('utf8').matchAll(/keyId: (?<id>[^,]+), algorithm: (?<algorithm>\w+), value: "(?<value>[^"]+)"/g)];
    assert.ok(entries.length >= 2);
    for (const { groups: { id, algorithm, value } } of entries) {
      const key = await importJWK(JSON.parse(text(settings.keys[id].public)), algorithm);
      const parts = value.split('.');
      const { protectedHeader } = await verify(parts, key, signed);
      assert.deepEqual(protectedHeader, { alg: algorithm, b64: false, crit: ['b64'], kid: id });
      for (let at = 0; at < signed.length; at++) {
        const changed = Buffer.from(signed);
        changed[at] ^= 1 << (at % 8);
        await assert.rejects(verify(parts, key, changed), errors.JWSSignatureVerificationFailed);
      }
      console.log(`${id}: jose verifies it, and refuses it with any of ${signed.length} bytes changed`);
    }
  },

  async sign() {
    for (const [id, key] of Object.entries(settings.keys)) {
      const signer = new FlattenedSign(signed).setProtectedHeader({ kid: id, alg: 'ES256', crit: ['b64'], b64: false });
      const jws = await signer.sign(await importPKCS8(text(key.private), 'ES256'));
      console.log(`${id} ${jws.protected}..${jws.signature}`);
    }
  },
};

await cases[process.argv[3]]();
process.exit(0);
