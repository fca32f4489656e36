// Every Statement of the product is understood by every engine, and uses only what all understand.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/support/database.hpp"
#include "tests/support/source_statements.hpp"

namespace cardea {
namespace {

std::vector<SourceStatement> product_statements() {
    std::vector<SourceStatement> all;
    for (auto& one : statements_below(CARDEA_SOURCE_DIR "/src")) {
        // The driver's own are for its engine alone.
        if (one.file.find("/db/sqlite/") == std::string::npos) all.push_back(std::move(one));
    }
    for (auto& one : statements_below(CARDEA_SOURCE_DIR "/server")) all.push_back(std::move(one));
    return all;
}

std::size_t highest_parameter(const std::string& text) {
    static const std::regex parameter(R"(\$(\d+))");
    std::size_t highest = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), parameter), end; at != end; ++at) {
        highest = std::max(highest, static_cast<std::size_t>(std::stoul((*at)[1])));
    }
    return highest;
}

TEST(Statements, AreFoundInTheSources) {
    EXPECT_GT(product_statements().size(), 40u);
}

TEST(Statements, AreFoundWithMacrosAndInSeveralPieces) {
    detail::StatementReader reader(
        "#define COLUMNS \\\n    \"id, \" \\\n    \"name\"\n"
        "constexpr db::Statement find{\"a.find\", \"SELECT \" COLUMNS\n    \" FROM a, b\", "
        "db::Cost::lookup};");

    auto found = reader.read("a.cpp");

    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].name, "a.find");
    EXPECT_EQ(found[0].text, "SELECT id, name FROM a, b");
}

TEST(Statements, OfTheProductCanAllBePrepared) {
    TestDatabase database;

    for (const auto& one : product_statements()) {
        auto text = "EXPLAIN " + one.text;
        db::Statement statement{one.name, text};
        db::Values nothing;
        nothing.resize(highest_parameter(one.text));
        auto rows = database.run(database->run(statement, std::move(nothing)));
        EXPECT_TRUE(rows.has_value()) << one.file << ": " << rows.error().describe();
    }
}

/// What SQLite says of how it would run the statement: a line for each table.
std::string plan_of(TestDatabase& database, const SourceStatement& one) {
    auto text = "EXPLAIN QUERY PLAN " + one.text;
    db::Values nothing;
    nothing.resize(highest_parameter(one.text));
    auto rows = database.run(database->run({one.name, text}, std::move(nothing)));
    std::string plan;
    for (const auto& row : rows->rows) plan += row.at(3).as_text() + "; ";
    return plan;
}

// Each runs for every request or sign-in: none may look at a whole table.
TEST(Statements, OnHotPathsGoByTheirIndex) {
    const std::map<std::string, std::string> expected{
        {"session.find", "sqlite_autoindex_sessions_2 (token_hash=?)"},
        {"session.find_surplus", "COVERING INDEX sessions_by_account (account_id=?)"},
        {"session.end_surplus", "COVERING INDEX sessions_by_account (account_id=?)"},
        {"account.find", "sqlite_autoindex_accounts_1 (id=?)"},
        {"account.find_by_email", "sqlite_autoindex_accounts_2 (email_key=?)"},
        {"vault.find_by_subject", "sqlite_autoindex_connections_2 (issuer=? AND subject=?)"},
        {"vault.list_due", "connections_renew_at"},
        {"verification.take", "sqlite_autoindex_verifications_1 (secret_hash=?)"},
        {"verification.count", "COVERING INDEX verifications_by_kind (kind=?)"},
    };
    TestDatabase database;
    std::size_t seen = 0;

    for (const auto& one : product_statements()) {
        auto wanted = expected.find(one.name);
        if (wanted == expected.end()) continue;
        ++seen;
        auto plan = plan_of(database, one);
        EXPECT_NE(plan.find(wanted->second), std::string::npos) << one.name << ": " << plan;
        EXPECT_EQ(plan.find("SCAN"), std::string::npos) << one.name << ": " << plan;
        EXPECT_EQ(plan.find("TEMP B-TREE"), std::string::npos) << one.name << ": " << plan;
    }

    EXPECT_EQ(seen, expected.size());
}

TEST(Statements, UseOnlyWhatBothEnginesUnderstand) {
    static const std::regex foreign(
        R"(\?|\bnow\(|datetime|strftime|unixepoch|julianday|\bifnull\b|\browid\b|autoincrement|)"
        R"(\bserial\b|insert or |update or |replace into|\bglob\b|\bilike\b|::|\bjson_|\bregexp\b|\bpragma\b)",
        std::regex::icase);

    for (const auto& one : product_statements()) {
        EXPECT_FALSE(std::regex_search(one.text, foreign)) << one.file << ": " << one.text;
    }
    for (const auto& migration : db::migrations()) {
        std::string text(migration.text);
        EXPECT_FALSE(std::regex_search(text, foreign)) << migration.name;
    }
}

TEST(Statements, HaveNamesOfTheirOwn) {
    std::set<std::string> names;

    for (const auto& one : product_statements()) {
        EXPECT_TRUE(names.insert(one.name).second) << one.file << ": " << one.name;
    }
}

}  // namespace
}  // namespace cardea
