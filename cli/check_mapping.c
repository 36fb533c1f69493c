/* check_mapping.c - `touchline check FILE` where FILE is a mapping: how the rows of somebody's file become events. */
#include "check_mapping.h"

#include <stdio.h>

#include "cli.h"
#include "tl_json.h"
#include "tl_mapping.h"

bool
check_is_mapping(const char *path)
{
    struct tl_buf b = {0};
    char chunk[8192];
    size_t n;
    FILE *f = fopen(path, "rb");
    while (f != NULL && b.len <= TL_MAPPING_BYTES_MAX && (n = fread(chunk, 1, sizeof chunk, f)) > 0)
        tl_buf_put(&b, chunk, n);
    if (f != NULL)
        fclose(f);
    bool is = !b.failed && tl_mapping_is((struct tl_str){ (const char *)b.data, b.len });
    tl_buf_free(&b);
    return is;
}

int
check_mapping(const char *path, bool json, struct tl_err *err)
{
    struct tl_mapping *m = NULL;
    struct tl_err why = {0};
    int rc = tl_mapping_read(&m, path, &why);
    tl_mapping_free(&m);
    if (rc != 0 && !json)
        return tl_fail(err, rc, "%s", why.text);
    if (json) {
        struct tl_buf b = {0};
        struct tl_jw w = tl_jw_to(&b);
        tl_jw_open(&w, NULL);
        tl_jw_cstr(&w, "path", path);
        tl_jw_cstr(&w, "kind", "mapping");
        tl_jw_uint(&w, "mistakes", rc != 0);
        if (rc != 0)
            tl_jw_cstr(&w, "mistake", why.text);
        tl_jw_close(&w);
        printf("%.*s\n", (int)b.len, (const char *)b.data);
        tl_buf_free(&b);
        err->code = 0;
    } else {
        printf(cli_zh() ? "%s:映射文件,没有错误;用 `touchline import --preview --map %s 文件` 查看它把前几行变成什么\n"
                        : "%s: a mapping, no mistakes; `touchline import --preview --map %s FILE` shows what it makes of a file\n", path, path);
    }
    return rc;
}
