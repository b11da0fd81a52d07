import { ChoiceField } from "./choice.js";
import { TextField } from "./text.js";

/** The field for an input; the kinds that not every operation has are loaded when one has. */
export async function makeField(input) {
  if (input.type === "asset") return new (await import("./asset.js")).AssetField(input);
  if (input.type === "json") return new (await import("./json.js")).JSONField(input);
  return input.enum ? new ChoiceField(input) : new TextField(input);
}
