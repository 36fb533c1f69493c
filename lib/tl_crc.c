/* tl_crc.c - CRC32C (tl_hash.h), by the SSE 4.2 instruction where the machine has it, else by table (reflected polynomial 82F63B78). A file of its own: the C SDK
 * carries it without the rest. */
#include "tl_hash.h"

#include <pthread.h>
#include <string.h>

static uint32_t crc_table[8][256];
static pthread_once_t crc_once = PTHREAD_ONCE_INIT;
static uint32_t (*crc_run)(uint32_t crc, const uint8_t *p, size_t n);

static uint32_t
crc_by_table(uint32_t crc, const uint8_t *p, size_t n)
{
    for (; n >= 8; n -= 8, p += 8) {
        uint32_t lo = crc ^ ((uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
        crc = crc_table[7][lo & 255] ^ crc_table[6][lo >> 8 & 255] ^ crc_table[5][lo >> 16 & 255] ^ crc_table[4][lo >> 24] ^
              crc_table[3][p[4]] ^ crc_table[2][p[5]] ^ crc_table[1][p[6]] ^ crc_table[0][p[7]];
    }
    for (; n > 0; n--)
        crc = crc >> 8 ^ crc_table[0][(crc ^ *p++) & 255];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t
crc_by_instruction(uint32_t crc, const uint8_t *p, size_t n)
{
    uint64_t c = crc, v;
    for (; n >= 8; n -= 8, p += 8) {
        memcpy(&v, p, 8);
        c = __builtin_ia32_crc32di(c, v);
    }
    crc = (uint32_t)c;
    for (; n > 0; n--)
        crc = __builtin_ia32_crc32qi(crc, *p++);
    return crc;
}
#endif

static void
crc_prepare(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ UINT32_C(0x82F63B78) : c >> 1;
        crc_table[0][i] = c;
    }
    for (int t = 1; t < 8; t++)
        for (int i = 0; i < 256; i++)
            crc_table[t][i] = crc_table[t - 1][i] >> 8 ^ crc_table[0][crc_table[t - 1][i] & 255];
    crc_run = crc_by_table;
#if defined(__x86_64__)
    crc_run = __builtin_cpu_supports("sse4.2") ? crc_by_instruction : crc_by_table;
#endif
}

uint32_t
tl_crc32c(uint32_t crc, const void *p, size_t n)
{
    pthread_once(&crc_once, crc_prepare);
    return ~crc_run(~crc, p, n);
}

uint32_t
tl_crc32c_by_table(uint32_t crc, const void *p, size_t n)
{
    pthread_once(&crc_once, crc_prepare);
    return ~crc_by_table(~crc, p, n);
}
