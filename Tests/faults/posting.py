"""Clients that post jobs, all at once, and write down what they were told."""

import threading
import uuid

from running_agent import GONE, Client


class Posting:
    """Threads that post jobs until the agent is gone, they are told to stop, or `each` has posted as many as it may.

    `acknowledged` are the accepted jobs with their words, `refused` the answers that were no 201; words begin with
    `mark`. Nobody posts before all have connected.
    """

    def __init__(
        self,
        url: str,
        authorization: str,
        operation: str,
        clients: int = 8,
        each: int = 1_000_000,
        headers: dict[str, str] | None = None,
        mark: str = "word",
    ):
        self.acknowledged: dict[str, str] = {}
        self.refused: list = []
        self.cut_off = 0
        self._isStopped = False
        self._each, self._mark, self._headers = each, mark, headers or {}
        self._start = threading.Barrier(clients + 1)
        self._threads = [
            threading.Thread(target=self._post, args=(Client(url, authorization), operation)) for _ in range(clients)
        ]
        for thread in self._threads:
            thread.start()
        self._start.wait()

    def _post(self, client: Client, operation: str):
        try:
            client.send("GET", "/health")
        except GONE:
            pass
        self._start.wait()
        for _ in range(self._each):
            if self._isStopped:
                break
            word = f"{self._mark}-{uuid.uuid4().hex}"
            try:
                answer = client.invoke(operation, word, **self._headers)
            except GONE:
                self.cut_off += 1
                break
            if answer.status == 201:
                self.acknowledged[answer.json["jobid"]] = word
            else:
                self.refused.append(answer)

    def stop(self):
        self._isStopped = True

    def join(self):
        for thread in self._threads:
            thread.join()
        assert not [answer for answer in self.refused if answer.status >= 500 and answer.status != 503], self.refused
