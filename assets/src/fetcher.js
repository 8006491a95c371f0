// Sends an operation to the address that this page came from.
// Whatever streams its answers shall return an async iterable from here instead of a promise.

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

// `fallback` are the headers of a request that says none: GraphiQL asks for the schema before
// its headers editor is there.
export function createFetcher(url, fallback) {
  return async function fetchOperation(parameters, { headers = fallback } = {}) {
    const response = await fetch(url, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { Accept: ACCEPT, 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(ofThisTab(parameters)),
    });
    return response.json();
  };
}

// For a moment after a change of tabs GraphiQL names the operation of the tab before.
function ofThisTab({ operationName, ...parameters }) {
  const known = operationName && new RegExp(`\\b${operationName}\\b`).test(parameters.query);
  return known ? { ...parameters, operationName } : parameters;
}
