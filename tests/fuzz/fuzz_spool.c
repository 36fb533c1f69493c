/* fuzz_spool.c - a good spool, damaged as the input says, opened again. Input: pieces of 4 bytes {what, where, where, value}.
 * It must open, or say that it is damaged; every number from first to durable must read as what was appended or as a quarantine item; it must go on. */
#include <stdlib.h>

#include "../../collector/spool.h"
#include "../sim/sim_io_part.c"
#include "tl_hash.h"
#include "tl_logfmt.h"
#include "tl_wire.h"

#define RECORDS 12

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char *const files[] = { "/s/0000000000000001.seg", "/s/0000000000000001.seg", "/s/000000000000000a.seg", "/s/identity", "/s/checkpoint", "/s/spare" };

static void
must(bool ok)
{
    if (!ok)
        abort();
}

static struct tl_buf
record(uint64_t seq)
{
    struct tl_buf b = { 0 };
    uint64_t words[875];
    for (uint64_t i = 0; i < 875; i++)
        words[i] = tl_mix64(seq * 1000 + i);
    tl_wire_begin(&b, TL_KIND_EVENTS);
    tl_buf_put(&b, words, seq < 10 ? sizeof words : 48);
    tl_wire_end(&b, 1);
    return b;
}

static void
append(struct spool *s, uint64_t seq)
{
    struct tl_buf b = record(seq);
    uint64_t got = 0;
    must(spool_append(s, (struct tl_str){ (char *)b.data, b.len }, &got, NULL) == 0 && spool_sync(s, NULL, NULL) == 0);
    tl_buf_free(&b);
}

/* Bits flip, bytes are overwritten, files are cut or go. */
static void
damage(struct sim_io *disk, const uint8_t *p)
{
    struct tl_io *io = sim_io_port(disk);
    const char *path = files[p[0] % 6];
    uint64_t at = (uint64_t)(p[1] << 8 | p[2]);
    int fd = io->open(io, path, O_RDWR);
    if (fd < 0)
        return;
    switch (p[0] / 6 % 4) {
    case 0: sim_io_flip(disk, path, at * 8 + p[3] % 8); break;
    case 1: io->pwrite(io, fd, &p[3], 1, at % 4096); break;
    case 2: io->truncate(io, fd, at); break;
    case 3: p[3] % 8 ? io->pwrite(io, fd, "\0\0\0\0\0\0\0", p[3] % 8, at) : io->unlink(io, path); break;
    }
    io->close(io, fd);
}

static void
read_back(struct spool *s)
{
    for (uint64_t seq = spool_first(s); seq <= spool_durable(s) && seq < 100; seq++) {
        struct tl_buf got = { 0 }, want = record(seq);
        must(spool_read(s, seq, &got, NULL) == 0);
        if (got.len != want.len || memcmp(got.data, want.data, got.len) != 0) {
            struct tl_wire_head h;
            must(tl_wire_describe(&h, (struct tl_str){ (char *)got.data, got.len }) == 0 && h.flags == TL_WIRE_FLAG_QUARANTINE && h.n_events == 1);
        }
        tl_buf_free(&got);
        tl_buf_free(&want);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sim_io *disk = sim_io_new(1);
    struct sim_clock clock;
    struct sim_rand rand;
    struct spool *s = NULL;
    const struct spool_cfg cfg = { .dir = "/s", .max_bytes = 1 << 20, .segment_bytes = SPOOL_SEGMENT_BYTES_MIN, .keep_s = 100 };
    sim_clock_init(&clock);
    sim_rand_init(&rand, 2);
    tl_log_level(TL_ERROR + 1);
    must(spool_open(&s, &cfg, sim_io_port(disk), &clock.port, &rand.port, NULL) == 0);
    for (uint64_t seq = 1; seq <= RECORDS; seq++)
        append(s, seq);
    spool_acked(s, 3);
    spool_close(&s);
    for (size_t i = 0; i + 4 <= n && i < 64; i += 4)
        damage(disk, data + i);
    int rc = spool_open(&s, &cfg, sim_io_port(disk), &clock.port, &rand.port, NULL);
    must(rc == 0 || rc == TL_ECORRUPT);
    if (rc == 0) {
        read_back(s);
        append(s, spool_durable(s) + 1);
        read_back(s);
        spool_acked(s, spool_durable(s));
        spool_close(&s);
    }
    sim_io_free(&disk);
    return 0;
}
