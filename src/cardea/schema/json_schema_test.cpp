#include "cardea/schema/json_schema.hpp"

#include <gmock/gmock.h>

#include "cardea/schema/json.hpp"

namespace cardea::schema {
namespace library {

inline constexpr Reason no_isbn{Code::invalid, "library.isbn", "This is not an ISBN."};

class Isbn {
  public:
    static constexpr TextRule rule{.format = "isbn",
                                   .min_length = 10,
                                   .max_length = 13,
                                   .pattern = "^[0-9X]+$",
                                   .example = "097522980X"};
    static Result<Isbn> parse(std::string_view) { return fail(no_isbn); }
    std::string text() const { return {}; }
};

enum class Cover { hard, soft };
BOOST_DESCRIBE_ENUM(Cover, hard, soft)

struct Author {
    std::string name;
};
DESCRIBED(Author, (name, "The name on the cover.", length(1, 80)))

struct Book {
    Isbn isbn;
    std::vector<Author> authors;
    std::optional<Cover> cover;
    std::uint16_t pages = 0;
    std::int64_t sold = 0;
    Instant published;
    std::chrono::seconds loan{0};
    SecretText shelf_key;
    std::map<std::string, double> prices;
    Json more;
    std::vector<Book> sequels;
};
DESCRIBED(Book, (isbn, "Its number."), (authors, "Who wrote it.", length(1, 9)),
          (cover, "How it is bound."), (pages, "How long it is.", between(1, 5000)), (sold, ""),
          (published, ""), (loan, "How long it may be kept.", between(1min, 24h)), (shelf_key, ""),
          (prices, ""), (more, ""), (sequels, ""))

namespace other {
struct Author {
    int number = 0;
};
DESCRIBED(Author, (number, ""))
}  // namespace other

struct Nothing {};
DESCRIBED(Nothing)

}  // namespace library

namespace {

Json parsed(std::string_view text) {
    return parse_json(text).value();
}

TEST(JsonSchema, PutsDescribedStructsUnderTheirNames) {
    Components components;

    EXPECT_EQ(components.add<library::Author>(),
              parsed(R"({"$ref":"#/components/schemas/Author"})"));
    EXPECT_EQ(Json(components.schemas()), parsed(R"({"Author":{"type":"object",
        "properties":{"name":{"type":"string","minLength":1,"maxLength":80,
        "description":"The name on the cover."}},"required":["name"]}})"));
}

TEST(JsonSchema, SaysOfEachMemberWhatIsKnown) {
    Components components;
    components.add<library::Book>();
    Json properties = components.schemas().at("Book").at("properties");

    EXPECT_EQ(properties.at("isbn"), parsed(R"({"type":"string","format":"isbn","minLength":10,
        "maxLength":13,"pattern":"^[0-9X]+$","examples":["097522980X"],"description":"Its number."})"));
    EXPECT_EQ(properties.at("authors"), parsed(R"({"type":"array","items":{"$ref":
        "#/components/schemas/Author"},"minItems":1,"maxItems":9,"description":"Who wrote it."})"));
    EXPECT_EQ(
        properties.at("cover"),
        parsed(R"({"type":"string","enum":["hard","soft"],"description":"How it is bound."})"));
    EXPECT_EQ(properties.at("pages"), parsed(R"({"type":"integer","minimum":1,"maximum":5000,
        "description":"How long it is."})"));
    EXPECT_EQ(properties.at("sold"), parsed(R"({"type":"integer"})"));
    EXPECT_EQ(properties.at("published"), parsed(R"({"type":"string","format":"date-time"})"));
    EXPECT_EQ(properties.at("loan"), parsed(R"({"type":"number","minimum":60,"maximum":86400,
        "description":"How long it may be kept."})"));
    EXPECT_EQ(properties.at("shelf_key"), parsed(R"({"type":"string","writeOnly":true})"));
    EXPECT_EQ(properties.at("prices"),
              parsed(R"({"type":"object","additionalProperties":{"type":"number"}})"));
    EXPECT_EQ(properties.at("more"), parsed("{}"));
}

TEST(JsonSchema, RequiresWhatIsNotOptional) {
    Components components;
    components.add<library::Book>();

    EXPECT_EQ(components.schemas().at("Book").at("required"),
              parsed(R"(["isbn","authors","pages","sold","published","loan","shelf_key","prices",
                         "more","sequels"])"));
}

TEST(JsonSchema, LetsAStructHoldItself) {
    Components components;
    components.add<library::Book>();

    EXPECT_EQ(components.schemas().at("Book").at("properties").at("sequels"),
              parsed(R"({"type":"array","items":{"$ref":"#/components/schemas/Book"}})"));
}

TEST(JsonSchema, TellsTwoStructsOfOneNameApart) {
    Components components;
    components.add<library::Author>();

    EXPECT_EQ(components.add<library::other::Author>(),
              parsed(R"({"$ref":"#/components/schemas/Author2"})"));
    EXPECT_EQ(components.add<library::Author>(),
              parsed(R"({"$ref":"#/components/schemas/Author"})"));
    EXPECT_EQ(components.schemas().size(), 2u);
}

TEST(JsonSchema, DescribesAnEmptyStruct) {
    Components components;
    components.add<library::Nothing>();

    EXPECT_EQ(components.schemas().at("Nothing"), parsed(R"({"type":"object","properties":{}})"));
}

TEST(JsonSchema, StandsAlone) {
    auto schema = json_schema<library::Book>(Unknown::refused);

    EXPECT_EQ(schema.at("$schema"), Json("https://json-schema.org/draft/2020-12/schema"));
    EXPECT_EQ(schema.at("additionalProperties"), Json(false));
    EXPECT_EQ(schema.at("properties").at("authors").at("items"),
              parsed(R"({"$ref":"#/$defs/Author"})"));
    EXPECT_EQ(schema.at("properties").at("sequels").at("items"), parsed(R"({"$ref":"#"})"));
    EXPECT_EQ(schema.at("$defs").at("Author").at("additionalProperties"), Json(false));
    EXPECT_EQ(schema.at("$defs").as_object().size(), 1u);
    EXPECT_EQ(json_schema<bool>(Unknown::allowed), parsed(R"({"type":"boolean",
        "$schema":"https://json-schema.org/draft/2020-12/schema"})"));
}

}  // namespace
}  // namespace cardea::schema
