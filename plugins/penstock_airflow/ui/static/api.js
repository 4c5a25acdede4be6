/** What the page asks its server, and when it asks again. */
import { useCallback, useEffect, useRef, useState } from "./react.js";

// Beside this module, so that it is right below any prefix that Airflow is served under.
const API = new URL("../api/", import.meta.url);
const RUNNING_MS = 3_000;
const RESTING_MS = 30_000;
const TIMEOUT_MS = 20_000;

// The newest answer to each question. Airflow mounts the page anew once, after its first navigation: what was shown
// stays on the screen then, and a panel that is opened again shows its last state while it asks.
const remembered = new Map();
const REMEMBERED = 20;

function remember(answer) {
  remembered.delete(answer.path);
  remembered.set(answer.path, answer);
  if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value);
  return answer;
}

/** An answer that is not data; `message` says what is wrong and what to do. */
class ApiError extends Error {}

async function ask(path, signal) {
  let response;
  try {
    response = await fetch(new URL(path, API), {
      credentials: "same-origin",
      headers: { Accept: "application/json" },
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError("The API server does not answer. It is asked again; see `make status` and `make logs`.");
  }
  if (response.ok) return response.json();
  throw new ApiError(await explain(response));
}

async function explain(response) {
  if (response.status === 401) return "Your login has ended: reload the page to sign in again.";
  const body = await response.json().catch(() => null);
  if (typeof body?.detail === "string") return body.detail;
  return `The API server answered ${response.status} ${response.statusText}; its log says why (make logs).`;
}

/**
 * Ask for `path` and keep asking: often while `isLive(data)`, seldom otherwise, never in a hidden tab.
 *
 * Returns the newest data (kept while an error lasts), the error, when it came, and how to ask now.
 */
export function usePolled(path, isLive) {
  const [answer, setAnswer] = useState(remembered.get(path) ?? { path: null, data: null, error: null, at: null });
  const [turn, setTurn] = useState(0);
  const live = useRef(isLive);
  live.current = isLive;

  useEffect(() => {
    if (!path) return undefined;
    const stop = new AbortController();
    let timer;
    const wait = (milliseconds) => {
      clearTimeout(timer);
      if (!stop.signal.aborted) timer = setTimeout(load, milliseconds);
    };
    async function load() {
      if (document.hidden) return wait(RESTING_MS);
      try {
        const data = await ask(path, stop.signal);
        if (stop.signal.aborted) return undefined;
        setAnswer(remember({ path, data, error: null, at: Date.now() }));
        return wait(live.current?.(data) ? RUNNING_MS : RESTING_MS);
      } catch (error) {
        if (stop.signal.aborted) return undefined;
        setAnswer((last) => ({ ...last, path, data: last.path === path ? last.data : null, error: error.message }));
        return wait(RESTING_MS);
      }
    }
    const wake = () => document.hidden || load();
    document.addEventListener("visibilitychange", wake);
    load();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", wake);
    };
  }, [path, turn]);

  const refresh = useCallback(() => setTurn((last) => last + 1), []);
  const own = answer.path === path ? answer : remembered.get(path);
  return { data: own?.data ?? null, stale: answer.data, error: own?.error ?? null, at: answer.at, refresh };
}

/** Return the path of the grid for the filters. */
export function gridPath({ datasets, since, until, limit }) {
  const query = new URLSearchParams({ limit });
  if (since) query.set("since", since);
  if (until) query.set("until", until);
  datasets.forEach((name) => query.append("dataset", name));
  return `grid?${query}`;
}

/** Return the path of one run; `what` is empty or "/quarantine". */
export const runPath = ({ dataset, runKey }, what = "") =>
  `runs/${encodeURIComponent(dataset)}/${encodeURIComponent(runKey)}${what}`;
