// The GraphiQL page: editor, documentation and history over the gateway's own endpoint.
import './workers.js';
import 'graphiql/graphiql.css';
import '@graphiql/react/style.css';
import '@graphiql/plugin-doc-explorer/style.css';
import '@graphiql/plugin-history/style.css';
import './page.css';

import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { examples } from './examples.js';
import { createFetcher } from './fetcher.js';

const root = document.getElementById('graphiql');
const fallback = { Authorization: root.dataset.authorization };
const headers = JSON.stringify(fallback, null, 2);

createRoot(root).render(
  <GraphiQL
    fetcher={createFetcher(location.pathname, fallback)}
    defaultTabs={examples.map((tab) => ({ ...tab, headers }))}
    defaultQuery={examples[0].query}
    defaultHeaders={headers}
    defaultEditorToolsVisibility="headers"
    inputValueDeprecation
    schemaDescription
  >
    <GraphiQL.Logo>GraphiQL</GraphiQL.Logo>
  </GraphiQL>,
);
