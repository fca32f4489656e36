// Values and rows: from columns to members and back.
#include "cardea/db/row.hpp"

#include <gtest/gtest.h>

namespace cardea::db {
namespace {

enum class Colour { red, green };

/// A type that reads itself from its column.
struct Label {
    std::string text;
    static Label from_column(const Value& value) { return {"<" + value.as_text() + ">"}; }
};

struct Sample {
    std::string id;
    std::int64_t number = 0;
    int small = 0;
    bool on = false;
    Bytes bytes;
    Instant at;
    std::optional<std::string> note;
    std::optional<Instant> ended_at;
    Label label;
    std::string untouched = "as it was";
};
BOOST_DESCRIBE_STRUCT(Sample, (),
                      (id, number, small, on, bytes, at, note, ended_at, label, untouched))

Rows sample_rows() {
    Rows rows;
    rows.columns = std::make_shared<const std::vector<std::string>>(std::vector<std::string>{
        "number", "id", "on", "small", "bytes", "at", "note", "ended_at", "label"});
    rows.rows.push_back(Row{Value(std::int64_t{1} << 40), Value("a"), Value(true), Value(7),
                            Value(to_bytes("xy")), Value(from_unix_ms(1234)), Value(),
                            Value(from_unix_ms(5)), Value("red")});
    return rows;
}

TEST(Rows, BecomeAStructByColumnName) {
    auto sample = to_struct<Sample>(sample_rows(), 0);

    EXPECT_EQ(sample.id, "a");
    EXPECT_EQ(sample.number, std::int64_t{1} << 40);
    EXPECT_EQ(sample.small, 7);
    EXPECT_TRUE(sample.on);
    EXPECT_EQ(sample.bytes, to_bytes("xy"));
    EXPECT_EQ(sample.at, from_unix_ms(1234));
    EXPECT_EQ(sample.note, std::nullopt);
    EXPECT_EQ(sample.ended_at, from_unix_ms(5));
    EXPECT_EQ(sample.label.text, "<red>");
}

TEST(Rows, LeaveMembersWithoutAColumnAlone) {
    EXPECT_EQ(to_struct<Sample>(sample_rows(), 0).untouched, "as it was");
}

TEST(Rows, OfNothingAreNoStruct) {
    EXPECT_EQ(to_optional<Sample>(Rows{}).has_value(), false);
    EXPECT_TRUE(to_structs<Sample>(Rows{}).empty());
}

TEST(Values, OfAnotherTypeReadAsNothing) {
    EXPECT_EQ(Value("12").as_integer(), 0);
    EXPECT_EQ(Value(12).as_text(), "");
    EXPECT_EQ(Value().as_bool(), false);
}

TEST(Values, OfAnEmptyOptionalAreNull) {
    EXPECT_TRUE(Value(std::optional<std::string>()).is_null());
    EXPECT_FALSE(Value(std::optional<std::string>("")).is_null());
    EXPECT_FALSE(Value(Bytes{}).is_null());
}

}  // namespace
}  // namespace cardea::db
