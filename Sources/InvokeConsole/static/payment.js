import { call, get } from "./api.js";
import { h, replace } from "./dom.js";

/** What an operation costs the viewer, and his ways to pay. */
export class Payment {
  constructor(root, page) {
    this.root = root;
    this.page = page;
    this.price = page.operation.price;
    if (!this.price) return;
    this.told = h("div", { "aria-live": "polite" });
    this.tokenInput = h("input", { id: "purchase-token", type: "password", autocomplete: "off", spellcheck: "false" });
    replace(
      root,
      h("div", { class: "price" },
        h("p", {}, h("strong", {}, `${this.price.amount} ${this.price.currency}`), " for each run"),
        this.told,
        h("details", {}, h("summary", {}, "I have a purchase token"),
          h("p", { class: "field" }, h("label", { for: "purchase-token" }, "Purchase token"), this.tokenInput))),
    );
  }

  get token() {
    return this.tokenInput?.value.trim() ?? "";
  }

  get headers() {
    return this.token === "" ? {} : { "Purchase-Token": this.token };
  }

  /** Asks the agent what a call would cost the viewer, whatever the inputs. */
  async ask() {
    if (!this.price || !this.page.viewer) return;
    try {
      this.quoted((await this.page.send("?dryrun=1")).price);
    } catch (error) {
      replace(this.told, h("p", { class: "fault" }, error.message));
    }
  }

  /** Takes in the price of a dry run: null for those who pay nothing, absent when nobody has looked. */
  async quoted(quote) {
    if (!this.price || quote === undefined) return;
    if (quote === null) return this.tell("You pay nothing for it: it is yours.", "ok");
    if (quote.paid) return this.tell("It is paid for.", "ok");
    const purchases = await get("/api/v1/market/purchases");
    const open = purchases.find((one) => one.listingid === quote.listing && !["settled", "refunded"].includes(one.payment));
    if (open) return this.ordered(open);
    const buy = h("button", { type: "button", id: "buy" }, `Buy for ${quote.amount} ${quote.currency}`);
    buy.addEventListener("click", () => this.page.press(buy, () => this.buy(quote.listing)));
    replace(this.told, h("p", {}, "You have to buy it before you run it. ", buy));
  }

  async buy(listing) {
    const purchase = await call("POST", "/api/v1/market/purchases", { json: { listingid: listing, status: "ordered" } });
    if (purchase.payment === "settled") return this.ask();
    this.ordered(purchase);
  }

  ordered(purchase) {
    const again = h("button", { type: "button", class: "quiet" }, "Look again");
    again.addEventListener("click", () => this.page.press(again, () => this.ask()));
    replace(this.told, h("p", { class: "note", "data-kind": "warn" },
      "You have ordered it. It can be run when the seller has settled ",
      h("a", { href: `/ui/market/purchases/${purchase.id}` }, "the purchase"), ". ", again));
  }

  tell(text, kind) {
    replace(this.told, h("p", { class: "note", "data-kind": kind }, text));
  }
}
