// An address that is read reads the same again, has one key, and holds nothing that breaks a line.
#include <cstdint>
#include <cstdlib>

#include "cardea/account/email.hpp"
#include "cardea/base/text.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto email = account::Email::parse({reinterpret_cast<const char*>(data), size});

    if (!email) return 0;
    if (email->text().size() > 254 || !is_utf8(email->text())) std::abort();
    if (has_control(email->text()) || has_control(email->key())) std::abort();
    auto again = account::Email::parse(email->text());
    if (!again || again->text() != email->text() || again->key() != email->key()) std::abort();
    auto of_key = account::Email::parse(email->key());
    if (of_key && of_key->key() != email->key()) std::abort();
    return 0;
}
