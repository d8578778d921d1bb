// oauth4webapi against the town: discovery, every way to authenticate, DPoP with the nonce retry, introspection, revocation.
import assert from 'node:assert/strict';
import * as oauth from 'oauth4webapi';
import { createRemoteJWKSet, customFetch as joseFetch, jwtVerify } from 'jose';
import { assertCaller, callerUrl, client, fetchAs, issuer, keyOf, parametersOf, run, settings, verifier } from './town.mjs';

async function discover() {
  const answer = await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', [oauth.customFetch]: fetchAs() });
  return oauth.processDiscoveryResponse(issuer, answer);
}

const asRegistered = (who, more) => ({ client_id: who.id, use_mtls_endpoint_aliases: !who.dpop, ...more });
const authentication = async (who) => who.key ? oauth.PrivateKeyJwt(await keyOf(who)) : oauth.TlsClientAuth();

async function token(as, who, more) {
  const answer = await oauth.clientCredentialsGrantRequest(as, asRegistered(who), await authentication(who), parametersOf(who), { [oauth.customFetch]: who.fetch, ...more });
  return oauth.processClientCredentialsResponse(as, asRegistered(who), answer);
}

async function bound(say, id) {
  const [as, who] = [await discover(), client(id)];
  const granted = await token(as, who);
  assert.equal(granted.token_type, 'bearer');
  assert.equal(granted.expires_in, 300);
  assert.equal(granted.refresh_token, undefined);
  assert.equal(granted.authorization_details[0].purpose, who.purpose);
  say(`oauth4webapi took a token as ${id} at ${new URL(as.mtls_endpoint_aliases.token_endpoint).pathname} of the mutual-TLS alias`);
  await verifier(as.jwks_uri)(granted.access_token, who);
  say('jose verified it as RFC 9068 says, bound to the certificate of the connection');
  // Its own validator stops at a confirmation that it does not know, which is right of it.
  const request = new Request(callerUrl(), { headers: { authorization: `Bearer ${granted.access_token}` } });
  await assert.rejects(oauth.validateJwtAccessToken(as, request, settings.gateway, { [oauth.customFetch]: fetchAs() }), /unsupported JWT Confirmation method/);
  await assertCaller(await oauth.protectedResourceRequest(granted.access_token, 'GET', callerUrl(), undefined, undefined, { [oauth.customFetch]: who.fetch }), who);
  say('the gateway knew the caller');
}

await run({
  async discovery(say) {
    const as = await discover();
    assert.equal(as.issuer, settings.issuer);
    assert.deepEqual(as.grant_types_supported, ['client_credentials']);
    assert.ok(as.mtls_endpoint_aliases.token_endpoint.startsWith('https://'));
    say(`RFC 8414: ${as.issuer} is its own issuer and has ${Object.keys(as).length} members`);
    const who = client('anss-eligibility');
    const found = await oauth.processResourceDiscoveryResponse(new URL(settings.gateway), await oauth.resourceDiscoveryRequest(new URL(settings.gateway), { [oauth.customFetch]: who.fetch }));
    assert.deepEqual(found.authorization_servers, [settings.issuer]);
    say('RFC 9728: the gateway names this issuer');
  },

  'private-key-jwt': (say) => bound(say, 'anss-eligibility'),
  'tls-client-auth': (say) => bound(say, 'anss-inclusion'),
  'self-signed': (say) => bound(say, 'anss-alone'),

  async dpop(say) {
    const [as, who] = [await discover(), client('anss-proving')];
    const keys = await oauth.generateKeyPair('ES256');
    const DPoP = oauth.DPoP(asRegistered(who), keys);
    await assert.rejects(token(as, who, { DPoP }), (error) => oauth.isDPoPNonceError(error));
    say('the first proof was answered with use_dpop_nonce');
    const granted = await token(as, who, { DPoP });
    assert.equal(granted.token_type, 'dpop');
    const jkt = await DPoP.calculateThumbprint();
    await verifier(as.jwks_uri)(granted.access_token, who, jkt);
    say('the second one, with the nonce, got a token of type DPoP that jose verified');
    // A resource server on oauth4webapi: RFC 9068 and RFC 9449 together.
    let seen;
    await oauth.protectedResourceRequest(granted.access_token, 'GET', callerUrl(), undefined, undefined, {
      DPoP, [oauth.customFetch]: async (url, options) => { seen = new Request(url, { method: options.method, headers: options.headers }); return new Response('{}'); },
    });
    const claims = await oauth.validateJwtAccessToken(as, seen, settings.gateway, { requireDPoP: true, [oauth.customFetch]: fetchAs() });
    assert.equal(claims.client_id, who.id);
    say('oauth4webapi validated token and proof as a resource server (RFC 9068, RFC 9449)');
    await assert.rejects(oauth.validateJwtAccessToken(as, seen, 'https://elsewhere.test', { requireDPoP: true, [oauth.customFetch]: fetchAs() }));
  },

  async 'dpop-at-gateway'(say) {
    const [as, who] = [await discover(), client('anss-proving')];
    const DPoP = oauth.DPoP(asRegistered(who), await oauth.generateKeyPair('ES256'));
    await token(as, who, { DPoP }).catch((error) => assert.ok(oauth.isDPoPNonceError(error)));
    const granted = await token(as, who, { DPoP });
    const url = new URL('/catalogue/v1/caller', settings.gatewayDpop);
    const call = () => oauth.protectedResourceRequest(granted.access_token, 'GET', url, undefined, undefined, { DPoP, [oauth.customFetch]: who.fetch });
    const answer = await call().catch((error) => { assert.ok(oauth.isDPoPNonceError(error), String(error)); say('the gateway wanted a nonce of its own'); return call(); });
    await assertCaller(answer, who);
    say('the gateway knew the caller by its proof');
  },

  async introspection(say) {
    const [as, owner, server] = [await discover(), client('anss-eligibility'), client('anss-batch')];
    const granted = await token(as, owner);
    const ask = async (more) => {
      const me = asRegistered(server, more);
      const answer = await oauth.introspectionRequest(as, me, await authentication(server), granted.access_token, { [oauth.customFetch]: server.fetch, requestJwtResponse: Boolean(more) });
      const copy = answer.clone();
      const told = await oauth.processIntrospectionResponse(as, me, answer);
      return [told, await copy.text(), answer];
    };
    const [plain] = await ask();
    assert.ok(plain.active && plain.client_id === owner.id && plain.cnf['x5t#S256'] && plain.authorization_details.length === 1);
    say('RFC 7662: active, with binding and details');
    const [told, jwt, answer] = await ask({ introspection_signed_response_alg: 'ES256' });
    assert.ok(told.active);
    await oauth.validateApplicationLevelSignature(as, answer, { [oauth.customFetch]: fetchAs() });
    const keys = createRemoteJWKSet(new URL(as.jwks_uri), { [joseFetch]: fetchAs() });
    const { payload } = await jwtVerify(jwt, keys, { issuer: settings.issuer, audience: settings.gateway, typ: 'token-introspection+jwt', algorithms: ['ES256'] });
    assert.equal(payload.token_introspection.client_id, owner.id);
    say('RFC 9701: signed, verified by oauth4webapi and by jose');
    const revoked = await oauth.revocationRequest(as, asRegistered(owner), await authentication(owner), granted.access_token, { [oauth.customFetch]: owner.fetch });
    await oauth.processRevocationResponse(revoked);
    assert.deepEqual((await ask())[0], { active: false });
    say('RFC 7009: revoked, and inactive from then on');
  },
});
