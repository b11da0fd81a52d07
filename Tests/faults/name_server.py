"""A name server that says what a test wants, and something else the next time if it is told to."""

import collections
import ipaddress
import socket
import struct
import threading


class NameServer:
    """Answers on UDP port 53 of the loopback interface.

    `names` has for each name the answers to its look-ups, one after the other, the last one again and again; an answer is a
    list of addresses. Other names do not exist. `asked` counts the look-ups.
    """

    def __init__(self, names: dict[str, list[list[str]]]):
        self.names, self.asked = names, collections.Counter()
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        while True:
            try:
                question, client = self.socket.recvfrom(512)
            except OSError:
                return
            self.socket.sendto(self._answer(question), client)

    def _answer(self, question: bytes) -> bytes:
        labels, at = [], 12
        while length := question[at]:
            labels.append(question[at + 1 : at + 1 + length].decode())
            at += 1 + length
        kind, end = struct.unpack_from("!H", question, at + 1)[0], at + 5
        name = ".".join(labels).lower()
        answers = self.names.get(name)
        addresses = []
        if answers is not None:
            # A look-up asks for IPv4 and for IPv6, in this order.
            turn = self.asked[name] - (0 if kind == 1 else 1)
            self.asked[name] += kind == 1
            addresses = [ipaddress.ip_address(text) for text in answers[min(max(turn, 0), len(answers) - 1)]]
        packed = [address.packed for address in addresses if address.version == {1: 4, 28: 6}.get(kind)]
        flags = 0x8180 if answers is not None else 0x8183
        head = struct.pack("!HHHHHH", struct.unpack_from("!H", question)[0], flags, 1, len(packed), 0, 0)
        records = [struct.pack("!HHHIH", 0xC00C, kind, 1, 0, len(address)) + address for address in packed]
        return head + question[12:end] + b"".join(records)

    def close(self):
        self.socket.close()
