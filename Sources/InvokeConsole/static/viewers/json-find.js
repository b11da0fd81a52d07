/** Looks through a JSON value, however deep. */
import { isContainer, keysOf, plain } from "./json-data.js";

const most = 1000;
const deepest = 500;

/** `{ count, ways }` of the keys and plain values with a text in small letters; a way is positions of children. */
export function find(value, wanted) {
  const ways = [];
  const way = [];
  const stack = [{ value, keys: keysOf(value), next: 0 }];
  let count = 0;
  while (stack.length) {
    const top = stack.at(-1);
    if (top.next === (top.keys ?? top.value).length) {
      stack.pop();
      way.pop();
      continue;
    }
    const position = top.next++;
    const key = top.keys?.[position];
    const child = top.value[key ?? position];
    const within = isContainer(child);
    if (key?.toLowerCase().includes(wanted) || (!within && plain(child).toLowerCase().includes(wanted))) {
      count++;
      if (ways.length < most && way.length < deepest) ways.push([...way, position]);
    }
    if (within) {
      way.push(position);
      stack.push({ value: child, keys: keysOf(child), next: 0 });
    }
  }
  return { count, ways };
}
