// Judges SEV-SNP reports with @tinfoilsh/verifier: a JSON list of {report, vcek} in base64 on standard input, a list of {accepted, said} on standard output.
import { gzipSync } from 'node:zlib';
import { text } from 'node:stream/consumers';
import { verifyAttestation, PredicateType } from '@tinfoilsh/verifier';

const pieces = JSON.parse(await text(process.stdin));
const verdicts = [];
for (const { report, vcek } of pieces) {
  const body = gzipSync(Buffer.from(report, 'base64')).toString('base64');
  try {
    await verifyAttestation({ format: PredicateType.SevGuestV2, body }, vcek);
    verdicts.push({ accepted: true, said: '' });
  } catch (failure) {
    const reasons = [];
    for (let cause = failure; cause; cause = cause.cause) reasons.push(cause.message);
    verdicts.push({ accepted: false, said: reasons.join(' / ') });
  }
}
process.stdout.write(JSON.stringify(verdicts));
