/** Airflow's own React, and the few things around it that every module of the page uses. */

const { createElement, Fragment, useCallback, useEffect, useMemo, useRef, useState } = globalThis.React;

export { createElement as h, Fragment, useCallback, useEffect, useMemo, useRef, useState };

export const { useSearchParams } = globalThis.ReactRouterDOM;

/** Add a stylesheet to the document, once. */
export function addStylesheet(url) {
  if (document.querySelector(`link[href="${url.href}"]`)) return;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: url.href }));
}

/** Join the class names that are set. */
export const classes = (...names) => names.filter(Boolean).join(" ");
