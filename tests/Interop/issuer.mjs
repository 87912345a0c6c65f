// An issuer made with @cloudflare/privacypass-ts, for a client that is ours: directory, single requests and generic batches, over HTTPS; amortized batches and
// type 5 come from @cloudflare/voprf-ts. It asks for no account.
//
// arguments: CERTIFICATE KEY TYPE...      standard output: "port N" once it listens; it ends with its standard input
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { genericBatched, MediaType, PRIVATE_TOKEN_ISSUER_DIRECTORY, privateVerif, publicVerif } from '@cloudflare/privacypass-ts';
import * as varint from 'quicvarint';
import { AMORTIZED_REQUEST, AMORTIZED_RESPONSE, VOPRF_TYPES } from './voprf.mjs';

const [certificate, key, ...types] = process.argv.slice(2);
const name = 'foreign-issuer.example';
const issuers = await Promise.all(types.map((type) => (type === '2' ? newBlindRsa() : newVoprf(VOPRF_TYPES[type]))));
const batching = new genericBatched.Issuer(...issuers.flatMap((each) => each.issuer ?? []));
const directory = JSON.stringify({
    'issuer-request-uri': '/token-request',
    'token-keys': issuers.map((each) => ({ 'token-type': each.type, 'token-key': Buffer.from(each.publicKey).toString('base64url') + '='.repeat((3 - each.publicKey.length % 3) % 3) })),
});

async function newBlindRsa() {
    const mode = publicVerif.BlindRSAMode.PSS;
    const pair = await publicVerif.Issuer.generateKey(mode, { modulusLength: 2048, publicExponent: Uint8Array.from([1, 0, 1]) });
    return {
        type: publicVerif.BLIND_RSA.value,
        issuer: new publicVerif.Issuer(mode, name, pair.privateKey, pair.publicKey),
        publicKey: await publicVerif.getPublicKeyBytes(pair.publicKey),
        issue(request) {
            return this.issuer.issue(publicVerif.TokenRequest.deserialize(publicVerif.BLIND_RSA, request));
        },
    };
}

async function newVoprf(type) {
    const pair = await type.newKeyPair();
    const issuer = type.id === privateVerif.VOPRF.value ? new privateVerif.Issuer(name, pair.privateKey, pair.publicKey) : null;
    return {
        type: type.id,
        issuer,
        publicKey: pair.publicKey,
        issue: async (request) => (issuer ? issuer.issue(privateVerif.TokenRequest.deserialize(request)) : serialized(await type.evaluate(pair.privateKey, request.subarray(3)))),
        issueTogether: (elements) => type.evaluate(pair.privateKey, elements),
    };
}

function serialized(parts) {
    return { serialize: () => Buffer.concat(parts) };
}

const answers = {
    [MediaType.PRIVATE_TOKEN_REQUEST]: async (body) => [MediaType.PRIVATE_TOKEN_RESPONSE, await issuerOf(body).issue(body)],
    [MediaType.ARBITRARY_BATCHED_TOKEN_REQUEST]: async (body) =>
        [MediaType.ARBITRARY_BATCHED_TOKEN_RESPONSE, await batching.issue(genericBatched.BatchedTokenRequest.deserialize(body))],
    [AMORTIZED_REQUEST]: async (body) => {
        const { usize } = varint.read(new DataView(body.buffer, body.byteOffset, body.byteLength), 3);
        const [evaluated, proof] = await issuerOf(body).issueTogether(body.subarray(3 + usize));
        return [AMORTIZED_RESPONSE, serialized([Buffer.from(varint.encode(evaluated.length)), evaluated, proof])];
    },
};

function issuerOf(body) {
    return issuers.find((each) => each.type === body.readUInt16BE());
}

const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, async (request, response) => {
    if (request.url === PRIVATE_TOKEN_ISSUER_DIRECTORY)
        return response.writeHead(200, { 'content-type': MediaType.PRIVATE_TOKEN_ISSUER_DIRECTORY }).end(directory);
    try {
        const parts = [];
        for await (const part of request)
            parts.push(part);
        const [mediaType, answer] = await answers[request.headers['content-type']](Buffer.concat(parts));
        response.writeHead(200, { 'content-type': mediaType }).end(answer.serialize());
    } catch (refused) {
        response.writeHead(422, { 'content-type': 'text/plain' }).end(String(refused));
    }
});
server.listen(0, '127.0.0.1', () => console.log(`port ${server.address().port}`));
process.stdin.on('end', () => process.exit(0)).resume();
