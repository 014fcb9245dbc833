// Reads charts as others do: `node charts.mjs MODULES FILE…`, .dot with Graphviz, .mmd with
// Mermaid. Of each file a line: how many boxes, edges and scripts it has, or why it is refused.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, ...files] = process.argv.slice(2);
const at = (path) => pathToFileURL(join(modules, "node_modules", path));
const require = createRequire(join(modules, "package.json"));

// Mermaid wants a page.
const { JSDOM } = await import(pathToFileURL(require.resolve("jsdom")));
const { window } = new JSDOM("<!DOCTYPE html><body></body>");
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import(at("mermaid/dist/mermaid.core.mjs"));
const { Graphviz } = await import(at("@hpcc-js/wasm-graphviz/dist/index.js"));
const graphviz = await Graphviz.load();

const count = async (file) => {
  const text = readFileSync(file, "utf8");
  if (file.endsWith(".dot")) {
    const { objects = [], edges = [] } = JSON.parse(graphviz.layout(text, "json", "dot"));
    const boxes = objects.filter((it) => !it.name.startsWith("cluster"));
    const page = new window.DOMParser().parseFromString(
      graphviz.layout(text, "svg", "dot"),
      "image/svg+xml",
    );
    const scripts = page.querySelectorAll("script, parsererror").length;
    return { boxes: boxes.length, edges: edges.length, scripts };
  }
  await mermaid.parse(text);
  const diagram = await mermaid.mermaidAPI.getDiagramFromText(text);
  const boxes = [...diagram.db.getVertices().values()];
  const edges = diagram.db.getEdges();
  const scripts = boxes.filter((it) => it.text.includes("<script")).length;
  return { boxes: boxes.length, edges: edges.length, scripts };
};

for (const file of files) {
  try {
    console.log(JSON.stringify(await count(file)));
  } catch (error) {
    console.log(JSON.stringify({ refused: String(error?.message ?? error) }));
  }
}
process.exit(0);
