/** The small signs of the page: states and verdicts, each with a shape and a word besides its colour. */
import { STATES, VERDICTS } from "./format.js";
import { classes, h } from "./react.js";

const PATHS = {
  success: "M3.5 8.5l3 3 6-7",
  unchanged: "M3.5 6h9M3.5 10h9",
  running: "M8 2.5a5.5 5.5 0 1 1-5.5 5.5",
  failed: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  killed: "M9 2L4.5 9H8l-1 5 4.5-7H8z",
  waiting: "M8 8h.01",
  late: "M8 4.5V8l2.5 1.5M8 2a6 6 0 1 1-.01 0z",
  retry: "M12.5 6.5A5 5 0 1 0 13 9M13 3v3.5H9.5",
  out: "M6.5 3.5h-3v9h9v-3M9 3.5h3.5V7M12.5 3.5L7.5 8.5",
  close: "M4 4l8 8M12 4l-8 8",
  previous: "M10 3.5L5.5 8l4.5 4.5",
  next: "M6 3.5L10.5 8 6 12.5",
  pass: "M3.5 8.5l3 3 6-7",
  warn: "M8 2.5l6 11H2zM8 7v2.5M8 11.5h.01",
  fail: "M4.5 4.5l7 7M11.5 4.5l-7 7",
  flag: "M4 14V2.5h8l-2 3 2 3H4",
  drop: "M8 3v9M4 8.5l4 4 4-4",
};

/** A line icon of 16 units; words beside it carry its meaning. */
export const Icon = ({ name, size = 14 }) =>
  h("svg", { className: classes("pk-icon", `pk-icon-${name}`), width: size, height: size, viewBox: "0 0 16 16", "aria-hidden": true },
    h("path", { d: PATHS[name] }));

/** A stage's state as a coloured square. */
export const StateMark = ({ state }) =>
  h("span", { className: classes("pk-mark", `pk-is-${state}`) }, h(Icon, { name: state }));

/** A state or verdict as a pill with its word. */
export const Pill = ({ kind, icon = kind, children }) =>
  h("span", { className: classes("pk-pill", `pk-is-${kind}`) }, h(Icon, { name: icon, size: 12 }), children);

/** What the gate said. */
export const Verdict = ({ verdict, long = false }) =>
  verdict ? h(Pill, { kind: verdict }, long ? `Gate: ${VERDICTS[verdict]}` : VERDICTS[verdict]) : null;

/** The legend of the grid. */
export function Legend() {
  const item = (key, mark, text) => h("span", { key, className: "pk-legend-item" }, mark, text);
  return h("div", { className: "pk-legend", "aria-label": "Legend" },
    Object.entries(STATES).map(([state, word]) => item(state, h(StateMark, { state }), word)),
    h("span", { key: "rule", className: "pk-legend-rule" }),
    item("drop", h(Icon, { name: "drop" }), "rows dropped"),
    item("flag", h(Icon, { name: "flag" }), "rows in quarantine"),
    item("late", h(Icon, { name: "late" }), "missed a deadline"),
    item("retry", h(Icon, { name: "retry" }), "attempts"));
}
