#include "cardea/web/html.hpp"

#include <gtest/gtest.h>

namespace cardea::web {
namespace {

TEST(Escape, LeavesNoMarkup) {
    EXPECT_EQ(escape("<img src=x onerror='a()' title=\"&\">"),
              "&lt;img src=x onerror=&#39;a()&#39; title=&quot;&amp;&quot;&gt;");
}

TEST(Escape, ReplacesControlCharacters) {
    EXPECT_EQ(escape(std::string("a\0b\x1b", 4)),
              "a\xEF\xBF\xBD"
              "b\xEF\xBF\xBD");
}

TEST(Escape, ReplacesWhatIsNotUtf8) {
    EXPECT_EQ(escape("a\xC0\xBC"), "\xEF\xBF\xBD");
}

TEST(Html, EscapesEveryValueThatIsNotHtml) {
    EXPECT_EQ(html("<p title=\"{}\">{}</p>", "\"x", std::string("<b>")).text(),
              "<p title=\"&quot;x\">&lt;b&gt;</p>");
}

TEST(Html, NestsHtmlAsItIs) {
    EXPECT_EQ(html("<ul>{}</ul>", html("<li>{}</li>", 3)).text(), "<ul><li>3</li></ul>");
}

TEST(Html, DoesNotReadPlacesInsideValues) {
    EXPECT_EQ(html("<p>{}</p><p>{}</p>", "{}", "b").text(), "<p>{}</p><p>b</p>");
}

}  // namespace
}  // namespace cardea::web
