"""T-RATE: an account that sends too much is slowed down, told how long, and alone in that (promise B4)."""

import re

from running_agent import Answer


def standing(answer: Answer) -> tuple[int, int]:
    """What is left, and the seconds until all is there again."""
    assert answer.headers["RateLimit-Policy"] == '"default";q=10;w=5'
    left, seconds = re.fullmatch(r'"default";r=(\d+);t=(\d+)', answer.headers["RateLimit"]).groups()
    return int(left), int(seconds)


def test_a_flood_is_refused_until_the_time_it_was_told(start_agent):
    agent = start_agent("--rate", "2")
    client = agent.client()
    client.authorization = agent.token
    answers = [client.send("GET", path) for path in ["/jobs", "/jobs/none", "/operations"] * 5]
    refused = [answer for answer in answers if answer.status == 429]
    # Refused or failed, every answer to a known caller says how it stands.
    assert {answer.status for answer in answers} == {200, 404, 429}
    assert [standing(answer)[0] for answer in answers] == sorted(
        (standing(answer)[0] for answer in answers), reverse=True
    )
    for answer in refused:
        left, seconds = standing(answer)
        assert (answer.code, left) == (8150, 0)
        assert seconds == int(answer.headers["Retry-After"]) == answer.json["retry_after"] >= 1


def test_nobody_else_is_slowed_down(start_agent):
    agent = start_agent("--rate", "2")
    noisy, quiet = agent.client(), agent.client()
    account = {"username": "quiet", "password": "a long pass phrase", "roles": ["consumer"]}
    assert noisy.send("POST", "/accounts", account).status == 201
    while noisy.send("GET", "/jobs").status != 429:
        pass
    quiet.authorization = "Basic cXVpZXQ6YSBsb25nIHBhc3MgcGhyYXNl"
    answer = quiet.send("GET", "/jobs")
    assert (answer.status, standing(answer)[0]) == (200, 9)
    # Nor is anybody without credentials, nor what is open to all.
    assert "RateLimit" not in noisy.send("GET", "/health").headers
    assert noisy.send("GET", "/health").status == 200


def test_the_limit_can_be_lifted(start_agent):
    agent = start_agent("--rate", "0")
    client = agent.client()
    client.authorization = agent.token
    assert "RateLimit" not in client.send("GET", "/jobs").headers
