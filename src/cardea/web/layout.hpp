// The parts that pages share: the frame, fields with their errors, provider buttons.
#pragma once

#include "cardea/web/pages.hpp"

namespace cardea::web {

enum class Width { narrow, full };

/// The whole document around a page's content.
std::string document(const Frame& frame, std::string_view title, Width width, const Html& content);
/// An input with its label, and beside it each error of that field (aria-describedby,
/// aria-invalid).
struct Input {
    std::string name;
    std::string label;
    std::string type = "text";
    std::string autocomplete;
    std::string value;
    std::string hint;
};
Html field(const Input& input, const std::vector<FieldError>& errors);
/// Errors of the form as a whole; they take the focus when the page opens.
Html form_errors(const std::vector<FieldError>& errors);
Html notice(std::string_view text);
Html problem(std::string_view text);
Html provider_buttons(const std::vector<ProviderView>& providers, std::string_view return_to);
/// `<input type="hidden" …>`, or nothing for an empty value.
Html hidden(std::string_view name, std::string_view value);

}  // namespace cardea::web
