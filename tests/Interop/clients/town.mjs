// What every script shares: the settings file, keys and certificates of the town's clients, a fetch that trusts the town's CA and
// shows a client's certificate, and the RFC 9068 rules as a resource server that uses jose applies them.
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { importPKCS8, createRemoteJWKSet, customFetch as joseFetch, jwtVerify, decodeProtectedHeader } from 'jose';
import { Agent, fetch } from 'undici';
import assert from 'node:assert/strict';

export const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
export const issuer = new URL(settings.issuer);
export const ca = readFileSync(settings.ca);

/** A fetch over TLS 1.3 that trusts the town's servers and shows the certificate of a client, or none. */
export function fetchAs(client) {
  const connect = { ca, minVersion: 'TLSv1.3' };
  if (client) Object.assign(connect, { cert: readFileSync(client.certificate), key: readFileSync(client.certificateKey) });
  const dispatcher = new Agent({ connect, keepAliveTimeout: 1000 });
  return async (url, options) => {
    const answer = await fetch(url, { ...options, dispatcher });
    // Another copy of the class than the platform's: the libraries look at the type.
    return new Response([204, 205, 304].includes(answer.status) ? null : await answer.arrayBuffer(), { status: answer.status, headers: Object.fromEntries(answer.headers) });
  };
}

export function client(id) {
  const found = settings.clients[id];
  assert.ok(found, `no client ${id}`);
  return { ...found, id, fetch: fetchAs(found.certificate ? found : undefined) };
}

export async function keyOf(who) {
  const pem = createPrivateKey(readFileSync(who.key)).export({ type: 'pkcs8', format: 'pem' });
  return { key: await importPKCS8(pem, 'ES256'), kid: who.kid };
}

/** Scope and RFC 9396 details of the client's right. */
export function parametersOf(who) {
  return new URLSearchParams({
    scope: who.scopes.join(' '),
    authorization_details: JSON.stringify([{ type: 'data_exchange', agreement: who.agreement, purpose: who.purpose }]),
  });
}

export function thumbprintOf(who) {
  return createHash('sha256').update(new X509Certificate(readFileSync(who.certificate)).raw).digest('base64url');
}

/** RFC 9068 section 4 with jose, then the confirmation. */
export function verifier(jwksUri, options) {
  const keys = createRemoteJWKSet(new URL(jwksUri), { [joseFetch]: fetchAs(), cooldownDuration: 0, ...options });
  return async (token, who, jkt) => {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: settings.issuer, audience: settings.gateway, typ: 'at+jwt', algorithms: ['ES256', 'PS256'],
      requiredClaims: ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti', 'scope', 'cnf', 'authorization_details'],
    });
    assert.equal(payload.aud, settings.gateway);
    assert.equal(payload.sub, who.id);
    assert.equal(payload.client_id, who.id);
    assert.equal(payload.exp - payload.iat, 300);
    assert.deepEqual(payload.cnf, jkt ? { jkt } : { 'x5t#S256': thumbprintOf(who) });
    assert.equal(payload.authorization_details[0].purpose, who.purpose);
    assert.ok(decodeProtectedHeader(token).kid === protectedHeader.kid && protectedHeader.kid);
    return { payload, protectedHeader };
  };
}

/** The gateway's first call: who does it think is calling? */
export async function assertCaller(response, who) {
  const text = await response.text();
  assert.equal(response.status, 200, text);
  const caller = JSON.parse(text);
  assert.equal(caller.client, who.id);
  assert.equal(caller.purpose, who.purpose);
}

export const callerUrl = () => new URL('/catalogue/v1/caller', settings.gateway);

/** Runs the case named on the command line; each fact it establishes is one printed line. */
export async function run(cases) {
  const name = process.argv[3];
  assert.ok(cases[name], `no case ${name}`);
  await cases[name]((fact) => console.log(fact));
  process.exit(0);
}
