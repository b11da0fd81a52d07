import { get } from "../api.js";
import { h, replace } from "../dom.js";
import { bytes } from "../format.js";

/** Lets the user choose one of the assets that he owns; null when he does not. */
export function pickAsset() {
  const list = h("ul", { class: "picker" });
  const search = h("input", { type: "search", id: "picker-search", autocomplete: "off" });
  const close = h("button", { type: "button", class: "quiet" }, "Cancel");
  const dialog = h(
    "dialog",
    { class: "card", "aria-labelledby": "picker-title" },
    h("h2", { id: "picker-title" }, "Your assets"),
    h("p", { class: "field" }, h("label", { for: search.id }, "Name"), search),
    list,
    h("p", { class: "actions" }, close),
  );
  return new Promise((resolve) => {
    let latest = 0;
    const choose = (asset) => {
      resolve(asset);
      dialog.close();
    };
    const fill = async () => {
      const turn = ++latest;
      const query = new URLSearchParams({ limit: "50" });
      if (search.value) query.set("q", search.value);
      try {
        const assets = (await get(`/assets?${query}`)).assets;
        if (turn === latest) replace(list, ...rows(assets, choose));
      } catch (error) {
        if (turn === latest) replace(list, h("li", { class: "fault" }, error.message));
      }
    };
    let timer;
    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(fill, 200);
    });
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(null);
    });
    document.body.append(dialog);
    dialog.showModal();
    fill();
  });
}

function rows(assets, choose) {
  if (assets.length === 0) return [h("li", { class: "muted" }, "There are none. Upload a file instead.")];
  return assets.map((asset) =>
    h(
      "li",
      {},
      h(
        "button",
        { type: "button", class: "quiet", on: { click: () => choose(asset) } },
        h("strong", {}, asset.name ?? "without a name"),
        h("span", { class: "muted" }, [asset.content_type, asset.size === undefined ? null : bytes(asset.size)]
          .filter(Boolean).map((fact) => ` · ${fact}`).join("")),
        h("span", { class: "mono muted" }, ` ${asset.id?.slice(0, 12) ?? ""}…`),
      ),
    ));
}
