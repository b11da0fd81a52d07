"""A provider that runs its jobs itself: the agent calls, this server answers, at once or later.

    PROVIDER_SECRET=whsec_… python3 provider.py PORT

The secret is what `POST /webhooks/secret` showed to the provider's account. Prints the URL that belongs into the service's
definition. Needs nothing but Python; with port 0 it takes any free one.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading
import time
import urllib.error
import urllib.request

KEY = base64.b64decode(os.environ["PROVIDER_SECRET"].removeprefix("whsec_"))

# What was answered to each call. A call comes again when the agent could not read the answer, under the same id.
answered: dict[str, tuple[int, dict]] = {}
one_at_a_time = threading.Lock()


def is_genuine(headers, body: bytes) -> bool:
    """Whether the agent has signed this, with our secret and within the last minutes (Standard Webhooks 1.0)."""
    call, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not timestamp.isdigit() or abs(time.time() - int(timestamp)) > 300:
        return False
    code = hmac.new(KEY, f"{call}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    wanted = "v1," + base64.b64encode(code).decode()
    return any(hmac.compare_digest(wanted, given) for given in headers.get("webhook-signature", "").split())


def number(text: str) -> dict:
    """The work itself: the outputs as the definition declares them."""
    lines = text.splitlines()
    numbered = "".join(f"{count} {line}\n" for count, line in enumerate(lines, 1))
    content = base64.b64encode(numbered.encode()).decode()
    return {"numbered": {"content": content, "content_type": "text/plain"}, "lines": str(len(lines))}


def report(job: dict) -> dict:
    try:
        with urllib.request.urlopen(job["inputs"]["text"]["url"], timeout=20) as answer:
            return {"outputs": number(answer.read().decode())}
    except UnicodeDecodeError:
        return {"error": {"description": "the text is not UTF-8"}}


def complete(job: dict):
    """Tells the agent how a job has ended that was taken on, until it has heard it."""
    body = json.dumps(report(job)).encode()
    headers = {"Authorization": f"Bearer {job['token']}", "Content-Type": "application/json"}
    while True:
        try:
            with urllib.request.urlopen(urllib.request.Request(job["complete_url"], body, headers), timeout=20):
                return
        except urllib.error.HTTPError as refusal:
            if refusal.code < 500 and refusal.code != 429:
                return  # The job has ended without us: it was cancelled, or its time is over.
        except OSError:
            pass
        time.sleep(1)


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not is_genuine(self.headers, body):
            return self.answer(401, {"error": "not signed by the agent"})
        job = json.loads(body)
        with one_at_a_time:
            known = answered.get(self.headers["webhook-id"])
            if known is None:
                if job["inputs"]["later"] == "yes":
                    threading.Thread(target=complete, args=(job,), daemon=True).start()
                    known = (202, {})
                else:
                    known = (200, report(job))
                answered[self.headers["webhook-id"]] = known
        self.answer(*known)

    def answer(self, status: int, document: dict):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    print(f"http://127.0.0.1:{server.server_port}/jobs", flush=True)
    server.serve_forever()
