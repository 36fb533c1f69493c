/* enter.h - how a command's options become a control record, for the commands that enter some. */
#ifndef CLI_ENTER_H
#define CLI_ENTER_H

#include "cli.h"
#include "tl_json.h"

/* A member from an option. list: several times; number: as it stands, since the aggregator says what is wrong with it */
struct enter_field {
    const char *option, *member;
    enum { F_TEXT, F_NUMBER, F_LIST, F_IDENTITIES } form;
    const char *value;
    struct cli_many many;
};
#define ENTER_FIELDS_MAX 12
struct enter_entry { const char *command, *kind, *key, *word; };     /* word: what a second argument is, NULL: there is none */

/* enter - `COMMAND VERB ID [WORD] options`, or `COMMAND withdraw ID`: the record is sent. Returns CLI_* */
int enter(int argc, char **argv, const struct enter_entry *e, struct enter_field *field, int fields);
/* enter_put - the member of a field, when it was given. 0, or CLI_USAGE having said why */
int enter_put(struct tl_jw *w, const struct enter_field *f, const char *command);
/* enter_send - one record to the folder's aggregator, which is started when it does not run; prints `said`. Returns CLI_* */
int enter_send(const char *command, const char *data, const char *kind, struct tl_str body, const char *said);
bool enter_verb_is(int argc, char **argv, const char *verb);
/* enter_list - `X list ...` is what `X ...` of the views prints */
int enter_list(int argc, char **argv, const char *view);

#endif
