#include "cardea/web/layout.hpp"

#include <algorithm>

#include "cardea/http/parameters.hpp"

namespace cardea::web {

namespace {

Html error_list(const std::vector<FieldError>& errors, std::string_view name) {
    Html items;
    for (const auto& error : errors) {
        if (error.field == name) items += html("<p class=\"error\">{}</p>", error.text);
    }
    return items;
}

Html attribute(Template<1> text, std::string_view value) {
    return value.empty() ? Html() : html(text, value);
}

}  // namespace

std::string document(const Frame& frame, std::string_view title, Width width, const Html& content) {
    Html narrow = width == Width::narrow ? html("narrow") : Html();
    return html(
               "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
               "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
               "<title>{} · {}</title>\n<link rel=\"stylesheet\" href=\"{}\">\n</head>\n<body>\n"
               "<a class=\"skip\" href=\"#content\">Skip to the content</a>\n"
               "<header class=\"site {}\"><a class=\"name\" href=\"/\">{}</a></header>\n"
               "<main id=\"content\" class=\"{}\">\n{}</main>\n</body>\n</html>\n",
               title, frame.site_name, frame.stylesheet, narrow, frame.site_name, narrow, content)
        .text();
}

Html field(const Input& input, const std::vector<FieldError>& errors) {
    Html wrong = error_list(errors, input.name);
    Html hint = input.hint.empty() ? Html() : html("<p class=\"hint\">{}</p>", input.hint);
    Html described;
    if (!wrong.empty() || !hint.empty())
        described = html(" aria-describedby=\"{}-note\"", input.name);
    Html note;
    if (!described.empty())
        note = html("<div id=\"{}-note\">{}{}</div>\n", input.name, wrong, hint);
    return html(
        "<div class=\"field\"><label for=\"{}\">{}</label>\n"
        "<input id=\"{}\" name=\"{}\" type=\"{}\"{}{}{}{} required>\n{}</div>\n",
        input.name, input.label, input.name, input.name, input.type,
        attribute(" autocomplete=\"{}\"", input.autocomplete),
        attribute(" value=\"{}\"", input.value),
        wrong.empty() ? Html() : html(" aria-invalid=\"true\""), described, note);
}

Html form_errors(const std::vector<FieldError>& errors) {
    Html items = error_list(errors, "");
    if (items.empty()) return items;
    return html("<div class=\"notice bad\" role=\"alert\" tabindex=\"-1\" autofocus>{}</div>\n",
                items);
}

Html notice(std::string_view text) {
    if (text.empty()) return {};
    return html("<p class=\"notice good\" role=\"status\">{}</p>\n", text);
}

Html problem(std::string_view text) {
    if (text.empty()) return {};
    return html("<p class=\"notice bad\" role=\"alert\">{}</p>\n", text);
}

Html provider_buttons(const std::vector<ProviderView>& providers, std::string_view return_to) {
    if (providers.empty()) return {};
    Html items;
    for (const auto& provider : providers) {
        Html target = html("/auth/{}", http::percent_encode(provider.name));
        if (!return_to.empty()) target += html("?return_to={}", http::percent_encode(return_to));
        items += html("<li><a class=\"button plain wide\" href=\"{}\">Continue with {}</a></li>\n",
                      target, provider.title);
    }
    return html("<ul class=\"providers\">\n{}</ul>\n", items);
}

Html hidden(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    return html("<input type=\"hidden\" name=\"{}\" value=\"{}\">\n", name, value);
}

}  // namespace cardea::web
