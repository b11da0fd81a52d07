import { h, replace } from "../dom.js";
import { bytes } from "../format.js";
import { upload } from "../upload.js";
import { afterPress, Field } from "./field.js";

const pattern = /^(did:[a-z0-9]+:[^\s/]+(\/(0x)?[0-9a-fA-F]{64})?|(0x)?[0-9a-fA-F]{64})$/;

/** An asset: a file that is dropped, chosen, photographed or recorded and then uploaded, or one that is there. */
export class AssetField extends Field {
  constructor(input) {
    super(input, { isGroup: true });
    this.control = h("input", {
      id: this.id, type: "text", autocomplete: "off", spellcheck: "false", class: "mono",
      placeholder: "did:dep:…", "aria-describedby": this.described,
    });
    this.control.addEventListener("change", () => afterPress(() => this.check()));
    this.control.addEventListener("input", () => this.tell(""));
    this.status = h("p", { class: "upload", role: "status" });
    this.progress = h("progress", { max: "1", value: "0", hidden: true, "aria-label": `Upload for ${input.name}` });
    this.place(
      this.makeDrop(),
      this.progress,
      this.status,
      h("label", { class: "minor", for: this.id }, "or an asset that is here, by its DID"),
      h("div", { class: "row" }, this.control, this.button("Choose one of mine", () => this.pick())),
    );
    if (input.default?.did) this.fill(input.default);
  }

  rules() {
    return [this.input.content_type].filter(Boolean);
  }

  makeDrop() {
    const type = this.input.content_type;
    const file = h("input", { type: "file", id: `${this.id}-file`, class: "visually-hidden", accept: type ?? null });
    file.addEventListener("change", () => file.files[0] && this.take(file.files[0]));
    const drop = h(
      "div",
      { class: "drop" },
      file,
      h("label", { class: "button", for: file.id }, "Choose a file"),
      h("span", { class: "muted" }, "or drop one here"),
      type?.startsWith("image/") ? this.button("Take a photo", () => this.record("camera")) : null,
      type?.startsWith("audio/") ? this.button("Record sound", () => this.record("microphone")) : null,
    );
    drop.addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    drop.addEventListener("dragleave", () => drop.classList.remove("over"));
    drop.addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      if (event.dataTransfer.files[0]) this.take(event.dataTransfer.files[0]);
    });
    return drop;
  }

  button(text, click) {
    return h("button", { type: "button", class: "quiet", on: { click } }, text);
  }

  async record(kind) {
    const { record } = await import(`./${kind}.js`);
    const file = await record(this.input.content_type);
    if (file) await this.take(file);
  }

  async pick() {
    const { pickAsset } = await import("./picker.js");
    const asset = await pickAsset();
    if (!asset) return;
    this.fill({ did: asset.did });
    this.tell(asset.name ?? "");
    this.show(null);
    this.changed();
  }

  /** Uploads a file; the field has the asset's DID when it is there. */
  async take(file) {
    this.aborted?.abort();
    const control = new AbortController();
    this.aborted = control;
    this.fill(undefined);
    this.show(null);
    this.progress.hidden = false;
    this.progress.value = 0;
    this.tell(`Uploading ${file.name}, ${bytes(file.size)} `, this.button("Stop", () => control.abort()));
    this.uploading = upload(file, this.input.content_type, {
      signal: control.signal,
      onProgress: (part) => (this.progress.value = part),
    });
    try {
      const did = await this.uploading;
      if (this.aborted !== control) return;
      this.control.value = did;
      this.tell(`Uploaded ${file.name}, ${bytes(file.size)}`);
      this.check();
    } catch (error) {
      if (this.aborted !== control) return;
      this.tell("");
      if (!control.signal.aborted) this.show(`${file.name} was not uploaded: ${error.message}`);
    } finally {
      if (this.aborted === control) {
        this.uploading = null;
        this.progress.hidden = true;
        this.changed();
      }
    }
  }

  tell(...parts) {
    replace(this.status, ...parts);
  }

  get text() {
    const did = this.control.value.trim();
    return did === "" ? undefined : JSON.stringify({ did: /^(0x)?[0-9a-fA-F]{64}$/.test(did) ? `did:dep:${did}` : did });
  }

  fill(value) {
    this.control.value = value?.did ?? "";
    this.tell("");
  }

  problem() {
    if (this.uploading) return "The file is still on its way.";
    const did = this.control.value.trim();
    if (did !== "" && !pattern.test(did)) return "This is no DID of an asset: did:dep:… and 64 hexadecimal digits.";
    return this.input.required && did === "" ? "A file or an asset is needed." : null;
  }
}
