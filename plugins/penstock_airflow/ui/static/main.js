/**
 * The entry that Airflow imports: it registers the page as the React component of the plugin "Penstock".
 *
 * No build step: Airflow exposes React on globalThis, and the browser loads the other modules beside this one.
 */
import { Page } from "./page.js";
import { addStylesheet } from "./react.js";

addStylesheet(new URL("./penstock.css", import.meta.url));

globalThis.AirflowPlugin = Page;
globalThis.Penstock = Page; // by name too: a module runs once, while AirflowPlugin is reset before each import
