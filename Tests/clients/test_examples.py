"""Every example runs as its definition stands, on real data, and its results are right."""

import csv
import hashlib
import re

import pytest
import requests

from running_agent import ROOT


class Consumer:
    """Calls the operations of one service the way the seed dialect says."""

    def __init__(self, agent, example: str):
        self.agent = agent
        definition = (ROOT / "examples" / example / "service.yaml").read_text()
        answer = requests.post(
            f"{agent.url}/services",
            definition.encode(),
            auth=agent.auth,
            headers={"Content-Type": "application/yaml"},
        )
        assert answer.status_code == 201, answer.text
        self.operations = answer.json()["operations"]

    def upload(self, path, content_type: str) -> dict:
        metadata = {"name": path.name, "type": "dataset", "contentType": content_type}
        asset = requests.post(f"{self.agent.url}/api/v1/meta/data", json=metadata, auth=self.agent.auth).json()
        stored = requests.put(f"{self.agent.url}/api/v1/assets/{asset}", path.read_bytes(), auth=self.agent.auth)
        assert stored.status_code == 200, stored.text
        return {"did": asset}

    def run(self, operation: str, **inputs) -> dict:
        did = self.operations[operation]["did"]
        started = requests.post(f"{self.agent.url}/invokeasync/{did}", json=inputs, auth=self.agent.auth)
        assert started.status_code == 201, started.text
        location = self.agent.url + started.headers["Location"]
        job = requests.get(location, params={"wait": 50}, auth=self.agent.auth).json()
        assert job["status"] == "completed", job
        return job["result"]

    def download(self, value: dict) -> bytes:
        answer = requests.get(f"{self.agent.url}/api/v1/assets/{value['did']}", auth=self.agent.auth)
        assert answer.status_code == 200, answer.text
        return answer.content


def test_hash(agent):
    consumer = Consumer(agent, "hash")
    path = ROOT / "examples/iris/iris.csv"
    asset = consumer.upload(path, "text/csv")
    assert consumer.run("digest", content=asset)["digest"] == hashlib.sha256(path.read_bytes()).hexdigest()
    result = consumer.run("digest", content=asset, algorithm="sha3-256")
    assert result["digest"] == hashlib.sha3_256(path.read_bytes()).hexdigest()


def test_primes(agent):
    consumer = Consumer(agent, "primes")
    primes = consumer.download(consumer.run("list", limit="100")["primes"]).split()
    assert [int(prime) for prime in primes] == [
        number for number in range(2, 101) if all(number % divisor for divisor in range(2, number))
    ]


def test_filter_rows(agent):
    consumer = Consumer(agent, "filter-rows")
    path = ROOT / "examples/filter-rows/weather.csv"
    table = consumer.upload(path, "text/csv")
    result = consumer.run("filter", table=table, max_empty="0")
    header, *rows = list(csv.reader(path.read_text().splitlines()))
    whole = [row for row in rows if all(row)]
    assert list(csv.reader(consumer.download(result["filtered"]).decode().splitlines())) == [header, *whole]
    assert result["removed"] == str(len(rows) - len(whole))


def test_iris(agent):
    consumer = Consumer(agent, "iris")
    table = consumer.upload(ROOT / "examples/iris/iris.csv", "text/csv")
    trained = consumer.run("train", table=table)
    assert 0.9 < trained["metrics"]["accuracy"] < 1
    flower = {"sepal_length": 5.1, "sepal_width": 3.5, "petal_length": 1.4, "petal_width": 0.2}
    prediction = consumer.run("predict", model=trained["model"], flower=flower)["prediction"]
    assert prediction["species"] == "setosa"
    assert sum(prediction["probabilities"].values()) == pytest.approx(1, abs=1e-3)


def test_word_count(agent):
    consumer = Consumer(agent, "word-count")
    path = ROOT / "examples/word-count/mill.txt"
    result = consumer.run("count", text=consumer.upload(path, "text/plain"))
    words = re.findall(r"[a-z']+", path.read_text().lower())
    assert int(result["total"]) == len(words)
    assert result["counts"][0] == {"word": "the", "count": words.count("the")}
