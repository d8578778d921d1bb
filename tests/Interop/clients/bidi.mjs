// Lays texts out by the Unicode bidirectional algorithm (npm bidi-js), and says what this Node's ICU knows about plurals and months.
import { readFileSync, writeFileSync } from 'node:fs';
import createBidi from 'bidi-js';

const [input, output] = process.argv.slice(2);
const { texts, numbers, languages } = JSON.parse(readFileSync(input, 'utf8'));
const bidi = createBidi();

// The places of a text's UTF-16 units from the left of the line to its right.
function layout({ text, direction }) {
  return bidi.getReorderedIndices(text, bidi.getEmbeddingLevels(text, direction));
}

function knowledge(language) {
  const rules = new Intl.PluralRules(language);
  const month = new Intl.DateTimeFormat(`${language}-MA`, { month: 'long', timeZone: 'UTC' });
  return {
    plurals: numbers.map(number => rules.select(number)),
    months: Array.from({ length: 12 }, (_, at) => month.format(new Date(Date.UTC(2026, at, 15)))),
  };
}

writeFileSync(output, JSON.stringify({
  layouts: texts.map(layout),
  languages: Object.fromEntries(languages.map(language => [language, knowledge(language)])),
}));
