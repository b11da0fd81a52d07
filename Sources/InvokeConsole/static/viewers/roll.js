/** A long list of equally high rows of which only those in sight are built. */
import { h } from "../dom.js";

const highest = 8_000_000;

/**
 * `content` is shown in a region that scrolls over `count` rows of `height` pixels; `draw(first, shown, rest)` is asked
 * to show rows, `rest` pixels of the first one being scrolled away. `reserved` pixels on top belong to a header.
 */
export class Roll {
  #pending = false; #count = 0; #last = "";

  constructor(content, { label, height, reserved = 0, draw }) {
    Object.assign(this, { height, reserved, draw });
    this.pane = h("div", { class: "roll-pane" }, content);
    this.sizer = h("div", { class: "roll-sizer" }, this.pane);
    this.element = h("div", { class: "roll", tabindex: "0", role: "region", "aria-label": label }, this.sizer);
    this.element.addEventListener("scroll", () => this.refresh());
    new ResizeObserver(() => this.refresh()).observe(this.element);
  }

  get count() { return this.#count; }

  set count(value) {
    this.#count = value;
    const full = value * this.height + this.reserved;
    this.sizer.style.height = `${Math.min(full, highest)}px`;
    const bars = this.element.offsetHeight - this.element.clientHeight;
    this.element.style.height = `min(28rem, ${Math.max(full, this.reserved + this.height) + bars}px)`;
    this.#last = "";
    this.refresh();
  }

  /** Draws what is in sight now, once for each frame. */
  refresh() {
    if (this.#pending) return;
    this.#pending = true;
    requestAnimationFrame(() => {
      this.#pending = false;
      const { scrollTop, clientHeight } = this.element;
      if (!clientHeight) return;
      this.pane.style.height = `${clientHeight}px`;
      const room = clientHeight - this.reserved;
      const full = this.#count * this.height;
      const track = Math.max(0, Math.min(full + this.reserved, highest) - clientHeight);
      const shown = Math.ceil(room / this.height) + 1;
      const offset = track && full > room ? (scrollTop / track) * (full - room) : 0;
      const first = Math.max(0, Math.min(Math.floor(offset / this.height), this.#count - 1));
      const rest = offset - first * this.height;
      const key = `${first} ${shown} ${rest}`;
      if (key === this.#last) return;
      this.#last = key;
      this.draw(first, Math.min(shown, this.#count - first), rest);
    });
  }
}
