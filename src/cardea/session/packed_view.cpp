#include "cardea/session/packed_view.hpp"

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace cardea::session {

namespace {

class Packer {
  public:
    template <class... Member>
    void operator()(const Member&... members) {
        (add(members), ...);
    }
    std::string take() { return std::move(bytes_); }

  private:
    template <class Value>
    void add(const Value& value) {
        static_assert(std::is_trivially_copyable_v<Value>);
        bytes_.append(reinterpret_cast<const char*>(&value), sizeof value);
    }
    void add(const std::string& text) {
        add(static_cast<std::uint32_t>(text.size()));
        bytes_ += text;
    }
    void add(const std::optional<std::string>& text) {
        add(text.has_value());
        if (text) add(*text);
    }
    void add(const std::vector<std::string>& texts) {
        add(static_cast<std::uint32_t>(texts.size()));
        for (const auto& text : texts) add(text);
    }

    std::string bytes_;
};

class Unpacker {
  public:
    explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

    template <class... Member>
    void operator()(Member&... members) {
        (read(members), ...);
    }

  private:
    std::string_view take(std::size_t size) {
        auto taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }
    template <class Value>
    void read(Value& value) {
        static_assert(std::is_trivially_copyable_v<Value>);
        auto bytes = take(sizeof value);
        std::memcpy(&value, bytes.data(), bytes.size());
    }
    std::uint32_t read_size() {
        std::uint32_t size = 0;
        read(size);
        return size;
    }
    void read(std::string& text) { text = take(read_size()); }
    void read(std::optional<std::string>& text) {
        bool is_set = false;
        read(is_set);
        if (is_set) read(text.emplace());
    }
    void read(std::vector<std::string>& texts) {
        texts.resize(read_size());
        for (auto& text : texts) read(text);
    }

    std::string_view rest_;
};

// The bindings name every member: one more, and this does not compile until it is kept, too. The
// account's id is the session's.
template <class Archive, class View>
void visit(Archive& archive, View& view) {
    auto& [id, account_id, method, device, client_address, began_at, last_seen_at, expires_at,
           absolute_end_at] = view.session;
    archive(id, account_id, method, device, client_address, began_at, last_seen_at, expires_at,
            absolute_end_at);
    auto& [owner_id, email, email_verified, name, picture, has_password, roles, created_at] =
        view.account;
    archive(email, email_verified, name, picture, has_password, roles, created_at);
    if constexpr (!std::is_const_v<View>) owner_id = account_id;
}

}  // namespace

std::string pack(const SessionView& view) {
    Packer packer;
    visit(packer, view);
    return packer.take();
}

SessionView unpack(std::string_view packed) {
    SessionView view;
    Unpacker unpacker(packed);
    visit(unpacker, view);
    return view;
}

}  // namespace cardea::session
