/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a save to its durable row. The clock starts before the save's last system call (close, or rename) and stops when the saver
 * hears of it: from planwatchd by the line that its followers get after a commit, from the floor by a byte in a pipe. The floor is a
 * thread that waits for the event, reads the plan, writes 4 KiB and calls fdatasync.
 */
#include "bench.h"

#include "planwatch/cleanup.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAVES 100
/* Between two saves: what the first one caused is over. */
#define PAUSE_MS 5

/* Somebody who saves a plan, and hears when that is durable. */
struct saver {
	char *folder, *plan, *temporary;
	char *texts[2];
	int n;
	bool renames;
	int heard;
};

struct floor {
	const struct saver *saver;
	int events, flat, told;
	pthread_t thread;
};

static void make_folder(const char *path)
{
	if (mkdir(path, 0700) < 0)
		fail(path);
}

/* ---- Saving ---- */

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail(path);
	return fd;
}

/* Ticks or unticks. Returns when the last system call began. */
static double save(struct saver *s)
{
	int fd = write_text(s->renames ? s->temporary : s->plan, s->texts[s->n++ % 2]);
	double start = seconds();

	(void)close(fd);
	if (!s->renames)
		return start;
	start = seconds();
	if (rename(s->temporary, s->plan) < 0)
		fail(s->plan);
	return start;
}

static bool hear(const struct saver *s, int milliseconds)
{
	struct pollfd waiting = { .fd = s->heard, .events = POLLIN };
	char said[4096];

	if (poll(&waiting, 1, milliseconds) != 1)
		return false;
	if (read(s->heard, said, sizeof(said)) <= 0)
		fail("nobody is there any more");
	return true;
}

static double save_and_hear(struct saver *s)
{
	double start = save(s);

	if (!hear(s, 20000))
		fail("nothing was heard of a save");
	double took = seconds() - start;
	while (hear(s, PAUSE_MS))
		;
	return took;
}

static void measure(struct saver *s, double *p50, double *p99)
{
	double took[SAVES];

	for (int i = 0; i < SAVES; i++)
		took[i] = save_and_hear(s);
	qsort(took, SAVES, sizeof(*took), compare_numbers);
	*p50 = took[SAVES / 2];
	*p99 = took[SAVES * 99 / 100 - 1];
}

static void saver_init(struct saver *s, const char *folder, bool renames)
{
	*s = (struct saver){
		.folder = join("%s/execplans", folder),
		.plan = join("%s/execplans/plan.md", folder),
		.temporary = join("%s/execplans/.plan.tmp", folder),
		.texts = { make_plan(5, 0), make_plan(6, 0) },
		.renames = renames,
	};
	make_folder(folder);
	make_folder(s->folder);
	(void)close(write_text(s->plan, s->texts[1]));
}

static void saver_done(struct saver *s)
{
	(void)close(s->heard);
	free(s->folder);
	free(s->plan);
	free(s->temporary);
	free(s->texts[0]);
	free(s->texts[1]);
}

/* ---- The floor ---- */

static void *be_floor(void *userdata)
{
	const struct floor *floor = userdata;
	_Alignas(struct inotify_event) char events[4096];
	char text[65536], block[4096] = { 0 };

	while (read(floor->events, events, sizeof(events)) > 0) {
		const struct inotify_event *event = (const void *)events;
		if (event->mask & IN_IGNORED) /* the watch was ended */
			break;
		cleanup_close int fd = open(floor->saver->plan, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || read(fd, text, sizeof(text)) < 0 ||
		    pwrite(floor->flat, block, sizeof(block), 0) < 0 ||
		    fdatasync(floor->flat) < 0 || write(floor->told, "", 1) != 1)
			fail("the floor");
	}
	return NULL;
}

static void floor_start(struct floor *floor, struct saver *s, const char *flat)
{
	int ends[2];

	*floor = (struct floor){
		.saver = s,
		.events = inotify_init1(IN_CLOEXEC),
		.flat = open(flat, O_RDWR | O_CREAT | O_CLOEXEC, 0600),
	};
	if (floor->events < 0 || floor->flat < 0 || pipe2(ends, O_CLOEXEC) < 0 ||
	    inotify_add_watch(floor->events, s->folder,
			      s->renames ? IN_MOVED_TO : IN_CLOSE_WRITE) != 1 ||
	    pthread_create(&floor->thread, NULL, be_floor, floor) != 0)
		fail("the floor");
	s->heard = ends[0];
	floor->told = ends[1];
}

static void floor_stop(struct floor *floor)
{
	(void)inotify_rm_watch(floor->events, 1);
	(void)pthread_join(floor->thread, NULL);
	(void)close(floor->events);
	(void)close(floor->flat);
	(void)close(floor->told);
}

/* ---- The product ---- */

static int subscribe(const char *socket_path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	static const char request[] = "{\"method\":\"subscribe\"}\n";
	double deadline = seconds() + 20;
	char answer[4096];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", socket_path);
	while (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		if (seconds() > deadline)
			fail(socket_path);
		(void)usleep(1000);
	}
	if (write(fd, request, sizeof(request) - 1) < 0 || read(fd, answer, sizeof(answer)) <= 0)
		fail(socket_path);
	return fd;
}

static pid_t daemon_start(const char *build, const char *home, const char *root, struct saver *s)
{
	/* A path of a socket has 108 bytes at most, unix(7). */
	cleanup_free char *program = join("%s/planwatchd", build),
			  *db = join("%s/latency.db", home),
			  *socket_path = join("/tmp/planwatch-bench-%d", (int)getpid()),
			  *option = join("XDG_CONFIG_HOME=%s", home),
			  *log = join("%s/latency.log", home);
	char data[] = "--db", control[] = "--socket";
	cleanup_free char *folder = join("%s", root);
	char *arguments[] = { program, data, db, control, socket_path, folder, NULL };
	char *environment[] = { option, NULL };
	posix_spawn_file_actions_t quiet;
	pid_t pid;

	(void)posix_spawn_file_actions_init(&quiet);
	(void)posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, log, O_WRONLY | O_CREAT,
					       0600);
	if (posix_spawn(&pid, program, &quiet, NULL, arguments, environment) != 0)
		fail(program);
	(void)posix_spawn_file_actions_destroy(&quiet);
	s->heard = subscribe(socket_path);
	return pid;
}

static void daemon_stop(pid_t pid, const char *home)
{
	static const char *const ends[] = { "", "-wal", "-shm" };
	int status;

	(void)kill(pid, SIGTERM);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		fail("planwatchd did not end well");
	for (size_t i = 0; i < ARRAY_SIZE(ends); i++) {
		cleanup_free char *path = join("%s/latency.db%s", home, ends[i]);
		(void)unlink(path);
	}
}

/* What a repository has that the daemon reads with each save. */
static void make_repository(const char *folder)
{
	static const char commit[] = "0123456789abcdef0123456789abcdef01234567\n";
	static const char *const folders[] = { ".git", ".git/refs", ".git/refs/heads",
					       ".git/objects", ".git/logs" };
	static const struct {
		const char *path, *text;
	} files[] = { { ".git/HEAD", "ref: refs/heads/main\n" },
		      { ".git/refs/heads/main", commit },
		      { ".git/index", "" },
		      { ".git/logs/HEAD", "" } };

	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		cleanup_free char *path = join("%s/%s", folder, folders[i]);
		make_folder(path);
	}
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_free char *path = join("%s/%s", folder, files[i].path);
		(void)close(write_text(path, files[i].text));
	}
}

static void tell(const char *what, bool renames, double p50, double p99, double floor)
{
	(void)printf("%-36s %-8s %8.0f us %8.0f us %6.2f x p50", what,
		     renames ? "rename" : "in place", p50 * 1e6, p99 * 1e6, p99 / p50);
	if (floor > 0)
		(void)printf("   %.2f x floor", p50 / floor);
	(void)printf("\n");
}

static void tell_goals(bool renames, double floor, double p50, double p99)
{
	cleanup_free char *what = join("save to durable row, %s", renames ? "renamed" : "in place"),
			  *ours = join("%.0f us, p99 %.0f us", p50 * 1e6, p99 * 1e6),
			  *least = join("%.0f us", floor * 1e6),
			  *ratio = join("%.2f, p99 %.1f", p50 / floor, p99 / p50);

	tell_goal(3, what, ours, least, "", ratio, "1.3, p99 3",
		  p50 <= 1.3 * floor && p99 <= 3 * p50);
}

static void bench_latency_of(const char *folder, const char *build, bool renames, bool repository)
{
	cleanup_free char *floors = join("%s/latency-floor", folder),
			  *ours = join("%s/latency", folder),
			  *flat = join("%s/latency.flat", folder);
	struct saver at_floor, at_ours;
	struct floor floor;
	double p50[2][ROUNDS], p99[2][ROUNDS];

	saver_init(&at_floor, floors, renames);
	saver_init(&at_ours, ours, renames);
	if (repository)
		make_repository(ours);
	floor_start(&floor, &at_floor, flat);
	pid_t pid = daemon_start(build, folder, ours, &at_ours);
	for (int round = 0; round < ROUNDS; round++) {
		measure(&at_floor, &p50[0][round], &p99[0][round]);
		measure(&at_ours, &p50[1][round], &p99[1][round]);
	}
	daemon_stop(pid, folder);
	floor_stop(&floor);
	double low = median(p50[0]), high = median(p50[1]), highest = median(p99[1]);
	tell("read, write 4 KiB, fdatasync", renames, low, median(p99[0]), 0);
	tell(repository ? "a save of a plan in a repository" : "a save of a plan", renames, high,
	     highest, low);
	if (!repository)
		tell_goals(renames, low, high, highest);
	saver_done(&at_floor);
	saver_done(&at_ours);
}

void bench_latency(const char *folder, const char *build)
{
	(void)printf("\nfrom a save to its durable row%17s %11s %19s\n", "", "p50", "p99");
	for (int kind = 0; kind < 4; kind++) {
		cleanup_free char *place = join("%s/latency-%d", folder, kind);
		make_folder(place);
		bench_latency_of(place, build, kind & 1, kind & 2);
	}
}
