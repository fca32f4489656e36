#include "cardea/throttle/nameless_counters.hpp"

#include "cardea/crypto/hash.hpp"

namespace cardea::throttle {

std::string NamelessCounters::digest(const std::string& key) const {
    auto mac = crypto::hmac_sha256(key_.reveal(), as_bytes(key));
    return std::string(as_text(mac));
}

Task<cache::Count> NamelessCounters::add(std::string key, std::int64_t by, Milliseconds lifetime) {
    return counters_.add(digest(key), by, lifetime);
}

Task<cache::Count> NamelessCounters::get(std::string key) {
    return counters_.get(digest(key));
}

Task<void> NamelessCounters::remove(std::string key) {
    return counters_.remove(digest(key));
}

}  // namespace cardea::throttle
