import { call, Refused } from "./api.js";

/**
 * Uploads a file as an asset: first its metadata, then its bytes. Resolves to its DID.
 *
 * The metadata is the asset's identity, so it says when the upload began: another file of the same name and size is
 * another asset. `onProgress` gets the part of the bytes that has been sent, 0 to 1.
 */
export async function upload(file, contentType, { onProgress = () => {}, signal } = {}) {
  const type = isPlain(contentType) ? contentType : file.type || contentType;
  const metadata = {
    name: file.name,
    type: "dataset",
    ...(type ? { contentType: type } : {}),
    size: String(file.size),
    uploaded: new Date().toISOString(),
    nonce: Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, "0")).join(""),
  };
  const id = await call("POST", "/api/v1/meta/data", { json: metadata, signal });
  await send(`/api/v1/assets/${id}`, file, onProgress, signal);
  return `did:dep:${id}`;
}

/** Whether a content type names one kind, not all of `image/*`. */
function isPlain(type) {
  return type !== undefined && !type.includes("*");
}

/** `fetch` does not tell how much of a body is sent; this does. */
function send(path, file, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", path);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => onProgress(event.total ? event.loaded / event.total : 0));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve();
      else reject(refusal(request));
    });
    request.addEventListener("error", () => reject(new Error("The connection was lost.")));
    request.addEventListener("abort", () => reject(new Error("It was stopped.")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}

function refusal(request) {
  let body = {};
  try {
    body = JSON.parse(request.responseText);
  } catch {
    // An answer of something in between has no words for us.
  }
  return new Refused(request.status, body);
}
