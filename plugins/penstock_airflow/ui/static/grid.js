/** The grid: a row a dataset, a column a day, in each cell the five stages of that run. */
import { agoShort, compact, daysBetween, number, STAGES, STATES, VERDICTS, weekday } from "./format.js";
import { Icon, StateMark, Verdict } from "./marks.js";
import { classes, Fragment, h, useRef, useState } from "./react.js";

const NAME_WIDTH = 190; // pixels, as in penstock.css
const DAY_WIDTH = 172;

/** The name of a run in addresses and lookups. */
export const keyOf = (dataset, runKey) => `${dataset}/${runKey}`;

const byKey = (cells) => new Map(cells.map((cell) => [keyOf(cell.dataset, cell.run_key), cell]));

export function Grid({ datasets, runKeys, cells, now, selected, onOpen }) {
  const table = useRef(null);
  const found = byKey(cells);
  const [focus, setFocus] = useState([0, 0]);
  const at = [Math.min(focus[0], datasets.length - 1), Math.min(focus[1], runKeys.length - 1)];

  // One cell is in the tab order; the arrow keys move between cells, as in any spreadsheet.
  const move = (event) => {
    const steps = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
    const ends = { Home: [at[0], 0], End: [at[0], runKeys.length - 1] };
    const step = steps[event.key];
    const target = step ? [at[0] + step[0], at[1] + step[1]] : ends[event.key];
    if (!target || !datasets[target[0]] || !runKeys[target[1]]) return;
    event.preventDefault();
    setFocus(target);
    table.current.querySelector(`[data-at="${target.join()}"]`)?.focus();
  };

  const width = `${NAME_WIDTH + DAY_WIDTH * runKeys.length}px`;
  return h("div", { className: "pk-grid-frame" },
    h("table", { style: { width }, className: "pk-grid", role: "grid", "aria-label": "Runs by dataset and day", ref: table, onKeyDown: move },
      h("thead", null, h("tr", null,
        h("th", { className: "pk-corner", scope: "col" }, "Dataset"),
        runKeys.map((day, index) => h(DayHead, { key: day, day, newer: runKeys[index - 1] })))),
      h("tbody", null, datasets.map((dataset, row) =>
        h("tr", { key: dataset },
          h("th", { scope: "row", className: "pk-dataset" }, h("span", null, dataset), h(Total, { dataset, cells })),
          runKeys.map((day, column) => h(Cell, {
            key: day,
            at: [row, column].join(),
            cell: found.get(keyOf(dataset, day)),
            day,
            dataset,
            now,
            isTabStop: row === at[0] && column === at[1],
            isSelected: selected?.dataset === dataset && selected?.runKey === day,
            onFocus: () => setFocus([row, column]),
            onOpen,
          })))))));
}

/** A day's column head; a jump in time is said, because days without runs have no column. */
function DayHead({ day, newer }) {
  const gap = newer ? daysBetween(day, newer) - 1 : 0;
  return h("th", { scope: "col", className: "pk-day" },
    h("span", { className: "pk-day-key" }, day),
    h("span", { className: "pk-muted" }, weekday(day), gap > 0 && ` · ${number(gap)} day${gap > 1 ? "s" : ""} without runs →`));
}

function Total({ dataset, cells }) {
  const own = cells.filter((cell) => cell.dataset === dataset);
  const stored = own.map((cell) => rowsOf(cell).out).filter((rows) => rows != null);
  return h("span", { className: "pk-muted" },
    `${own.length} run${own.length === 1 ? "" : "s"} · ${compact(stored.reduce((sum, rows) => sum + rows, 0))} rows stored`);
}

/** Rows of a run: in at its first stage, out of `store`; what left on the way, whichever stage it left. */
export function rowsOf(cell) {
  const stage = (name) => cell.stages.find((run) => run.stage === name);
  const finished = cell.stages.filter((run) => run.rows_in != null);
  const sum = (name) => finished.reduce((total, run) => total + (run[name] ?? 0), 0);
  return {
    in: finished[0]?.rows_in ?? null,
    out: stage("store")?.rows_out ?? null,
    sofar: finished.at(-1)?.rows_out ?? null,
    dropped: sum("rows_dropped"),
    quarantined: sum("rows_quarantined"),
  };
}

function Cell({ at, cell, day, dataset, now, isTabStop, isSelected, onFocus, onOpen }) {
  if (!cell) {
    return h("td", { className: "pk-cell pk-cell-empty", role: "gridcell", "data-at": at, tabIndex: isTabStop ? 0 : -1, onFocus,
      "aria-label": `${dataset} ${day}: no run` }, "no run");
  }
  const rows = rowsOf(cell);
  const attempts = Math.max(...cell.stages.map((run) => run.attempts));
  return h("td", { role: "gridcell", className: "pk-cell" },
    h("button", {
      type: "button", className: classes("pk-run", `pk-run-${cell.state}`, isSelected && "pk-run-selected"),
      "data-at": at, "data-run": keyOf(dataset, day), tabIndex: isTabStop ? 0 : -1, onFocus,
      onClick: () => onOpen({ dataset, runKey: day }), "aria-label": describe(cell, rows), "aria-haspopup": "dialog",
    },
      h("span", { className: "pk-run-day", "aria-hidden": true }, `${day} ${weekday(day)}`),
      h("span", { className: "pk-stages" }, STAGES.map((name) => h(StageMark, { key: name, name, run: stageOf(cell, name) }))),
      h("span", { className: "pk-rows" }, number(rows.in), h("i", null, "→"), h("b", null, number(rows.out ?? rows.sofar))),
      h("span", { className: "pk-left" },
        h("span", { title: `${number(rows.dropped)} rows dropped` }, h(Icon, { name: "drop", size: 11 }), compact(rows.dropped)),
        h("span", { title: `${number(rows.quarantined)} rows in quarantine`, className: rows.quarantined ? "pk-hot" : "" },
          h(Icon, { name: "flag", size: 11 }), compact(rows.quarantined))),
      h("span", { className: "pk-run-foot" },
        h(Verdict, { verdict: cell.verdict }),
        cell.late.length > 0 && h(Sign, { name: "late", title: `late: ${cell.late.join(", ")}` }),
        attempts > 1 && h(Sign, { name: "retry", title: `${attempts} attempts` }, attempts),
        h("span", { className: "pk-when" }, cell.state === "running" ? "running" : agoShort(lastTime(cell), now)))));
}

const Sign = ({ name, title, children }) =>
  h("span", { className: classes("pk-sign", `pk-sign-${name}`), title }, h(Icon, { name }), children);

const stageOf = (cell, name) => cell.stages.find((run) => run.stage === name);

const lastTime = (cell) => cell.stages.map((run) => run.finished_at ?? run.started_at).sort().at(-1);

function StageMark({ name, run }) {
  const state = run?.state ?? "waiting";
  return h("span", { className: "pk-stage", title: stageSentence(name, run) }, h(StateMark, { state }), h("small", null, name.slice(0, 3)));
}

function stageSentence(name, run) {
  if (!run) return `${name}: not started`;
  const left = run.rows_in == null ? "" :
    `: ${number(run.rows_in)} rows in, ${number(run.rows_out)} out, ${number(run.rows_dropped)} dropped, ${number(run.rows_quarantined)} in quarantine`;
  const why = run.error_kind ? ` (${run.error_kind})` : "";
  return `${name} ${STATES[run.state]}${why}${left}`;
}

function describe(cell, rows) {
  const stages = STAGES.map((name) => `${name} ${STATES[stageOf(cell, name)?.state ?? "waiting"]}`).join(", ");
  const gate = cell.verdict ? `, gate ${VERDICTS[cell.verdict]}` : "";
  const late = cell.late.length ? `, late: ${cell.late.join(", ")}` : "";
  return `${cell.dataset} ${cell.run_key}: ${stages}${gate}; ${number(rows.in)} rows in, ${number(rows.out ?? rows.sofar)} out, ` +
    `${number(rows.dropped)} dropped, ${number(rows.quarantined)} in quarantine${late}`;
}

/** What stands in the grid's place while the first answer is on its way. */
export const Skeleton = () =>
  h("div", { className: "pk-skeleton", role: "status", "aria-label": "Loading runs" },
    [0, 1, 2].map((row) => h(Fragment, { key: row }, [0, 1, 2, 3, 4].map((column) => h("div", { key: column })))));
