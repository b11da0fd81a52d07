/* The list of jobs, as it changes. */

import { bulk } from "./jobs/bulk.js";
import { live } from "./jobs/rows.js";

const table = document.querySelector("#jobs table");
const selection = bulk(table, { bar: document.getElementById("bulk"), outcome: document.getElementById("outcome") });
live(document.getElementById("jobs"), { selection, status: document.getElementById("live") });
