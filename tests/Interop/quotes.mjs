// Judges TDX quotes with @phala/dcap-qvl: a JSON list of {quote, at, collateral} on standard input, a list of {accepted, said} on standard output.
import { text } from 'node:stream/consumers';
import { verify } from '@phala/dcap-qvl';

const pieces = JSON.parse(await text(process.stdin));
const verdicts = [];
for (const { quote, at, collateral } of pieces) {
  try {
    const { status } = verify(Buffer.from(quote, 'base64'), collateral, at);
    verdicts.push({ accepted: true, said: status });
  } catch (failure) {
    const reasons = [];
    for (let cause = failure; cause; cause = cause.cause) reasons.push(cause.message);
    verdicts.push({ accepted: false, said: reasons.join(' / ') });
  }
}
process.stdout.write(JSON.stringify(verdicts));
