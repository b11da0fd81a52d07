import http.server, os
from standardwebhooks import Webhook

class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            Webhook(os.environ["WEBHOOK_SECRET"]).verify(body, {k.lower(): v for k, v in self.headers.items()})
        except Exception:
            return self.send_error(400)
        print(self.headers["webhook-id"], body.decode(), flush=True)
        self.send_response(204)
        self.end_headers()

http.server.ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Receiver).serve_forever()
