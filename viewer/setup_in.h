/* setup_in.h - what setup.c and setup_read.c share. */
#ifndef SETUP_IN_H
#define SETUP_IN_H

#include "chore.h"
#include "setup.h"

struct setup {
    char data[PATH_MAX];
    struct upload *upload;
    struct chore *chore;
};
/* setup_file_json - {id, name, bytes, have}, or null when there is none */
void setup_file_json(struct tl_jw *w, const char *name, const struct upload_look *look);
void setup_clear(const char *folder);           /* its files go */

#endif
