import { h } from "../dom.js";
import { duration } from "../format.js";
import { capture } from "./capture.js";
import { wav } from "./wav.js";

/** Records sound: WAV where that is asked for, else what the browser records. Resolves to a file, or null. */
export function record(contentType) {
  const wantsWAV = /^audio\/(x-)?wave?$/.test(contentType.split(";")[0].trim());
  return capture("Record sound", { audio: true }, (stream, done) => {
    const pieces = [];
    const recorder = new MediaRecorder(stream);
    const time = h("p", { class: "number", role: "timer" }, "0 ms");
    const stop = h("button", { type: "button", class: "primary" }, "Stop and use it");
    const started = performance.now();
    const ticking = setInterval(() => (time.textContent = duration(performance.now() - started)), 200);
    recorder.addEventListener("dataavailable", (event) => pieces.push(event.data));
    recorder.addEventListener("stop", async () => {
      clearInterval(ticking);
      const isUsed = stop.disabled;
      if (!isUsed) return;
      const type = recorder.mimeType.split(";")[0];
      const blob = new Blob(pieces, { type });
      if (!wantsWAV) return done(new File([blob], `sound.${type.split("/")[1]}`, { type }));
      done(new File([await wav(blob)], "sound.wav", { type: "audio/wav" }));
    });
    stop.addEventListener("click", () => {
      stop.disabled = true;
      recorder.stop();
    });
    recorder.start();
    return [h("p", {}, "Recording…"), time, h("p", {}, stop)];
  });
}
