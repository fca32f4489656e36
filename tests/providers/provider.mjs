// A certified OpenID Provider on a free loopback port, for one run of the tests. Everybody is signed
// in at once as whom login_hint names. Prints one JSON line when it listens and ends with its input.
// A number on a line of its input delays every later answer to a refresh by so many milliseconds;
// from then on each refresh is told in two lines, when it comes and when it is answered. The word
// `reveal` has it print what goes over the wire with each later request for tokens.
//
//     node provider.mjs [--port N] REDIRECT_URI…
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Provider } from 'oidc-provider';

const argumentsGiven = process.argv.slice(2);
const port = argumentsGiven[0] === '--port' ? Number(argumentsGiven.splice(0, 2)[1]) : 0;
const redirectUris = argumentsGiven;
const clientSecret = 'real secret /%+';

function privateJwk(type, options, alg) {
  const { privateKey } = generateKeyPairSync(type, options);
  return { ...privateKey.export({ format: 'jwk' }), use: 'sig', alg, kid: `key-${alg}` };
}

function client(id, alg) {
  return {
    client_id: id,
    client_secret: clientSecret,
    redirect_uris: redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    id_token_signed_response_alg: alg,
  };
}

function findAccount(_, id) {
  const claims = () => ({
    sub: id, email: `${id}@idp.example`, email_verified: true, name: `User ${id}`,
  });
  return { accountId: id, claims };
}

const configuration = {
  clients: [client('cardea-rs256', 'RS256'), client('cardea-es256', 'ES256')],
  jwks: {
    keys: [
      privateJwk('rsa', { modulusLength: 2048 }, 'RS256'),
      privateJwk('ec', { namedCurve: 'P-256' }, 'ES256'),
    ],
  },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  features: {
    devInteractions: { enabled: false },
    // A client that sends proofs must send the nonce in them, too.
    dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    pushedAuthorizationRequests: { enabled: true },
    revocation: { enabled: true },
  },
  pkce: { methods: ['S256'], required: () => true },
  rotateRefreshToken: () => true,
  issueRefreshToken: (_, asking) => asking.grantTypeAllowed('refresh_token'),
  ttl: { AccessToken: 300, AuthorizationCode: 60, IdToken: 300, RefreshToken: 3600,
    Grant: 3600, Interaction: 600, Session: 3600 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount,
};

// Says yes to whatever is asked, as a person with one click would.
async function approve(provider, request, response) {
  const { params, session, grantId } = await provider.interactionDetails(request, response);
  const accountId = session?.accountId ?? params.login_hint ?? 'alice';
  const grant = (grantId && await provider.Grant.find(grantId))
    || new provider.Grant({ accountId, clientId: params.client_id });
  grant.addOIDCScope(params.scope);
  const consent = { grantId: await grant.save() };
  const result = { login: { accountId }, consent };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
}

// The provider has acted by then: only the answer is late.
let delay = null;
let revealing = false;
async function tellAndDelay(context, next) {
  await next();
  if (revealing && context.oidc?.route === 'token') {
    console.log(JSON.stringify({ event: 'revealed', sent: context.oidc.params, answered: context.body }));
  }
  const sent = context.oidc?.params?.refresh_token;
  if (delay === null || context.oidc?.route !== 'token' || !sent) return;
  console.log(JSON.stringify({ event: 'asked', refresh_token: sent }));
  await pause(delay);
  console.log(JSON.stringify({ event: 'answered', refresh_token: context.body?.refresh_token ?? null }));
}

const server = createServer();
server.listen(port, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  provider.use(tellAndDelay);
  const standard = provider.callback();
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return standard(request, response);
    return approve(provider, request, response).catch((error) => {
      response.writeHead(500);
      response.end(String(error));
    });
  });
  console.log(JSON.stringify({
    issuer, client_secret: clientSecret, clients: { RS256: 'cardea-rs256', ES256: 'cardea-es256' },
  }));
});
createInterface({ input: process.stdin })
  .on('line', (line) => { if (line === 'reveal') revealing = true; else delay = Number(line); })
  .on('close', () => process.exit(0));
