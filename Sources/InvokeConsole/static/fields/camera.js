import { h } from "../dom.js";
import { capture } from "./capture.js";

/** Takes a photo: PNG where that is asked for, else JPEG. Resolves to a file, or null. */
export function record(contentType) {
  const isPNG = contentType === "image/png";
  return capture("Take a photo", { video: { facingMode: "environment" } }, (stream, done) => {
    const video = h("video", { autoplay: true, playsinline: true, class: "viewfinder", "aria-label": "Camera" });
    video.muted = true;
    video.srcObject = stream;
    const shoot = h("button", { type: "button", class: "primary", disabled: true }, "Take the photo");
    video.addEventListener("playing", () => (shoot.disabled = false));
    shoot.addEventListener("click", () => {
      const canvas = h("canvas", { width: String(video.videoWidth), height: String(video.videoHeight) });
      canvas.getContext("2d").drawImage(video, 0, 0);
      const type = isPNG ? "image/png" : "image/jpeg";
      canvas.toBlob((blob) => done(new File([blob], isPNG ? "photo.png" : "photo.jpg", { type })), type, 0.92);
    });
    return [video, h("p", {}, shoot)];
  });
}
