// The development provider's one page: choose who you are.
#pragma once

#include <string>
#include <string_view>

#include "cardea/http/message.hpp"

namespace cardea::emulator {

struct ChoicePage {
    std::string application;  ///< Origin that the browser goes back to.
    std::string request;      ///< The sealed authorization request.
    std::string email;
    std::string name;
    std::string problem;  ///< Empty, or what was wrong with the last try.
};

http::Response show(const ChoicePage& page);
/// For what cannot be sent back to the application: an unknown client or redirect_uri.
http::Response show_problem(std::string_view text);
/// What stands at the issuer's address.
http::Response show_welcome(std::string_view issuer);

}  // namespace cardea::emulator
