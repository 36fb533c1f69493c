/* backup.c - `touchline backup` and `touchline restore`: a store as it is at one moment, made while it runs, proved before it gets its name. */
#include "backup.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli.h"
#include "manifest.h"
#include "scratch.h"
#include "session.h"
#include "tl_db.h"
#include "tl_eventlog.h"
#include "tl_run.h"
#include "tl_store.h"

const char cli_backup_help[] =
    "touchline backup DIR [--data DIR]\n"
    "\n"
    "Copies log, journeys, alerts, catalogue, evidence, reports, keys and settings into the new folder DIR, while the programs run. Everything is on disk, was opened and read again,\n"
    "and stands in a manifest with a MAC before DIR gets its name. The MAC's key is DATA/keys/backup.key, made at the first backup and not part of any:\n"
    "keep a copy of it apart, because `restore` asks for it. A backup holds all other keys: guard it like the store.\n"
    "Spools are not copied: what came in since is sent again by the collectors, which keep what was acknowledged for spool.keep_s.\n";
const char cli_restore_help[] =
    "touchline restore DIR --data NEW --key FILE\n"
    "\n"
    "Makes the folder NEW from a backup, when its MAC and every file are right. FILE is the backup.key of the store that was backed up. Start the programs\n"
    "on NEW then; collectors send again what came in after the backup. Where they no longer have all of it, the aggregator says so: touchline help gap.\n"
    "A collector of the lost folder itself has its spool there: move OLD/spool to NEW/spool before the start, else its events since the backup stay behind.\n";

/* ---- backup ---- */

static int
copy_env(const char *data, const char *part, const char *name, const char *db_name, struct tl_err *err)
{
    const char *const names[] = { db_name, NULL };      /* one of its databases: an environment without is another one */
    char from[PATH_MAX], to[PATH_MAX];
    struct tl_db *db = NULL;
    int rc = tl_db_open(&db, tl_run_path(from, data, name), TL_DB_READONLY, 0, names, err);
    if (rc == 0)
        rc = tl_db_copy(db, tl_run_path(to, part, name), err);
    tl_db_close(&db);
    return rc;
}

/* current_journeys - the live store's folder below data, as "journeys/NAME"; false: there is none */
static bool
current_journeys(const char *data, char sub[160])
{
    char path[PATH_MAX], name[128];
    FILE *in = fopen(tl_run_path(path, data, "journeys/current"), "re");
    bool named = in != NULL && fscanf(in, "%127[A-Za-z0-9.]", name) == 1;
    if (in != NULL)
        fclose(in);
    snprintf(sub, 160, "journeys/%s", named ? name : "");
    return named;
}

/* Journeys first: a log that is newer than they are is what every start meets. */
int
backup_journeys(const char *data, const char *part, struct tl_err *err)
{
    char to[PATH_MAX], sub[160];
    const char *name = sub + sizeof "journeys/" - 1;
    if (!current_journeys(data, sub))
        return 0;
    if (mkdir(tl_run_path(to, part, "journeys"), 0700) != 0)
        return tl_fail(err, TL_EIO, "cannot make %s: %s", to, strerror(errno));
    int rc = copy_env(data, part, sub, "meta", err);
    for (int tries = 1; rc == TL_ENOTFOUND && tries < 3 && current_journeys(data, sub); tries++)     /* a rebuild swung and removed that one meanwhile */
        rc = copy_env(data, part, sub, "meta", err);
    FILE *out = rc == 0 ? fopen(tl_run_path(to, part, "journeys/current"), "wxe") : NULL;
    if (rc == 0 && out == NULL)
        return tl_fail(err, TL_EIO, "cannot write %s: %s", to, strerror(errno));
    if (out != NULL && (fprintf(out, "%s\n", name) < 0 || fflush(out) != 0 || fsync(fileno(out)) != 0))
        rc = tl_fail(err, TL_EIO, "cannot write %s: %s", to, strerror(errno));
    if (out != NULL)
        fclose(out);
    return rc;
}

static int
copy_rest(const char *data, const char *part, struct tl_err *err)
{
    static const char *const folders[] = { "keys", "catalogue", "evidence", "reports", NULL };
    static const char *const skip[] = { "backup.key", NULL };
    static const char *const files[] = { "touchline.conf", "policy.json", "webhooks.json", NULL };
    char from[PATH_MAX], to[PATH_MAX];
    int rc = 0;
    for (int i = 0; rc == 0 && folders[i] != NULL; i++)
        rc = manifest_copy(tl_run_path(from, data, folders[i]), tl_run_path(to, part, folders[i]), skip, err);
    for (int i = 0; rc == 0 && files[i] != NULL; i++) {
        rc = manifest_copy_file(tl_run_path(from, data, files[i]), tl_run_path(to, part, files[i]), err);
        rc = rc == TL_ENOTFOUND ? 0 : rc;
    }
    return rc;
}

/* What was told to whom: without it the restored store would tell the last day's alerts again. */
static int
copy_alerts(const char *data, const char *part, struct tl_err *err)
{
    int rc = copy_env(data, part, "alerts", "alert", err);
    return rc == TL_ENOTFOUND ? 0 : rc;
}

static int
count_record(void *arg, const struct tl_logged *rec)
{
    *(uint64_t *)arg += rec->n;
    return 0;
}

/* leave_out - journeys that are damaged, or not there, go: they can be made again, and the log cannot */
static int
leave_out(const char *part, int rc, struct tl_err *err)
{
    char path[PATH_MAX];
    if (rc != TL_ECORRUPT && rc != TL_ETRUNC && rc != TL_EVERSION && rc != TL_ENOTFOUND)
        return rc;
    fprintf(stderr, "the journeys are left out, a restored store makes them again from its log: %s\n", err->text);
    scratch_remove_all(tl_run_path(path, part, "journeys"));
    return 0;
}

/* prove_journeys - every value of the copy is right, or it is left out */
static int
prove_journeys(const char *part, struct tl_err *err)
{
    struct tl_store *store = NULL;
    char path[PATH_MAX], sub[160];
    if (!current_journeys(part, sub))
        return 0;
    int rc = tl_store_open_read(&store, tl_run_path(path, part, "journeys"), err);
    if (rc == 0)
        rc = tl_store_prove(store, NULL, NULL, err);
    tl_store_close(&store);
    unlink(strcat(tl_run_path(path, part, sub), "/lock.mdb"));
    return leave_out(part, rc, err);
}

/* prove - the copy of the log opens, and every record of it can be read */
static int
prove(const char *part, uint64_t *positions, struct tl_err *err)
{
    struct tl_eventlog *log = NULL;
    char path[PATH_MAX];
    *positions = 0;
    int rc = tl_eventlog_open(&log, tl_run_path(path, part, "log"), true, err);
    if (rc == 0)
        rc = tl_eventlog_read(log, 1, count_record, positions, err);
    if (rc == 0)
        rc = tl_eventlog_prove(log, err);
    tl_eventlog_close(&log);
    unlink(tl_run_path(path, part, "log/lock.mdb"));
    return rc == 0 ? prove_journeys(part, err) : rc;
}

static int
finish(const char *data, const char *part, const char *dir, struct tl_err *err)
{
    uint8_t key[TL_KEY_BYTES];
    char path[PATH_MAX];
    uint64_t positions = 0, bytes = 0;
    int rc = prove(part, &positions, err);
    if (rc == 0)
        rc = tl_key_load(tl_run_path(path, data, "keys/backup.key"), 1, key, err);
    if (rc == 0)
        rc = manifest_write(part, key, &bytes, err);
    if (rc == 0)
        rc = manifest_check(part, key, &bytes, err);
    if (rc == 0 && rename(part, dir) != 0)
        rc = tl_fail(err, TL_EIO, "cannot name %s: %s", dir, strerror(errno));
    if (rc == 0)
        rc = manifest_sync_dir(tl_run_path(path, dir, ".."), err);
    if (rc == 0)
        printf("%s: %llu positions of the log, %.1f MB; the key of its MAC is %s/keys/backup.key\n", dir, (unsigned long long)positions, (double)bytes / 1e6, data);
    return rc;
}

/* bare - a new folder's name without slashes behind it, which could not be given to its unfinished self; "" when it is too long */
static const char *
bare(const char *dir, char out[PATH_MAX])
{
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/')
        n--;
    snprintf(out, PATH_MAX, "%.*s", n < PATH_MAX ? (int)n : 0, dir);
    return out;
}

static int
backup(const char *data, const char *dir, struct tl_err *err)
{
    char part[PATH_MAX];
    if (access(dir, F_OK) == 0)
        return tl_fail(err, TL_EEXIST, "%s exists; a backup is a new folder", dir);
    if (snprintf(part, sizeof part, "%s.part", dir) >= (int)sizeof part || mkdir(part, 0700) != 0)
        return tl_fail(err, errno == EEXIST ? TL_EEXIST : TL_EIO, "cannot make %s.part: %s%s", dir, strerror(errno), errno == EEXIST ? "; an earlier backup stopped there: remove it" : "");
    int rc = leave_out(part, backup_journeys(data, part, err), err);
    if (rc == 0)
        rc = copy_env(data, part, "log", "meta", err);
    if (rc == 0)
        rc = copy_rest(data, part, err);
    if (rc == 0)
        rc = copy_alerts(data, part, err);
    if (rc == 0)
        rc = finish(data, part, dir, err);
    if (rc != 0)
        scratch_remove_all(part);       /* a disk that ran full is not kept full by it */
    return rc;
}

int
cli_backup(int argc, char **argv)
{
    const char *data = NULL;
    char to[PATH_MAX];
    struct tl_err err = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 1)
        return cli_usage("backup", "into which new folder?");
    return backup(session_data(data), bare(argv[1], to), &err) != 0 ? cli_fail("backup", &err) : CLI_OK;
}

/* ---- restore ---- */

static int
restore(const char *dir, const char *data, const char *key_file, struct tl_err *err)
{
    static const char *const skip[] = { MANIFEST_NAME, NULL };
    uint8_t key[TL_KEY_BYTES];
    char part[PATH_MAX], path[PATH_MAX];
    uint64_t bytes = 0, positions = 0;
    if (access(data, F_OK) == 0 && rmdir(data) != 0)
        return tl_fail(err, TL_EEXIST, "%s exists and is not empty; a store is restored into a new folder", data);
    int rc = tl_key_load(key_file, 0, key, err);
    if (rc == 0)
        rc = manifest_check(dir, key, &bytes, err);
    if (rc == 0 && (snprintf(part, sizeof part, "%s.part", data) >= (int)sizeof part || mkdir(part, 0700) != 0))
        rc = tl_fail(err, TL_EIO, "cannot make %s.part: %s%s", data, strerror(errno), errno == EEXIST ? "; an earlier restore stopped there: remove it" : "");
    if (rc != 0)
        return rc;
    rc = manifest_copy(dir, part, skip, err);
    if (rc == 0)
        rc = prove(part, &positions, err);
    if (rc == 0)
        rc = manifest_sync(part, err);
    if (rc == 0 && rename(part, data) != 0)
        rc = tl_fail(err, TL_EIO, "cannot name %s: %s", data, strerror(errno));
    if (rc != 0)
        scratch_remove_all(part);
    else
        rc = manifest_sync_dir(tl_run_path(path, data, ".."), err);
    if (rc == 0)
        printf("%s: %llu positions of the log, %.1f MB\n", data, (unsigned long long)positions, (double)bytes / 1e6);
    return rc;
}

int
cli_restore(int argc, char **argv)
{
    const char *data = NULL, *key = NULL;
    char to[PATH_MAX];
    struct tl_err err = {0};
    int n;
    const struct cli_option options[] = { { "--data", CLI_TEXT, &data }, { "--key", CLI_TEXT, &key }, { NULL, CLI_FLAG, NULL } };
    if (cli_parse(argc, argv, options, &n) != 0)
        return CLI_USAGE;
    if (n != 1 || data == NULL || key == NULL)
        return cli_usage("restore", "say the backup's folder, the new folder with --data, and the key with --key");
    return restore(argv[1], bare(data, to), key, &err) != 0 ? cli_fail("restore", &err) : CLI_OK;
}
