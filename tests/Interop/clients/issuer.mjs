// npm oidc-provider as a token server for machines: client credentials only, FAPI 2.0 profile, at+jwt access tokens for
// resource indicators, bound by certificate or by DPoP. One address for both: a client certificate is asked for, not demanded.
//
//   node issuer.mjs <settings.json>
//
// Settings: host, port (0: any), certificate, key, clientAuthorities (PEM files), clients (OAuth client metadata), resources
// ({ "<resource>": { "scope": "a b", "ttl": 300 } }), nonce (DPoP nonces demanded), details (authorization_details types),
// claims (added to every token). Prints "ready <issuer>" when it listens. Ends when its standard input ends.
import { createServer } from 'node:https';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { exportJWK, generateKeyPair } from 'jose';
import Provider, { errors } from 'oidc-provider';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const server = createServer({
  cert: readFileSync(settings.certificate),
  key: readFileSync(settings.key),
  ca: settings.clientAuthorities ? readFileSync(settings.clientAuthorities) : undefined,
  minVersion: 'TLSv1.3',
  requestCert: Boolean(settings.clientAuthorities),
  rejectUnauthorized: false,
});
await new Promise((listening) => server.listen(settings.port ?? 0, '127.0.0.1', listening));
server.keepAliveTimeout = 120000;
const issuer = `https://${settings.host ?? 'localhost'}:${server.address().port}`;

const signing = await exportJWK((await generateKeyPair('ES256', { extractable: true })).privateKey);
const peer = (ctx) => ctx.socket.getPeerX509Certificate?.();
const names = (certificate) => (certificate.subjectAltName ?? '').split(', ');

const provider = new Provider(issuer, {
  clients: settings.clients.map((client) => ({
    grant_types: ['client_credentials'], redirect_uris: [], response_types: [], id_token_signed_response_alg: 'ES256',
    introspection_signed_response_alg: 'ES256', ...client,
  })),
  jwks: { keys: [{ ...signing, alg: 'ES256', use: 'sig' }] },
  scopes: Object.values(settings.resources).flatMap((resource) => resource.scope.split(' ')),
  clientAuthMethods: ['private_key_jwt', 'tls_client_auth', 'self_signed_tls_client_auth'],
  clientDefaults: { id_token_signed_response_alg: 'ES256' },
  enabledJWA: {
    clientAuthSigningAlgValues: ['ES256', 'PS256'],
    dPoPSigningAlgValues: ['ES256', 'PS256'],
    idTokenSigningAlgValues: ['ES256', 'PS256'],
    introspectionSigningAlgValues: ['ES256', 'PS256'],
  },
  extraTokenClaims: () => settings.claims,
  features: {
    devInteractions: { enabled: false },
    userinfo: { enabled: false },
    rpInitiatedLogout: { enabled: false },
    clientCredentials: { enabled: true },
    fapi: { enabled: true, profile: '2.0' },
    introspection: { enabled: true, allowedPolicy: () => true },
    jwtIntrospection: { enabled: true },
    revocation: { enabled: true },
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => settings.nonce ?? false },
    mTLS: {
      enabled: true,
      certificateBoundAccessTokens: true,
      tlsClientAuth: true,
      selfSignedTlsClientAuth: true,
      getCertificate: (ctx) => peer(ctx)?.toString(),
      certificateAuthorized: (ctx) => ctx.socket.authorized === true,
      certificateSubjectMatches: (ctx, property, expected) => {
        const certificate = peer(ctx);
        if (!certificate) return false;
        if (property === 'tls_client_auth_subject_dn') return certificate.subject.split('\n').reverse().join(',') === expected;
        return names(certificate).includes({ tls_client_auth_san_uri: `URI:${expected}`, tls_client_auth_san_dns: `DNS:${expected}` }[property]);
      },
    },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => Object.keys(settings.resources)[0],
      getResourceServerInfo: (_, resource) => {
        const known = settings.resources[resource];
        if (!known) throw new errors.InvalidTarget();
        return { scope: known.scope, audience: resource, accessTokenTTL: known.ttl ?? 300, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'ES256' } } };
      },
    },
    ...(settings.details ? {
      richAuthorizationRequests: {
        enabled: true,
        types: Object.fromEntries(settings.details.map((type) => [type, { validate() {} }])),
        authorizationDetailsForGrantSource: (ctx) => JSON.parse(ctx.oidc.params.authorization_details ?? 'null') ?? undefined,
        authorizationDetailsForAccessToken: (ctx) => JSON.parse(ctx.oidc.params.authorization_details ?? 'null') ?? undefined,
        authorizationDetailsForIntrospection: (_, token) => token.rar,
      },
    } : {}),
  },
});
provider.on('server_error', (_, error) => console.error(error));
if (settings.verbose) provider.on('grant.error', (_, error) => console.error(error));
server.on('request', provider.callback());
console.log(`ready ${issuer}`);
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
