"""The other side of a webhook."""

import http.server
import queue
import threading


class Receiver:
    """Listens on loopback: answers each request with the next status of `answers`, then with 200 and `body`.

    `received` gets the headers and the body of each.
    """

    def __init__(self, body: bytes = b""):
        self.received, self.answers = queue.Queue(), queue.Queue()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.received.put((dict(self.headers), sent))
                self.send_response(200 if receiver.answers.empty() else receiver.answers.get())
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
