"""Pages with nothing but viewers in them, and the contents that they show."""

import contextlib
import dataclasses
import html
import http.server
import pathlib
import re
import threading

STATIC = pathlib.Path(__file__).parents[2] / "Sources" / "InvokeConsole" / "static"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; "
    "frame-src blob:; object-src blob:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
TYPES = {".js": "text/javascript", ".css": "text/css"}


@dataclasses.dataclass
class Content:
    body: bytes
    type: str | None = None
    ranges: bool = True
    status: int = 200


class Stage:
    """A server of the console's own files, of contents, and of one page that shows them."""

    def __init__(self):
        self.contents: dict[str, Content] = {}
        self.markup = ""
        self.asked: list[tuple[str, str | None]] = []
        stage = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                with contextlib.suppress(ConnectionError):
                    stage.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def put(self, name: str, body: bytes | str, type: str | None = None, said: str = "", size: bool = True, **options) -> str:
        """Keeps a content; returns the element that shows it, with `said` as its type."""
        body = body.encode() if isinstance(body, str) else body
        self.contents[name] = Content(body, type, **options)
        told = f' data-size="{len(body)}"' if size else ""
        return f'<div data-view data-type="{said}" data-url="/content/{html.escape(name)}" data-name="{html.escape(name)}"{told}></div>'

    @staticmethod
    def inline(name: str, text: str, type: str = "application/json") -> str:
        """The element of a value that the page carries itself."""
        return f'<div data-view data-type="{type}" data-name="{html.escape(name)}"><pre>{html.escape(text)}</pre></div>'

    def show(self, page, *elements: str):
        """Opens the page with these elements."""
        self.markup = "".join(elements)
        self.asked.clear()
        page.goto(f"{self.url}/page")

    def answer(self, request):
        path = request.path.split("?")[0]
        if path == "/page":
            return self.send(request, self.page().encode(), "text/html; charset=utf-8", {"Content-Security-Policy": POLICY})
        if path.startswith("/content/"):
            return self.give(request, path.removeprefix("/content/"))
        file = STATIC / path.removeprefix("/static/")
        if path.startswith("/static/") and file.is_file():
            self.asked.append((path, None))
            return self.send(request, file.read_bytes(), TYPES[file.suffix], {"Content-Security-Policy": POLICY})
        return self.send(request, b"", "text/plain", status=204 if path == "/favicon.ico" else 404)

    def give(self, request, name: str):
        self.asked.append((name, request.headers["Range"]))
        content = self.contents.get(name)
        if not content or content.status != 200:
            return self.send(request, b'{"message": "no"}', "application/json", status=content.status if content else 404)
        headers = {"Content-Disposition": "attachment"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers["Range"] or "")
        if not wanted or not content.ranges:
            return self.send(request, content.body, content.type, headers)
        size = len(content.body)
        first, last = int(wanted[1]), min(int(wanted[2] or size), size - 1)
        if first >= size:
            return self.send(request, b"", content.type, {"Content-Range": f"bytes */{size}"}, 416)
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return self.send(request, content.body[first:last + 1], content.type, headers, 206)

    @staticmethod
    def send(request, body: bytes, type: str | None, headers: dict[str, str] | None = None, status: int = 200):
        request.send_response(status)
        for name, value in ({"Content-Type": type or "application/octet-stream", "Content-Length": str(len(body)),
                             "X-Content-Type-Options": "nosniff"} | (headers or {})).items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    def page(self) -> str:
        return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Viewers</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/app.css"><link rel="stylesheet" href="/static/viewers.css">
<script type="module" src="/static/viewers.js"></script></head>
<body><main id="main"><h1>Contents</h1><h2>Outputs</h2>{self.markup}</main><div id="announcements" role="status"></div></body></html>"""
