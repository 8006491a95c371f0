// Verifies a webhook by the specification's own library, once with each secret, and prints what
// the body says. node verify-webhook.js SECRET... with {body, headers} as JSON on standard input.
import { readFileSync } from 'node:fs';
import { Webhook } from 'standardwebhooks';

const { body, headers } = JSON.parse(readFileSync(0, 'utf8'));
const told = process.argv.slice(2).map((secret) => new Webhook(secret).verify(body, headers));
console.log(JSON.stringify(told));
