// Written by scripts/list-console-files.

#include "console_files.h"

#pragma clang diagnostic ignored "-Wc23-extensions"

static const unsigned char file_0[] = {
#embed "../InvokeConsole/static/api.js"
};
static const unsigned char file_1[] = {
#embed "../InvokeConsole/static/app.css"
};
static const unsigned char file_2[] = {
#embed "../InvokeConsole/static/app.js"
};
static const unsigned char file_3[] = {
#embed "../InvokeConsole/static/dom.js"
};
static const unsigned char file_4[] = {
#embed "../InvokeConsole/static/follow.js"
};
static const unsigned char file_5[] = {
#embed "../InvokeConsole/static/format.js"
};
static const unsigned char file_6[] = {
#embed "../InvokeConsole/static/icon.svg"
};
static const unsigned char file_7[] = {
#embed "../InvokeConsole/templates/error.mustache"
};
static const unsigned char file_8[] = {
#embed "../InvokeConsole/templates/layout.mustache"
};
static const unsigned char file_9[] = {
#embed "../InvokeConsole/templates/login.mustache"
};
static const unsigned char file_10[] = {
#embed "../InvokeConsole/templates/pager.mustache"
};

static const struct console_file files[] = {
    {"static/api.js", file_0, sizeof file_0},
    {"static/app.css", file_1, sizeof file_1},
    {"static/app.js", file_2, sizeof file_2},
    {"static/dom.js", file_3, sizeof file_3},
    {"static/follow.js", file_4, sizeof file_4},
    {"static/format.js", file_5, sizeof file_5},
    {"static/icon.svg", file_6, sizeof file_6},
    {"templates/error.mustache", file_7, sizeof file_7},
    {"templates/layout.mustache", file_8, sizeof file_8},
    {"templates/login.mustache", file_9, sizeof file_9},
    {"templates/pager.mustache", file_10, sizeof file_10},
};

const size_t console_file_count = sizeof files / sizeof files[0];

const struct console_file *console_file_at(size_t index) { return &files[index]; }
