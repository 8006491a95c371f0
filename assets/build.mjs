// Bundles the pages, each into a folder of gateway/static: GraphiQL with Monaco's workers, and
// Swagger UI. The same sources and lock file give the same bytes: `make assets-check` compares them.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';

import { build } from 'esbuild';

import { licences } from './licences.mjs';

const OUT = resolve(import.meta.dirname, process.env.ASSETS_OUT ?? '../gateway/static');
const PAGES = {
  graphiql: {
    page: 'src/page.jsx',
    'editor.worker': 'monaco-editor/esm/vs/editor/editor.worker.js',
    'graphql.worker': 'monaco-graphql/esm/graphql.worker.js',
    'json.worker': 'monaco-editor/esm/vs/language/json/json.worker.js',
  },
  swagger_ui: { page: 'src/swagger_ui.js' },
};

await Promise.all(Object.entries(PAGES).map(([name, entryPoints]) => bundle(join(OUT, name), entryPoints)));

async function bundle(folder, entryPoints) {
  const { metafile, outputFiles } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints,
    outdir: folder,
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    minify: true,
    legalComments: 'none',
    metafile: true,
    write: false,
    entryNames: '[name]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Their old names lead to CommonJS files, whose parts a later import would not find.
    alias: {
      'prettier/parser-babel': 'prettier/plugins/babel',
      'prettier/parser-graphql': 'prettier/plugins/graphql',
    },
    loader: { '.graphql': 'text', '.json': 'text', '.ttf': 'file' },
  });

  // Styles of a chunk stand in page.css already: a module that is loaded later brings none.
  const kept = outputFiles.filter(({ path }) => !/^chunk-.*\.css$/.test(basename(path)));
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await Promise.all(kept.map(({ path, contents }) => writeFile(join(folder, basename(path)), contents)));
  await writeFile(join(folder, 'THIRD-PARTY-LICENSES.txt'), await licences(import.meta.dirname, bundled(metafile)));
}

function bundled({ outputs }) {
  return Object.values(outputs).flatMap(({ inputs }) => Object.keys(inputs));
}
