// Follows orderChanged through a client of npm, and prints what it is told as JSON lines.
// node follow.js sse|ws URL COUNT [SINCE]
import { createClient as overEvents } from 'graphql-sse';
import { createClient as overSocket } from 'graphql-ws';

const [protocol, url, count, since = null] = process.argv.slice(2);
const query = `subscription ($since: String) {
  orderChanged(since: $since) { cursor orderId previousStatus cause }
}`;

const events = () => overEvents({ url: `${url}/graphql/stream` });
const socket = () => overSocket({ url: `${url.replace('http', 'ws')}/graphql` });
const client = protocol === 'sse' ? events() : socket();

let told = 0;
try {
  for await (const answer of client.iterate({ query, variables: { since } })) {
    console.log(JSON.stringify(answer));
    told += 1;
    if (answer.errors || told === Number(count)) break;
  }
} catch (errors) {
  // Over a socket an operation that fails ends with a message of its own.
  if (!Array.isArray(errors)) throw errors;
  console.log(JSON.stringify({ errors }));
}
await client.dispose();
