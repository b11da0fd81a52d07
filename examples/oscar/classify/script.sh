#!/bin/sh
# A picture becomes labels with probabilities, as JSON: its pattern and its main colour. Needs the package python3-pil.
#
# The patterns are told apart by the nearest of examples that the program draws itself: no neural network, and it knows
# nothing of cats. How strong edges are, how they are directed and how often brightness turns along rows and
# columns is all that it looks at.

cat > classify.py <<'EOF'
import colorsys
import json
import math
import os
import pathlib
import random

from PIL import Image, ImageDraw

SIDE = 64
PATTERNS = [
    "plain", "gradient", "grain", "horizontal stripes", "vertical stripes", "diagonal stripes", "checks", "dots",
]
HUES = ["red", "yellow", "green", "cyan", "blue", "magenta"]


def turns(line):
    """How often brightness turns between rising and falling along a line."""
    rises = [later - earlier for earlier, later in zip(line, line[2:]) if abs(later - earlier) > 12]
    return sum(one * next_one < 0 for one, next_one in zip(rises, rises[1:]))


def features(picture):
    """Numbers between about 0 and 1 that say what kind of pattern a picture has, whatever its colours."""
    grey = picture.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX)
    values = list(grey.getdata())
    low, high = min(values), max(values)
    span = max(high - low, 32)
    values = [(value - low) * 255 / span for value in values]
    rows = [values[start:start + SIDE] for start in range(0, SIDE * SIDE, SIDE)]
    columns = list(zip(*rows))
    directions, total, strong = [0.0] * 4, 0.0, 0
    for y in range(1, SIDE - 1):
        for x in range(1, SIDE - 1):
            across, down = rows[y][x + 1] - rows[y][x - 1], rows[y + 1][x] - rows[y - 1][x]
            strength = math.hypot(across, down)
            if strength > 12:
                directions[round(math.atan2(down, across) / (math.pi / 4)) % 4] += strength
                total += strength
                strong += 1
    shares = [share / total if total else 0.0 for share in directions]
    area = (SIDE - 2) ** 2
    along = [sum(map(turns, lines)) / SIDE / 20 for lines in (rows, columns)]
    plain = 1.0 if high - low < 24 else 0.0
    return [*shares, strong / area, total / area / 128, *along, plain, abs(along[0] - along[1])]


def drawn(pattern, dice):
    """An example of a pattern."""
    picture = Image.new("L", (SIDE, SIDE), dice.randrange(256))
    draw = ImageDraw.Draw(picture)
    paper = picture.getpixel((0, 0))
    ink = (paper + dice.randrange(80, 176)) % 256
    step = dice.randrange(5, 13)
    if pattern in ("horizontal stripes", "checks"):
        for y in range(0, SIDE, 2 * step):
            draw.rectangle((0, y, SIDE, y + step - 1), ink)
    if pattern == "vertical stripes":
        for x in range(0, SIDE, 2 * step):
            draw.rectangle((x, 0, x + step - 1, SIDE), ink)
    if pattern == "checks":
        for y in range(0, SIDE, step):
            for x in range(0, SIDE, step):
                draw.rectangle((x, y, x + step - 1, y + step - 1), (x // step + y // step) % 2 and ink or paper)
    if pattern == "diagonal stripes":
        side = dice.choice((1, -1))
        for x in range(-2 * SIDE, 2 * SIDE, 2 * step):
            draw.line((x, 0, x + side * SIDE, SIDE), ink, max(2, step * 2 // 3))
    if pattern == "dots":
        for y in range(step, SIDE, 2 * step):
            for x in range(step, SIDE, 2 * step):
                draw.ellipse((x - step // 2, y - step // 2, x + step // 2, y + step // 2), ink)
    if pattern == "grain":
        picture.putdata([dice.randrange(256) for _ in range(SIDE * SIDE)])
    if pattern == "gradient":
        turned = dice.randrange(360)
        picture = Image.linear_gradient("L").rotate(turned, Image.Resampling.BILINEAR).crop((53, 53, 203, 203))
    return picture


def neighbours(picture):
    """Each pattern and how probable it is: by the distances of the five nearest examples."""
    dice = random.Random(1)
    found = features(picture)
    near = sorted(
        (math.dist(found, features(drawn(pattern, dice))), pattern) for pattern in PATTERNS for _ in range(10)
    )[:5]
    weights = dict.fromkeys(PATTERNS, 0.0)
    for distance, pattern in near:
        weights[pattern] += 1 / (distance + 0.05)
    return {pattern: weight / sum(weights.values()) for pattern, weight in weights.items()}


def colours(picture):
    """Each colour and the share of the picture that has it."""
    counts = dict.fromkeys(["black", "white", "grey", *HUES], 0)
    pixels = list(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX).getdata())
    for red, green, blue in pixels:
        hue, saturation, value = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
        if value < 0.2:
            name = "black"
        elif saturation < 0.2:
            name = "white" if value > 0.85 else "grey"
        else:
            name = HUES[round(hue * 6) % 6]
        counts[name] += 1
    return {name: count / len(pixels) for name, count in counts.items()}


def ranked(probabilities):
    best = sorted(probabilities.items(), key=lambda pair: -pair[1])
    return [{"label": label, "probability": round(value, 3)} for label, value in best if value >= 0.001]


given = pathlib.Path(os.environ["INPUT_FILE_PATH"])
picture = Image.open(given).convert("RGB")
labels = {"width": picture.width, "height": picture.height, "pattern": ranked(neighbours(picture)),
          "colour": ranked(colours(picture))}
output = pathlib.Path(os.environ["TMP_OUTPUT_DIR"], given.stem + ".json")
output.write_text(json.dumps(labels, indent=1) + "\n")
EOF
exec /usr/bin/python3 classify.py
