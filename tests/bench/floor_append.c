/* floor_append - the floor of the log: the same bytes appended to a plain file with one fdatasync a round.
 *
 *   floor_append FOLDER BATCH_BYTES BATCHES_A_ROUND ROUNDS [full]      prints JSON: bytes and rounds a second
 *
 * The file grows, as the log's does; with `full` it is allocated beforehand, as the collector's spool is. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static double
now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: floor_append FOLDER BATCH_BYTES BATCHES_A_ROUND ROUNDS [full]\n");
        return 2;
    }
    char path[4096];
    size_t batch = strtoul(argv[2], NULL, 10), each = strtoul(argv[3], NULL, 10), rounds = strtoul(argv[4], NULL, 10);
    char *bytes = malloc(batch);
    snprintf(path, sizeof path, "%s/floor_append.data", argv[1]);
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || !bytes || (argc > 5 && posix_fallocate(fd, 0, (off_t)(batch * each * rounds)) != 0)) {
        perror(path);
        return 1;
    }
    memset(bytes, 'x', batch);
    double from = now_s();
    for (size_t r = 0; r < rounds; r++) {
        for (size_t i = 0; i < each; i++)
            if (write(fd, bytes, batch) != (ssize_t)batch)
                return 1;
        if (fdatasync(fd) < 0)
            return 1;
    }
    double s = now_s() - from;
    printf("{\"bench\":\"floor_append\",\"batch_bytes\":%zu,\"batches_a_round\":%zu,\"mb_s\":%.2f,\"rounds_s\":%.1f}\n", batch, each,
           (double)(batch * each * rounds) / s / 1e6, (double)rounds / s);
    close(fd);
    unlink(path);
    free(bytes);
    return 0;
}
