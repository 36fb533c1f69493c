/* keys.c - `touchline keys`: who may send. A table of verbs and kinds over keys_write.c and keys_collector.c. */
#include "keys.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "session.h"
#include "tl_keys.h"
#include "tl_port.h"
#include "tl_run.h"

const char cli_keys_help[] =
    "touchline keys add    write-key NAME [--stream STREAM] [--origin URL]... [--rate N] [--not-after TIME] [--data DIR]\n"
    "touchline keys rotate write-key NAME [--grace SECONDS] [--not-after TIME]\n"
    "touchline keys revoke write-key NAME\n"
    "touchline keys add    collector NAME [--collector ID] [--out FILE] [--not-after TIME]\n"
    "touchline keys rotate collector NAME [--out FILE] [--grace SECONDS]\n"
    "touchline keys revoke collector NAME\n"
    "touchline keys list   [write-key|collector]\n"
    "\n"
    "Write keys say who may send events over HTTP. Until the first one is added any key is taken; from then on listed ones only, and a change holds\n"
    "within a second, without a restart. `add` and `rotate` print the key, tlw_NAME_SECRET, once: DIR/keys holds only a hash of the secret.\n"
    "\n"
    "  NAME             letters, digits, - and . ; becomes the origin of the events, so a new secret of the same NAME is the same sender\n"
    "  --stream STREAM  the stream that it sends into: live (default), pilot, test, replay\n"
    "  --origin URL     only from pages of https://shop.example; for keys that stand in a page. May be given 8 times\n"
    "  --rate N         events a second, on the average; default: the setting limit.key_events_s\n"
    "  --not-after TIME when it ends, 2027-01-01 or 2027-01-01T08:00:00+08:00\n"
    "  --grace SECONDS  so long the secret before a rotation is still taken; default 86400. At most two are live.\n"
    "\n"
    "Keys of collectors say who may bring batches to the aggregator of this folder, with bus.curve = 1 and always beyond loopback. `add` makes a pair, lists its\n"
    "public half in DIR/keys/collectors.json and writes the pair for the collector: into DIR/keys/collector.key when it runs on this folder, else to --out or\n"
    "stdout, to be brought into keys/collector.key of its own folder. It connects anew as soon as it finds another pair there; nothing is lost meanwhile.\n"
    "\n"
    "  --collector ID   of another machine's: its 32 hex digits, which it says when it starts (collector=ID)\n";

static const struct {
    const char *verb, *kind;
    int (*run)(const struct keys_job *j, struct tl_err *err);
} verbs[] = {
    { "add", "write-key", keys_write_add },
    { "rotate", "write-key", keys_write_rotate },
    { "revoke", "write-key", keys_write_revoke },
    { "list", "write-key", keys_write_list },
    { "add", "collector", keys_collector_add },
    { "rotate", "collector", keys_collector_rotate },
    { "revoke", "collector", keys_collector_revoke },
    { "list", "collector", keys_collector_list },
};

/* one command at a time changes the files; the lock goes with the process */
static int
lock(const char *data, struct tl_err *err)
{
    char path[PATH_MAX];
    struct stat st;
    if (stat(data, &st) != 0)
        return tl_fail(err, TL_ENOTFOUND, "there is no store at %s; name its folder with --data DIR or TOUCHLINE_DATA", data);
    if (tl_keys_dir(data, err) != 0)
        return TL_EIO;
    int fd = open(tl_run_path(path, data, "keys/lock"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return fd >= 0 && flock(fd, LOCK_EX) == 0 ? 0 : tl_fail(err, TL_EIO, "cannot lock %s: %s", path, strerror(errno));
}

static int
run(const struct keys_job *j, const char *verb, const char *kind)
{
    struct tl_err err = {0};
    bool found = false;
    int rc = lock(j->data, &err);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0] && rc == 0; i++)
        if (strcmp(verb, verbs[i].verb) == 0 && (kind != NULL ? strcmp(kind, verbs[i].kind) == 0 : strcmp(verb, "list") == 0)) {
            found = true;
            rc = verbs[i].run(j, &err);
        }
    if (rc == 0 && !found)
        return cli_usage("keys", "there is no \"%s %s\"", verb, kind != NULL ? kind : "");
    return rc == 0 ? CLI_OK : cli_fail("keys", &err);
}

int
cli_keys(int argc, char **argv)
{
    const char *data = NULL, *not_after = NULL;
    int n;
    struct keys_job j = { .grace_s = 86400, .not_after_ms = TL_TIME_NONE, .now_ms = tl_clock_real()->wall_ms(tl_clock_real()) };
    const struct cli_option options[] = {
        { "--data", CLI_TEXT, &data },     { "--stream", CLI_TEXT, &j.stream }, { "--origin", CLI_MANY, &j.origins },       { "--rate", CLI_INT, &j.rate },
        { "--collector", CLI_TEXT, &j.collector }, { "--out", CLI_TEXT, &j.out },
        { "--grace", CLI_INT, &j.grace_s }, { "--not-after", CLI_TEXT, &not_after }, { NULL, CLI_FLAG, NULL },
    };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n < 1 || n > 3)
        return cli_usage("keys", "say what: add, list, rotate or revoke, then the kind and the name");
    if (not_after != NULL && tl_time_parse(tl_str_of(not_after), &j.not_after_ms, NULL) != 0)
        return cli_usage("keys", "--not-after is a day or a time like 2027-01-01T08:00:00+08:00");
    if (j.grace_s < 0 || j.grace_s > 31536000)
        return cli_usage("keys", "--grace is from 0 to 31536000 seconds");
    j.data = session_data(data);
    j.name = n == 3 ? argv[3] : NULL;
    if (strcmp(argv[1], "list") != 0 && (j.name == NULL || !tl_keys_name(tl_str_of(j.name))))
        return cli_usage("keys", "give the key a name of letters, digits, - and . , at most %d of them", TL_KEYS_NAME_MAX);
    return run(&j, argv[1], n >= 2 ? argv[2] : NULL);
}
