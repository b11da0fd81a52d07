/** The most characters that are shown. */
const MOST = 256 * 1024;

/**
 * Shows a log as it grows: what comes is drawn once per frame, the end stays in sight as long as the reader has not
 * scrolled up, and only the end of a long log is kept. The first text replaces what the page was delivered with.
 *
 * Answers with `{ add(text), end() }`.
 */
export function logTail(element, { pause, silent, cut }) {
  let pending = "";
  let frame = 0;
  let isPaused = false;
  let isFirst = true;

  function draw() {
    frame = 0;
    if (isPaused || !pending) return;
    const isAtEnd = element.scrollTop + element.clientHeight >= element.scrollHeight - 24;
    if (isFirst) {
      element.textContent = "";
      if (cut) cut.hidden = true;
    }
    isFirst = false;
    element.append(pending);
    pending = "";
    if (element.textContent.length > MOST) element.textContent = tail(element.textContent);
    else element.normalize();
    if (isAtEnd) element.scrollTop = element.scrollHeight;
  }

  pause.hidden = false;
  pause.addEventListener("click", () => {
    isPaused = !isPaused;
    pause.setAttribute("aria-pressed", isPaused);
    pause.textContent = isPaused ? "Go on" : "Pause";
    draw();
  });
  element.scrollTop = element.scrollHeight;

  return {
    add(text) {
      pending += text;
      if (pending.length > 2 * MOST) pending = tail(pending);
      silent.hidden = true;
      frame ||= requestAnimationFrame(draw);
    },
    end() {
      isPaused = false;
      draw();
    },
  };
}

/** The end of a text, from the beginning of a line. */
function tail(text) {
  const rest = text.slice(-MOST / 2);
  return `…\n${rest.slice(rest.indexOf("\n") + 1)}`;
}
