// Lints a schema with graphql-eslint's recommended rules and those of Relay, and prints what they find.
// node lint-schema.js SCHEMA
import { readFileSync } from 'node:fs';
import graphql from '@graphql-eslint/eslint-plugin';
import { ESLint } from 'eslint';

const [schema] = process.argv.slice(2);
const rule = (name) => `@graphql-eslint/${name}`;

// What differs from the two configurations, and why.
const options = {
  // What has an identity implements Node; all other types are values of the object that holds them.
  [rule('strict-id-in-types')]: 'off',
  // Lists that are read in one direction only take `first` and `after`.
  [rule('relay-arguments')]: ['error', { includeBoth: false }],
  // Lists of values, such as images, are no connections.
  [rule('relay-edge-types')]: ['error', { listTypeCanWrapOnlyEdgeType: false }],
};

// Single places, by their line in the schema: names that clients use already.
const exceptions = [
  // A link is found by the two open ids that it joins, and has no id of its own.
  { rule: rule('relay-edge-types'), line: 'type BuyerLinkEdge {' },
  // The page behind the platform's shopping cart: the platform's word, not the type's name.
  { rule: rule('no-typename-prefix'), line: 'shoppingCartPath: String' },
];

const linter = new ESLint({
  cwd: import.meta.dirname,
  overrideConfigFile: true,
  ignore: false,
  overrideConfig: {
    files: ['**/*.graphql'],
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    plugins: { '@graphql-eslint': graphql },
    rules: {
      ...graphql.configs['flat/schema-recommended'].rules,
      ...graphql.configs['flat/schema-relay'].rules,
      ...options,
    },
  },
});

const text = readFileSync(schema, 'utf8');
const lines = text.split('\n').map((line) => line.trim());
const [result] = await linter.lintText(text, { filePath: 'schema.graphql' });
const used = new Set();
for (const { ruleId, line, message } of result.messages) {
  const place = lines[line - 1];
  const excepted = exceptions.findIndex((one) => one.rule === ruleId && one.line === place);
  if (excepted >= 0) used.add(excepted);
  else console.log(`${ruleId}: ${place}: ${message}`);
}
exceptions.forEach((one, place) => {
  if (!used.has(place)) console.log(`needed no more: ${one.rule}: ${one.line}`);
});
