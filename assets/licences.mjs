// Gathers the licences of the packages that went into the bundle.
import { readdir, readFile } from 'node:fs/promises';

// Those of what a package bundles itself lie beside the bundle.
const LICENCE_FILE = /^((licen[cs]e|copying|notice|thirdpartynotices)|swagger-ui-es-bundle\.js\.license\.txt$)/i;
const RULE = `\n\n${'='.repeat(80)}\n\n`;

export async function licences(root, inputs) {
  const folders = new Set(inputs.map(packageFolder).filter(Boolean));
  const parts = await Promise.all([...folders].sort().map((folder) => licence(`${root}/${folder}`)));
  return `This page holds code of these packages.${RULE}${parts.join(RULE)}\n`;
}

function packageFolder(input) {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function licence(folder) {
  const { name, version, license } = JSON.parse(await readFile(`${folder}/package.json`, 'utf8'));
  const files = (await readdir(folder)).filter((file) => LICENCE_FILE.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(`${folder}/${file}`, 'utf8')));
  return [`${name} ${version} (${license})`, ...texts.map((text) => text.trim())].join('\n\n');
}
