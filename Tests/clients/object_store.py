"""The agent's own object store, as clients of S3 reach it."""

import contextlib
import hashlib
import hmac
import urllib.parse

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.config
import botocore.credentials
import botocore.exceptions
from minio import Minio

ACCESS_KEY = "invoke"


def secret_key(agent) -> str:
    """What the agent derives from its key: 40 hexadecimal digits."""
    purpose = b"objectStoreSecret\0" + ACCESS_KEY.encode()
    return hmac.digest((agent.data / "agent.key").read_bytes(), purpose, "sha256")[:20].hex()


def boto(agent, secret: str | None = None, **options):
    return boto3.client(
        "s3", endpoint_url=agent.url, aws_access_key_id=ACCESS_KEY, aws_secret_access_key=secret or secret_key(agent),
        region_name="us-east-1",
        config=botocore.config.Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1}, **options))


def minio(agent, secret: str | None = None) -> Minio:
    return Minio(
        urllib.parse.urlsplit(agent.url).netloc, access_key=ACCESS_KEY, secret_key=secret or secret_key(agent),
        secure=False)


def presigned(agent, method: str, target: str) -> str:
    """A URL for what no client would ask for."""
    credentials = botocore.credentials.Credentials(ACCESS_KEY, secret_key(agent))
    request = botocore.awsrequest.AWSRequest(method, agent.url + target)
    botocore.auth.S3SigV4QueryAuth(credentials, "s3", "us-east-1", expires=60).add_auth(request)
    return request.prepare().url


@contextlib.contextmanager
def refused(code: str):
    """What is done inside is refused with a code of S3's."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error
    else:
        raise AssertionError(f"not refused with {code}")


def digest(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()
