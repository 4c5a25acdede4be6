/** Numbers, sizes, times and states as people read them. */

export const STAGES = ["ingest", "transfer", "process", "validate", "store"];

/** The states of a stage, as words; "waiting" is a stage that never started. */
export const STATES = {
  success: "done",
  unchanged: "unchanged",
  running: "running",
  failed: "failed",
  killed: "killed",
  waiting: "not started",
};

export const VERDICTS = { pass: "passed", warn: "warning", fail: "failed" };

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const relativeShort = new Intl.RelativeTimeFormat("en", { style: "narrow" });
const dayName = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: "UTC" });
const longDay = new Intl.DateTimeFormat("en", { dateStyle: "full", timeZone: "UTC" });
const clock = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "medium", timeZone: "UTC" });

export const number = (value) => (value == null ? "–" : whole.format(value));

/** A count that must fit: 12,345 as it is, a million shortened. */
export const compact = (value) => (value == null ? "–" : value < 100_000 ? whole.format(value) : short.format(value));

export const percent = (part, all) => (all ? `${((100 * part) / all).toFixed(part / all < 0.001 ? 2 : 1)} %` : "–");

export function megabytes(bytes) {
  if (bytes == null) return "–";
  return bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : bytes < 1e9 ? `${(bytes / 1e6).toFixed(2)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

export function duration(seconds) {
  if (seconds == null) return "–";
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.round(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** "5 minutes ago", by the server's clock; short is "5min ago". */
export const ago = (time, now) => since(time, now, relative);
export const agoShort = (time, now) => since(time, now, relativeShort);

function since(time, now, words) {
  const seconds = (new Date(time) - new Date(now)) / 1000;
  const steps = [[60, "second", 1], [3600, "minute", 60], [86_400, "hour", 3600], [Infinity, "day", 86_400]];
  const [, unit, size] = steps.find(([limit]) => Math.abs(seconds) < limit);
  return words.format(Math.min(0, Math.round(seconds / size)), unit);
}

export const utc = (time) => `${clock.format(new Date(time))} UTC`;

/** A run key's weekday and full date; a key that is no date stays as it is. */
export const weekday = (runKey) => dated(runKey, dayName);
export const fullDay = (runKey) => dated(runKey, longDay);

function dated(runKey, format) {
  const day = new Date(`${runKey}T00:00:00Z`);
  return Number.isNaN(day.valueOf()) ? runKey : format.format(day);
}

/** Days from one run key to a later one. */
export const daysBetween = (earlier, later) => Math.round((Date.parse(later) - Date.parse(earlier)) / 86_400_000);

/** An observed value in one line. */
export function observed(value) {
  if (value == null) return "–";
  if (typeof value === "number") return Number.isInteger(value) ? number(value) : String(Number(value.toPrecision(5)));
  if (typeof value === "object" && !Array.isArray(value)) {
    return Object.entries(value).map(([key, item]) => `${key}: ${observed(item)}`).join(", ");
  }
  return Array.isArray(value) ? value.map(observed).join(", ") : String(value);
}
