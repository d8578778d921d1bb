// openid-client against the town. Its assertions carry no typ; its DPoP handle repeats a request with the nonce by itself.
import assert from 'node:assert/strict';
import * as client from 'openid-client';
import { assertCaller, callerUrl, client as registered, issuer, keyOf, parametersOf, run, verifier } from './town.mjs';

async function configure(who) {
  const authentication = who.key ? client.PrivateKeyJwt(await keyOf(who)) : client.TlsClientAuth();
  return client.discovery(issuer, who.id, { use_mtls_endpoint_aliases: !who.dpop }, authentication, { algorithm: 'oauth2', [client.customFetch]: who.fetch });
}

async function bound(say, id, atGateway = true) {
  const who = registered(id);
  const configuration = await configure(who);
  const granted = await client.clientCredentialsGrant(configuration, parametersOf(who));
  await verifier(configuration.serverMetadata().jwks_uri)(granted.access_token, who);
  say(`openid-client took a token as ${id} and jose verified it as RFC 9068 says`);
  if (!atGateway) return [configuration, granted];
  await assertCaller(await client.fetchProtectedResource(configuration, granted.access_token, callerUrl(), 'GET'), who);
  say('the gateway knew the caller');
  return [configuration, granted];
}

await run({
  'private-key-jwt': (say) => bound(say, 'anss-eligibility'),
  'tls-client-auth': (say) => bound(say, 'anss-inclusion'),
  'self-signed': (say) => bound(say, 'anss-alone', false),

  async dpop(say) {
    const who = registered('anss-proving');
    const configuration = await configure(who);
    const DPoP = client.getDPoPHandle(configuration, await client.randomDPoPKeyPair('ES256'));
    const granted = await client.clientCredentialsGrant(configuration, parametersOf(who), { DPoP });
    assert.equal(granted.token_type, 'dpop');
    await verifier(configuration.serverMetadata().jwks_uri)(granted.access_token, who, await DPoP.calculateThumbprint());
    say('openid-client repeated the request with the nonce by itself; jose verified the token');
  },

  async revocation(say) {
    const [configuration, granted] = await bound(say, 'anss-eligibility');
    const server = await configure(registered('anss-batch'));
    assert.equal((await client.tokenIntrospection(server, granted.access_token)).active, true);
    await client.tokenRevocation(configuration, granted.access_token);
    assert.equal((await client.tokenIntrospection(server, granted.access_token)).active, false);
    say('openid-client saw it active, revoked it, and saw it inactive');
  },
});
