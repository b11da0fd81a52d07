/**
 * What is known of how assets came to be: PROV-JSON documents, merged.
 *
 * A node is `{ id, kind, name, detail, href }`; `kind` is `asset`, `operation`, `job` or `agent`. An edge is
 * `{ from, to, kind }`, cause first: an asset that was used to the job, the job to the asset that it made, an agent to the
 * job that it answers for.
 */
export class Provenance {
  nodes = new Map();
  edges = new Map();

  /** Takes in a document; what is known already stays. Answers with the ids of the nodes that are new. */
  add(document) {
    const before = new Set(this.nodes.keys());
    for (const [id, record] of Object.entries(document.entity ?? {})) {
      this.entity(id, text(record["prov:type"]) === "dep:operation");
    }
    for (const [id, record] of Object.entries(document.activity ?? {})) this.activity(id, record);
    for (const { "prov:activity": job, "prov:entity": asset } of relations(document.used)) {
      this.entity(asset);
      this.link(asset, job, "used");
    }
    for (const { "prov:activity": job, "prov:entity": asset } of relations(document.wasGeneratedBy)) {
      this.entity(asset);
      this.link(job, asset, "made");
    }
    for (const { "prov:activity": job, "prov:agent": agent } of relations(document.wasAssociatedWith)) {
      this.agent(agent);
      this.link(agent, job, "answers for");
    }
    return [...this.nodes.keys()].filter((id) => !before.has(id));
  }

  entity(id, isOperation = false) {
    const local = localId(id);
    const known = this.nodes.get(id);
    if (known && !(isOperation && known.kind === "asset")) return;
    const kind = isOperation ? "operation" : "asset";
    const href = local && `/ui/${isOperation ? "operations" : "assets"}/${local}`;
    this.nodes.set(id, { ...known, id, kind, local, href, name: known?.name ?? short(local ?? id), detail: short(local ?? id) });
  }

  activity(id, record) {
    const known = this.nodes.get(id);
    const started = record["prov:startTime"] ?? known?.started;
    const ended = record["prov:endTime"] ?? known?.ended;
    const operation = text(record["dep:operation"]) ?? known?.operation;
    this.nodes.set(id, {
      id, kind: "job", name: this.nodes.get(operation)?.name ?? "Job", detail: id,
      href: `/ui/jobs/${encodeURIComponent(id)}`, started, ended, operation,
    });
  }

  agent(id) {
    if (this.nodes.has(id)) return;
    const account = id.startsWith("dep:account-");
    const name = account ? "Consumer" : "Provider";
    this.nodes.set(id, { id, kind: "agent", name, detail: short(account ? id.slice("dep:account-".length) : id.split(":").at(-1)) });
  }

  link(from, to, kind) {
    this.edges.set(`${from} ${to}`, { from, to, kind });
  }

  /** Calls a node by a name that somebody gave it; jobs go by the name of their operation. */
  call(id, name) {
    const node = this.nodes.get(id);
    if (!node || !name) return;
    node.name = name;
    this.jobs.filter(({ operation }) => operation === id).forEach((job) => (job.name = name));
  }

  /** The nodes at the other end of the edges of one kind that begin, or end, at a node. */
  neighbours(id, kind, end) {
    const other = end === "from" ? "to" : "from";
    return [...this.edges.values()]
      .filter((edge) => edge[end] === id && edge.kind === kind)
      .map((edge) => this.nodes.get(edge[other]))
      .filter(Boolean);
  }

  get jobs() {
    return [...this.nodes.values()].filter(({ kind }) => kind === "job");
  }
}

/** The part of a DID that names the asset on its agent; nothing for other names. */
export const localId = (did) => /^(?:0x)?[0-9a-f]{64}$/i.exec(did.split(/[/:]/).at(-1))?.[0];

const short = (id) => (id.length > 16 ? `${id.slice(0, 10)}…` : id);
const text = (value) => (typeof value === "object" ? value?.$ : value);
const relations = (found) => Object.values(found ?? {});
