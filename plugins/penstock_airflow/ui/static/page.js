/** The page: filters, headline numbers, the grid and the panel. What is chosen lives in the address, to be shared. */
import { gridPath, usePolled } from "./api.js";
import { ago, compact, number, utc } from "./format.js";
import { Grid, keyOf, rowsOf, Skeleton } from "./grid.js";
import { Icon, Legend } from "./marks.js";
import { classes, h, useCallback, useEffect, useMemo, useState, useSearchParams } from "./react.js";
import { Panel } from "./panel.js";

const LIMITS = [7, 14, 31, 90];
const DEFAULT_LIMIT = 14;

/** Read and write the filters and the open run in the address. */
function useChoice() {
  const [search, setSearch] = useSearchParams();
  const choice = useMemo(() => ({
    datasets: search.getAll("dataset"),
    since: search.get("since") ?? "",
    until: search.get("until") ?? "",
    limit: Number(search.get("days")) || DEFAULT_LIMIT,
    troubled: search.get("troubled") === "1",
    run: target(search.get("run")),
  }), [search]);
  const change = useCallback((changes) => setSearch((last) => {
    const next = new URLSearchParams(last);
    Object.entries(changes).forEach(([name, value]) => {
      next.delete(name);
      [value].flat().filter(Boolean).forEach((item) => next.append(name, item));
    });
    return next;
  }, { replace: true }), [setSearch]);
  return [choice, change];
}

function target(text) {
  const [dataset, runKey] = (text ?? "").split("/");
  return dataset && runKey ? { dataset, runKey } : null;
}

const isTroubled = (cell) => cell.state === "failed" || ["warn", "fail"].includes(cell.verdict) || cell.late.length > 0;

export function Page() {
  const [choice, change] = useChoice();
  const polled = usePolled(gridPath(choice), (data) => data.is_running);
  const { error, at, refresh } = polled;
  const data = polled.data ?? (error ? null : polled.stale); // while filters change, the last grid stays

  const open = (run) => change({ run: keyOf(run.dataset, run.runKey) });
  const close = () => {
    change({ run: null });
    document.querySelector(`[data-run="${keyOf(choice.run.dataset, choice.run.runKey)}"]`)?.focus(); // the cell it shows
  };

  const cells = useMemo(() => (data?.cells ?? []).filter((cell) => !choice.troubled || isTroubled(cell)), [data, choice.troubled]);
  const runKeys = (data?.run_keys ?? []).filter((day) => cells.some((cell) => cell.run_key === day));
  const datasets = (data?.datasets ?? []).filter((name) => cells.some((cell) => cell.dataset === name));

  return h("main", { className: "pk-page" },
    h(Header, { data, at, refresh, isStale: Boolean(error && data) }),
    error && h("div", { className: "pk-note pk-note-bad", role: "alert" },
      h("strong", null, data ? "The newest state could not be read." : "The runs could not be read."), h("span", null, error),
      h("button", { type: "button", className: "pk-button", onClick: refresh }, "Ask again")),
    data && h(Headlines, { cells: data.cells }),
    data && data.datasets.length > 0 && h(Filters, { data, choice, change }),
    !data && !error && h(Skeleton),
    data && cells.length > 0 && h(Grid, { datasets, runKeys, cells, now: data.now, selected: choice.run, onOpen: open }),
    data && cells.length > 0 && h("footer", { className: "pk-foot" }, h(Legend), h("span", { className: "pk-muted" }, `Penstock ${data.version}`)),
    data && cells.length === 0 && h(Empty, { data, choice, change }),
    choice.run && h(Panel, {
      target: choice.run,
      neighbours: neighbours(choice.run, data?.cells ?? []),
      onMove: open,
      onClose: close,
    }));
}

/** The days before and after a run on which its dataset ran too. */
function neighbours({ dataset, runKey }, cells) {
  const days = cells.filter((cell) => cell.dataset === dataset).map((cell) => cell.run_key).sort();
  return { earlier: days.filter((day) => day < runKey).at(-1), later: days.find((day) => day > runKey) };
}

function Header({ data, at, refresh, isStale }) {
  return h("header", { className: "pk-header" },
    h("div", null,
      h("h1", null, "Penstock"),
      h("p", { className: "pk-muted" }, "What came in, what was kept, what the gate said – every dataset, every day.")),
    h("div", { className: "pk-header-side" },
      data?.is_running && h("span", { className: "pk-live" }, h("i"), "running"),
      at && h(Updated, { at, isStale }),
      h("button", { type: "button", className: "pk-button", onClick: refresh }, h(Icon, { name: "retry" }), "Refresh")));
}

/** When the shown data came; ticks by itself. */
function Updated({ at, isStale }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  const text = now - at < 10_000 ? "just now" : ago(at, now);
  return h("span", { className: classes("pk-muted", isStale && "pk-hot"), title: utc(at) }, `updated ${text}`);
}

function Headlines({ cells }) {
  const sums = cells.map(rowsOf);
  const sum = (name) => sums.reduce((total, rows) => total + (rows[name] ?? 0), 0);
  const count = (test) => cells.filter(test).length;
  const tile = (name, title, value, kind) =>
    h("div", { className: classes("pk-tile", kind && value !== "0" && `pk-tile-${kind}`), title }, h("dt", null, name), h("dd", null, value));
  return h("dl", { className: "pk-tiles" },
    tile("Runs", "runs shown below", number(cells.length)),
    tile("Running", "runs with a stage at work", number(count((cell) => cell.state === "running")), "live"),
    tile("Stopped", "runs with a failed or killed stage", number(count((cell) => cell.state === "failed")), "bad"),
    tile("Warned", "runs that were published with a warning of the gate", number(count((cell) => cell.verdict === "warn")), "warn"),
    tile("Late", "runs that missed a deadline", number(count((cell) => cell.late.length > 0)), "warn"),
    tile("Published", "rows in published tables", compact(sum("out"))),
    tile("Dropped", "rows that a step dropped, with a reason each", compact(sum("dropped"))),
    tile("Quarantined", "rows that failed an expectation", compact(sum("quarantined"))));
}

function Filters({ data, choice, change }) {
  const toggle = (name) => change({ dataset: choice.datasets.includes(name)
    ? choice.datasets.filter((other) => other !== name) : [...choice.datasets, name] });
  const chip = (label, isOn, onClick) => h("button", { key: label, type: "button", className: "pk-chip", "aria-pressed": isOn, onClick }, label);
  const day = (label, name) => h("label", { className: "pk-field" }, label,
    h("input", { type: "date", value: choice[name], onChange: (event) => change({ [name]: event.target.value }) }));
  const isFiltered = choice.datasets.length || choice.since || choice.until || choice.troubled || choice.limit !== DEFAULT_LIMIT;
  return h("form", { className: "pk-filters", "aria-label": "Filters", onSubmit: (event) => event.preventDefault() },
    h("div", { className: "pk-chips", role: "group", "aria-label": "Datasets" },
      chip("All datasets", choice.datasets.length === 0, () => change({ dataset: null })),
      data.datasets.map((name) => chip(name, choice.datasets.includes(name), () => toggle(name)))),
    h("div", { className: "pk-fields" },
      chip("Only trouble", choice.troubled, () => change({ troubled: choice.troubled ? null : "1" })),
      day("From", "since"),
      day("To", "until"),
      h("label", { className: "pk-field" }, "Show",
        h("select", { value: choice.limit, onChange: (event) => change({ days: event.target.value }) },
          [...new Set([...LIMITS, choice.limit])].sort((a, b) => a - b).map((limit) => h("option", { key: limit, value: limit }, `${limit} days`)))),
      data.more && h("span", { className: "pk-muted" }, "older days exist"),
      Boolean(isFiltered) && h("button", { type: "button", className: "pk-button pk-button-plain",
        onClick: () => change({ dataset: null, since: null, until: null, days: null, troubled: null }) }, "Clear")));
}

function Empty({ data, choice, change }) {
  if (data.datasets.length > 0) {
    const nothing = choice.troubled && data.cells.length > 0 ? "No trouble on these days." : "No run fits these filters.";
    return h("div", { className: "pk-empty" }, h("h2", null, nothing),
      h("button", { type: "button", className: "pk-button",
        onClick: () => change({ dataset: null, since: null, until: null, days: null, troubled: null }) }, "Show all runs"));
  }
  return h("div", { className: "pk-empty" },
    h("h2", null, "No runs yet"),
    h("p", null, "Run one day of a dataset, and it appears here by itself:"),
    h("pre", null, "airflow dags test opinion_text 2026-11-16"),
    h("p", { className: "pk-muted" }, "or switch a DAG on, or fill several days: airflow backfill create --dag-id opinion_text --from-date 2026-11-16 --to-date 2026-11-22"));
}
