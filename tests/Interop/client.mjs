// Draws tokens with @cloudflare/privacypass-ts from an issuer that is ours: the WWW-Authenticate field is parsed, requests are made, sent and finalised by the
// package, and what is printed are Authorization fields, one a line. Type 5 and amortized batches come from @cloudflare/voprf-ts. Two things are bridged. Our
// gateway leaves token-key out, since clients have the directory (RFC 9577 section 2.1), and the package insists on it: it is put in from the directory. And
// the package is asked to quote the token, whose padding a bare value may not hold.
//
// standard input: {"field": WWW-Authenticate, "issuer": origin, "account": API key, "count": N, "way": "single"|"generic"|"amortized"}
import { readFileSync } from 'node:fs';
import {
    AuthenticatorInput, AuthorizationHeader, genericBatched, MediaType, PRIVATE_TOKEN_ISSUER_DIRECTORY, privateVerif, publicVerif, sendTokenRequest, Token,
    WWWAuthenticateHeader,
} from '@cloudflare/privacypass-ts';
import * as varint from 'quicvarint';
import { AMORTIZED_REQUEST, AMORTIZED_RESPONSE, VOPRF_TYPES } from './voprf.mjs';

const order = JSON.parse(readFileSync(0, 'utf8'));
const directory = await (await fetch(new URL(PRIVATE_TOKEN_ISSUER_DIRECTORY, order.issuer))).json();
const listed = directory['token-keys'].find((key) => !(key['not-before'] > Date.now() / 1000));
const [asked] = WWWAuthenticateHeader.parse(`${order.field}, token-key="${listed['token-key']}"`);
if (asked.challenge.tokenType !== listed['token-type'])
    throw new Error('the directory lists a key of another type than the challenge names');

const url = new URL(directory['issuer-request-uri'], order.issuer);
const voprf = VOPRF_TYPES[asked.challenge.tokenType];
const usesPackage = order.way !== 'amortized' && asked.challenge.tokenType !== 5;
for (const token of await (usesPackage ? drawWithPackage() : drawWithVoprf()))
    console.log(new AuthorizationHeader(token).toString(true));

async function drawWithPackage() {
    const clients = Array.from({ length: order.count }, newClient);
    const requests = await Promise.all(clients.map((client) => client.createTokenRequest(asked.challenge, asked.tokenKey)));
    const responses = order.way === 'generic'
        ? await drawGeneric(requests)
        : await Promise.all(requests.map(async (request, i) => clients[i].deserializeTokenResponse(await sendTokenRequest(request.serialize(), url, account()))));
    return Promise.all(clients.map((client, i) => client.finalize(responses[i])));
}

function newClient() {
    return asked.challenge.tokenType === publicVerif.BLIND_RSA.value ? new publicVerif.Client(publicVerif.BlindRSAMode.PSS) : new privateVerif.Client();
}

async function drawGeneric(requests) {
    const batching = new genericBatched.Client();
    const batch = batching.createTokenRequest(requests.map((request) => new genericBatched.TokenRequest(request)));
    const answer = await post(MediaType.ARBITRARY_BATCHED_TOKEN_REQUEST, MediaType.ARBITRARY_BATCHED_TOKEN_RESPONSE, batch.serialize());
    return batching.deserializeTokenResponse(answer).tokenResponses.map((each) => each.tokenResponse);
}

async function drawWithVoprf() {
    const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
    const entry = { value: voprf.id, Nid: 32, Nk: voprf.id === 5 ? 64 : 48 };
    const keyId = await digest(asked.tokenKey);
    const challengeDigest = await digest(asked.challenge.serialize());
    const inputs = Array.from({ length: order.count }, () => new AuthenticatorInput(entry, voprf.id, crypto.getRandomValues(new Uint8Array(32)), challengeDigest, keyId));
    const tokens = (outputs, from) => outputs.map((output, i) => new Token(entry, inputs[from + i], output));
    const head = Uint8Array.from([0, voprf.id, keyId.at(-1)]);
    if (order.way === 'amortized') {
        const blinded = await voprf.blind(asked.tokenKey, inputs.map((input) => input.serialize()));
        const answer = await post(AMORTIZED_REQUEST, AMORTIZED_RESPONSE, Buffer.concat([head, varint.encode(blinded.elements.length), blinded.elements]));
        const { value: length, usize } = varint.read(new DataView(answer.buffer), 0);
        return tokens(await blinded.finalize(answer.subarray(usize, usize + length), answer.subarray(usize + length)), 0);
    }

    return (await Promise.all(inputs.map(async (input, i) => {
        const blinded = await voprf.blind(asked.tokenKey, [input.serialize()]);
        const answer = await post(MediaType.PRIVATE_TOKEN_REQUEST, MediaType.PRIVATE_TOKEN_RESPONSE, Buffer.concat([head, blinded.elements]));
        return tokens(await blinded.finalize(answer.subarray(0, voprf.elementSize), answer.subarray(voprf.elementSize)), i);
    }))).flat();
}

function account() {
    return new Headers({ authorization: `Bearer ${order.account}` });
}

async function post(mediaType, answerType, body) {
    const headers = account();
    headers.set('content-type', mediaType);
    const answer = await fetch(url, { method: 'POST', headers, body });
    if (answer.status !== 200 || answer.headers.get('content-type') !== answerType)
        throw new Error(`${answer.status} ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
}
