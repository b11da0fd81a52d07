"""Verifies one webhook as its receiver would, with the PyPI package `standardwebhooks`.

Reads a JSON object on standard input:

    {"secret": "whsec_...", "headers": {"webhook-id": "...", ...}, "body": "the very text that was received"}

Exits 0 and prints the event's type when the signature holds; exits 1 and prints why when it does not.
"""

import json
import sys

from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


def main() -> int:
    received = json.load(sys.stdin)
    headers = {name.lower(): value for name, value in received["headers"].items()}
    try:
        event = Webhook(received["secret"]).verify(received["body"], headers)
    except WebhookVerificationError as error:
        print(f"not verified: {error}")
        return 1
    print(event["type"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
