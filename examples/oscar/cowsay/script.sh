#!/bin/sh
# {"message": "..."}, or a plain text, is said by a cow. Needs the packages cowsay and jq.

if [ "$INPUT_TYPE" = json ]; then
    jq -r .message "$INPUT_FILE_PATH"
else
    cat "$INPUT_FILE_PATH"
fi | /usr/games/cowsay
