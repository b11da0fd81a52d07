// The least that a platform of functions can do: for each request it starts `/bin/sh SCRIPT`, gives it the body as
// standard input, and answers with what it prints, or 500 when it fails. No queue, no credentials, no sandbox, nothing
// stored.
//
//     watchdog SCRIPT
//
// Prints a line of JSON with its URL on loopback and serves until it is killed.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LONGEST = 1 << 20 };

static const char *script;
extern char **environ;

// Runs the script on a body; writes what it prints to `output`. Returns the length, or -1 when the script has failed.
static long run(const char *body, long length, char *output) {
    int in[2], out[2], status = 0;
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return -1;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
    char *const arguments[] = {"sh", (char *)script, NULL};
    pid_t child = 0;
    int error = posix_spawn(&child, "/bin/sh", &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    long sent = 0, got = 0;
    // Both ways at a time: neither pipe may be full for good.
    while (error == 0) {
        if (sent == length && in[1] >= 0) {
            close(in[1]);
            in[1] = -1;
        }
        struct pollfd ends[2] = {{out[0], POLLIN, 0}, {in[1], POLLOUT, 0}};
        poll(ends, in[1] < 0 ? 1 : 2, -1);
        if (in[1] >= 0 && ends[1].revents) {
            long step = write(in[1], body + sent, length - sent > PIPE_BUF ? PIPE_BUF : length - sent);
            sent = step < 0 ? length : sent + step;
        }
        if (ends[0].revents) {
            long step = read(out[0], output + got, LONGEST - got);
            if (step <= 0) break;
            got += step;
        }
    }
    if (in[1] >= 0) close(in[1]);
    close(out[0]);
    if (error != 0 || waitpid(child, &status, 0) != child) return -1;
    return status == 0 ? got : -1;
}

static void *serve(void *argument) {
    int connection = (int)(long)argument, one = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    char *request = malloc(LONGEST + 1), *output = malloc(LONGEST + 256);
    long held = 0;
    for (;;) {
        char *end;
        request[held] = 0;
        while ((end = strstr(request, "\r\n\r\n")) == NULL) {
            long step = read(connection, request + held, LONGEST - held);
            if (step <= 0) goto gone;
            held += step;
            request[held] = 0;
        }
        end += 4;
        char *field = strcasestr(request, "\r\nContent-Length:");
        long length = field && field < end ? atol(field + 17) : 0;
        if (length > LONGEST - (end - request)) goto gone;
        while (held < end - request + length) {
            long step = read(connection, request + held, LONGEST - held);
            if (step <= 0) goto gone;
            held += step;
        }
        long printed = run(end, length, output + 256);
        int head = snprintf(output, 256, "HTTP/1.1 %s\r\nContent-Type: text/plain\r\nContent-Length: %ld\r\n\r\n",
                            printed < 0 ? "500 Failed" : "200 OK", printed < 0 ? 0 : printed);
        memmove(output + head, output + 256, printed < 0 ? 0 : printed);
        long whole = head + (printed < 0 ? 0 : printed), sent = 0;
        while (sent < whole) {
            long step = write(connection, output + sent, whole - sent);
            if (step <= 0) goto gone;
            sent += step;
        }
        held -= end - request + length;
        memmove(request, end + length, held);
    }
gone:
    close(connection);
    free(request);
    free(output);
    return NULL;
}

int main(int count, char **arguments) {
    if (count != 2) return 64;
    script = arguments[1];
    signal(SIGPIPE, SIG_IGN);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 1024) != 0) return 1;
    getsockname(listener, (struct sockaddr *)&address, &size);
    printf("{\"url\":\"http://127.0.0.1:%d\"}\n", ntohs(address.sin_port));
    fflush(stdout);
    for (;;) {
        int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        pthread_t thread;
        if (connection < 0) continue;
        if (pthread_create(&thread, NULL, serve, (void *)(long)connection) == 0) pthread_detach(thread);
        else close(connection);
    }
}
