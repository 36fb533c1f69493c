/* kill_loop - collectors and an aggregator under fire: senders post numbered events while the programs are killed and paused at random and started again.
 *
 *   kill_loop BUILD DATA HISTORY SEED KILLS [ACKED [COLLECTOR_DATA]... [--SETTING=VALUE]...]
 *
 * The first collector lives in DATA, each further one in its COLLECTOR_DATA. Some bodies go to two collectors. The loop ends after KILLS kills and ACKED
 * acknowledged events; settings are of all programs. HISTORY gets a line "send T FIRST N" before a body leaves, "also T FIRST N" before it leaves for a
 * second collector, and "ack T FIRST N" when it was answered 2xx; the same body is sent again until then. At the end all drain and stop on SIGTERM; one
 * JSON line tells what was done. kill_check then holds the history against the log. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fire.h"

static int
choose(bool chosen[FIRE_PROGRAMS_MAX], unsigned *random)
{
    int n = 0;
    for (int i = 0; i < fire_programs_n; i++) {
        chosen[i] = rand_r(random) % 10 < (i == 0 ? 6 : 5);
        n += chosen[i];
    }
    return n;
}

static void
pause_one(unsigned *random, int *paused)
{
    pid_t pid = fire_program[(unsigned)rand_r(random) % (unsigned)fire_programs_n].pid;
    kill(pid, SIGSTOP);
    fire_nap_ms(rand_r(random) % 800);
    kill(pid, SIGCONT);
    (*paused)++;
}

static int
run_kills(struct tl_fetch *f, unsigned seed, int kills, unsigned long long want, int *paused)
{
    int killed = 0;
    while (killed < kills || fire_acked() < want) {
        bool chosen[FIRE_PROGRAMS_MAX];
        fire_nap_ms(rand_r(&seed) % 1800);
        if (rand_r(&seed) % 5 == 0)
            pause_one(&seed, paused);
        killed += choose(chosen, &seed);
        for (int i = 0; i < fire_programs_n; i++)
            if (chosen[i]) {
                kill(fire_program[i].pid, SIGKILL);
                waitpid(fire_program[i].pid, NULL, 0);
            }
        fire_nap_ms(rand_r(&seed) % 200);
        for (int i = 0; i < fire_programs_n; i++)
            if (chosen[i]) {
                fire_launch(&fire_program[i]);
                fire_await(f, &fire_program[i]);
            }
        if (isatty(STDERR_FILENO))
            fprintf(stderr, "\r%d kills, %llu acknowledged ", killed, fire_acked());
    }
    return killed;
}

int
main(int argc, char **argv)
{
    if (argc < 6) {
        fprintf(stderr, "usage: kill_loop BUILD DATA HISTORY SEED KILLS [ACKED [COLLECTOR_DATA]... [--SETTING=VALUE]...]\n");
        return 2;
    }
    struct tl_fetch *f = tl_fetch_new(5000);
    fire_open(argv[1], argv[2], argv[3], argv + (argc > 6 ? 7 : 6));
    for (int i = 0; i < fire_programs_n; i++) {
        fire_launch(&fire_program[i]);
        fire_await(f, &fire_program[i]);
    }
    fire_send(1);
    int paused = 0, killed = run_kills(f, (unsigned)atoi(argv[4]), atoi(argv[5]), argc > 6 ? strtoull(argv[6], NULL, 10) : 0, &paused);
    fire_sent();
    fire_await_drained(f);
    for (int i = fire_programs_n - 1; i >= 0; i--)
        fire_stop(&fire_program[i]);
    tl_fetch_free(&f);
    fire_close();
    printf("{\"kills\":%d,\"pauses\":%d,\"collectors\":%d,\"acked\":%llu}\n", killed, paused, fire_programs_n - 1, fire_acked());
    return 0;
}
