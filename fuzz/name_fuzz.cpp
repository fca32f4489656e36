// A name that is read reads the same again; whatever a provider says becomes one that is read.
#include <cstdint>
#include <cstdlib>

#include "cardea/account/name.hpp"
#include "cardea/base/text.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);

    auto name = account::Name::parse(text);
    auto given = account::Name::from_profile(text);

    if (name) {
        auto again = account::Name::parse(name->text());
        if (!again || !(*again == *name) || has_control(name->text())) std::abort();
    }
    auto again = account::Name::parse(given.text());
    if (!again || !(*again == given)) std::abort();
    return 0;
}
