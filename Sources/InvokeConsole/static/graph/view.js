/**
 * Lets a drawing be moved and scaled: by drag, by two-finger or Ctrl wheel, by the arrow keys, + and − and 0 on the drawing.
 *
 * `svg` is the drawing, `content` the group in it that moves. Answers with `{ zoom(factor), fit(), centre(box), reveal(box), scale }`.
 */
export function movable(svg, content) {
  const place = { x: 0, y: 0, scale: 1 };
  let size = { width: 1, height: 1 };

  const show = () => content.setAttribute("transform", `translate(${place.x} ${place.y}) scale(${place.scale})`);

  function zoom(factor, at = { x: svg.clientWidth / 2, y: svg.clientHeight / 2 }) {
    const scale = Math.min(4, Math.max(0.1, place.scale * factor));
    const change = scale / place.scale;
    Object.assign(place, { x: at.x - (at.x - place.x) * change, y: at.y - (at.y - place.y) * change, scale });
    show();
  }

  function pan(x, y) {
    place.x += x;
    place.y += y;
    show();
  }

  /** Shows all of a drawing of this size, in its middle; not smaller than `least`, where it has to be left cut off. */
  function fit(drawing = size, least = 0.1) {
    size = drawing;
    const room = { width: svg.clientWidth - 40, height: svg.clientHeight - 40 };
    place.scale = Math.min(1, Math.max(least, Math.min(room.width / size.width, room.height / size.height)));
    place.x = (svg.clientWidth - size.width * place.scale) / 2;
    place.y = (svg.clientHeight - size.height * place.scale) / 2;
    show();
  }

  /** Moves the middle of a box to the middle of the window. */
  function centre({ x, y, width, height }) {
    place.x = svg.clientWidth / 2 - (x + width / 2) * place.scale;
    place.y = svg.clientHeight / 2 - (y + height / 2) * place.scale;
    show();
  }

  /** Moves a box of the drawing into sight, if it is out of it. */
  function reveal({ x, y, width, height }) {
    const shift = (from, length, room) => (from < 8 ? 8 - from : from + length > room - 8 ? room - 8 - from - length : 0);
    pan(
      shift(place.x + x * place.scale, width * place.scale, svg.clientWidth),
      shift(place.y + y * place.scale, height * place.scale, svg.clientHeight),
    );
  }

  const keys = {
    ArrowLeft: () => pan(60, 0), ArrowRight: () => pan(-60, 0), ArrowUp: () => pan(0, 60), ArrowDown: () => pan(0, -60),
    "+": () => zoom(1.25), "=": () => zoom(1.25), "-": () => zoom(0.8), 0: () => fit(),
  };
  svg.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
  svg.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    zoom(event.deltaY < 0 ? 1.1 : 1 / 1.1, { x: event.offsetX, y: event.offsetY });
  }, { passive: false });

  let held;
  svg.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || event.target.closest("a, [role=button]")) return;
    held = { x: event.clientX, y: event.clientY };
    svg.setPointerCapture(event.pointerId);
  });
  svg.addEventListener("pointermove", (event) => {
    if (!held) return;
    pan(event.clientX - held.x, event.clientY - held.y);
    held = { x: event.clientX, y: event.clientY };
  });
  for (const end of ["pointerup", "pointercancel"]) svg.addEventListener(end, () => (held = undefined));

  return {
    zoom, fit, centre, reveal,
    get scale() {
      return place.scale;
    },
  };
}
