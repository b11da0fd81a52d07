import { h, mounted, replace } from "../dom.js";

/** Fills the body of a table with what a graph tells: a row for each job, what it used, and what it made. */
export function tell(body, provenance) {
  const link = ({ href, name }) => (href ? h("a", { href }, name) : name);
  const list = (nodes) => (nodes.length ? h("ul", {}, ...nodes.map((node) => h("li", {}, link(node)))) : h("span", { class: "muted" }, "none"));
  const time = (iso) => (iso ? h("time", { datetime: iso }, iso) : "");
  replace(
    body,
    provenance.jobs.map((job) => {
      const used = provenance.neighbours(job.id, "used", "to");
      return h("tr", {},
        h("th", { scope: "row" }, h("a", { class: "mono", href: job.href }, job.id)),
        h("td", {}, ...used.filter(({ id }) => id === job.operation).map(link)),
        h("td", {}, list(used.filter(({ id }) => id !== job.operation))),
        h("td", {}, list(provenance.neighbours(job.id, "made", "from"))),
        h("td", {}, time(job.ended)));
    }),
  );
  mounted(body);
}
