// No text, whatever it is, crashes the registry or is both read and refused. What is read and is
// cheap is computed, so that the libraries behind it see what the parsers let through; a hash of
// chance is never right.
#include <cstdint>
#include <cstdlib>

#include "cardea/password/formats/registry.hpp"

using namespace cardea;
using namespace cardea::password;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    // The password of the seeds is another one.
    static const SecretText password(std::string("nobody's password"));

    auto reading = formats::read(text);
    if (!reading) {
        bool known = reading.error().is(malformed_hash) || reading.error().is(unsupported_hash);
        if (!known) std::abort();
        return 0;
    }
    if (formats::find(text) == nullptr || text.size() > formats::longest_text) std::abort();
    if (reading->wrapped) {
        if (reading->check || reading->wrapped->prepare(password).empty()) std::abort();
        return 0;
    }
    if (reading->demand.time < std::chrono::microseconds(0)) std::abort();
    formats::Limits cheap{.memory = 4U << 20U, .time = Milliseconds(20)};
    if (!formats::check_demand(reading->demand, cheap)) return 0;
    auto verdict = reading->check(password);
    if (verdict && *verdict == Verdict::right) std::abort();
    return 0;
}
