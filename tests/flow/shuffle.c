/* shuffle.c - shuffle IN SEED OUT1 OUT2 OUT3: every line twice, in random order, spread over three files; one line in a hundred comes 5,000 places later.
 * What a bad network and three collectors do to a stream of events, at its worst. */
#include <stdio.h>
#include <stdlib.h>

#include "tl_hash.h"
#include "tl_mem.h"

#define DELAY_PLACES 5000

static uint64_t seed;

static uint64_t
draw(uint64_t below)
{
    seed += UINT64_C(0x9E3779B97F4A7C15);
    return tl_mix64(seed) % below;
}

static char **
read_twice(const char *path, size_t *n)
{
    char **line = NULL, *text = NULL;
    size_t cap = 0, room = 0;
    FILE *in = fopen(path, "re");
    *n = 0;
    while (in && getline(&text, &cap, in) > 0) {
        if (*n + 2 > room)
            line = tl_realloc(line, (room = 2 * room + 1024) * sizeof *line);
        for (int copy = 0; line && copy < 2; copy++)
            line[(*n)++] = tl_strdup(tl_str_of(text));
    }
    free(text);
    if (in)
        fclose(in);
    return line;
}

static void
swap(char **line, size_t a, size_t b)
{
    char *t = line[a];
    line[a] = line[b];
    line[b] = t;
}

int
main(int argc, char **argv)
{
    FILE *out[3];
    size_t n = 0;
    if (argc != 6)
        return 2;
    seed = strtoull(argv[2], NULL, 10);
    char **line = read_twice(argv[1], &n);
    for (size_t i = n; i > 1; i--)
        swap(line, i - 1, draw(i));
    for (size_t i = 0; i + DELAY_PLACES < n; i++)
        if (draw(100) == 0)
            swap(line, i, i + DELAY_PLACES);
    for (int f = 0; f < 3; f++)
        if (!(out[f] = fopen(argv[3 + f], "we")))
            return 1;
    for (size_t i = 0; i < n; i++) {
        fputs(line[i], out[draw(3)]);
        tl_free(line[i]);
    }
    tl_free(line);
    for (int f = 0; f < 3; f++)
        if (fclose(out[f]) != 0)
            return 1;
    return n ? 0 : 1;
}
