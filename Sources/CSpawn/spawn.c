#define _GNU_SOURCE
#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

// The child shares the caller's memory until it executes the program: it must not allocate, lock, or call what libc
// does to all threads, such as its own setresuid.

struct child {
    const struct invoke_program *program;
    pid_t parent;
    const char *failed;
    int error;
};

static int fail(struct child *child, const char *what) {
    child->failed = what;
    child->error = errno;
    return 127;
}

// What the agent ignores or blocks is not for the program. Libc's own sigaction leaves two signals out.
static void reset_signals(void) {
    const char standard[64] = {0};
    for (int number = 1; number < NSIG; number++) syscall(SYS_rt_sigaction, number, standard, NULL, sizeof(uint64_t));
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

// Sources are first moved out of the way of the numbers that they are to get.
static int place_descriptors(const struct invoke_program *program) {
    int count = program->descriptor_count;
    int moved[count > 0 ? count : 1];
    for (int number = 0; number < count; number++) {
        moved[number] = fcntl(program->descriptors[number], F_DUPFD, count);
        if (moved[number] < 0) return -1;
    }
    for (int number = 0; number < count; number++) {
        if (dup2(moved[number], number) < 0) return -1;
    }
    return (int)syscall(SYS_close_range, count, ~0U, 0);
}

static int set_limits(const struct invoke_program *program) {
    for (int index = 0; index < program->limit_count; index++) {
        const struct invoke_limit *limit = &program->limits[index];
        struct rlimit value;
        if (prlimit(0, limit->resource, NULL, &value) != 0) return -1;
        if (limit->hard < value.rlim_max) value.rlim_max = limit->hard;
        value.rlim_cur = limit->soft < value.rlim_max ? limit->soft : value.rlim_max;
        if (prlimit(0, limit->resource, &value, NULL) != 0) return -1;
    }
    return 0;
}

// The bounding set may stay: without new privileges nothing that is executed gets anything out of it.
static int give_up_rights(uint32_t user) {
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_setgroups, 0, NULL) != 0 || syscall(SYS_setresgid, user, user, user) != 0
        || syscall(SYS_setresuid, user, user, user) != 0)
        return -1;
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct nothing[2] = {{0}};
    if (syscall(SYS_capset, &header, nothing) != 0) return -1;
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int run_child(void *argument) {
    struct child *child = argument;
    const struct invoke_program *program = child->program;
    reset_signals();
    if (setsid() < 0) return fail(child, "begin a session");
    if (place_descriptors(program) != 0) return fail(child, "arrange the descriptors");
    if (set_limits(program) != 0) return fail(child, "set limits");
    if (program->user != 0 && give_up_rights(program->user) != 0) return fail(child, "give up rights");
    // A change of user would undo this, so it comes after; and the parent may have ended just before.
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0) return fail(child, "follow the agent");
    if (getppid() != child->parent) _exit(127);
    if (program->folder != NULL && chdir(program->folder) != 0) return fail(child, "change to the working directory");
    int refused = 0;
    for (const char *const *path = program->paths; *path != NULL; path++) {
        execve(*path, program->arguments, program->environment);
        if (errno == EACCES) refused = errno;
        if (errno != ENOENT && errno != ENOTDIR && errno != EACCES) break;
    }
    if (refused != 0 && (errno == ENOENT || errno == ENOTDIR)) errno = refused;
    return fail(child, "execute");
}

struct invoke_started invoke_spawn(const struct invoke_program *program) {
    struct child child = {.program = program, .parent = getpid()};
    struct invoke_started started = {.pid = -1, .pidfd = -1};
    char stack[32768] __attribute__((aligned(16)));
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int flags = CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD;
    started.pid = clone(run_child, stack + sizeof stack, flags, &child, &started.pidfd);
    if (started.pid < 0) fail(&child, "start a process");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (child.failed != NULL && started.pid > 0) {
        while (waitpid(started.pid, NULL, 0) < 0 && errno == EINTR) continue;
        close(started.pidfd);
        started.pidfd = -1;
    }
    started.failed = child.failed;
    started.error = child.error;
    return started;
}

int32_t invoke_open_process(pid_t pid) {
    return (int32_t)syscall(SYS_pidfd_open, pid, 0);
}

int32_t invoke_signal_process(int32_t pidfd, int32_t signal) {
    return (int32_t)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

_Static_assert(invoke_limit_processes == RLIMIT_NPROC, "the resource has another number on this machine");

int32_t invoke_open_pipe(int32_t ends[2]) {
    return pipe2(ends, O_CLOEXEC);
}

int32_t invoke_open_memory(void) {
    return memfd_create("invoke", MFD_CLOEXEC);
}

int32_t invoke_open_event(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

int32_t invoke_adopt_orphans(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
}
