#include "cardea/schema/toml.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <sstream>

#include "cardea/schema/toml_guard.hpp"

namespace cardea::schema {

namespace {

constexpr std::size_t depth_limit = 64;

struct TooDeep {
    TextPlace place;
};

TextPlace place_of(const toml::source_position& position) {
    return {position.line, position.column};
}

std::unexpected<TomlError> refuse(TextPlace place, std::string text) {
    return std::unexpected(TomlError{place, std::move(text)});
}

class Converter {
  public:
    explicit Converter(TomlDocument& document) : document_(document) {}

    JsonObject object(const toml::table& table, const std::string& path) {
        JsonObject result;
        result.reserve(table.size());
        for (const auto& [key, node] : table) {
            std::string below =
                path.empty() ? std::string(key.str()) : path + '.' + std::string(key.str());
            // A table's own place is its header; where its name stands says more.
            document_.places.insert_or_assign(below, place_of(key.source().begin));
            result.emplace(key.str(), value(node, below));
        }
        return result;
    }

  private:
    Json value(const toml::node& node, const std::string& path) {
        Level level(*this, node);
        if (const auto* table = node.as_table()) return object(*table, path);
        if (const auto* array = node.as_array()) return list(*array, path);
        if (const auto* text = node.as_string()) return Json(std::string_view(text->get()));
        if (const auto* integer = node.as_integer()) return integer->get();
        if (const auto* number = node.as_floating_point()) return number->get();
        if (const auto* boolean = node.as_boolean()) return boolean->get();
        return time(node);
    }

    static Json time(const toml::node& node) {
        std::ostringstream text;
        if (const auto* date = node.as_date()) text << date->get();
        if (const auto* clock = node.as_time()) text << clock->get();
        if (const auto* both = node.as_date_time()) text << both->get();
        return Json(std::string_view(text.str()));
    }

    /// One level down for as long as it lives.
    class Level {
      public:
        Level(Converter& converter, const toml::node& node) : depth_(converter.depth_) {
            if (++depth_ > depth_limit) throw TooDeep{place_of(node.source().begin)};
        }
        Level(const Level&) = delete;
        Level& operator=(const Level&) = delete;
        ~Level() { --depth_; }

      private:
        std::size_t& depth_;
    };

    JsonArray list(const toml::array& array, const std::string& path) {
        JsonArray result;
        result.reserve(array.size());
        for (std::size_t i = 0; i < array.size(); ++i) {
            std::string below = fmt::format("{}.{}", path, i);
            document_.places.insert_or_assign(below, place_of(array[i].source().begin));
            result.push_back(value(array[i], below));
        }
        return result;
    }

    TomlDocument& document_;
    std::size_t depth_ = 0;
};

}  // namespace

std::expected<TomlDocument, TomlError> parse_toml(std::string_view text) {
    if (auto objection = toml_objection(text)) return std::unexpected(std::move(*objection));
    try {
        toml::table table = toml::parse(text);
        TomlDocument document;
        document.root = Converter(document).object(table, "");
        return document;
    } catch (const toml::parse_error& error) {
        return refuse(place_of(error.source().begin), std::string(error.description()));
    } catch (const TooDeep& deep) {
        return refuse(deep.place, "nested too deeply");
    }
}

}  // namespace cardea::schema
