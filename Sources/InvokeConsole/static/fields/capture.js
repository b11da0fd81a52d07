import { h } from "../dom.js";

/**
 * Opens a dialog on what a camera or a microphone gives.
 *
 * `body(stream, done)` makes the elements of the dialog, and calls `done` with a file. Resolves to it, or to null when
 * the user closes the dialog; rejects when there is no device or no permission.
 */
export async function capture(title, constraints, body) {
  if (!navigator.mediaDevices) throw new Error("The browser gives cameras and microphones to https pages only.");
  const stream = await navigator.mediaDevices.getUserMedia(constraints);
  return new Promise((resolve) => {
    const cancel = h("button", { type: "button", class: "quiet" }, "Cancel");
    const dialog = h("dialog", { class: "card", "aria-labelledby": "capture-title" },
      h("h2", { id: "capture-title" }, title));
    const done = (file) => {
      resolve(file);
      dialog.close();
    };
    dialog.append(...body(stream, done), h("p", { class: "actions" }, cancel));
    cancel.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      for (const track of stream.getTracks()) track.stop();
      dialog.remove();
      resolve(null);
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}
