"""Small contents of every kind, made here."""

import io
import math
import struct
import wave
import zipfile
import zlib


def png(width: int = 120, height: int = 80) -> bytes:
    """A picture that fades from one colour to nothing."""
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = b"".join(bytes((11, 106, 106, 255 - x * 255 // width)) for x in range(width))
    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress((b"\0" + row) * height)) + chunk(b"IEND", b"")


def wav(seconds: float = 0.5) -> bytes:
    """A tone of 440 Hz."""
    told = io.BytesIO()
    with wave.open(told, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"".join(struct.pack("<h", int(9000 * math.sin(i * 440 * 2 * math.pi / 8000))) for i in range(int(8000 * seconds))))
    return told.getvalue()


def pdf(text: str = "A page") -> bytes:
    """A document of one page."""
    stream = f"BT /F1 36 Tf 40 100 Td ({text}) Tj ET".encode()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream), b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body = b"%PDF-1.4\n"
    places = []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return body + b"xref\n0 6\n0000000000 65535 f \n" + table + b"trailer<</Size 6/Root 1 0 R>>startxref\n%d\n%%%%EOF" % len(body)


def zipped(files: dict[str, bytes | str], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, body in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 22, 18, 30, 0)), body, method)
    return packed.getvalue()


def wide_zip(name: str, body: bytes) -> bytes:
    """A zip file whose sizes and places are all told in 64 bits, stored as it is."""
    crc, size, title = zlib.crc32(body), len(body), name.encode()
    full = 0xFFFFFFFF
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 45, 0, 0, 0, 0, crc, full, full, len(title), 20)
    local += title + struct.pack("<HHQQ", 1, 16, size, size) + body
    extra = struct.pack("<HHQQQ", 1, 24, size, size, 0)
    central = struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", 45, 45, 0, 0, 0, 0x5B76, crc, full, full, len(title), len(extra), 0, 0, 0, 0, full)
    central += title + extra
    end = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, len(central), len(local))
    end += struct.pack("<4sIQI", b"PK\6\7", 0, len(local) + len(central), 1)
    end += struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, full, full, 0)
    return local + central + end


def table(rows: int) -> str:
    """Measurements: a number, a wave, a name and a day."""
    lines = (f"{i},{math.sin(i / 500) * 50:.3f},station {(i * 7919) % 1000},2026-01-{i % 28 + 1:02}" for i in range(rows))
    return "id,height,station,day\n" + "\n".join(lines) + "\n"
