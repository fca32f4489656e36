// A Secret does not turn into text by itself.
#include "cardea/base/secret.hpp"

std::size_t length(std::string_view text) {
    return text.size();
}

std::size_t measure(const cardea::SecretText& secret) {
#ifdef WRONG
    return length(secret);
#else
    return length(secret.reveal());
#endif
}
