// Whatever a token endpoint answers, the outcome is tokens that can be used or an error; and the
// same of an endpoint for pushed authorization requests.
#include <cstdint>
#include <cstdlib>

#include "cardea/base/text.hpp"
#include "cardea/oauth/dpop.hpp"
#include "cardea/oauth/pushed_authorization.hpp"
#include "cardea/oauth/requests.hpp"

using namespace cardea;

namespace {

void read_as_pushed(const oauth::Provider& provider, const http::Response& response) {
    (void)oauth::wants_dpop_nonce(response);
    auto pushed = oauth::read_pushed_authorization(provider, response);
    if (!pushed) return;
    if (pushed->request_uri.empty() || has_control(pushed->request_uri)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size < 2) return 0;
    oauth::Provider provider;
    if (data[0] & 1) provider.token_answer_format = oauth::AnswerFormat::form;
    if (data[0] & 2) provider.access_token_lifetime = Seconds(0);
    http::Response response;
    response.status = data[0] & 4 ? 200 : 200 + data[1] * 2;
    response.body.assign(reinterpret_cast<const char*>(data + 2), size - 2);
    Instant now = from_unix_ms(1'767'225'600'000);
    read_as_pushed(provider, response);

    auto tokens = oauth::read_token_response(provider, response, now);

    if (!tokens) return 0;
    if (tokens->access_token.empty() || has_control(tokens->access_token.reveal())) std::abort();
    bool has_end = tokens->expires_at.has_value();
    if (has_end != (tokens->expiry == oauth::Expiry::at)) std::abort();
    if (has_end && *tokens->expires_at < now) std::abort();
    (void)oauth::merged(*tokens, *tokens);
    return 0;
}
