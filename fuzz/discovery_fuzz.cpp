// No discovery document, however odd, makes an endpoint of an address that no request may go to.
#include <cstdint>
#include <cstdlib>

#include "cardea/oauth/discovery.hpp"

using namespace cardea;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    oauth::Provider provider;
    provider.name = "fuzz";
    provider.issuer = "https://a.example";
    provider.scopes = {"openid"};
    http::Response response;
    response.body.assign(reinterpret_cast<const char*>(data), size);

    auto found = oauth::read_discovery(provider, response, oauth::Loopback::refused);

    if (!found) return 0;
    for (const auto& url : {found->authorization_endpoint, found->token_endpoint, found->jwks_uri,
                            found->userinfo_endpoint, found->revocation_endpoint})
        if (!url.empty() && !oauth::is_endpoint(url, oauth::Loopback::refused)) std::abort();
    return 0;
}
