// Draws tokens with @cloudflare/privacypass-ts from an issuer that is ours: the WWW-Authenticate field is parsed, requests are made, sent and finalised by the
// package, and what is printed are Authorization fields, one a line. Our gateway leaves token-key out, since clients have the directory (RFC 9577 section 2.1);
// the package insists on it, so it is put in from the directory.
//
// standard input: {"field": WWW-Authenticate, "issuer": origin, "account": API key, "count": N, "batch": true|false}
import { readFileSync } from 'node:fs';
import {
    AuthorizationHeader, genericBatched, MediaType, PRIVATE_TOKEN_ISSUER_DIRECTORY, privateVerif, publicVerif, sendTokenRequest, WWWAuthenticateHeader,
} from '@cloudflare/privacypass-ts';

const order = JSON.parse(readFileSync(0, 'utf8'));
const directory = await (await fetch(new URL(PRIVATE_TOKEN_ISSUER_DIRECTORY, order.issuer))).json();
const listed = directory['token-keys'].find((key) => !(key['not-before'] > Date.now() / 1000));
const [asked] = WWWAuthenticateHeader.parse(`${order.field}, token-key="${listed['token-key']}"`);
if (asked.challenge.tokenType !== listed['token-type'])
    throw new Error('the directory lists a key of another type than the challenge names');

const url = new URL(directory['issuer-request-uri'], order.issuer);
const clients = Array.from({ length: order.count }, newClient);
const requests = await Promise.all(clients.map((client) => client.createTokenRequest(asked.challenge, asked.tokenKey)));
const responses = order.batch ? await drawBatch() : await Promise.all(requests.map(drawOne));
for (let i = 0; i < clients.length; i++)
    console.log(new AuthorizationHeader(await clients[i].finalize(responses[i])).toString());

function newClient() {
    return asked.challenge.tokenType === publicVerif.BLIND_RSA.value ? new publicVerif.Client(publicVerif.BlindRSAMode.PSS) : new privateVerif.Client();
}

async function drawOne(request, index) {
    const headers = new Headers({ authorization: `Bearer ${order.account}` });
    return clients[index].deserializeTokenResponse(await sendTokenRequest(request.serialize(), url, headers));
}

async function drawBatch() {
    const batching = new genericBatched.Client();
    const batch = batching.createTokenRequest(requests.map((request) => new genericBatched.TokenRequest(request)));
    const answer = await fetch(url, {
        method: 'POST',
        headers: { authorization: `Bearer ${order.account}`, 'content-type': MediaType.ARBITRARY_BATCHED_TOKEN_REQUEST },
        body: batch.serialize(),
    });
    if (answer.status !== 200 || answer.headers.get('content-type') !== MediaType.ARBITRARY_BATCHED_TOKEN_RESPONSE)
        throw new Error(`${answer.status} ${await answer.text()}`);
    return batching.deserializeTokenResponse(new Uint8Array(await answer.arrayBuffer())).tokenResponses.map((each) => each.tokenResponse);
}
