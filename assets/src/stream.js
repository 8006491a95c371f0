// Reads server-sent events (graphql-sse, distinct connections) as an async iterable of answers.
export async function* answersOf(url, request, headers) {
  const controller = new AbortController();
  try {
    const response = await fetch(url, {
      ...request,
      headers: { ...request.headers, ...headers, Accept: 'text/event-stream' },
      signal: controller.signal,
    });
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
      // Refused before any stream began: the answer says why.
      yield await response.json();
      return;
    }
    for await (const event of eventsOf(response.body)) {
      if (event.kind === 'complete') return;
      if (event.kind === 'next') yield JSON.parse(event.data);
    }
  } finally {
    // Also where the reader stops: closing the connection ends the subscription.
    controller.abort();
  }
}

async function* eventsOf(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const blocks = (text + value).split('\n\n');
    text = blocks.pop();
    yield* blocks.map(eventOf);
  }
}

function eventOf(block) {
  const fields = Object.fromEntries(
    block.split('\n').map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trimStart()];
    }),
  );
  return { kind: fields.event, data: fields.data };
}
