/**
 * What of a value breaks a JSON Schema: [{ pointer, detail }]. It knows the usual keywords; what it does not know, it
 * lets pass, because the agent has the last word.
 */
export function violations(schema, value, pointer = "") {
  if (schema === false) return [{ pointer, detail: "may not be here" }];
  if (typeof schema !== "object" || schema === null) return [];
  const found = [];
  const fault = (detail) => found.push({ pointer, detail });
  const types = [schema.type ?? []].flat();
  if (types.length > 0 && !types.some((type) => isOf(type, value))) {
    fault(`has to be ${types.join(" or ")}`);
    return found;
  }
  if (schema.enum && !schema.enum.some((choice) => same(choice, value))) {
    fault(`has to be one of ${schema.enum.map((choice) => JSON.stringify(choice)).join(", ")}`);
  }
  if ("const" in schema && !same(schema.const, value)) fault(`has to be ${JSON.stringify(schema.const)}`);
  if (typeof value === "number") checkNumber(schema, value, fault);
  if (typeof value === "string") checkText(schema, value, fault);
  if (Array.isArray(value)) found.push(...arrayViolations(schema, value, pointer));
  else if (typeof value === "object" && value !== null) found.push(...objectViolations(schema, value, pointer));
  return found;
}

function checkNumber(schema, value, fault) {
  if (value < schema.minimum) fault(`has to be at least ${schema.minimum}`);
  if (value > schema.maximum) fault(`has to be at most ${schema.maximum}`);
  if (value <= schema.exclusiveMinimum) fault(`has to be more than ${schema.exclusiveMinimum}`);
  if (value >= schema.exclusiveMaximum) fault(`has to be less than ${schema.exclusiveMaximum}`);
}

function checkText(schema, value, fault) {
  const length = [...value].length;
  if (length < schema.minLength) fault(`has to have at least ${schema.minLength} characters`);
  if (length > schema.maxLength) fault(`has to have at most ${schema.maxLength} characters`);
  try {
    if (schema.pattern && !new RegExp(schema.pattern, "u").test(value)) fault(`has to match ${schema.pattern}`);
  } catch {
    // A pattern that the browser can't read is the agent's to judge.
  }
}

function arrayViolations(schema, value, pointer) {
  const found = [];
  if (value.length < schema.minItems) found.push({ pointer, detail: `has to have at least ${schema.minItems} items` });
  if (value.length > schema.maxItems) found.push({ pointer, detail: `has to have at most ${schema.maxItems} items` });
  const isTwice = value.some((item, index) => value.slice(0, index).some((other) => same(item, other)));
  if (schema.uniqueItems && isTwice) found.push({ pointer, detail: "has an item twice" });
  if (schema.items !== undefined && !schema.prefixItems) {
    value.forEach((item, index) => found.push(...violations(schema.items, item, `${pointer}/${index}`)));
  }
  return found;
}

function objectViolations(schema, value, pointer) {
  const found = [];
  const at = (name) => `${pointer}/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) found.push({ pointer: at(name), detail: "is needed" });
  }
  const properties = schema.properties ?? {};
  for (const [name, member] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) found.push(...violations(properties[name], member, at(name)));
    else if (!schema.patternProperties) found.push(...violations(schema.additionalProperties ?? true, member, at(name)));
  }
  return found;
}

function isOf(type, value) {
  switch (type) {
    case "null": return value === null;
    case "array": return Array.isArray(value);
    case "object": return typeof value === "object" && value !== null && !Array.isArray(value);
    case "integer": return Number.isInteger(value);
    default: return typeof value === type;
  }
}

/** Whether two JSON values are equal; the order of an object's members does not count. */
function same(one, other) {
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return one === other;
  const names = Object.keys(one);
  return Array.isArray(one) === Array.isArray(other) && names.length === Object.keys(other).length
    && names.every((name) => Object.hasOwn(other, name) && same(one[name], other[name]));
}
