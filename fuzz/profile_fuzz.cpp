// Whatever a provider says of a user, what comes out of it can be stored and shown.
#include <cstdint>
#include <cstdlib>

#include "cardea/base/text.hpp"
#include "cardea/oauth/profile.hpp"

using namespace cardea;

namespace {

void expect_harmless(const std::optional<std::string>& text, std::size_t limit) {
    if (text && (text->empty() || text->size() > limit || has_control(*text) || !is_utf8(*text)))
        std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    oauth::Provider provider;
    provider.profile.subject = {"/sub", "/id", "/a/0/b"};
    provider.profile.name = {"/name", "/a/1"};
    provider.profile.email_trust =
        data[0] & 1 ? oauth::EmailTrust::claim : oauth::EmailTrust::provider_verifies;
    provider.profile.authoritative_domains = {"*"};
    provider.email_request = oauth::EmailRequest{};
    provider.email_request->list = data[0] & 2 ? "/emails" : "";
    http::Response response;
    response.body.assign(reinterpret_cast<const char*>(data + 1), size - 1);
    auto json = oauth::read_json_answer(response);
    if (!json) return 0;

    auto profile = oauth::read_profile(provider, *json, "");

    if (!profile) return 0;
    oauth::add_email(provider, *json, *profile);
    expect_harmless(profile->subject, 255);
    expect_harmless(profile->email, 254);
    expect_harmless(profile->name, 200);
    expect_harmless(profile->picture, 2048);
    if (profile->email_verified && !profile->email) std::abort();
    if (profile->email_authoritative && !profile->email_verified) std::abort();
    return 0;
}
