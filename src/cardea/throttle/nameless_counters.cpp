#include "cardea/throttle/nameless_counters.hpp"

namespace cardea::throttle {

std::string NamelessCounters::digest(const std::string& key) const {
    return std::string(as_text(hmac_.of(as_bytes(key))));
}

Task<cache::Count> NamelessCounters::add(std::string key, std::int64_t by, Milliseconds lifetime) {
    return counters_.add(digest(key), by, lifetime);
}

Task<cache::Count> NamelessCounters::get(std::string key) {
    return counters_.get(digest(key));
}

Task<void> NamelessCounters::set(std::string key, std::int64_t value, Milliseconds lifetime) {
    return counters_.set(digest(key), value, lifetime);
}

Task<void> NamelessCounters::remove(std::string key) {
    return counters_.remove(digest(key));
}

}  // namespace cardea::throttle
