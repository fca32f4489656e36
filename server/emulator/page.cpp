#include "server/emulator/page.hpp"

#include "cardea/base/encoding.hpp"
#include "cardea/crypto/hash.hpp"
#include "cardea/http/responses.hpp"
#include "cardea/web/html.hpp"

namespace cardea::emulator {
namespace {

constexpr std::string_view style =
    ":root{color-scheme:light dark}"
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:3rem auto;padding:0 1rem}"
    "label{display:block;margin-top:1rem}"
    "input{font:inherit;width:100%;padding:.5rem;box-sizing:border-box}"
    "button{font:inherit;padding:.5rem 1rem;margin:1.5rem .5rem 0 0}"
    ".note{border-left:.25rem solid;padding-left:1rem}"
    ".problem{border:1px solid;padding:.5rem 1rem}";

// Chromium applies form-action to the redirect behind a form as well: name where it leads.
std::string content_security_policy(const std::string& form_target) {
    auto digest = crypto::sha256(style);
    return "default-src 'none'; style-src 'sha256-" + to_base64(digest) + "'; form-action 'self'" +
           (form_target.empty() ? "" : " " + form_target) +
           "; frame-ancestors 'none'; base-uri 'none'";
}

http::Response respond(int status, const web::Html& content, const std::string& form_target) {
    std::string page =
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
        "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
        "<title>Development provider</title><style>";
    page += style;
    page += "</style></head><body><main>";
    page += content.text();
    page += "</main></body></html>";
    auto response = http::responses::html(std::move(page), status);
    response.headers.set("Content-Security-Policy", content_security_policy(form_target));
    return response;
}

}  // namespace

http::Response show(const ChoicePage& page) {
    web::Html problem;
    if (!page.problem.empty()) {
        problem = web::html("<p class=\"problem\" role=\"alert\">{}</p>", page.problem);
    }
    auto content = web::html(
        "<h1>Choose who you are</h1>"
        "<p class=\"note\">This is cardea's development provider. It believes everything, and "
        "exists only in development mode on this machine.</p>{}"
        "<form method=\"post\" action=\"/decide\">"
        "<input type=\"hidden\" name=\"request\" value=\"{}\">"
        "<label for=\"name\">Name</label>"
        "<input id=\"name\" name=\"name\" value=\"{}\" autocomplete=\"name\" maxlength=\"100\">"
        "<label for=\"email\">E-mail address</label>"
        "<input id=\"email\" name=\"email\" type=\"email\" value=\"{}\" autocomplete=\"email\" "
        "maxlength=\"254\" required>"
        "<button name=\"decision\" value=\"allow\">Sign in to {}</button>"
        "<button name=\"decision\" value=\"deny\" formnovalidate>Deny</button>"
        "</form>",
        problem, page.request, page.name, page.email, page.application);
    return respond(page.problem.empty() ? 200 : 422, content, page.application);
}

http::Response show_problem(std::string_view text) {
    auto content = web::html("<h1>This sign-in cannot go on</h1><p>{}</p>", text);
    return respond(400, content, {});
}

http::Response show_welcome(std::string_view issuer) {
    auto content = web::html(
        "<h1>Development provider</h1><p>An OpenID provider for trying things out: {}</p>"
        "<p>Begin on the application's sign-in page.</p>",
        issuer);
    return respond(200, content, {});
}

}  // namespace cardea::emulator
