// tl_json.cc - the one file that includes simdjson; see tl_json_index.h. Only its first stage is used: the on-demand reader skips what it is not asked
// for without validating it, and the DOM reader refuses legal texts (lone surrogates, 30-digit integers, 1e400) and gives no offset of a fault.
#include "tl_json_index.h"

#include <charconv>
#include <cstdlib>
#include <memory>
#include <new>
#include <simdjson.h>
#include <system_error>

struct tl_json_index {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stage;
    size_t max_bytes;
};

struct tl_json_index *
tl_json_index_new(size_t max_bytes)
{
    tl_json_index *x = new (std::nothrow) tl_json_index;
    if (x == nullptr)
        return nullptr;
    x->max_bytes = max_bytes;
    if (simdjson::get_active_implementation()->create_dom_parser_implementation(max_bytes + simdjson::SIMDJSON_PADDING, 1, x->stage) != simdjson::SUCCESS) {
        delete x;
        return nullptr;
    }
    return x;
}

void
tl_json_index_free(struct tl_json_index *x)
{
    delete x;
}

int
tl_json_index_run(struct tl_json_index *x, const char *p, size_t n, const uint32_t **tok, uint32_t *tok_n)
{
    *tok_n = 0;
    if (n == 0 || n > x->max_bytes)
        return -1;
    if (x->stage->stage1(reinterpret_cast<const uint8_t *>(p), n, simdjson::stage1_mode::regular) != simdjson::SUCCESS)
        return -1;
    *tok_n = x->stage->n_structural_indexes;
    x->stage->structural_indexes[*tok_n] = static_cast<uint32_t>(n);
    *tok = x->stage->structural_indexes.get();
    return 0;
}

double
tl_json_double(const char *p, size_t n)
{
    double v = 0;
    auto [end, ec] = std::from_chars(p, p + n, v);
    (void)end;
    if (ec != std::errc::result_out_of_range)
        return v;
    return std::strtod(p, nullptr);     // from_chars does not say whether it was too large or too small
}

size_t
tl_json_print(double v, char out[40])
{
    auto [end, ec] = std::to_chars(out, out + 40, v);
    return ec == std::errc() ? static_cast<size_t>(end - out) : 0;
}
