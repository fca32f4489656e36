// A Secret cannot be a field of a log line.
#include "cardea/base/log.hpp"
#include "cardea/base/secret.hpp"

void show(const cardea::SecretText& secret) {
#ifdef WRONG
    cardea::log::info("secret.seen", cardea::log::kv("value", secret));
#else
    cardea::log::info("secret.seen", cardea::log::kv("size", secret.size()));
#endif
}
