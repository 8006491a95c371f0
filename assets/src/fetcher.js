// Sends an operation to the address that this page came from: a promise of its answer, or for a
// subscription an async iterable of its answers.
import { parse } from 'graphql';

import { answersOf } from './stream.js';

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

// `fallback` are the headers of a request that says none: GraphiQL asks for the schema before
// its headers editor is there.
export function createFetcher(url, fallback) {
  return function fetchOperation(parameters, { headers = fallback } = {}) {
    const asked = ofThisTab(parameters);
    const request = {
      method: 'POST',
      credentials: 'same-origin',
      headers: { Accept: ACCEPT, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(asked),
    };
    return isSubscription(asked)
      ? answersOf(`${url}/stream`, request, headers)
      : fetch(url, request).then((response) => response.json());
  };
}

// For a moment after a change of tabs GraphiQL names the operation of the tab before.
function ofThisTab({ operationName, ...parameters }) {
  const known = operationName && new RegExp(`\\b${operationName}\\b`).test(parameters.query);
  return known ? { ...parameters, operationName } : parameters;
}

function isSubscription({ query, operationName }) {
  try {
    const operations = parse(query).definitions.filter(({ operation }) => operation);
    const meant = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
    return meant?.operation === 'subscription';
  } catch {
    return false; // the gateway says what is wrong with it
  }
}
