// Runs graphql-http's audits against the URL given, and prints their results as JSON.
import { auditServer } from 'graphql-http';

const [url] = process.argv.slice(2);
const results = await auditServer({ url });
console.log(
  JSON.stringify(
    results.map(({ id, name, status, reason = null }) => ({ id, name, status, reason })),
  ),
);
