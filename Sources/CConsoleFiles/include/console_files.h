#ifndef CONSOLE_FILES_H
#define CONSOLE_FILES_H

#include <stddef.h>

/// A file of the console that the program carries.
struct console_file {
    /// Below Sources/InvokeConsole.
    const char *path;
    const unsigned char *bytes;
    size_t count;
};

extern const size_t console_file_count;

/// The file with a number below `console_file_count`.
const struct console_file *console_file_at(size_t index);

#endif
