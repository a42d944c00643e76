// Measures jsonata-js with the expressions of jsonata.json, and prints a table with it beside what `cargo bench --bench
// jsonata` has measured just before:
//
//     npm install --prefix target/jsonata-js jsonata@2.0.6
//     cargo bench --bench jsonata && node benches/jsonata.mjs

import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const jsonata = createRequire(join(project, "target/jsonata-js/"))("jsonata");
const rows = JSON.parse(readFileSync(join(project, "benches/jsonata.json"), "utf8"));

function states(items) {
    const price = (i) => (items > 100 ? i % 20 : i * 3);
    const line = (_, i) => ({ title: `item ${i}`, price: price(i), count: i % 4 });
    return {
        input: {
            customer: { age: 42, city: "Aachen" },
            name: "Ann",
            number: 7,
            lines: Array.from({ length: items }, line),
        },
        context: { Execution: { Id: "arn", Name: "on its way" } },
    };
}

async function measured(expression, bindings) {
    const compiled = jsonata(expression);
    const once = async (count) => {
        const start = process.hrtime.bigint();
        for (let i = 0; i < count; i++) await compiled.evaluate(undefined, bindings);
        return Number(process.hrtime.bigint() - start) / count;
    };
    let count = 1;
    while ((await once(count)) * count < 2e7) count *= 2;
    const samples = [];
    for (let i = 0; i < 50; i++) samples.push(await once(count));
    return samples.sort((a, b) => a - b)[25];
}

function criterion(group, of) {
    const folder = group.replaceAll(/[?"/\\*<>:|^]/g, "_");
    const estimates = readFileSync(join(project, "target/criterion", folder, of, "new/estimates.json"), "utf8");
    return JSON.parse(estimates).median.point_estimate;
}

const shown = (ns) => (ns < 1e3 ? `${ns.toFixed(0)} ns` : `${(ns / 1e3).toFixed(ns < 1e5 ? 1 : 0)} us`);

console.log("| expression | items | Stepwell | jsonata-core | jsonata-js |");
console.log("|---|--:|--:|--:|--:|");
for (const { name, items, expression } of rows) {
    const group = `${name} ${items}`;
    const ours = criterion(group, "stepwell");
    const core = criterion(group, "jsonata-core");
    const js = await measured(expression, { states: states(items) });
    const beside = (other) => `${shown(other)} (${(other / ours).toFixed(1)} x)`;
    console.log(`| ${name} | ${items} | ${shown(ours)} | ${beside(core)} | ${beside(js)} |`);
}
