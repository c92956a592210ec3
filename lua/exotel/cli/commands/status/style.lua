--- The style of the page.
return [[
:root { color-scheme: light dark; --ground: #fff; --raised: #f6f7f9; --text: #1b2330; --muted: #5b6676; --line: #dfe3e9;
  --in: #0f766e; --out: #4a5a78; --warn: #8a5300; --warn-ground: #fdf4e3; --warn-line: #eed9ae; --bad: #b3261e;
  --bad-ground: #fdeceb; --bad-line: #f1c4c1; }
@media (prefers-color-scheme: dark) { :root { --ground: #11151b; --raised: #191f28; --text: #e4e8ee; --muted: #98a3b3;
  --line: #2a323e; --in: #4fc3b5; --out: #93a7cc; --warn: #f0bd6a; --warn-ground: #261f12; --warn-line: #4a3b1c;
  --bad: #ff9b93; --bad-ground: #2d1817; --bad-line: #5a2b28; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.25rem 4rem; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere;
  -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
h1 { margin: 0; font-size: 1.75rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0 0 0.5rem; font-size: 1rem; }
h3 { margin: 1.25rem 0 0.35rem; font-size: 0.8125rem; font-weight: 600; color: var(--muted); }
p { margin: 0.25rem 0; }
a { color: inherit; text-underline-offset: 0.15em; text-decoration-color: var(--muted); }
code, .sid, td:first-child { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono",
  "Noto Sans Mono", monospace; font-size: 0.875em; }
.muted { color: var(--muted); }
.counts { display: flex; flex-wrap: wrap; gap: 1px; margin: 1.5rem 0; padding: 0; list-style: none; overflow: hidden;
  border: 1px solid var(--line); border-radius: 10px; background: var(--line); }
.counts li { flex: 1 1 6.5rem; padding: 0.75rem 1rem; background: var(--ground); color: var(--muted);
  font-size: 0.8125rem; }
.counts b { display: block; color: var(--text); font-size: 1.5rem; line-height: 1.2; font-weight: 600;
  font-variant-numeric: tabular-nums; }
.note { margin: 1rem 0; padding: 0.875rem 1.125rem; border: 1px solid var(--warn-line); border-radius: 10px;
  background: var(--warn-ground); }
.note h2 { color: var(--warn); }
.note.bad { border-color: var(--bad-line); background: var(--bad-ground); }
.note.bad h2 { color: var(--bad); }
.note ul { margin: 0; padding: 0; list-style: none; }
.note li { padding: 0.2rem 0; font-size: 0.9375rem; }
.note li a { font-weight: 600; }
.note summary { padding: 0.35rem 0; cursor: pointer; color: var(--muted); font-size: 0.9375rem; }
.tools { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: 0.5rem 0.75rem; align-items: center;
  margin: 1.5rem 0 0; padding: 0.75rem 0; background: var(--ground); }
.tools[hidden] { display: none; }
.tools input { flex: 1 1 16rem; min-width: 0; padding: 0.55rem 0.8rem; border: 1px solid var(--line);
  border-radius: 8px; background: var(--raised); color: inherit; font: inherit; }
.tools button { padding: 0.55rem 0.9rem; border: 1px solid var(--line); border-radius: 8px; background: var(--ground);
  color: inherit; font: inherit; cursor: pointer; }
.tools input:focus-visible, .tools button:focus-visible, summary:focus-visible, a:focus-visible {
  outline: 2px solid var(--in); outline-offset: 2px; }
.tools output { flex-basis: 100%; color: var(--muted); font-size: 0.875rem; }
.tools output:empty { display: none; }
.trunk { border-top: 1px solid var(--line); scroll-margin-top: 5rem; }
.trunk:last-of-type { border-bottom: 1px solid var(--line); }
.trunk > summary { display: grid; grid-template-columns: 1rem minmax(0, 1fr) auto; gap: 0 0.5rem; padding: 0.8rem 0;
  cursor: pointer; list-style: none; align-items: baseline; }
.trunk > summary::-webkit-details-marker { display: none; }
.trunk > summary::before { content: ""; width: 0.4rem; height: 0.4rem; border: solid var(--muted);
  border-width: 0 2px 2px 0; transform: rotate(-45deg); align-self: center; }
.trunk[open] > summary::before { transform: rotate(45deg); }
.trunk > summary .name { font-weight: 600; }
.trunk > summary .has { grid-column: 2 / -1; color: var(--muted); font-size: 0.875rem;
  font-variant-numeric: tabular-nums; }
.has span:not(:empty) ~ span:not(:empty)::before { content: " · "; white-space: pre; }
.mark { padding: 0 0.55rem; border: 1px solid var(--warn-line); border-radius: 99px; background: var(--warn-ground);
  color: var(--warn); font-size: 0.8125rem; white-space: nowrap; }
.mark.bad { border-color: var(--bad-line); background: var(--bad-ground); color: var(--bad); }
.inside { padding: 0 0 1.5rem 1.5rem; content-visibility: auto; contain-intrinsic-size: auto 30rem; }
.inside .sid { color: var(--muted); }
.picture { display: block; width: 100%; height: auto; margin: 0.75rem 0; }
.picture.wide { display: none; max-width: 62rem; }
.picture.narrow { max-width: 26rem; }
@media (min-width: 48rem) {
  .picture.wide { display: block; } .picture.narrow { display: none; }
  .trunk > summary { grid-template-columns: 1rem minmax(0, 1fr) 6.5rem auto; gap: 0 1rem; align-items: center; }
  .trunk > summary .has { display: grid; grid-template-columns: 6.5rem 3.5rem 7.5rem 6.5rem; grid-area: 1 / 4;
    text-align: right; }
  .has span:not(:empty) ~ span:not(:empty)::before { content: none; }
  .trunk > summary .mark { grid-area: 1 / 3; justify-self: end; }
}
.picture text { font: 12px ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "DejaVu Sans Mono",
  "Noto Sans Mono", monospace; fill: var(--text); }
.picture .title { font: 600 12px system-ui, "Noto Sans", sans-serif; fill: var(--muted); }
.picture text.more { fill: var(--muted); }
.picture text.odd { fill: var(--warn); } .picture text.bad { fill: var(--bad); }
.picture .end { text-anchor: end; }
.picture .name { font: 600 15px system-ui, "Noto Sans", sans-serif; text-anchor: middle; }
.picture .trunk { fill: var(--raised); stroke: var(--muted); stroke-width: 1.5; }
.picture path { fill: none; stroke-width: 1.5; }
.picture path.inbound { stroke: var(--in); } .picture path.outbound { stroke: var(--out); }
.picture path.odd { stroke: var(--warn); stroke-dasharray: 4 4; }
.picture path.bad { stroke: var(--bad); stroke-dasharray: 1 5; }
.picture circle { stroke: var(--ground); stroke-width: 2; }
.picture circle.inbound { fill: var(--in); } .picture circle.outbound { fill: var(--out); }
.picture circle.odd { fill: var(--warn); } .picture circle.bad { fill: var(--bad); }
.items { display: grid; grid-template-columns: repeat(auto-fill, minmax(13.5rem, 1fr)); gap: 0.1rem 1.25rem; margin: 0;
  padding: 0; list-style: none; }
.items li { display: flex; justify-content: space-between; gap: 0.75rem; padding: 0.15rem 0;
  border-bottom: 1px solid var(--line); font-size: 0.9375rem; }
.items code { font-variant-numeric: tabular-nums; }
.items .more { color: var(--muted); font-size: 0.8125rem; }
.items.long { grid-template-columns: minmax(0, 1fr); } .items.long li { flex-wrap: wrap; gap: 0 0.75rem; }
.items .odd code { color: var(--warn); }
.items li[hidden] { display: none; }
footer { margin-top: 2rem; color: var(--muted); font-size: 0.8125rem; }
@media (max-width: 30rem) { body { padding: 1.5rem 1rem 3rem; } h1 { font-size: 1.5rem; }
  .counts li { padding: 0.6rem 0.7rem; }
  .counts b { font-size: 1.2rem; }
  .inside { padding-left: 0; } }
@media print {
  :root { color-scheme: light; --ground: #fff; --raised: #f6f7f9; --text: #000; --muted: #444; --line: #bbb;
    --in: #0f766e; --out: #4a5a78; --warn: #8a5300; --warn-ground: #fff; --warn-line: #8a5300; --bad: #b3261e;
    --bad-ground: #fff; --bad-line: #b3261e; }
  html { font-size: 10pt; }
  body { max-width: none; padding: 0; }
  .tools { display: none; }
  .trunk > summary, .inside > p, .inside > .note, .inside > h3 { break-after: avoid; }
  .inside { content-visibility: visible; }
  .picture { break-inside: avoid; }
  .picture.wide { display: block; max-width: none; } .picture.narrow { display: none; }
  .items { grid-template-columns: repeat(4, 1fr); }
  .note, .counts { break-inside: avoid; }
}
]]
