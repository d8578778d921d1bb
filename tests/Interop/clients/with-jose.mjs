// jose and dpop alone: assertions and proofs made by hand, as a partner without an OAuth library would.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { calculateJwkThumbprint, exportJWK, SignJWT } from 'jose';
import * as dpop from 'dpop';
import { assertCaller, callerUrl, client, fetchAs, issuer, keyOf, parametersOf, run, settings, verifier } from './town.mjs';

const metadata = async () => (await fetchAs()(new URL('/.well-known/oauth-authorization-server', issuer))).json();

async function form(who) {
  const { key, kid } = await keyOf(who);
  const assertion = await new SignJWT({ jti: randomUUID() }).setProtectedHeader({ alg: 'ES256', kid, typ: 'client-authentication+jwt' })
    .setIssuer(who.id).setSubject(who.id).setAudience(settings.issuer).setIssuedAt().setExpirationTime('60s').sign(key);
  const parameters = parametersOf(who);
  parameters.set('grant_type', 'client_credentials');
  parameters.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
  parameters.set('client_assertion', assertion);
  return parameters.toString();
}

const post = (who, url, body, headers) => who.fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers } });

await run({
  async dpop(say) {
    const [as, who] = [await metadata(), client('anss-proving')];
    const keys = await dpop.generateKeyPair('ES256');
    const ask = async (nonce) => post(who, as.token_endpoint, await form(who), { dpop: await dpop.generateProof(keys, as.token_endpoint, 'POST', nonce) });
    const first = await ask();
    assert.equal(first.status, 400);
    assert.equal((await first.json()).error, 'use_dpop_nonce');
    const second = await ask(first.headers.get('dpop-nonce'));
    const granted = await second.json();
    assert.equal(granted.token_type, 'DPoP', JSON.stringify(granted));
    const jkt = await calculateJwkThumbprint(await exportJWK(keys.publicKey));
    await verifier(as.jwks_uri)(granted.access_token, who, jkt);
    assert.ok(second.headers.get('dpop-nonce'));
    say('dpop made the proofs: nonce wanted, nonce given, token bound to its key');
  },

  // Takes a token and calls the gateway with it, again and again, while the signing key changes; ends after the second key has signed ten.
  async rotation(say) {
    const [as, who] = [await metadata(), client('anss-eligibility')];
    const verify = verifier(as.jwks_uri, { cacheMaxAge: 600000 });
    const kids = new Map();
    const end = Date.now() + 55000;
    console.log('ready');
    while (Date.now() < end && !(kids.size > 1 && [...kids.values()].at(-1) >= 10)) {
      const answer = await post(who, as.mtls_endpoint_aliases.token_endpoint, await form(who));
      const granted = await answer.json();
      assert.equal(answer.status, 200, JSON.stringify(granted));
      const { protectedHeader } = await verify(granted.access_token, who);
      kids.set(protectedHeader.kid, (kids.get(protectedHeader.kid) ?? 0) + 1);
      await setTimeout(50);
      await assertCaller(await who.fetch(callerUrl(), { headers: { authorization: `Bearer ${granted.access_token}` } }), who);
    }
    assert.equal(kids.size, 2);
    say(`${[...kids.values()].reduce((sum, count) => sum + count)} tokens under two keys, each verified by jose and taken by the gateway`);
  },
});
