// Whatever the bytes of a query or form: no crash, and what was read survives its own encoding.
#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "cardea/http/parameters.hpp"

using cardea::http::Parameters;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto parameters = Parameters::parse(text);
    if (!parameters) return 0;
    auto again = Parameters::parse(parameters->encode());
    if (!again ||
        !std::equal(again->begin(), again->end(), parameters->begin(), parameters->end())) {
        std::abort();
    }
    return 0;
}
