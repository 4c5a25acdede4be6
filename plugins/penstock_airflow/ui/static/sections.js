/** The sections of the panel, in the order of the flow. */
import { runPath, usePolled } from "./api.js";
import { ago, duration, megabytes, number, observed, percent, STAGES, STATES, utc } from "./format.js";
import { Icon, Pill, StateMark } from "./marks.js";
import { classes, h, useState } from "./react.js";

const Section = ({ title, aside, children }) =>
  h("section", { className: "pk-section" },
    h("h3", null, title, aside && h("span", { className: "pk-muted" }, aside)), children);

const When = ({ time, now }) => h("time", { dateTime: time, title: utc(time) }, ago(time, now));

/** The five stages, each with its receipt. */
export function Stages({ stages, now, hrefs }) {
  const widest = Math.max(1, ...stages.map((stage) => stage.rows_in ?? 0));
  const byName = Object.fromEntries(stages.map((stage) => [stage.stage, stage]));
  return h(Section, { title: "Stages" },
    h("ol", { className: "pk-stage-list" }, STAGES.map((name) =>
      h("li", { key: name }, byName[name]
        ? h(StageCard, { stage: byName[name], widest, now, href: hrefs[name] })
        : h("div", { className: "pk-stage-head pk-muted" }, h(StateMark, { state: "waiting" }), h("b", null, name), "not started")))));
}

function StageCard({ stage, widest, now, href }) {
  const facts = [duration(stage.seconds), megabytes(stage.bytes_out), rate(stage)].filter((fact) => fact && fact !== "–");
  return h("div", { className: "pk-stage-card" },
    h("div", { className: "pk-stage-head" },
      h(StateMark, { state: stage.state }),
      h("b", null, stage.stage),
      stage.state !== "success" && h("span", { className: `pk-word pk-word-${stage.state}` }, STATES[stage.state]),
      stage.attempts > 1 && h("span", { className: "pk-muted" }, `attempt ${stage.attempts}`),
      h("span", { className: "pk-stage-facts" }, facts.map((fact) => h("span", { key: fact }, fact)), h(When, { time: stage.started_at, now }))),
    stage.rows_in != null && h(Balance, { stage, widest }),
    stage.notes.map((note) => h("p", { key: note, className: "pk-stage-note" }, note)),
    h(Receipt, { stage, href }));
}

const rate = (stage) => (stage.bytes_out && stage.seconds > 0 ? `${(stage.bytes_out / 1e6 / stage.seconds).toFixed(2)} MB/s` : null);

/** Rows in = out + dropped + quarantined, as one bar whose parts add up. */
function Balance({ stage, widest }) {
  const part = (name, rows) => rows > 0 && h("span", { key: name, className: `pk-bar-${name}`, style: { flexGrow: rows }, title: `${number(rows)} ${name}` });
  const term = (name, rows, icon) => h("span", { className: classes("pk-term", rows > 0 && `pk-term-${name}`) },
    icon && h(Icon, { name: icon, size: 11 }), h("b", null, number(rows)), ` ${name}`);
  return h("div", { className: "pk-balance" },
    h("div", { className: "pk-bar", style: { width: `${Math.max(2, (100 * stage.rows_in) / widest)}%` }, "aria-hidden": true },
      part("out", stage.rows_out), part("dropped", stage.rows_dropped), part("quarantined", stage.rows_quarantined)),
    h("div", { className: "pk-terms" },
      h("span", { className: "pk-term" }, h("b", null, number(stage.rows_in)), " in"), "=",
      term("out", stage.rows_out), "+", term("dropped", stage.rows_dropped, "drop"), "+", term("quarantined", stage.rows_quarantined, "flag")));
}

function Receipt({ stage, href }) {
  const { origin } = stage;
  const facts = [
    ["Started", utc(stage.started_at)],
    ["Finished", stage.finished_at && utc(stage.finished_at)],
    ["Bytes in", stage.bytes_in && megabytes(stage.bytes_in)],
    ["Attempt", stage.attempt],
    ["Airflow", origin.run_id && `${origin.run_id}, try ${origin.try_number ?? 1}`],
    ["Process", `${origin.pid} on ${origin.host}`],
    ["Manifest", stage.manifest_uri],
    ["Code", stage.code_version],
    ["Recipe", stage.recipe_hash?.slice(0, 12)],
    ["Details", Object.keys(stage.details).length > 0 && JSON.stringify(stage.details)],
  ].filter(([, value]) => value);
  return h("details", { className: "pk-receipt" },
    h("summary", null, "Receipt"),
    h("dl", null, facts.map(([name, value]) => h("div", { key: name }, h("dt", null, name), h("dd", null, value)))),
    href && h("a", { href: new URL(href, document.baseURI).href, target: "_blank", rel: "noopener noreferrer" }, "Task and log in Airflow"));
}

/** A bar for each reason; its length is its share of the longest. */
function Bars({ rows, of, kind }) {
  const longest = Math.max(1, ...rows.map((row) => row.rows));
  return h("ul", { className: "pk-bars" }, rows.map((row) =>
    h("li", { key: `${row.stage}/${row.reason}` },
      h("span", { className: "pk-bars-name" }, h("b", null, row.reason), h("span", { className: "pk-muted" }, row.stage)),
      h("span", { className: "pk-bars-track", "aria-hidden": true },
        h("span", { className: `pk-bars-fill pk-bar-${kind}`, style: { width: `${Math.max(0.6, (100 * row.rows) / longest)}%` } })),
      h("span", { className: "pk-bars-value" }, number(row.rows), h("span", { className: "pk-muted" }, percent(row.rows, of(row)))))));
}

export function Drops({ counts, stages }) {
  const rows = counts.filter((count) => count.kind === "dropped");
  if (!rows.length) return null;
  const rowsIn = (row) => stages.find((stage) => stage.stage === row.stage)?.rows_in;
  const total = rows.reduce((sum, row) => sum + row.rows, 0);
  return h(Section, { title: "Why rows were dropped", aside: `${number(total)} rows; share of the stage's rows` },
    h(Bars, { rows, of: rowsIn, kind: "dropped" }));
}

/** Every expectation of the newest verdict, those that failed first. */
export function Expectations({ verdict, now }) {
  if (!verdict) return null;
  const order = { critical: 0, warning: 1, info: 2 };
  const rows = [...verdict.expectations].sort((a, b) => a.success - b.success || order[a.severity] - order[b.severity]);
  const failed = rows.filter((row) => !row.success).length;
  const aside = `${rows.length} expectations, ${failed ? `${failed} failed` : "all hold"}; judged ${ago(verdict.at, now)}`;
  return h(Section, { title: "The gate", aside },
    h("ul", { className: "pk-expectations" }, rows.map((row) =>
      h("li", { key: row.name, className: row.success ? "" : `pk-broken pk-broken-${row.severity}` },
        h(StateMark, { state: row.success ? "success" : row.severity === "critical" ? "failed" : "warn" }),
        h("div", { className: "pk-expectation" },
          h("b", null, row.name),
          h("span", { className: `pk-severity pk-severity-${row.severity}` }, row.severity),
          h("span", { className: "pk-muted" }, [row.column_name, row.reason].filter(Boolean).join(" · ")),
          h("code", null, row.expectation_type)),
        h("div", { className: "pk-observed" },
          h("b", null, observed(row.observed)),
          row.unexpected_rows != null && h("span", { className: "pk-muted" }, `${number(row.unexpected_rows)} of ${number(row.checked_rows)} rows`))))));
}

/**
 * Return the rows that failed, by expectation, most first.
 *
 * A gate that stopped its run leaves no receipt: then its verdict says how many rows failed what.
 */
export function failedRows({ counts, verdict, stages }) {
  const held = counts.filter((count) => count.kind === "quarantined");
  const isStopped = stages.some((stage) => stage.stage === "validate" && stage.state === "failed");
  const judged = isStopped && verdict ? verdict.expectations.filter((row) => !row.success && row.unexpected_rows > 0) : [];
  const evidence = judged.map((row) => ({ stage: "validate", reason: row.name, rows: row.unexpected_rows }));
  return [...held, ...evidence].sort((a, b) => b.rows - a.rows);
}

/** Quarantined rows by expectation, with a few of them as text. */
export function Quarantine({ target, rows }) {
  const { data, error } = usePolled(runPath(target, "/quarantine"));
  const total = rows.reduce((sum, row) => sum + row.rows, 0);
  const place = (sample) => rows.findIndex((row) => row.reason === sample.reason);
  const samples = data && [...data].sort((a, b) => place(a) - place(b));
  return h(Section, { title: "Quarantine", aside: `${number(total)} failures by expectation` },
    h(Bars, { rows, of: () => total, kind: "quarantined" }),
    error && h("p", { className: "pk-stage-note" }, `The rows could not be read: ${error}`),
    !data && !error && h("p", { className: "pk-muted", role: "status" }, "Loading sample rows …"),
    samples?.length === 0 && h("p", { className: "pk-muted" }, "No rows are kept in the lake for this run."),
    samples?.map((sample, index) => h(Sample, { key: sample.reason, sample, isOpen: index === 0 })));
}

function Sample({ sample, isOpen }) {
  const [open, setOpen] = useState(isOpen);
  return h("details", { className: "pk-sample", open, onToggle: (event) => setOpen(event.currentTarget.open) },
    h("summary", null, h("b", null, sample.reason), h("span", { className: "pk-muted" }, `${sample.rows.length} sample row${sample.rows.length > 1 ? "s" : ""}`)),
    open && h("div", { className: "pk-table-frame", tabIndex: 0, role: "region", "aria-label": `Rows that failed ${sample.reason}` },
      h("table", { className: "pk-table" },
        h("thead", null, h("tr", null, sample.columns.map((name) => h("th", { key: name, scope: "col" }, name)))),
        h("tbody", null, sample.rows.map((row, index) =>
          h("tr", { key: index }, row.map((cell, column) =>
            h("td", { key: column }, cell == null ? h("i", { className: "pk-muted" }, "null") : h("span", { className: "pk-cut" }, cell)))))))));
}

export function Deadlines({ deadlines, now }) {
  if (!deadlines.length) return null;
  return h(Section, { title: "Missed deadlines" },
    deadlines.map((row) => h("div", { key: row.stage + row.run_id, className: "pk-note pk-note-late" },
      h("strong", null, `${row.stage} was ${duration(row.lateness_seconds)} late`),
      h("span", null, `Cause: ${row.cause}`),
      h("span", { className: "pk-muted" }, `due ${utc(row.due_at)}, `,
        row.finished_at ? `done ${ago(row.finished_at, now)}` : "not done yet", `; notified: ${row.notified}`))));
}

export function Published({ snapshots, now }) {
  if (!snapshots.length) return null;
  return h(Section, { title: "Published tables" },
    h("ul", { className: "pk-lines" }, snapshots.map((row) =>
      h("li", { key: row.snapshot_id + row.table_name },
        h("div", null, h("b", null, row.table_name), h("span", { className: "pk-muted" }, `${row.table_format} snapshot ${row.snapshot_id}`)),
        h("div", { className: "pk-observed" }, h("b", null, `${number(row.rows)} rows`), h("span", { className: "pk-muted" }, h(When, { time: row.at, now })))))));
}

export function Models({ models, now }) {
  if (!models.length) return null;
  return h(Section, { title: "Model" },
    models.map((model) => h("div", { key: model.version, className: "pk-model" },
      h("div", { className: "pk-stage-head" }, h("b", null, model.version),
        h(Pill, { kind: model.accepted ? "pass" : "fail" }, model.accepted ? "accepted" : "refused"),
        h("span", { className: "pk-stage-facts" }, h(When, { time: model.at, now }))),
      h("dl", { className: "pk-metrics" }, Object.entries(model.metrics).map(([name, value]) =>
        h("div", { key: name }, h("dt", null, name), h("dd", null, observed(value))))))));
}

export function Masked({ masked }) {
  if (!masked.length) return null;
  return h(Section, { title: "Personal data masked" },
    h("dl", { className: "pk-metrics" }, masked.map((row) =>
      h("div", { key: row.stage + row.kind }, h("dt", null, row.kind), h("dd", null, number(row.count))))));
}

export function History({ history, now }) {
  if (!history.length) return null;
  return h(Section, { title: "Earlier attempts", aside: `${history.length}` },
    h("ul", { className: "pk-lines" }, history.map((row) =>
      h("li", { key: row.attempt },
        h("div", { className: "pk-stage-head" }, h(StateMark, { state: row.state }), h("b", null, row.stage), h("span", { className: `pk-word pk-word-${row.state}` }, STATES[row.state])),
        h("div", { className: "pk-observed" }, h("span", { className: "pk-muted" }, duration(row.seconds), " · ", h(When, { time: row.started_at, now }))),
        row.error && h("p", { className: "pk-stage-note" }, `${row.error_kind}: ${row.error}`)))));
}
