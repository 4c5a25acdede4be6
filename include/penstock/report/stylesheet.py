"""The look of reports: one stylesheet for cards and comparisons, light and dark, wide and narrow, on paper."""

from __future__ import annotations

STYLE = """
:root {
  color-scheme: light dark;
  --font: ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif;
  --bg: #f6f7f9; --paper: #ffffff; --ink: #18181b; --muted: #5b6270; --line: #dfe3e8; --soft: #f1f3f6;
  --kept: #2f74ab; --left: #d98a29; --second: #a2478f; --limit: #b42318; --link: #1d4ed8;
  --good: #15803d; --good-soft: #dcfce7; --warn: #96590a; --warn-soft: #fef3c7; --bad: #b91c1c; --bad-soft: #fee2e2;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0f1319; --paper: #171c24; --ink: #e8eaee; --muted: #a2abb9; --line: #2c3440; --soft: #1e242e;
    --kept: #62a8dd; --left: #e5a453; --second: #d18ac2; --limit: #f58b82; --link: #93b4fb;
    --good: #5ddb8b; --good-soft: #14361f; --warn: #fbd15b; --warn-soft: #3d2f0c; --bad: #fda4a4; --bad-soft: #471b1b;
  }
}
* { box-sizing: border-box; }
body { background: var(--bg); color: var(--ink); font: 15px/1.5 var(--font); margin: 0; overflow-wrap: break-word; }
main { margin: 0 auto; max-width: 1080px; padding: 28px 24px 64px; }
h1 { font-size: 27px; letter-spacing: -0.015em; line-height: 1.2; margin: 0; }
h2 { font-size: 18px; letter-spacing: -0.01em; margin: 0; }
h3 { font-size: 14px; font-weight: 600; margin: 0; }
p { margin: 0; max-width: 74ch; }
a { color: var(--link); }
code, pre, .id { font-family: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", monospace;
  font-size: 12.5px; }
.muted { color: var(--muted); font-size: 13px; font-weight: 400; }
header { display: flex; flex-direction: column; gap: 8px; margin-bottom: 20px; }
.kicker { align-items: center; display: flex; flex-wrap: wrap; gap: 8px 12px; }
.pill { border-radius: 999px; display: inline-block; font-size: 12.5px; font-weight: 600; padding: 1px 10px;
  white-space: nowrap; }
.pass { background: var(--good-soft); color: var(--good); }
.warn { background: var(--warn-soft); color: var(--warn); }
.fail { background: var(--bad-soft); color: var(--bad); }
.calm { background: var(--soft); color: var(--muted); }
.tiles { background: var(--line); border: 1px solid var(--line); border-radius: 12px; display: flex;
  flex-wrap: wrap; gap: 1px;
  margin: 0 0 20px; overflow: hidden; }
.tiles div { background: var(--paper); flex: 1 0 132px; padding: 12px 16px; }
.tiles dt { color: var(--muted); font-size: 12.5px; }
.tiles dd { font-size: 22px; font-variant-numeric: tabular-nums; font-weight: 600; letter-spacing: -0.015em;
  line-height: 1.3; margin: 0; }
.tiles small { color: var(--muted); display: block; font-size: 12px; font-weight: 400; letter-spacing: 0; }
nav { display: flex; flex-wrap: wrap; font-size: 13.5px; gap: 4px 18px; margin: 0 2px 20px; }
nav a { text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { background: var(--paper); border: 1px solid var(--line); border-radius: 12px; display: flex;
  flex-direction: column;
  gap: 14px; margin-bottom: 16px; padding: 18px 20px 20px; }
.head { align-items: baseline; display: flex; flex-wrap: wrap; gap: 2px 14px; justify-content: space-between; }
.grid { display: grid; gap: 24px 32px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
figure { display: flex; flex-direction: column; gap: 4px; margin: 0; min-width: 0; }
figcaption { display: flex; flex-direction: column; }
svg.plot { display: block; height: auto; max-width: 520px; overflow: visible; width: 100%; }
.key { align-items: center; color: var(--muted); display: inline-flex; font-size: 12.5px; gap: 6px;
  margin-right: 14px; }
.key i { border-radius: 3px; height: 10px; width: 10px; }
.k-kept { background: var(--kept); } .k-left { background: var(--left); } .k-second { background: var(--second); }
.k-held { background: var(--limit); }
.k-limit { border-top: 2px dashed var(--limit); border-radius: 0 !important; height: 0 !important;
  width: 14px !important; }
.flow { border-collapse: collapse; font-variant-numeric: tabular-nums; width: 100%; }
.flow th, .flow td { border-top: 1px solid var(--line); padding: 7px 10px 7px 0; text-align: left;
  vertical-align: middle; }
.flow thead th { border-top: 0; color: var(--muted); font-size: 12.5px; font-weight: 500; }
.flow .n { padding-left: 8px; text-align: right; white-space: nowrap; }
.flow .bar { min-width: 110px; width: 42%; }
.flow tbody th { overflow-wrap: anywhere; }
.flow .inner th { font-weight: 400; padding-left: 18px; }
.flow .sub { border-top: 0; }
.track { background: var(--soft); border-radius: 4px; display: flex; gap: 1px; height: 12px; overflow: hidden; }
.track b { background: var(--kept); } .track u { background: var(--left); } .track s { background: var(--limit); }
.scroll { overflow-x: auto; }
table.plain { border-collapse: collapse; font-size: 13.5px; font-variant-numeric: tabular-nums; width: 100%; }
table.plain th, table.plain td { border-top: 1px solid var(--line); padding: 6px 14px 6px 0; text-align: left;
  vertical-align: top; }
table.plain thead th { border-top: 0; color: var(--muted); font-size: 12.5px; font-weight: 500; white-space: nowrap; }
table.plain .n { text-align: right; white-space: nowrap; }
.samples { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr));
  list-style: none; margin: 0; padding: 0; }
.samples li { background: var(--soft); border-radius: 8px; display: flex; flex-direction: column; gap: 6px;
  padding: 10px 12px; }
.samples blockquote, code, .id, dd, pre { overflow-wrap: anywhere; }
.samples blockquote { font-size: 14px; margin: 0; max-height: 15em; overflow: auto; unicode-bidi: isolate;
  white-space: pre-wrap; }
.samples .id { color: var(--muted); font-size: 11.5px; }
.reason { border-top: 1px solid var(--line); display: flex; flex-direction: column; gap: 10px; padding-top: 12px; }
.reason:first-of-type { border-top: 0; padding-top: 0; }
.note { background: var(--warn-soft); border-radius: 10px; color: var(--warn); margin-bottom: 12px;
  max-width: none; padding: 8px 14px; }
pre { background: var(--soft); border-radius: 8px; margin: 0; max-height: 30em; overflow: auto; padding: 12px 14px;
  white-space: pre-wrap; }
dl.facts { display: grid; gap: 4px 18px; grid-template-columns: minmax(110px, max-content) 1fr; margin: 0; }
dl.facts dt { color: var(--muted); font-size: 13px; }
dl.facts dd { margin: 0; }
details summary { color: var(--link); cursor: pointer; font-size: 13.5px; width: fit-content; }
details[open] summary { margin-bottom: 8px; }
footer { color: var(--muted); font-size: 13px; margin: 20px 2px 0; }
@media (max-width: 620px) {
  main { padding: 18px 12px 48px; }
  section { padding: 14px 14px 16px; }
  h1 { font-size: 23px; }
  .flow .bar { display: none; }
  dl.facts { grid-template-columns: 1fr; }
  table.plain th, table.plain td { padding-right: 8px; }
  table.plain thead th { white-space: normal; }
  dl.facts dd { margin-bottom: 6px; }
}
@media print { body { background: none; } section { break-inside: avoid; border: 0; padding: 0; }
  nav { display: none; } .samples blockquote { max-height: none; } }
"""
