/** The side panel: everything that the ledger knows of one run. */
import { runPath, usePolled } from "./api.js";
import { fullDay } from "./format.js";
import { Icon, Pill, Verdict } from "./marks.js";
import { h, useEffect, useRef } from "./react.js";
import { Deadlines, Drops, Expectations, failedRows, History, Masked, Models, Published, Quarantine, Stages } from "./sections.js";

const FOCUSABLE = 'button:not([disabled]), a[href], summary, [tabindex="0"]';

export function Panel({ target, neighbours, onMove, onClose }) {
  const panel = useRef(null);
  const isLive = (data) => data.run.cell.state === "running";
  const { data, error } = usePolled(runPath(target), isLive);

  useEffect(() => panel.current.focus(), [target.dataset, target.runKey]);

  const onKeyDown = (event) => {
    if (event.key === "Escape") onClose();
    if (event.key === "Tab") keepInside(event, panel.current);
  };

  return h("div", { className: "pk-overlay", onMouseDown: (event) => event.target === event.currentTarget && onClose() },
    h("aside", { className: "pk-panel", role: "dialog", "aria-modal": true, "aria-labelledby": "pk-panel-title", tabIndex: -1, ref: panel, onKeyDown },
      h(Head, { target, data, neighbours, onMove, onClose }),
      h("div", { className: "pk-panel-body" },
        error && h("div", { className: "pk-note pk-note-bad", role: "alert" }, h("strong", null, "This run could not be read."), h("span", null, error)),
        !data && !error && h("div", { className: "pk-panel-loading", role: "status" }, "Loading the run …"),
        data && h(Body, { key: `${target.dataset}/${target.runKey}`, target, data }))));
}

/** Keep the focus in the open dialog: after its last control comes its first. */
function keepInside(event, dialog) {
  const controls = [...dialog.querySelectorAll(FOCUSABLE)].filter((control) => control.offsetParent !== null);
  const [first, last] = [controls[0], controls.at(-1)];
  const isEdge = event.shiftKey ? [first, dialog].includes(document.activeElement) : document.activeElement === last;
  if (!isEdge) return;
  event.preventDefault();
  (event.shiftKey ? last : first)?.focus();
}

function Head({ target, data, neighbours, onMove, onClose }) {
  const step = (name, label, runKey) =>
    h("button", { type: "button", className: "pk-icon-button", disabled: !runKey, "aria-label": label, title: label,
      onClick: () => onMove({ ...target, runKey }) }, h(Icon, { name }));
  return h("header", { className: "pk-panel-head" },
    h("div", { className: "pk-panel-title" },
      h("h2", { id: "pk-panel-title" }, target.dataset),
      h("div", { className: "pk-head-buttons" },
        step("previous", "The day before", neighbours.earlier),
        step("next", "The day after", neighbours.later),
        h("button", { type: "button", className: "pk-icon-button", "aria-label": "Close", title: "Close (Esc)", onClick: onClose }, h(Icon, { name: "close" })))),
    h("div", { className: "pk-panel-sub" },
      h("time", { dateTime: target.runKey }, fullDay(target.runKey)),
      data && h(RunState, { state: data.run.cell.state }),
      data && h(Verdict, { verdict: data.run.cell.verdict, long: true }),
      data && data.run.cell.late.length > 0 && h(Pill, { kind: "late" }, "late")),
    data && h("nav", { className: "pk-links", "aria-label": "Elsewhere" },
      h(Out, { href: data.airflow_href, missing: "not started by Airflow" }, "Airflow run"),
      h(Out, { href: data.docs_href, missing: "no Data Docs yet" }, "Data Docs"),
      h(Out, { href: data.card_href, missing: "none was written" }, "Dataset card")));
}

const RUN_STATES = {
  running: ["running", "running"], failed: ["failed", "stopped"], done: ["success", "published"], partial: ["waiting", "not finished"],
};

function RunState({ state }) {
  const [kind, word] = RUN_STATES[state];
  return h(Pill, { kind }, word);
}

/** A link to another page, below Airflow's base URL; without one, a word on why. */
function Out({ href, missing, children }) {
  if (!href) return h("span", { className: "pk-link pk-link-missing", title: missing }, children, h("small", null, missing));
  return h("a", { className: "pk-link", href: new URL(href, document.baseURI).href, target: "_blank", rel: "noopener noreferrer" },
    children, h(Icon, { name: "out", size: 12 }));
}

function Body({ target, data }) {
  const { run, now } = data;
  const stopped = run.stages.filter((stage) => stage.error);
  const failed = failedRows(run);
  return h("div", { className: "pk-sections" },
    stopped.map((stage) => h("div", { key: stage.stage, className: "pk-note pk-note-bad", role: "alert" },
      h("strong", null, `${stage.stage} stopped: ${stage.error_kind}`), h("span", null, stage.error))),
    h(Stages, { stages: run.stages, now, hrefs: data.task_hrefs }),
    h(Deadlines, { deadlines: run.deadlines, now }),
    h(Drops, { counts: run.counts, stages: run.stages }),
    h(Expectations, { verdict: run.verdict, now }),
    failed.length > 0 && h(Quarantine, { target, rows: failed }),
    h(Published, { snapshots: run.snapshots, now }),
    h(Models, { models: run.models, now }),
    h(Masked, { masked: run.masked }),
    h(History, { history: run.history, now }));
}
