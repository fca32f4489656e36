// Whatever the bytes: no crash, no hang, and every line number lies in the text.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cardea/schema/dotenv.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto lines = static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return c == '\n' || c == '\r'; }) + 1);
    auto nobody = [](std::string_view) { return std::optional<std::string>(); };
    for (const auto& dotenv :
         {cardea::schema::read_dotenv(text), cardea::schema::read_dotenv(text, nobody)}) {
        for (const auto& entry : dotenv.entries) {
            if (entry.line == 0 || entry.line > lines || entry.name.empty()) std::abort();
        }
        for (const auto& problem : dotenv.problems) {
            if (problem.line == 0 || problem.line > lines || problem.text.empty()) std::abort();
        }
    }
    return 0;
}
