#!/bin/sh
# A text becomes a WAV file that speaks it, at 22,050 samples of 16 bits a second. Needs the package espeak-ng.

name=$(basename "$INPUT_FILE_PATH")
exec espeak-ng -v "$VOICE" -f "$INPUT_FILE_PATH" -w "$TMP_OUTPUT_DIR/${name%.*}.wav"
