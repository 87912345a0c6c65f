// Token types 1 and 5 from @cloudflare/voprf-ts alone: what @cloudflare/privacypass-ts has no code for, type 5 and amortized batches.
import { EvaluationRequest, Evaluation, DLEQProof, generateKeyPair, Oprf, VOPRFClient, VOPRFServer } from '@cloudflare/voprf-ts';
import { CryptoNoble } from '@cloudflare/voprf-ts/crypto-noble';

export const AMORTIZED_REQUEST = 'application/private-token-amortized-batch-request';
export const AMORTIZED_RESPONSE = 'application/private-token-amortized-batch-response';

/** A token type: its suite, and the sizes of an element and of a proof. */
export class VoprfType {
    constructor(id, suite) {
        this.id = id;
        this.suite = suite;
        this.group = Oprf.getGroup(suite, CryptoNoble);
        this.elementSize = this.group.eltSize();
    }

    newKeyPair() {
        return generateKeyPair(this.suite, CryptoNoble);
    }

    /** Evaluates elements that stand one behind the other: [evaluated elements, proof]. */
    async evaluate(privateKey, elements) {
        const blinded = [];
        for (let at = 0; at < elements.length; at += this.elementSize)
            blinded.push(this.group.desElt(elements.subarray(at, at + this.elementSize)));
        const evaluation = await new VOPRFServer(this.suite, privateKey, CryptoNoble).blindEvaluate(new EvaluationRequest(blinded));
        return [Buffer.concat(evaluation.evaluated.map((element) => element.serialize())), Buffer.from(evaluation.proof.serialize())];
    }

    /** Blinds inputs; what is kept finalises the answer into outputs. */
    async blind(publicKey, inputs) {
        const client = new VOPRFClient(this.suite, publicKey, CryptoNoble);
        const [kept, request] = await client.blind(inputs);
        return {
            elements: Buffer.concat(request.blinded.map((element) => element.serialize())),
            finalize: (evaluated, proof) => {
                const elements = inputs.map((_, i) => this.group.desElt(evaluated.subarray(i * this.elementSize, (i + 1) * this.elementSize)));
                return client.finalize(kept, new Evaluation(Oprf.Mode.VOPRF, elements, DLEQProof.deserialize(this.group.id, proof, CryptoNoble)));
            },
        };
    }
}

export const VOPRF_TYPES = { 1: new VoprfType(1, Oprf.Suite.P384_SHA384), 5: new VoprfType(5, Oprf.Suite.RISTRETTO255_SHA512) };
