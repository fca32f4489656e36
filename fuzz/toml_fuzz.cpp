// Whatever the bytes: no crash, a place in every refusal, and settings that say what is wrong.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "cardea/schema/settings.hpp"
#include "cardea/schema/toml.hpp"

namespace fuzz {

struct Server {
    std::string host = "127.0.0.1";
    std::uint16_t port = 5000;
    std::chrono::seconds idle = std::chrono::seconds(30);
    std::optional<cardea::SecretText> key;
    std::map<std::string, cardea::schema::Json> open;
};
DESCRIBED(Server, (host, "Host."), (port, "Port.", cardea::schema::between(1, 65535)),
          (idle, "Idle."), (key, "Key."), (open, "Open."))

struct Root {
    Server server;
};
DESCRIBED(Root, (server, "Server."))

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    cardea::schema::SettingSources sources;
    sources.toml.assign(reinterpret_cast<const char*>(data), size);
    auto document = cardea::schema::parse_toml(sources.toml);
    if (!document && document.error().place.line == 0) std::abort();
    auto loaded = cardea::schema::load_settings<fuzz::Root>(sources);
    if (loaded.value.has_value() != loaded.problems.empty()) std::abort();
    for (const auto& problem : loaded.problems) {
        if (problem.text().empty()) std::abort();
    }
    if (loaded.value)
        (void)cardea::schema::settings_text(
            cardea::schema::settings_show(*loaded.value, loaded.origins));
    return 0;
}
