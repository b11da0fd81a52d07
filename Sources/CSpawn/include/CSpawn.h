#ifndef INVOKE_SPAWN_H
#define INVOKE_SPAWN_H

#include <stdint.h>
#include <sys/types.h>

/// A resource limit of a process, as `setrlimit` numbers the resources.
struct invoke_limit {
    int32_t resource;
    uint64_t soft;
    uint64_t hard;
};

/// The resource that counts processes, which the C library shows under a name of its own only.
static const int32_t invoke_limit_processes = 6;

/// A program to start, and all that it gets from the one who starts it.
struct invoke_program {
    /// Files to execute: the first one that is there is taken. Ended by a null pointer, as the next two are.
    const char *const *paths;
    char *const *arguments;
    char *const *environment;
    /// The working directory; null for the caller's.
    const char *folder;
    /// What becomes the descriptors 0, 1, 2 and so on; the program gets no others.
    const int32_t *descriptors;
    int32_t descriptor_count;
    /// Hard limits are lowered, never raised.
    const struct invoke_limit *limits;
    int32_t limit_count;
    /// Whose rights the program has, as user and as only group, with no way to gain others; 0 for the caller's.
    uint32_t user;
};

/// What became of a start.
struct invoke_started {
    pid_t pid;
    /// Becomes readable when the process ends; the caller closes it.
    int32_t pidfd;
    /// What the child could not do, and why; null when the program runs.
    const char *failed;
    int32_t error;
};

/// Starts a program in a session of its own; it is killed when the calling thread ends, so that thread must stay.
///
/// Returns when the program has been executed, or `failed` says why not: then no process is left.
struct invoke_started invoke_spawn(const struct invoke_program *program);

/// A descriptor of a process that becomes readable when it ends, or -1 with the reason in `errno`.
int32_t invoke_open_process(pid_t pid);

/// Sends a signal to the process of a descriptor, never to one that got its number later. Returns 0 or -1.
int32_t invoke_signal_process(int32_t pidfd, int32_t signal);

/// Opens a pipe: the reading end, then the writing end. Returns 0 or -1 with the reason in `errno`.
int32_t invoke_open_pipe(int32_t ends[2]);

/// An open file in memory, empty, at its beginning, or -1 with the reason in `errno`.
int32_t invoke_open_memory(void);

/// A counter that a poll sees as readable once it has been written to, or -1 with the reason in `errno`.
int32_t invoke_open_event(void);

/// Makes the caller the parent of every descendant whose own parents have ended. Returns 0 or -1.
int32_t invoke_adopt_orphans(void);

#endif
