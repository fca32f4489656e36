// Every db::Statement constant in the sources of the product, found by reading them: a new one is
// tested without being registered anywhere.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace cardea {

struct SourceStatement {
    std::string file;
    std::string name;
    std::string text;
};

namespace detail {

/// Reads what stands in the braces of a Statement: literals one after the other, and names of
/// macros that stand for literals.
class StatementReader {
  public:
    explicit StatementReader(std::string source) : source_(std::move(source)) {
        static const std::regex macro(R"(#define\s+(\w+)\s+((?:"(?:[^"\\]|\\.)*"|\s|\\\n)+))");
        for (std::sregex_iterator found(source_.begin(), source_.end(), macro), end; found != end;
             ++found) {
            macros_[(*found)[1]] = literals((*found)[2]);
        }
    }
    std::vector<SourceStatement> read(const std::string& file) const {
        static const std::regex start(R"(constexpr\s+(?:db::)?Statement\s+\w+\s*=?\s*\{)");
        std::vector<SourceStatement> found;
        for (std::sregex_iterator at(source_.begin(), source_.end(), start), end; at != end; ++at) {
            auto position = static_cast<std::size_t>(at->position() + at->length());
            auto name = part(position);
            auto text = part(position);
            found.push_back({file, name, text});
        }
        return found;
    }

  private:
    static std::string literals(const std::string& text) {
        static const std::regex literal(R"re("((?:[^"\\]|\\.)*)")re");
        std::string all;
        for (std::sregex_iterator at(text.begin(), text.end(), literal), end; at != end; ++at) {
            all += (*at)[1];
        }
        return all;
    }
    /// Up to the next comma or closing brace outside literals; the position moves behind it.
    std::string part(std::size_t& position) const {
        std::string all;
        while (position < source_.size()) {
            char c = source_[position];
            if (c == ',' || c == '}') break;
            if (c == '"') {
                auto end = source_.find('"', position + 1);
                all += source_.substr(position + 1, end - position - 1);
                position = end + 1;
            } else if (std::isalpha(static_cast<unsigned char>(c))) {
                auto end = position;
                while (std::isalnum(static_cast<unsigned char>(source_[end])) ||
                       source_[end] == '_') {
                    ++end;
                }
                auto word = source_.substr(position, end - position);
                // An unknown name becomes itself, and the statement will not prepare.
                auto known = macros_.find(word);
                all += known == macros_.end() ? " " + word + " " : known->second;
                position = end;
            } else {
                ++position;
            }
        }
        if (position < source_.size() && source_[position] == ',') ++position;
        return all;
    }

    std::string source_;
    std::map<std::string, std::string> macros_;
};

}  // namespace detail

/// Of all sources below the folder that are not tests.
inline std::vector<SourceStatement> statements_below(const std::string& folder) {
    std::vector<SourceStatement> all;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        auto path = entry.path();
        auto name = path.filename().string();
        if (path.extension() != ".cpp" && path.extension() != ".hpp") continue;
        if (name.ends_with("_test.cpp")) continue;
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        auto found = detail::StatementReader(text.str()).read(path.string());
        all.insert(all.end(), found.begin(), found.end());
    }
    return all;
}

}  // namespace cardea
