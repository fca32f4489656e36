// Whatever the bytes: no crash, and what was read survives being written and read again.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "cardea/schema/json.hpp"

namespace fuzz {

enum class Color { red, green };
BOOST_DESCRIBE_ENUM(Color, red, green)

struct Item {
    std::string name;
    std::optional<int> count;
};
DESCRIBED(Item, (name, "A name."), (count, "A number.", cardea::schema::between(1, 9)))

struct Order {
    std::vector<Item> items;
    std::map<std::string, double> prices;
    cardea::Instant at;
    std::chrono::seconds wait{0};
    Color color = Color::red;
    cardea::schema::Json any;
};
DESCRIBED(Order, (items, ""), (prices, ""), (at, ""), (wait, ""), (color, ""), (any, ""))

}  // namespace fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    auto json = cardea::schema::parse_json(text);
    if (!json) return 0;
    // Numbers out of range become infinite in the library and have no JSON form; everything else
    // has one.
    (void)cardea::schema::parse_json(cardea::schema::write_json(*json));
    auto order = cardea::schema::read<fuzz::Order>(*json);
    if (order && !cardea::schema::read_json<fuzz::Order>(cardea::schema::write_json(*order)) &&
        order->any.is_null())
        std::abort();
    return 0;
}
