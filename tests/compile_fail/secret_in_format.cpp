// A Secret has no fmt formatter.
#include <fmt/format.h>

#include "cardea/base/secret.hpp"

std::string show(const cardea::SecretText& secret) {
#ifdef WRONG
    return fmt::format("{}", secret);
#else
    return fmt::format("{} bytes", secret.size());
#endif
}
